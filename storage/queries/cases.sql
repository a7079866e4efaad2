-- LockKeys takes transaction-level advisory locks in the given order.
-- name: LockKeys :exec
SELECT pg_advisory_xact_lock(k) FROM unnest(@keys::bigint[]) AS k;

-- name: LockKeyShared :exec
SELECT pg_advisory_xact_lock_shared(@key::bigint);

-- name: LockKey :exec
SELECT pg_advisory_xact_lock(@key::bigint);

-- NextCaseIDs draws ids before the decisions, so that a later post of the same
-- batch can join a case an earlier one opens.
-- name: NextCaseIDs :many
SELECT nextval(pg_get_serial_sequence('cases', 'id'))::bigint AS id FROM generate_series(1, @n::integer);

-- OpenKeys looks each key up by itself: the LIMIT keeps the planner from reading
-- all keys of a region once, whatever it believes of the table's size, and caps
-- what a common place may offer. Of the like the newest are offered, of the rest the
-- oldest.
-- name: OpenKeys :many
SELECT found.case_id, x.key::text AS key, found.print
  FROM (SELECT unnest(@keys::text[]) AS key) AS x
 CROSS JOIN LATERAL (
       SELECT k.case_id, k.print FROM case_keys k
        WHERE k.region = @region AND k.key = x.key AND k.is_open
        ORDER BY CASE WHEN k.print IS NULL THEN k.case_id ELSE -k.case_id END LIMIT 50) AS found;

-- LockOpenCases looks at the state again, because a person may have closed the
-- case while we waited for it. One that is done still hears its author.
-- name: LockOpenCases :many
SELECT id, number, state, decree_row, topic, agency_id, municipality, posts, urgent, registered_at
  FROM cases
 WHERE id = ANY (@ids::bigint[]) AND (state NOT IN ('done', 'rejected', 'attached') OR state = 'done' AND id = ANY (@heard::bigint[]))
 ORDER BY id
   FOR NO KEY UPDATE;

-- The number is drawn outside the rows: beside set-returning functions it would
-- be drawn once more at their end, and every commit would leave a gap.
-- name: InsertCases :exec
INSERT INTO cases (id, number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency,
                   route_why, urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason,
                   registered_at, updated_at, changed_by, changed_why, reach, confidence, source_id)
SELECT n.id, otklik_case_number(@region::text, @now::timestamptz), @region::text, n.state, n.decree_row, n.topic,
       n.municipality, n.place, n.agency, n.proposed, n.route, n.urgent, n.restricted, n.days, n.due, n.control,
       n.deadline_reason, n.posts, n.reason, n.registered, @now::timestamptz, @who::text, n.reason,
       n.reach, n.confidence, n.source_id
  FROM (SELECT unnest(@ids::bigint[]) AS id, unnest(@states::text[]) AS state, unnest(@decree_rows::integer[]) AS decree_row,
               unnest(@topics::text[]) AS topic, unnest(@municipalities::text[]) AS municipality,
               unnest(@places::jsonb[]) AS place, unnest(@agencies::text[]) AS agency, unnest(@proposed::text[]) AS proposed,
               unnest(@routes::text[]) AS route, unnest(@urgents::boolean[]) AS urgent,
               unnest(@restricted::boolean[]) AS restricted, unnest(@days::integer[]) AS days,
               unnest(@dues::timestamptz[]) AS due, unnest(@controls::timestamptz[]) AS control,
               unnest(@deadline_reasons::text[]) AS deadline_reason, unnest(@posts::integer[]) AS posts,
               unnest(@reasons::text[]) AS reason, unnest(@registered::timestamptz[]) AS registered,
               unnest(@reaches::bigint[]) AS reach, unnest(@confidences::real[]) AS confidence,
               unnest(@sources::bigint[]) AS source_id) n;

-- JoinCases changes one case a statement, all sent together: a join over arrays
-- is planned once for a young table and would go on reading it whole.
-- name: JoinCases :batchexec
UPDATE cases
   SET posts = posts + @more::integer, reach = reach + @reach::bigint, urgent = urgent OR @urgent::boolean, restricted = restricted OR @restricted::boolean,
       updated_at = @now::timestamptz, changed_by = @who::text, changed_why = @why::text
 WHERE id = @id;

-- name: InsertCasePosts :exec
INSERT INTO case_posts (post_id, stored_at, case_id, attached_at)
SELECT unnest(@post_ids::bigint[]), unnest(@stored::timestamptz[]), unnest(@case_ids::bigint[]), @now::timestamptz;

-- name: InsertCaseKeys :exec
INSERT INTO case_keys (region, key, case_id, is_open, post_id, print)
SELECT @region::text, unnest(@keys::text[]), unnest(@case_ids::bigint[]), true, unnest(@post_ids::bigint[]), unnest(@prints::bytea[])
ON CONFLICT (case_id, key) DO NOTHING;

-- name: InsertCaseEvents :exec
INSERT INTO case_events (case_id, region, event, municipality, at)
SELECT unnest(@case_ids::bigint[]), @region::text, unnest(@events::text[]), unnest(@municipalities::text[]), @at::timestamptz
ON CONFLICT DO NOTHING;

-- InsertLikes notes which open cases a new one may be the same as.
-- name: InsertLikes :exec
INSERT INTO case_likes (case_id, other_id, likeness)
SELECT unnest(@case_ids::bigint[]), unnest(@other_ids::bigint[]), unnest(@likenesses::real[])
ON CONFLICT DO NOTHING;

-- NotePosts writes into the history of their cases what happened to posts, and
-- tells open desks.
-- name: NotePosts :exec
WITH noted AS (
    INSERT INTO case_history (case_id, at, who, what, why, details)
    SELECT cp.case_id, @at::timestamptz, @who::text, @what::text, @why::text,
           jsonb_build_object('post', x.name)
      FROM (SELECT unnest(@post_ids::bigint[]) AS id, unnest(@names::text[]) AS name) AS x
      JOIN case_posts cp ON cp.post_id = x.id
    RETURNING case_id, at, what)
INSERT INTO events (at, region, kind, case_id, details)
SELECT n.at, c.region, 'case_' || n.what, n.case_id, '{}'::jsonb
  FROM (SELECT DISTINCT case_id, at, what FROM noted) n CROSS JOIN LATERAL (SELECT x.region FROM cases x WHERE x.id = n.case_id LIMIT 1) c;

-- InsertReviewItems comes after the posts and their verdicts, and takes from them
-- what the queue filters by.
-- name: InsertReviewItems :execrows
INSERT INTO review_items (region, post_id, stored_at, case_id, reason, words, urgent, created_at,
                          source_id, municipality, decree_row, topic, confidence)
SELECT @region::text, x.id, x.stored, nullif(x.case_id, 0), x.reason, x.words, x.urgent, @now::timestamptz,
       coalesce(p.source_id, 0), coalesce(v.place ->> 'municipality', ''), coalesce(v.decree_row, 0), coalesce(v.topic, ''), coalesce(v.confidence, 0)
  FROM (SELECT unnest(@post_ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored, unnest(@case_ids::bigint[]) AS case_id,
               unnest(@reasons::text[]) AS reason, unnest(@words::text[]) AS words, unnest(@urgents::boolean[]) AS urgent) AS x
  LEFT JOIN LATERAL (SELECT posts.source_id FROM posts WHERE posts.id = x.id AND posts.stored_at = x.stored LIMIT 1) p ON true
  LEFT JOIN LATERAL (SELECT verdicts.place, verdicts.decree_row, verdicts.topic, verdicts.confidence FROM verdicts
                      WHERE verdicts.post_id = x.id AND verdicts.stored_at = x.stored AND verdicts.latest LIMIT 1) v ON true
ON CONFLICT (post_id, reason) WHERE resolved_at IS NULL DO NOTHING;

-- RejudgeReviews lets undecided posts follow the new verdicts of edited ones.
-- name: RejudgeReviews :exec
UPDATE review_items r
   SET municipality = coalesce(v.place ->> 'municipality', ''), decree_row = v.decree_row, topic = v.topic, confidence = v.confidence
  FROM (SELECT unnest(@post_ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored) AS x
  JOIN LATERAL (SELECT verdicts.place, verdicts.decree_row, verdicts.topic, verdicts.confidence FROM verdicts
                 WHERE verdicts.post_id = x.id AND verdicts.stored_at = x.stored AND verdicts.latest LIMIT 1) v ON true
 WHERE r.post_id = x.id AND r.resolved_at IS NULL;

-- name: OpenReviewItems :many
SELECT r.id, r.region, r.reason, r.words, r.urgent, r.created_at, coalesce(r.case_id, 0)::bigint AS case_id,
       i.platform, i.owner, i.post, i.comment
  FROM review_items r
  JOIN LATERAL (SELECT x.platform, x.owner, x.post, x.comment FROM post_ids x WHERE x.post_id = r.post_id LIMIT 1) i ON true
 WHERE r.region = @region AND r.resolved_at IS NULL
 ORDER BY r.urgent DESC, r.created_at
 LIMIT @most;

-- name: GetCase :one
SELECT * FROM cases WHERE id = @id;

-- name: LockCase :one
SELECT * FROM cases WHERE id = @id FOR NO KEY UPDATE;

-- name: MoveCase :one
UPDATE cases
   SET state = @state, agency_id = @agency_id, reason = @why, updated_at = @at, changed_by = @who, changed_why = @why
 WHERE id = @id
RETURNING *;

-- name: GetCaseHistory :many
SELECT * FROM case_history WHERE case_id = @case_id ORDER BY id;

-- name: GetAssignments :many
SELECT * FROM assignments WHERE case_id = @case_id ORDER BY id;

-- name: GetCasePosts :many
SELECT sqlc.embed(p), i.deleted_at
  FROM case_posts cp
  JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
  JOIN post_ids i ON i.post_id = cp.post_id
 WHERE cp.case_id = @case_id
 ORDER BY cp.attached_at, cp.post_id
 LIMIT @most;

-- name: RecentCases :many
SELECT * FROM cases WHERE region = @region ORDER BY registered_at DESC, id DESC LIMIT @most;

-- name: MarkOverdue :many
UPDATE cases
   SET overdue = true, updated_at = @now::timestamptz, changed_by = @who, changed_why = @why
 WHERE region = @region AND NOT overdue AND due_at <= @now
   AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
RETURNING *;

-- name: CasesDue :many
SELECT * FROM cases
 WHERE region = @region AND due_at >= @due_from AND due_at < @due_to
   AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
 ORDER BY due_at, id;

-- CasesLate and MarkOverdue read what is not marked yet, by an index of it: marked
-- cases pile up for months and must not be read at every look.
-- name: CasesLate :many
SELECT * FROM cases
 WHERE region = @region AND NOT overdue AND due_at <= @now::timestamptz
   AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
 ORDER BY due_at, id;

-- name: AgencyLoads :many
SELECT agency_id, count(*) AS open, count(*) FILTER (WHERE overdue) AS overdue,
       count(*) FILTER (WHERE NOT overdue AND due_at < @soon::timestamptz) AS due_soon
  FROM cases
 WHERE region = @region AND agency_id <> ''
   AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
 GROUP BY agency_id
 ORDER BY agency_id;
