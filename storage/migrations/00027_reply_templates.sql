-- +goose Up

-- Beginnings of answers that a body keeps, for one row of its decree or for all.
CREATE TABLE reply_templates (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region     text NOT NULL REFERENCES regions,
    agency_id  text NOT NULL CHECK (agency_id <> ''),
    decree_row integer NOT NULL CHECK (decree_row >= 0), -- 0: whatever the row
    title      text NOT NULL CHECK (title <> ''),
    text       text NOT NULL CHECK (text <> ''),
    author     text NOT NULL CHECK (author <> ''),
    at         timestamptz NOT NULL,
    removed_at timestamptz,
    removed_by text NOT NULL DEFAULT '',
    CHECK ((removed_at IS NULL) = (removed_by = ''))
);
CREATE INDEX reply_templates_agency ON reply_templates (region, agency_id) WHERE removed_at IS NULL;

-- +goose Down
DROP TABLE reply_templates;
