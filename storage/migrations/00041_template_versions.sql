-- +goose Up

-- What a template said before, and who wrote it so.
ALTER TABLE reply_templates ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE TABLE reply_template_versions (
    template_id bigint NOT NULL REFERENCES reply_templates,
    version     integer NOT NULL,
    decree_row  integer NOT NULL,
    title       text NOT NULL,
    text        text NOT NULL,
    author      text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (template_id, version)
);

-- +goose Down
DROP TABLE reply_template_versions;
ALTER TABLE reply_templates DROP COLUMN version;
