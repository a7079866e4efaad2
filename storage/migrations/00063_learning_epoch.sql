-- Who has an order to learn: each taking is an epoch of its own, and what an earlier one
-- says of the order no longer counts. A process that was thought dead, or that dies after
-- it has given its order back, ends or returns nothing that another one has at work.

-- +goose Up
ALTER TABLE background_tasks ADD COLUMN epoch bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN background_tasks.epoch IS 'how often the order was taken';

-- +goose Down
ALTER TABLE background_tasks DROP COLUMN epoch;
