-- Whoever heard the day of the answer in the bot hears of another one too.

-- +goose Up
CREATE OR REPLACE TRIGGER cases_dialogs AFTER UPDATE OF state, due_at ON cases
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.due_at IS DISTINCT FROM NEW.due_at) EXECUTE FUNCTION otklik_case_dialogs();

-- What was said so far was the due of then: the best that is known of it is the one of now.
UPDATE dialog_cases x SET told = x.told || jsonb_build_object('Due', to_char(c.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
  FROM cases c
 WHERE c.id = x.case_id AND c.due_at IS NOT NULL AND (x.told ->> 'Accepted')::integer >= c.round;

-- +goose Down
CREATE OR REPLACE TRIGGER cases_dialogs AFTER UPDATE OF state ON cases
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION otklik_case_dialogs();
