-- +goose Up

-- What was exported from the system of before, to learn from. Texts are masked.
CREATE TABLE past_incidents (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region       text NOT NULL CHECK (region <> ''),
    key          text NOT NULL CHECK (key <> ''), -- number, id, or what it says and when
    number       text NOT NULL,
    external_id  text NOT NULL,
    text         text NOT NULL CHECK (text <> ''),
    topic_group  text NOT NULL,
    topic        text NOT NULL,
    department   text NOT NULL,
    executor     text NOT NULL,
    municipality text NOT NULL, -- names, as the export has them
    settlement   text NOT NULL,
    nature       text NOT NULL,
    step         text NOT NULL,
    outcome      text NOT NULL,
    created_at   timestamptz,
    ended_at     timestamptz,
    file         text NOT NULL,
    imported_by  text NOT NULL CHECK (imported_by <> ''),
    imported_at  timestamptz NOT NULL, -- last, if it came with something else in it
    UNIQUE (region, key)
);

-- +goose Down
DROP TABLE past_incidents;
