-- +goose Up

-- Cases past due and not marked yet: the watch looks for them every few minutes,
-- beside those marked long ago.
CREATE INDEX cases_unmarked ON cases (region, due_at)
    WHERE NOT overdue AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached');

-- +goose Down
DROP INDEX cases_unmarked;
