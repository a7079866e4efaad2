-- A correction of a published answer is proposed by one person and approved by
-- another, as the answer itself was.

-- +goose Up
CREATE TABLE correction_proposals (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region     text NOT NULL,
    case_id    bigint NOT NULL REFERENCES cases,
    reply_id   bigint NOT NULL REFERENCES replies,
    round      integer NOT NULL,
    agency_id  text NOT NULL CHECK (agency_id <> ''), -- the body that has proposed it
    text       text NOT NULL CHECK (text <> ''),
    why        text NOT NULL CHECK (why <> ''),
    author     text NOT NULL CHECK (author <> ''),
    at         timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'returned', 'recalled', 'stale')),
    decided_by text NOT NULL DEFAULT '',
    decided_at timestamptz,
    remark     text NOT NULL DEFAULT '', -- of who has returned it
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'open') = (decided_by = '')),
    CHECK (state <> 'returned' OR remark <> '')
);
CREATE UNIQUE INDEX correction_proposals_open ON correction_proposals (case_id) WHERE state = 'open';
CREATE INDEX correction_proposals_case ON correction_proposals (case_id, id);
CREATE INDEX correction_proposals_region ON correction_proposals (region) WHERE state = 'open';

-- corrections_waiting are the proposals that can still be decided: of the round, the
-- body and the answer given last. What an undo brings back waits again.
CREATE VIEW corrections_waiting AS
SELECT p.* FROM correction_proposals p JOIN cases c ON c.id = p.case_id AND c.round = p.round AND c.agency_id = p.agency_id
 WHERE p.state = 'open'
   AND p.reply_id = (SELECT r.id FROM replies r WHERE r.case_id = p.case_id AND r.round = p.round AND r.state = 'published'
                      ORDER BY r.published_at DESC, r.id DESC LIMIT 1);

-- +goose StatementBegin
CREATE FUNCTION otklik_proposal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' THEN
        RAISE EXCEPTION 'proposal % is decided', OLD.id USING ERRCODE = 'OT001';
    END IF;
    IF (NEW.case_id, NEW.reply_id, NEW.round, NEW.text, NEW.why, NEW.author, NEW.at)
       IS DISTINCT FROM (OLD.case_id, OLD.reply_id, OLD.round, OLD.text, OLD.why, OLD.author, OLD.at) THEN
        RAISE EXCEPTION 'proposal % stays as it was read', OLD.id USING ERRCODE = 'OT002';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER correction_proposals_guard BEFORE UPDATE ON correction_proposals FOR EACH ROW
    WHEN (current_setting('otklik.erasing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION otklik_proposal_guard();

-- That one was approved is said by the correction.
-- +goose StatementBegin
CREATE FUNCTION otklik_proposal_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    word text := CASE NEW.state WHEN 'open' THEN 'proposed' ELSE 'proposal_' || NEW.state END;
BEGIN
    INSERT INTO case_history (case_id, at, who, what, why, details)
    SELECT NEW.case_id, coalesce(NEW.decided_at, NEW.at), CASE NEW.state WHEN 'open' THEN NEW.author ELSE NEW.decided_by END, 'reply',
           CASE NEW.state WHEN 'open' THEN NEW.why ELSE NEW.remark END, jsonb_build_object('reply', r.id, 'kind', r.kind, 'state', word)
      FROM replies r WHERE r.id = NEW.reply_id;
    INSERT INTO events (at, region, kind, case_id, details)
    VALUES (coalesce(NEW.decided_at, NEW.at), NEW.region, 'case_reply', NEW.case_id, jsonb_build_object('state', word));
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER correction_proposals_made AFTER INSERT ON correction_proposals FOR EACH ROW EXECUTE FUNCTION otklik_proposal_record();
CREATE TRIGGER correction_proposals_decided AFTER UPDATE ON correction_proposals FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state <> 'approved') EXECUTE FUNCTION otklik_proposal_record();

ALTER TABLE reply_corrections ADD COLUMN approver text NOT NULL DEFAULT ''; -- '': the body needs no approval, or none was asked for yet

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_correction_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'correction % stays as it was', OLD.id USING ERRCODE = 'OT002';
    END IF;
    INSERT INTO case_history (case_id, at, who, what, why, details)
    SELECT r.case_id, NEW.at, coalesce(nullif(NEW.approver, ''), NEW.author), 'reply', NEW.why,
           jsonb_build_object('reply', r.id, 'kind', r.kind, 'state', 'corrected', 'author', NEW.author)
      FROM replies r WHERE r.id = NEW.reply_id;
    INSERT INTO events (at, region, kind, case_id, details)
    SELECT NEW.at, c.region, 'case_reply', c.id, '{"state": "corrected"}' FROM replies r JOIN cases c ON c.id = r.case_id WHERE r.id = NEW.reply_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_texts(of_cases bigint[]) RETURNS TABLE (place text, id bigint, words jsonb) LANGUAGE sql STABLE AS $$
    SELECT 'cases', c.id, jsonb_build_object('reason', c.reason, 'changed_why', c.changed_why, 'route_why', c.route_why,
           'deadline_reason', c.deadline_reason, 'for_controller', c.for_controller, 'term_dispute', c.term_dispute)
      FROM cases c WHERE c.id = ANY (of_cases)
    UNION ALL
    SELECT 'case_history', h.id, jsonb_build_object('why', h.why, 'details', h.details) FROM case_history h WHERE h.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'journal', j.id, jsonb_build_object('words', j.words, 'details', j.details)
      FROM journal j JOIN cases c ON c.region = j.region AND j.object = 'case' AND j.object_id = c.number WHERE c.id = ANY (of_cases)
    UNION ALL
    SELECT 'assignments', a.id, jsonb_build_object('why', a.why) FROM assignments a WHERE a.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'handovers', h.id, jsonb_build_object('why', h.why) FROM handovers h WHERE h.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'send_backs', b.id, jsonb_build_object('reason', b.reason) FROM send_backs b WHERE b.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'reminders', r.id, jsonb_build_object('why', r.why) FROM reminders r WHERE r.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'deferrals', d.id, jsonb_build_object('reason', d.reason, 'why', d.why, 'notice', d.notice) FROM deferrals d WHERE d.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'notes', n.id, jsonb_build_object('text', n.text) FROM notes n WHERE n.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'questions', q.id, jsonb_build_object('text', q.text, 'answer', q.answer, 'undelivered', q.undelivered) FROM questions q WHERE q.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'case_files', f.id, jsonb_build_object('name', f.name) FROM case_files f WHERE f.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'review_items', i.id, jsonb_build_object('words', i.words, 'resolution', i.resolution) FROM review_items i
     WHERE i.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'replies', r.id, jsonb_build_object('text', r.text, 'remark', r.remark, 'plan_words', r.plan_words, 'plan_left', r.plan_left,
           'plan_others', r.plan_others) FROM replies r WHERE r.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'reply_corrections', k.id, jsonb_build_object('text', k.text, 'why', k.why)
      FROM reply_corrections k JOIN replies r ON r.id = k.reply_id WHERE r.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'correction_proposals', p.id, jsonb_build_object('text', p.text, 'why', p.why, 'remark', p.remark)
      FROM correction_proposals p WHERE p.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'notices', n.id, jsonb_build_object('text', n.text, 'last_error', n.last_error) FROM notices n WHERE n.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'staff_letters', l.id, jsonb_build_object('subject', l.subject, 'text', l.text) FROM staff_letters l
     WHERE l.id IN (SELECT m.letter_id FROM staff_messages m JOIN notices n ON n.id = m.notice_id WHERE n.case_id = ANY (of_cases))
    UNION ALL
    SELECT 'deliveries', w.id, jsonb_build_object('text', w.text, 'words', w.words, 'why', w.why, 'fate_text', w.fate_text) FROM deliveries w
     WHERE w.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'deliveries', w.id, jsonb_build_object('text', w.text, 'words', w.words) FROM deliveries w
     WHERE w.letter_id IN (SELECT m.letter_id FROM staff_messages m JOIN notices n ON n.id = m.notice_id WHERE n.case_id = ANY (of_cases))
    UNION ALL
    SELECT 'stories', s.id, jsonb_build_object('title', s.title) FROM stories s
     WHERE s.id IN (SELECT c.story_id FROM cases c WHERE c.id = ANY (of_cases))
    UNION ALL
    SELECT 'undos', u.id, jsonb_build_object('words', u.words) FROM undos u
     WHERE u.id IN (SELECT r.undo_id FROM undo_rows r WHERE r.case_id = ANY (of_cases))
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'who proposed and who approved corrections would be lost: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
