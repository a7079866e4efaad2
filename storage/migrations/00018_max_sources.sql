-- +goose Up

-- A bot of MAX pushes to, or is drained by, one region: two would lose updates.
CREATE UNIQUE INDEX sources_own_max ON sources (kind, address) WHERE kind IN ('max_bot', 'max_webhook');

-- +goose Down
DROP INDEX sources_own_max;
