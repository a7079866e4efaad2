-- +goose Up

-- An id is drawn before its transaction commits, so a later id may be seen
-- first. A reader that goes by (transaction, id), and no further than the oldest
-- transaction still running, misses nothing that is committed late.
ALTER TABLE events ADD COLUMN xact bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX events_committed ON events (xact, id);

-- +goose Down
DROP INDEX events_committed;
ALTER TABLE events DROP COLUMN xact;
