-- Learning ordered at the desk or by the calendar, or begun by command: one at a time
-- in a region. What is ordered waits for a process that takes it.

-- +goose Up
ALTER TABLE background_tasks ADD COLUMN waiting boolean NOT NULL DEFAULT false;

CREATE UNIQUE INDEX background_tasks_one_learning ON background_tasks (region)
    WHERE state = 'running' AND NOT waiting AND kind IN ('train', 'train_dry_run');
-- The same is not ordered twice.
CREATE UNIQUE INDEX background_tasks_one_order ON background_tasks (region, kind, subject)
    WHERE state = 'running' AND kind IN ('train', 'train_dry_run');

-- +goose Down
DROP INDEX background_tasks_one_order;
DROP INDEX background_tasks_one_learning;
ALTER TABLE background_tasks DROP COLUMN waiting;
