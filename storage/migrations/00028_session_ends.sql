-- +goose Up

-- A session that has ended stays as a row until it would have expired: a request
-- under way would write it anew.
ALTER TABLE sessions ADD COLUMN ended_at timestamptz;

-- +goose Down
DELETE FROM sessions WHERE ended_at IS NOT NULL;
ALTER TABLE sessions DROP COLUMN ended_at;
