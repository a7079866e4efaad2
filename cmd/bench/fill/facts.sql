-- What the fold makes of the cases, by sets; the small archive is folded again
-- and must not change.
INSERT INTO case_facts
SELECT id, 1, s.region, agency, restricted, 'row:' || decree_row, place, source, (at AT TIME ZONE s.zone)::date, state <> 'rejected',
       state IN ('moderation', 'coordination', 'execution'), due, NOT doubtful, false, t.reaction_at, floor(extract(epoch FROM t.reaction_at - t.assigned_at) / 180)::integer,
       t.answered_at, floor(extract(epoch FROM t.answered_at - at) / 60)::integer, coalesce(t.answered_at < due, false), CASE WHEN t.answered_at IS NULL THEN '' ELSE outcome END
  FROM plan
 CROSS JOIN LATERAL (SELECT CASE WHEN state IN ('execution', 'satisfaction', 'done') THEN taken_at END AS reaction_at, CASE WHEN doubtful THEN sent_at ELSE at END AS assigned_at,
                            CASE WHEN state IN ('satisfaction', 'done') THEN plan.answered_at END AS answered_at) t
 CROSS JOIN (SELECT current_setting('bench.region') AS region, current_setting('bench.zone') AS zone) s;
