-- +goose Up

-- The curator reminded a body of a task. It changes nothing of the case: whoever
-- writes the answer meanwhile is not disturbed.
CREATE TABLE reminders (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    by_whom text NOT NULL CHECK (by_whom <> ''),
    at      timestamptz NOT NULL,
    why     text NOT NULL
);
CREATE INDEX reminders_case ON reminders (case_id, at);

ALTER TABLE case_history DROP CONSTRAINT case_history_what_check;
ALTER TABLE case_history ADD CONSTRAINT case_history_what_check CHECK (what IN
    ('opened', 'moved', 'assigned', 'posts', 'overdue', 'changed', 'post_edited', 'post_deleted',
     'undone', 'joined', 'split', 'note', 'file', 'reply', 'question', 'send_back', 'deferral', 'linked', 'unlinked', 'review', 'reminder')) NOT VALID;
ALTER TABLE case_history VALIDATE CONSTRAINT case_history_what_check;
CREATE TRIGGER reminders_record AFTER INSERT ON reminders FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('reminder', 'by_whom', 'at');

-- +goose Down
DROP TABLE reminders;
ALTER TABLE case_history DROP CONSTRAINT case_history_what_check;
ALTER TABLE case_history ADD CONSTRAINT case_history_what_check CHECK (what IN
    ('opened', 'moved', 'assigned', 'posts', 'overdue', 'changed', 'post_edited', 'post_deleted',
     'undone', 'joined', 'split', 'note', 'file', 'reply', 'question', 'send_back', 'deferral', 'linked', 'unlinked', 'review')) NOT VALID;
