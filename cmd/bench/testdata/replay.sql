-- Everything filled is put aside and done again through the triggers.
CREATE SCHEMA filled;
CREATE TABLE filled.cases AS SELECT * FROM cases;
CREATE TABLE filled.assignments AS SELECT * FROM assignments;
CREATE TABLE filled.case_history AS SELECT * FROM case_history;
CREATE TABLE filled.case_keys AS SELECT * FROM case_keys;
CREATE TABLE filled.replies AS SELECT * FROM replies;
CREATE TABLE filled.case_facts AS SELECT * FROM case_facts;
CREATE TABLE filled.case_load AS SELECT * FROM case_load;
CREATE TABLE filled.case_days AS SELECT * FROM case_days;
CREATE TABLE filled.agency_weeks AS SELECT * FROM agency_weeks;
CREATE TABLE filled.case_posts AS SELECT * FROM case_posts;
TRUNCATE cases, case_facts, case_load, case_days, agency_weeks CASCADE;

INSERT INTO cases (id, number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency, route_why, urgent, restricted, days,
        due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at, changed_by, changed_why, reach, confidence, source_id)
SELECT c.id, c.number, c.region, h.to_state, c.decree_row, c.topic, c.municipality, c.place, h.details ->> 'agency', c.proposed_agency, c.route_why, c.urgent, c.restricted, c.days,
       c.due_at, c.control_at, c.deadline_reason, 1, c.reason, c.registered_at, h.at, h.who, h.why, p.views, c.confidence, c.source_id
  FROM filled.cases c JOIN filled.case_history h ON h.case_id = c.id AND h.what = 'opened' JOIN posts p ON p.id = c.id;
INSERT INTO case_keys (region, key, case_id, is_open) SELECT region, key, case_id, true FROM filled.case_keys;
INSERT INTO case_posts SELECT * FROM filled.case_posts;

DO $$
DECLARE h filled.case_history;
BEGIN
    FOR h IN SELECT * FROM filled.case_history WHERE what IN ('moved', 'posts', 'overdue') ORDER BY at, id LOOP
        UPDATE cases c
           SET state = h.to_state, agency_id = coalesce(h.details #>> '{agency,1}', c.agency_id), posts = coalesce((h.details #>> '{posts,1}')::integer, c.posts),
               reach = CASE h.what WHEN 'posts' THEN f.reach ELSE c.reach END,
               overdue = coalesce((h.details #>> '{overdue,1}')::boolean, c.overdue), closing_reason = coalesce(h.details #>> '{closing,1}', c.closing_reason),
               outcome = coalesce(h.details #>> '{outcome,1}', c.outcome),
               first_reaction_at = coalesce((h.details #>> '{reaction,1}')::timestamptz, c.first_reaction_at),
               updated_at = h.at, changed_by = h.who, changed_why = h.why
          FROM filled.cases f
         WHERE c.id = h.case_id AND f.id = c.id;
    END LOOP;
END
$$;
INSERT INTO replies OVERRIDING SYSTEM VALUE SELECT * FROM filled.replies;
