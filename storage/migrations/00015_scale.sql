-- +goose Up

-- What a count of the queue asks of a case, so that it need not be read: the
-- number stands in the menu of every page.
CREATE INDEX cases_waiting ON cases (region, put_aside_until) INCLUDE (restricted, agency_id, urgent)
    WHERE state IN ('found', 'moderation', 'returned');

-- Restricted cases are few; a search asks of everything it finds whether it is one.
CREATE INDEX cases_restricted ON cases (id) WHERE restricted;

-- Lists of all open cases of a region go by due and id.
DROP INDEX cases_clock;
CREATE INDEX cases_clock ON cases (region, due_at, id) WHERE state NOT IN ('satisfaction', 'done', 'rejected', 'attached');

-- Reading by index alone wants pages that are known to be visible to all. With
-- the usual scale a large archive would wait for that for months.
ALTER TABLE cases SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);

-- +goose Down
ALTER TABLE cases RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
DROP INDEX cases_restricted, cases_waiting, cases_clock;
CREATE INDEX cases_clock ON cases (region, due_at) WHERE state NOT IN ('satisfaction', 'done', 'rejected', 'attached');
