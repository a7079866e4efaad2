-- The control centre takes a case from a body that waits for the author's answer, too:
-- the question goes with the body that asked it, and comes back with an undo.

-- +goose Up
INSERT INTO case_moves (from_state, to_state) VALUES ('clarifying', 'coordination');

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.reach_rank := floor(ln(NEW.reach::double precision + 1));
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM case_states s WHERE s.state = NEW.state AND s.first) THEN
            RAISE EXCEPTION 'a case cannot begin as %', NEW.state USING ERRCODE = 'OT001';
        END IF;
        NEW.assigned_at := CASE WHEN NEW.agency_id <> '' THEN NEW.updated_at END;
        RETURN NEW;
    END IF;
    IF NEW.undone IS DISTINCT FROM OLD.undone THEN
        IF NOT otklik_may_undo(OLD, NEW) THEN
            RAISE EXCEPTION 'case % cannot be taken back', OLD.id USING ERRCODE = 'OT003';
        END IF;
        DELETE FROM case_rounds WHERE case_id = OLD.id AND round >= NEW.round;
        NEW.version := OLD.version + 1;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state THEN
        IF NOT EXISTS (SELECT FROM case_moves m WHERE m.from_state = OLD.state AND m.to_state = NEW.state) THEN
            RAISE EXCEPTION 'case % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
        END IF;
        -- A question to the author returns where it came from, ends the case when no
        -- body had it yet (law.md §2), or leaves with the case for another body (R5).
        IF OLD.state = 'clarifying' AND NEW.state <> OLD.came_from
           AND NOT (NEW.state = 'rejected' AND OLD.came_from = 'moderation')
           AND NOT (NEW.state = 'coordination' AND OLD.came_from <> 'moderation' AND NEW.agency_id NOT IN ('', OLD.agency_id)) THEN
            RAISE EXCEPTION 'case % asked its author from %, it cannot move to %', OLD.id, OLD.came_from, NEW.state
                USING ERRCODE = 'OT001';
        END IF;
        NEW := otklik_case_moved(OLD, NEW);
    END IF;
    IF NEW.agency_id <> OLD.agency_id THEN
        NEW.assigned_at := CASE WHEN NEW.agency_id <> '' THEN NEW.updated_at END;
        NEW.executor_id := CASE WHEN NEW.executor_id IS DISTINCT FROM OLD.executor_id THEN NEW.executor_id END;
    END IF;
    NEW.version := OLD.version;
    IF otklik_case_differs(OLD, NEW) THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.undone IS DISTINCT FROM OLD.undone THEN -- the case is back: so is what its body had in work
        UPDATE replies SET state = withdrawn_from, withdrawn_from = '', withdrawn_at = NULL
         WHERE case_id = NEW.id AND state = 'withdrawn' AND withdrawn_at = OLD.assigned_at;
        UPDATE deferrals SET decision = '', decided_by = '', decided_at = NULL, why = ''
         WHERE case_id = NEW.id AND decision = 'withdrawn' AND decided_at = OLD.assigned_at;
        -- A question that got through meanwhile is not put again.
        UPDATE questions q SET result = '', answered_at = NULL, closed_by = '',
               delivered_at = coalesce(q.delivered_at, (SELECT min(d.over_at) FROM deliveries d WHERE d.question_id = q.id AND d.state = 'delivered'))
         WHERE q.case_id = NEW.id AND q.result = 'withdrawn' AND q.answered_at = OLD.assigned_at;
        UPDATE deliveries d SET state = 'waiting', over_at = NULL, reason = '', words = ''
          FROM questions q
         WHERE q.case_id = NEW.id AND q.answered_at IS NULL AND d.question_id = q.id AND d.state = 'cancelled' AND d.reason = 'recalled';
    ELSE
        UPDATE replies SET withdrawn_from = state, withdrawn_at = NEW.updated_at, state = 'withdrawn'
         WHERE case_id = NEW.id AND state IN ('draft', 'approval', 'returned');
        UPDATE deferrals SET decision = 'withdrawn', decided_by = NEW.changed_by, decided_at = NEW.updated_at, why = NEW.changed_why
         WHERE case_id = NEW.id AND decided_at IS NULL;
        UPDATE questions SET result = 'withdrawn', answered_at = NEW.updated_at, closed_by = NEW.changed_by
         WHERE case_id = NEW.id AND answered_at IS NULL;
    END IF;
    INSERT INTO events (at, region, kind, case_id, details, left_agency)
    VALUES (NEW.updated_at, NEW.region, 'case_left', NEW.id, '{}', OLD.agency_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- One that is open again is no line of the history: the undo is.
DROP TRIGGER questions_closed ON questions;
CREATE TRIGGER questions_closed AFTER UPDATE ON questions FOR EACH ROW
    WHEN (OLD.result <> NEW.result AND NEW.result <> '') EXECUTE FUNCTION otklik_case_beside('question', 'closed_by', 'answered_at');

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'cases were taken from bodies that had asked: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
