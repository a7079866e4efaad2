-- What authors say under our own words counts: comments under a public answer or
-- question, and of several authors each for themselves.

-- +goose Up

-- A comment under words of ours. post_id is of one case at a time.
CREATE TABLE voices (
    post_id bigint PRIMARY KEY REFERENCES post_ids (post_id),
    case_id bigint NOT NULL REFERENCES cases,
    round   integer NOT NULL CHECK (round > 0),
    says    text NOT NULL CHECK (says IN ('answers', 'objects', 'solved', 'unclear', 'stranger')),
    reason  text NOT NULL CHECK (reason <> ''),
    at      timestamptz NOT NULL,
    read_at timestamptz, -- a person has decided what an unclear one means
    read_by text NOT NULL DEFAULT '',
    CHECK ((read_at IS NULL) = (read_by = ''))
);
CREATE INDEX voices_case ON voices (case_id, round);
CREATE INDEX voices_unread ON voices (case_id) WHERE says = 'unclear' AND read_at IS NULL;

-- The round in which an author said in the bot that it is solved.
ALTER TABLE dialog_cases ADD COLUMN solved integer NOT NULL DEFAULT 0 CHECK (solved >= 0);

-- A question waits for its answer from its delivery on, that many days of its zone.
ALTER TABLE questions
    ADD COLUMN delivered_at timestamptz,
    ADD COLUMN wait_days    integer NOT NULL DEFAULT 0 CHECK (wait_days >= 0),
    ADD COLUMN zone         text NOT NULL DEFAULT '',
    ADD COLUMN undelivered  text NOT NULL DEFAULT '', -- why it did not reach its author, Russian
    DROP CONSTRAINT questions_result_check,
    ADD CONSTRAINT questions_result_check CHECK (result IN ('', 'answered', 'silent', 'withdrawn', 'undelivered')) NOT VALID;
ALTER TABLE questions VALIDATE CONSTRAINT questions_result_check;

-- A public question leaves by the outbox as an answer does; the bot's words that put
-- one name it too.
ALTER TABLE deliveries
    ADD COLUMN question_id bigint REFERENCES questions,
    DROP CONSTRAINT deliveries_kind_check,
    ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('reply', 'bot', 'staff', 'question')) NOT VALID,
    DROP CONSTRAINT deliveries_kind,
    ADD CONSTRAINT deliveries_kind CHECK (CASE kind
        WHEN 'reply' THEN reply_id IS NOT NULL AND case_id IS NOT NULL AND dialog_id IS NULL AND letter_id IS NULL AND question_id IS NULL
        WHEN 'bot' THEN reply_id IS NULL AND dialog_id IS NOT NULL AND letter_id IS NULL AND NOT main
        WHEN 'question' THEN reply_id IS NULL AND case_id IS NOT NULL AND question_id IS NOT NULL AND dialog_id IS NULL AND letter_id IS NULL AND NOT main AND way = 'public'
        ELSE reply_id IS NULL AND case_id IS NULL AND dialog_id IS NULL AND question_id IS NULL AND NOT main AND way = 'staff' END) NOT VALID;
ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_kind;
CREATE INDEX deliveries_question ON deliveries (question_id) WHERE question_id IS NOT NULL;
CREATE INDEX deliveries_talk ON deliveries (thread) WHERE state = 'delivered' AND way = 'public' AND edits = '';

-- What was put in a bot before now counts as delivered then; the rest goes back to a person.
UPDATE questions q SET delivered_at = q.asked_at
 WHERE q.answered_at IS NULL AND EXISTS (SELECT FROM dialog_cases x JOIN dialogs d ON d.id = x.dialog_id
        WHERE x.case_id = q.case_id AND d.consent <> '' AND NOT d.stopped AND (x.told ->> 'Question')::bigint = q.id);

-- A question that is closed is not put any more.
-- +goose StatementBegin
CREATE FUNCTION otklik_question_recalled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deliveries SET state = 'cancelled', over_at = NEW.answered_at, reason = 'recalled', words = 'вопрос уже закрыт'
     WHERE question_id = NEW.id AND state = 'waiting';
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER questions_recalled AFTER UPDATE ON questions FOR EACH ROW
    WHEN (OLD.answered_at IS NULL AND NEW.answered_at IS NOT NULL) EXECUTE FUNCTION otklik_question_recalled();

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what was asked and said would be forgotten: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
