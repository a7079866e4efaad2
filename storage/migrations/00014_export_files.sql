-- +goose Up

-- Files made by background tasks for the person who asked, gone with the task.
CREATE TABLE export_parts (
    task_id bigint NOT NULL REFERENCES background_tasks ON DELETE CASCADE,
    n       integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (task_id, n)
);
ALTER TABLE export_parts ALTER COLUMN content SET STORAGE EXTERNAL; -- a workbook is compressed already
CREATE INDEX background_tasks_who ON background_tasks (who, kind, id DESC);

-- +goose Down
DROP INDEX background_tasks_who;
DROP TABLE export_parts;
