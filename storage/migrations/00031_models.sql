-- +goose Up

-- Versions of a region's models: of every label at most one is in force.
CREATE TABLE model_versions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region       text NOT NULL REFERENCES regions,
    label        text NOT NULL CHECK (label <> ''), -- the column it has learned: row, kind, topic, agency
    hash         text NOT NULL CHECK (hash <> ''),  -- checksum of the file
    size         bigint NOT NULL CHECK (size > 0),
    examples     integer NOT NULL CHECK (examples > 0),
    report       jsonb NOT NULL, -- where examples came from, how good it is
    comparison   jsonb NOT NULL, -- beside the one in force when it was last judged
    reason       text NOT NULL,  -- in words: why it is in force, or kept aside
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL CHECK (created_by <> ''),
    active       boolean NOT NULL DEFAULT false,
    activated_at timestamptz,
    activated_by text NOT NULL DEFAULT '',
    forced       boolean NOT NULL DEFAULT false,
    previous_id  bigint REFERENCES model_versions, -- in force before; NULL: phrases alone
    UNIQUE (region, label, hash),
    CHECK (NOT active OR (activated_at IS NOT NULL AND activated_by <> ''))
);
CREATE UNIQUE INDEX model_versions_active ON model_versions (region, label) WHERE active;

-- A file in parts, none of which takes a statement longer than its time.
CREATE TABLE model_parts (
    version_id bigint NOT NULL REFERENCES model_versions ON DELETE CASCADE,
    n          integer NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (version_id, n)
);
-- Bytes of weights do not shrink.
ALTER TABLE model_parts ALTER COLUMN content SET STORAGE EXTERNAL;

-- +goose Down
DROP TABLE model_parts;
DROP TABLE model_versions;
