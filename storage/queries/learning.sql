-- PutPastIncidents keeps each incident once: what comes again as it was changes
-- nothing and is not returned.
-- name: PutPastIncidents :many
INSERT INTO past_incidents AS p (region, key, number, external_id, text, topic_group, topic, department, executor,
                                 municipality, settlement, nature, step, outcome, created_at, ended_at, file, imported_by, imported_at)
SELECT @region::text, unnest(@keys::text[]), unnest(@numbers::text[]), unnest(@external_ids::text[]), unnest(@texts::text[]),
       unnest(@topic_groups::text[]), unnest(@topics::text[]), unnest(@departments::text[]), unnest(@executors::text[]),
       unnest(@municipalities::text[]), unnest(@settlements::text[]), unnest(@natures::text[]), unnest(@steps::text[]),
       unnest(@outcomes::text[]), unnest(@created::timestamptz[]), unnest(@ended::timestamptz[]),
       @file::text, @who::text, @at::timestamptz
    ON CONFLICT (region, key) DO UPDATE
   SET number = excluded.number, external_id = excluded.external_id, text = excluded.text, topic_group = excluded.topic_group,
       topic = excluded.topic, department = excluded.department, executor = excluded.executor,
       municipality = excluded.municipality, settlement = excluded.settlement, nature = excluded.nature, step = excluded.step,
       outcome = excluded.outcome, created_at = excluded.created_at, ended_at = excluded.ended_at, file = excluded.file,
       imported_by = excluded.imported_by, imported_at = excluded.imported_at
 WHERE (p.number, p.external_id, p.text, p.topic_group, p.topic, p.department, p.executor, p.municipality, p.settlement,
        p.nature, p.step, p.outcome, p.created_at, p.ended_at)
       IS DISTINCT FROM
       (excluded.number, excluded.external_id, excluded.text, excluded.topic_group, excluded.topic, excluded.department,
        excluded.executor, excluded.municipality, excluded.settlement, excluded.nature, excluded.step, excluded.outcome,
        excluded.created_at, excluded.ended_at)
RETURNING (p.xmax = 0)::boolean AS added;

-- RekeyPastIncidents gives incidents that were known by less the key they are known
-- by now, unless that is taken.
-- name: RekeyPastIncidents :exec
UPDATE past_incidents p SET key = n.key
  FROM (SELECT DISTINCT ON (old) old, key FROM (SELECT unnest(@olds::text[]) AS old, unnest(@keys::text[]) AS key) u ORDER BY old, key) n
 WHERE p.region = @region AND p.key = n.old
   AND NOT EXISTS (SELECT FROM past_incidents q WHERE q.region = @region AND q.key = n.key);

-- NumbersOfPastIncidents are those that IDs are known to have; an ID of several
-- incidents says nothing.
-- name: NumbersOfPastIncidents :many
SELECT external_id, min(number)::text AS number FROM past_incidents
 WHERE region = @region AND external_id = ANY(@ids::text[]) AND number <> ''
 GROUP BY external_id HAVING count(*) = 1;

-- name: PastIncidents :many
SELECT * FROM past_incidents WHERE region = @region AND id > @after ORDER BY id LIMIT @most;

-- Corrections are what people put right, the newest of a post; restricted cases
-- teach nothing.
-- name: Corrections :many
SELECT DISTINCT ON (e.post_id) e.post_id, e.to_kind AS kind, e.to_row AS decree_row, e.to_topic AS topic, e.to_agency AS agency_id,
       e.at, coalesce(v.judged_text, p.text)::text AS post_text
  FROM examples e
  JOIN post_ids i ON i.post_id = e.post_id
  JOIN stored_posts p ON p.id = e.post_id AND p.stored_at = i.stored_at
  LEFT JOIN verdicts v ON v.post_id = p.id AND v.stored_at = p.stored_at AND v.latest
  LEFT JOIN cases c ON c.id = e.case_id
 WHERE e.region = @region AND e.post_id > @after AND NOT coalesce(c.restricted, false)
 ORDER BY e.post_id, e.at DESC, e.id DESC
 LIMIT @most;

-- Accepted are cases that a body has answered as the machine had judged them: the
-- post that opened each. What the machine sent and ended itself, with no person's step
-- between, proves nothing of the machine.
-- name: Accepted :many
SELECT c.id AS case_id, v.kind, c.decree_row, c.topic, c.agency_id, c.updated_at AS at, coalesce(v.judged_text, p.text)::text AS post_text
  FROM cases c
  JOIN LATERAL (SELECT * FROM case_posts WHERE case_id = c.id ORDER BY attached_at, post_id LIMIT 1) cp ON true
  JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
  JOIN verdicts v ON v.post_id = p.id AND v.stored_at = p.stored_at AND v.latest
 WHERE c.region = @region AND c.id > @after AND c.state = 'done' AND NOT c.restricted
   AND v.decree_row = c.decree_row AND v.topic = c.topic AND c.answered_at IS NOT NULL
   AND EXISTS (SELECT FROM case_history h WHERE h.case_id = c.id AND h.who <> @system::text
                  AND h.to_state IN ('coordination', 'execution', 'deferred', 'approval', 'publishing'))
   AND NOT EXISTS (SELECT FROM examples e WHERE e.post_id = cp.post_id)
 ORDER BY c.id
 LIMIT @most;

-- Dismissed are posts of which a person said that they are no case; that details are
-- missing or that an answer was given says nothing about the text.
-- name: Dismissed :many
SELECT r.id AS review_id, v.kind, r.resolved_at AS at, coalesce(v.judged_text, p.text)::text AS post_text
  FROM review_items r
  JOIN stored_posts p ON p.id = r.post_id AND p.stored_at = r.stored_at
  JOIN verdicts v ON v.post_id = p.id AND v.stored_at = p.stored_at AND v.latest
 WHERE r.region = @region AND r.id > @after AND r.resolution = 'not_case' AND r.case_id IS NULL AND r.closing NOT IN ('no_details', 'answered_before')
   AND NOT EXISTS (SELECT FROM examples e WHERE e.post_id = r.post_id)
 ORDER BY r.id
 LIMIT @most;

-- name: KeepCorrespondences :exec
INSERT INTO correspondences (region, label, name, content, kept_at, kept_by)
VALUES (@region, @label, @name, @content, @at, @who)
    ON CONFLICT (region, label) DO UPDATE
   SET name = excluded.name, content = excluded.content, kept_at = excluded.kept_at, kept_by = excluded.kept_by;

-- name: DropCorrespondences :execrows
DELETE FROM correspondences WHERE region = @region AND label = @label;

-- name: GetCorrespondences :one
SELECT * FROM correspondences WHERE region = @region AND label = @label;
