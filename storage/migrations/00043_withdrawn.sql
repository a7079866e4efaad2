-- The control centre takes a case from the body that has it and gives it to another
-- (law.md R5). What the old body was writing stays to be read and is nobody's to go
-- on with; what it had asked of the controller goes with it.

-- +goose Up
INSERT INTO case_moves (from_state, to_state) VALUES
    ('execution', 'coordination'), ('deferred', 'coordination'), ('approval', 'coordination');

ALTER TABLE replies
    ADD COLUMN withdrawn_at   timestamptz, -- when the case left the body that wrote it
    ADD COLUMN withdrawn_from text NOT NULL DEFAULT '', -- its state until then
    DROP CONSTRAINT replies_state_check,
    DROP CONSTRAINT replies_check,
    DROP CONSTRAINT replies_check2,
    DROP CONSTRAINT replies_check3,
    DROP CONSTRAINT replies_check4,
    DROP CONSTRAINT replies_planned,
    ADD CONSTRAINT replies_state_check CHECK (state IN
        ('draft', 'approval', 'approved', 'returned', 'published', 'by_hand', 'withdrawn')),
    ADD CONSTRAINT replies_worded CHECK (state IN ('draft', 'withdrawn') OR text <> ''),
    ADD CONSTRAINT replies_with_outcome CHECK (kind = 'interim' OR outcome <> '' OR state IN ('draft', 'returned', 'withdrawn')),
    ADD CONSTRAINT replies_submitted CHECK (submitted_at IS NOT NULL OR state IN ('draft', 'withdrawn')),
    ADD CONSTRAINT replies_decided CHECK ((approver <> '' AND decided_at IS NOT NULL) OR state IN ('draft', 'approval', 'withdrawn')),
    ADD CONSTRAINT replies_planned CHECK (planned_at IS NULL OR state IN ('approved', 'published', 'by_hand', 'returned', 'approval', 'withdrawn')),
    ADD CONSTRAINT replies_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (state = 'withdrawn') = (withdrawn_from <> ''));

ALTER TABLE deferrals
    DROP CONSTRAINT deferrals_decision_check,
    ADD CONSTRAINT deferrals_decision_check CHECK (decision IN ('', 'granted', 'refused', 'withdrawn'));
DROP TRIGGER deferrals_decided ON deferrals;
CREATE TRIGGER deferrals_decided AFTER UPDATE ON deferrals FOR EACH ROW
    WHEN (OLD.decision <> NEW.decision AND NEW.decision <> '') EXECUTE FUNCTION otklik_case_beside('deferral', 'decided_by', 'decided_at');

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_reply_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF 'withdrawn' IN (OLD.state, NEW.state) THEN
        IF (NEW.text, NEW.outcome, NEW.kind) <> (OLD.text, OLD.outcome, OLD.kind) THEN
            RAISE EXCEPTION 'reply % is withdrawn, its text stays', OLD.id USING ERRCODE = 'OT002';
        END IF;
        IF NEW.state <> OLD.state AND (OLD.state = 'withdrawn' AND NEW.state <> OLD.withdrawn_from
           OR NEW.state = 'withdrawn' AND OLD.state NOT IN ('draft', 'approval', 'returned')) THEN
            RAISE EXCEPTION 'reply % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
        END IF;
        RETURN NEW; -- whoever has the text open goes on with it when the case comes back at once
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
       (('draft', 'approval'), ('returned', 'approval'), ('approval', 'approved'), ('approval', 'returned'), ('approval', 'draft'),
        ('approved', 'published'), ('approved', 'by_hand'), ('approved', 'returned')) THEN
        RAISE EXCEPTION 'reply % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
    END IF;
    IF OLD.state IN ('approved', 'published', 'by_hand') AND (NEW.text, NEW.outcome, NEW.kind) <> (OLD.text, OLD.outcome, OLD.kind) THEN
        RAISE EXCEPTION 'reply % is approved, its text stays', OLD.id USING ERRCODE = 'OT002';
    END IF;
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- That a text was withdrawn is said by the line of its case.
DROP TRIGGER replies_record ON replies;
CREATE TRIGGER replies_record AFTER INSERT ON replies FOR EACH ROW EXECUTE FUNCTION otklik_reply_record();
CREATE TRIGGER replies_record_change AFTER UPDATE ON replies FOR EACH ROW
    WHEN (OLD.state <> 'withdrawn' AND NEW.state <> 'withdrawn') EXECUTE FUNCTION otklik_reply_record();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.undone IS DISTINCT FROM OLD.undone THEN -- the case is back: so is what its body had in work
        UPDATE replies SET state = withdrawn_from, withdrawn_from = '', withdrawn_at = NULL
         WHERE case_id = NEW.id AND state = 'withdrawn' AND withdrawn_at = OLD.assigned_at;
        UPDATE deferrals SET decision = '', decided_by = '', decided_at = NULL, why = ''
         WHERE case_id = NEW.id AND decision = 'withdrawn' AND decided_at = OLD.assigned_at;
    ELSE
        UPDATE replies SET withdrawn_from = state, withdrawn_at = NEW.updated_at, state = 'withdrawn'
         WHERE case_id = NEW.id AND state IN ('draft', 'approval', 'returned');
        UPDATE deferrals SET decision = 'withdrawn', decided_by = NEW.changed_by, decided_at = NEW.updated_at, why = NEW.changed_why
         WHERE case_id = NEW.id AND decided_at IS NULL;
    END IF;
    INSERT INTO events (at, region, kind, case_id, details, left_agency)
    VALUES (NEW.updated_at, NEW.region, 'case_left', NEW.id, '{}', OLD.agency_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what bodies wrote before a case left them would be lost: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
