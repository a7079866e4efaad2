-- +goose Up

-- Cases whose first post tells of an event that befalls a whole place: a storm, a
-- snowfall. Of many at once the machine makes a story.
CREATE TABLE case_events (
    case_id      bigint PRIMARY KEY REFERENCES cases,
    region       text NOT NULL,
    event        text NOT NULL, -- of the pack's signals
    municipality text NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX case_events_at ON case_events (region, at);

-- A story of the machine has a key: event, municipality, day.
ALTER TABLE stories ADD COLUMN key text;
CREATE UNIQUE INDEX stories_key ON stories (region, key) WHERE key IS NOT NULL;

-- +goose Down
ALTER TABLE stories DROP COLUMN key;
DROP TABLE case_events;
