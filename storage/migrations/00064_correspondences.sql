-- What a region's exports call a thing, and which labels that is here: the table is
-- kept, so that learning from the desk and by the calendar knows it too.

-- +goose Up
CREATE TABLE correspondences (
    region  text        NOT NULL,
    label   text        NOT NULL,
    name    text        NOT NULL,
    content bytea       NOT NULL,
    kept_at timestamptz NOT NULL,
    kept_by text        NOT NULL,
    PRIMARY KEY (region, label)
);
COMMENT ON TABLE correspondences IS 'the table of correspondences (--map) of a region and a label, as the file was given';

-- +goose Down
DROP TABLE correspondences;
