-- A corrected row that leaves less than two days is for the controller to decide
-- (law.md R6): what it is about, and the term as it was before.

-- +goose Up
ALTER TABLE cases ADD COLUMN term_dispute jsonb; -- domain.TermDispute, NULL when nothing waits

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_undo_case(undo bigint, of_case bigint, by_whom text, words text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE cases c
       SET state = b.state, came_from = b.came_from, decree_row = b.decree_row, topic = b.topic, municipality = b.municipality,
           place = b.place, agency_id = b.agency_id, proposed_agency = b.proposed_agency, route_why = b.route_why,
           urgent = b.urgent, restricted = b.restricted, days = b.days, due_at = b.due_at, control_at = b.control_at,
           deadline_reason = b.deadline_reason, round = b.round, reason = b.reason, registered_at = b.registered_at,
           kind_of_case = b.kind_of_case, outcome = b.outcome, closing_reason = b.closing_reason, executor_id = b.executor_id,
           put_aside_until = b.put_aside_until, answered_at = b.answered_at, closed_at = b.closed_at, assigned_at = b.assigned_at,
           sent_back = b.sent_back, pos_number = b.pos_number, sed_number = b.sed_number, story_id = b.story_id,
           joined_to = b.joined_to, for_controller = b.for_controller, term_dispute = b.term_dispute,
           undone = undo, updated_at = at, changed_by = by_whom, changed_why = words
      FROM undo_rows r CROSS JOIN LATERAL jsonb_populate_record(NULL::cases, r.before) b
     WHERE r.undo_id = undo AND r.case_id = of_case AND c.id = of_case
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'terms that the controller has yet to decide would be lost: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
