-- LockSeen reads and locks a case that its reader may see.
-- name: LockSeen :one
SELECT * FROM cases
 WHERE id = @id AND region = @region AND (NOT restricted OR @see_restricted::boolean)
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[]))
   FOR NO KEY UPDATE;

-- name: GetSeen :one
SELECT * FROM cases
 WHERE id = @id AND region = @region AND (NOT restricted OR @see_restricted::boolean)
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[]));

-- SeenByNumber looks each of the three numbers up by its own index.
-- name: SeenByNumber :one
SELECT c.* FROM cases c
 WHERE c.id IN (SELECT n.id FROM cases n WHERE n.number = @number
               UNION ALL SELECT p.id FROM cases p WHERE p.pos_number = @number AND p.pos_number <> ''
               UNION ALL SELECT s.id FROM cases s WHERE s.sed_number = @number AND s.sed_number <> '')
   AND c.region = @region AND (NOT c.restricted OR @see_restricted::boolean)
   AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[]))
 ORDER BY (c.number = @number) DESC, c.id DESC
 LIMIT 1;

-- ShortNumber is the whole number of a case of a region, of its year and its count.
-- name: ShortNumber :one
SELECT format('%s-%s-%s', r.code, @year::integer, lpad(@n::text, greatest(6, length(@n::text)), '0'))::text AS number
  FROM regions r WHERE r.region = @region;

-- name: WriteCase :one
UPDATE cases
   SET state = @state, decree_row = @decree_row, topic = @topic, municipality = @municipality, place = @place,
       agency_id = @agency_id, proposed_agency = @proposed_agency, route_why = @route_why, urgent = @urgent,
       restricted = @restricted, days = @days, due_at = @due_at, control_at = @control_at, deadline_reason = @deadline_reason,
       overdue = @overdue, posts = @posts, reach = @reach, reason = @reason, registered_at = @registered_at,
       kind_of_case = @kind_of_case, outcome = @outcome, closing_reason = @closing_reason, executor_id = @executor_id,
       put_aside_until = @put_aside_until, first_reaction_at = @first_reaction_at, pos_number = @pos_number,
       sed_number = @sed_number, story_id = @story_id, joined_to = @joined_to, for_controller = @for_controller, term_dispute = @term_dispute,
       updated_at = @updated_at, changed_by = @changed_by, changed_why = @changed_why
 WHERE id = @id
RETURNING *;

-- LastLine is what happened to a case last, for somebody who came too late.
-- name: LastLine :one
SELECT * FROM case_history WHERE case_id = @case_id AND what <> 'posts' ORDER BY id DESC LIMIT 1;

-- KeepUndo opens the moment in which a change can be taken back.
-- name: KeepUndo :one
INSERT INTO undos (region, who, words, until, job_id, notices)
VALUES (@region, @who, @words, clock_timestamp() + make_interval(secs => @seconds::float8), sqlc.narg(job_id), @notices::text[])
RETURNING id;

-- KeepBefore: a case that is only being opened has no before; instead says what
-- it becomes. Of a case that an order joins many to the first before stays.
-- name: KeepBefore :exec
INSERT INTO undo_rows (undo_id, case_id, version, before, extra)
SELECT @undo_id, c.id, 0, to_jsonb(c) || @instead::jsonb, @extra FROM cases c WHERE c.id = @case_id
ON CONFLICT DO NOTHING;

-- name: KeepAfter :exec
UPDATE undo_rows u SET version = c.version FROM cases c WHERE u.undo_id = @undo_id AND c.id = u.case_id;

-- name: LockUndo :one
SELECT *, (until > clock_timestamp())::boolean AS in_time FROM undos WHERE id = @id AND region = @region FOR UPDATE;

-- name: UndoRows :many
SELECT u.case_id, u.version, u.extra, c.version AS now_version, c.number
  FROM undo_rows u JOIN cases c ON c.id = u.case_id
 WHERE u.undo_id = @undo_id
 ORDER BY u.case_id
   FOR NO KEY UPDATE OF c;

-- name: UndoCase :exec
SELECT otklik_undo_case(@undo_id::bigint, @case_id::bigint, @who::text, @words::text, @at::timestamptz);

-- name: UseUndo :exec
UPDATE undos SET used_at = clock_timestamp() WHERE id = @id;

-- name: DropUndoneExamples :exec
DELETE FROM examples WHERE undo_id = @undo_id;

-- name: DropUnsentNotices :exec
DELETE FROM notices WHERE key = ANY (@keys::text[]) AND state = 'waiting';

-- name: DropOldUndos :exec
DELETE FROM undos WHERE until < clock_timestamp() - interval '1 day';

-- KeepExample remembers what a person put right, by the post that opened the case, or
-- by one that was put into it.
-- name: KeepExample :exec
INSERT INTO examples (region, post_id, case_id, from_kind, from_row, from_topic, from_municipality, from_agency,
                      to_kind, to_row, to_topic, to_municipality, to_agency, pack_hash, who, at, undo_id)
SELECT @region, cp.post_id, @case_id, coalesce(v.kind, 'problem'), @from_row, @from_topic, @from_municipality, @from_agency,
       @to_kind, @to_row, @to_topic, @to_municipality, @to_agency, coalesce(v.pack_hash, ''), @who, @at, sqlc.narg(undo_id)
  FROM case_posts cp
  LEFT JOIN verdicts v ON v.post_id = cp.post_id AND v.stored_at = cp.stored_at AND v.latest
 WHERE cp.case_id = @case_id AND (sqlc.narg(of_post)::bigint IS NULL OR cp.post_id = sqlc.narg(of_post))
 ORDER BY cp.attached_at, cp.post_id LIMIT 1;

-- TakeLease takes a thing that nobody has, or whose lease has lapsed, or renews
-- one's own; the row says who has it now.
-- name: TakeLease :one
INSERT INTO desk_leases (object, object_id, region, who, until)
VALUES (@object, @object_id, @region, @who, clock_timestamp() + make_interval(secs => @seconds::float8))
ON CONFLICT (object, object_id) DO UPDATE
   SET who = CASE WHEN desk_leases.who = excluded.who OR desk_leases.until <= clock_timestamp() THEN excluded.who ELSE desk_leases.who END,
       taken_at = CASE WHEN desk_leases.who <> excluded.who AND desk_leases.until <= clock_timestamp() THEN clock_timestamp() ELSE desk_leases.taken_at END,
       until = CASE WHEN desk_leases.who = excluded.who OR desk_leases.until <= clock_timestamp() THEN excluded.until ELSE desk_leases.until END
RETURNING who, until;

-- name: ReleaseDeskLease :execrows
DELETE FROM desk_leases WHERE object = @object AND object_id = @object_id AND who = @who;

-- name: ReleaseOthers :exec
DELETE FROM desk_leases WHERE who = @who AND region = @region AND NOT (object = @object AND object_id = @object_id);

-- name: ReleaseAll :exec
DELETE FROM desk_leases WHERE who = @who AND until <= @until;

-- name: DeskLeases :many
SELECT object, object_id, who, taken_at, until FROM desk_leases WHERE region = @region AND until > clock_timestamp() ORDER BY object, object_id;

-- name: LeaseOf :one
SELECT who, until FROM desk_leases WHERE object = @object AND object_id = @object_id AND until > clock_timestamp();

-- InHandOf names whoever else has a thing now: the name, or the login of nobody known.
-- name: InHandOf :one
SELECT coalesce(nullif(u.name, ''), l.who)::text AS name
  FROM desk_leases l LEFT JOIN users u ON u.login = l.who AND u.region = l.region
 WHERE l.object = @object AND l.object_id = @object_id AND l.who <> @who AND l.until > clock_timestamp();

-- name: DropLapsedLeases :exec
DELETE FROM desk_leases WHERE until < clock_timestamp() - interval '1 minute';

-- MovePosts takes the posts of a case over to another.
-- name: MovePosts :many
UPDATE case_posts SET case_id = @to_case, came_from = @from_case WHERE case_id = @from_case RETURNING post_id;

-- name: MoveSomePosts :many
UPDATE case_posts SET case_id = @to_case, came_from = @from_case
 WHERE case_id = @from_case AND post_id = ANY (@post_ids::bigint[]) RETURNING post_id;

-- name: MovePostsBack :exec
UPDATE case_posts SET case_id = @from_case, came_from = NULL WHERE case_id = @to_case AND post_id = ANY (@post_ids::bigint[]);

-- name: CopyKeys :many
INSERT INTO case_keys (region, key, case_id, is_open, post_id, print, came_from)
SELECT k.region, k.key, @to_case::bigint, s.is_open, k.post_id, k.print, sqlc.arg(from_case)::bigint
  FROM case_keys k JOIN cases c ON c.id = @to_case JOIN case_states s ON s.state = c.state
 WHERE k.case_id = sqlc.arg(from_case)::bigint
ON CONFLICT (case_id, key) DO NOTHING
RETURNING key;

-- DropBroughtKeys takes from a case the keys that a joined one has brought.
-- name: DropBroughtKeys :exec
DELETE FROM case_keys WHERE case_id = @case_id AND came_from = sqlc.arg(from_case)::bigint;

-- MoveLikeKeys gives the keys of likeness over with the posts that brought them.
-- name: MoveLikeKeys :exec
UPDATE case_keys k SET case_id = @to_case
 WHERE k.case_id = @from_case AND k.print IS NOT NULL AND k.post_id = ANY (@post_ids::bigint[])
   AND NOT EXISTS (SELECT FROM case_keys x WHERE x.case_id = @to_case AND x.key = k.key);

-- PartCases notes that a person has set two cases apart.
-- name: PartCases :exec
INSERT INTO case_parts (case_id, other_id, by_whom, at) VALUES (@case_id, @other_id, @by_whom, @at) ON CONFLICT DO NOTHING;

-- name: UnpartCases :exec
DELETE FROM case_parts WHERE case_id = @case_id AND other_id = @other_id;

-- name: DropKeys :exec
DELETE FROM case_keys WHERE case_id = @case_id AND key = ANY (@keys::text[]);

-- CountPosts says how many posts a case has now and how many have seen them.
-- name: CasePostTotals :one
SELECT count(*)::integer AS posts, coalesce(sum(greatest(p.views, 0)), 0)::bigint AS reach
  FROM case_posts cp JOIN posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
 WHERE cp.case_id = @case_id;

-- SetPosts follows posts that were moved by hand.
-- name: SetPosts :exec
UPDATE cases SET posts = @posts, reach = @reach, updated_at = @at, changed_by = @who, changed_why = @why WHERE id = @id;

-- OpenCase makes a case of posts that a person split off or took from review.
-- name: OpenCase :one
INSERT INTO cases (number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency, route_why,
                   urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at,
                   changed_by, changed_why, reach, confidence, source_id, story_id)
VALUES (otklik_case_number(@region::text, @at::timestamptz), @region::text, 'moderation', @decree_row, @topic, @municipality, @place, '',
        @proposed_agency, @route_why, @urgent, @restricted, @days, @due_at, @control_at, @deadline_reason, @posts, @reason,
        @registered_at, @at::timestamptz, @who, @reason, @reach, @confidence, @source_id, sqlc.narg(story_id))
RETURNING *;

-- NoteCase writes a line of a case's history, and tells open desks.
-- name: NoteCase :exec
WITH noted AS (
    INSERT INTO case_history (case_id, at, who, what, why, details)
    VALUES (@case_id, @at, @who, @what, @why, @details)
    RETURNING case_id, at, what)
INSERT INTO events (at, region, kind, case_id, details)
SELECT n.at, c.region, 'case_' || n.what, n.case_id, '{}'::jsonb FROM noted n JOIN cases c ON c.id = n.case_id;

-- name: LockReview :one
SELECT * FROM review_items WHERE id = @id AND region = @region FOR UPDATE;

-- name: ResolveReview :exec
UPDATE review_items SET resolved_at = @at, resolved_by = @who, resolution = @resolution, closing = @closing, opened_case = sqlc.narg(opened_case), put_aside_until = NULL
 WHERE id = @id;

-- KeepReview writes down how an undecided post stands before a change.
-- name: KeepReview :exec
INSERT INTO undo_reviews (undo_id, review_id, version, put_aside_until)
SELECT @undo_id, r.id, 0, r.put_aside_until FROM review_items r WHERE r.id = @review_id;

-- name: KeepReviewAfter :exec
UPDATE undo_reviews u SET version = r.version FROM review_items r WHERE u.undo_id = @undo_id AND r.id = u.review_id;

-- name: UndoReviews :many
SELECT u.review_id, u.version, u.put_aside_until, sqlc.embed(r)
  FROM undo_reviews u JOIN review_items r ON r.id = u.review_id
 WHERE u.undo_id = @undo_id
 ORDER BY u.review_id
   FOR UPDATE OF r;

-- UndoReview opens an item again, unless its post waits anew already.
-- name: UndoReview :execrows
UPDATE review_items r SET resolved_at = NULL, resolved_by = '', resolution = '', closing = '', opened_case = NULL, put_aside_until = sqlc.narg(until)
 WHERE r.id = @id AND NOT EXISTS (SELECT FROM review_items x
        WHERE x.post_id = r.post_id AND x.reason = r.reason AND x.resolved_at IS NULL AND x.id <> r.id);

-- name: AsideReview :exec
UPDATE review_items SET put_aside_until = @until WHERE id = @id;

-- name: ReviewsOfCase :many
SELECT id, reason, words, urgent, created_at FROM review_items WHERE case_id = @case_id AND resolved_at IS NULL ORDER BY id;

-- TakePostsBack gives a case the posts again that it brought into another.
-- name: TakePostsBack :many
UPDATE case_posts SET case_id = @case_id, came_from = NULL WHERE case_id = @into_case AND came_from = @case_id RETURNING post_id;

-- CasePostsJudged: the limits within keep the planner from reading a table whole
-- to join a few rows, whatever it believes of their number.
-- name: CasePostsJudged :many
SELECT cp.post_id, cp.came_from, cp.attached_at, i.deleted_at,
       p.id, p.stored_at, p.platform, p.owner, p.post, p.comment, p.region, p.source_id, p.kind AS post_kind, p.author_id, p.author_name,
       p.author_org, p.text, p.published_at, p.edited_at, p.url, p.attachments, p.lat, p.lon, p.refs, p.album, p.views, p.comments,
       p.home, p.faults,
       coalesce(v.kind, '')::text AS kind, coalesce(v.urgent, false)::boolean AS urgent, coalesce(v.decree_row, 0)::integer AS decree_row,
       coalesce(v.topic, '')::text AS topic, coalesce(v.category, '')::text AS category, coalesce(v.subcategory, '')::text AS subcategory,
       coalesce(v.confidence, 0)::float8 AS confidence, coalesce(v.margin, 0)::float8 AS margin, v.evidence, v.alternatives, v.place,
       coalesce(v.reason, '')::text AS reason, coalesce(v.judged_text, '')::text AS judged_text, coalesce(v.pack_hash, '')::text AS pack_hash
  FROM (SELECT case_posts.post_id, case_posts.stored_at, case_posts.came_from, case_posts.attached_at FROM case_posts
         WHERE case_posts.case_id = @case_id AND (case_posts.attached_at, case_posts.post_id) > (@after_at::timestamptz, @after_id::bigint)
         ORDER BY case_posts.attached_at, case_posts.post_id LIMIT @most) cp
  JOIN LATERAL (SELECT s.* FROM stored_posts s WHERE s.id = cp.post_id AND s.stored_at = cp.stored_at LIMIT 1) p ON true
  JOIN LATERAL (SELECT x.deleted_at FROM post_ids x WHERE x.post_id = cp.post_id LIMIT 1) i ON true
  LEFT JOIN LATERAL (SELECT x.* FROM verdicts x WHERE x.post_id = cp.post_id AND x.stored_at = cp.stored_at AND x.latest LIMIT 1) v ON true
 ORDER BY cp.attached_at, cp.post_id;

-- Answered is what an answer is checked against: of every post of the case, however
-- many, because a phone or a question may stand in the last. A text longer than
-- any platform takes as a comment is cut.
-- name: Answered :many
SELECT cp.post_id, p.platform, p.kind, p.author_id, p.author_name, p.author_org, left(p.text, 20000)::text AS text, (i.deleted_at IS NULL)::boolean AS stands
  FROM (SELECT case_posts.post_id, case_posts.stored_at, case_posts.attached_at FROM case_posts
         WHERE case_posts.case_id = @case_id ORDER BY case_posts.attached_at, case_posts.post_id) cp
  JOIN LATERAL (SELECT s.* FROM stored_posts s WHERE s.id = cp.post_id AND s.stored_at = cp.stored_at LIMIT 1) p ON true
  JOIN LATERAL (SELECT x.deleted_at FROM post_ids x WHERE x.post_id = cp.post_id LIMIT 1) i ON true
 ORDER BY cp.attached_at, cp.post_id;

-- PostsAbove are the posts that others stand under or answer, each by its identity:
-- not what is gone from its platform, was said in private or belongs to a restricted case.
-- name: PostsAbove :many
SELECT i.platform, i.owner, i.post, i.comment, left(p.text, 400)::text AS text, p.url, p.author_name
  FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner, unnest(@posts::text[]) AS post, unnest(@comments::text[]) AS comment) a
 CROSS JOIN LATERAL (SELECT x.* FROM post_ids x WHERE x.platform = a.platform AND x.owner = a.owner AND x.post = a.post AND x.comment = a.comment LIMIT 1) i
 CROSS JOIN LATERAL (SELECT s.* FROM stored_posts s WHERE s.id = i.post_id AND s.stored_at = i.stored_at LIMIT 1) p
 WHERE i.deleted_at IS NULL AND NOT starts_with(i.post, 'dialog:')
   AND NOT EXISTS (SELECT FROM case_posts cp JOIN cases c ON c.id = cp.case_id WHERE cp.post_id = i.post_id AND c.restricted);

-- name: PostJudged :one
SELECT sqlc.embed(p), i.deleted_at,
       coalesce(v.kind, '')::text AS kind, coalesce(v.urgent, false)::boolean AS urgent, coalesce(v.decree_row, 0)::integer AS decree_row,
       coalesce(v.topic, '')::text AS topic, coalesce(v.category, '')::text AS category, coalesce(v.subcategory, '')::text AS subcategory,
       coalesce(v.confidence, 0)::float8 AS confidence, coalesce(v.margin, 0)::float8 AS margin, v.evidence, v.alternatives, v.place,
       coalesce(v.reason, '')::text AS reason, coalesce(v.judged_text, '')::text AS judged_text, coalesce(v.pack_hash, '')::text AS pack_hash
  FROM stored_posts p
  JOIN post_ids i ON i.post_id = p.id
  LEFT JOIN verdicts v ON v.post_id = p.id AND v.stored_at = p.stored_at AND v.latest
 WHERE p.id = @post_id AND p.stored_at = @stored_at;

-- name: TieCasePost :exec
INSERT INTO case_posts (post_id, stored_at, case_id, attached_at) VALUES (@post_id, @stored_at, @case_id, @at);

-- UntiePosts takes out of a case the undecided posts that were joined to it.
-- name: UntiePosts :exec
DELETE FROM case_posts WHERE case_id = @case_id AND post_id = ANY (@post_ids::bigint[]);

-- GiveKeys says which of the keys the case did not have.
-- name: GiveKeys :many
INSERT INTO case_keys (region, key, case_id, is_open)
SELECT @region::text, unnest(@keys::text[]), @case_id::bigint, true
ON CONFLICT (case_id, key) DO NOTHING
RETURNING key;

-- name: AddUndoNotices :exec
UPDATE undos SET notices = notices || @keys::text[] WHERE id = @id;

-- name: PeopleNames :many
SELECT login, name FROM users;
