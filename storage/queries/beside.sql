-- What stands beside a case: notes, files, replies, links, stories.

-- name: AddNote :one
INSERT INTO notes (case_id, text, author, at) VALUES (@case_id, @text, @author, @at) RETURNING id;

-- name: NotesOf :many
SELECT * FROM notes WHERE case_id = @case_id ORDER BY id;

-- name: AddFile :one
INSERT INTO case_files (case_id, name, type, size, content, sha256, uploaded_by, uploaded_at)
VALUES (@case_id, @name, @type, @size, @content, @sha256, @uploaded_by, @uploaded_at)
ON CONFLICT (case_id, sha256) DO UPDATE SET sha256 = excluded.sha256
RETURNING id;

-- name: FilesOf :many
SELECT id, case_id, name, type, size, uploaded_by, uploaded_at FROM case_files WHERE case_id = @case_id ORDER BY id;

-- name: FilesSize :one
SELECT coalesce(sum(size), 0)::bigint FROM case_files WHERE case_id = @case_id;

-- name: GetFile :one
SELECT id, case_id, name, type, size, content FROM case_files WHERE id = @id AND case_id = @case_id;

-- name: RepliesOf :many
SELECT * FROM replies WHERE case_id = @case_id ORDER BY id;

-- name: LockFinal :one
SELECT * FROM replies WHERE case_id = @case_id AND round = @round AND kind = 'final' AND state = 'approved' FOR UPDATE;

-- name: ReplyByHand :exec
UPDATE replies SET state = 'by_hand', published_at = @at, published_by = @who, proof_url = @proof_url,
       proof_file = sqlc.narg(proof_file), updated_at = @at
 WHERE id = @id;

-- name: LinkCases :execrows
INSERT INTO case_links (case_id, other_id, by_whom, at, why) VALUES (@case_id, @other_id, @by_whom, @at, @why)
ON CONFLICT DO NOTHING;

-- name: UnlinkCases :execrows
DELETE FROM case_links WHERE case_id = @case_id AND other_id = @other_id;

-- LinkedCases: linked by hand, joined into this one, the one it was joined to, or an
-- open one that the machine found alike and nobody has set apart.
-- name: LinkedCases :many
SELECT sqlc.embed(c), 'linked'::text AS how FROM case_links l JOIN cases c ON c.id = l.other_id WHERE l.case_id = @of
UNION ALL
SELECT sqlc.embed(c), 'linked' FROM case_links l JOIN cases c ON c.id = l.case_id WHERE l.other_id = @of
UNION ALL
SELECT sqlc.embed(c), 'joined' FROM cases c WHERE c.joined_to = @of
UNION ALL
SELECT sqlc.embed(c), 'joined_to' FROM cases o JOIN cases c ON c.id = o.joined_to WHERE o.id = @of
UNION ALL
SELECT sqlc.embed(c), 'like'
  FROM (SELECT l.other_id AS id FROM case_likes l WHERE l.case_id = @of
        UNION
        SELECT l.case_id FROM case_likes l WHERE l.other_id = @of) x
  JOIN cases c ON c.id = x.id
 WHERE c.state NOT IN ('done', 'rejected', 'attached')
   AND NOT EXISTS (SELECT FROM case_parts p WHERE p.case_id = least(c.id, @of) AND p.other_id = greatest(c.id, @of))
LIMIT 50;

-- name: StoryCases :many
SELECT * FROM cases WHERE story_id = @story_id ORDER BY registered_at DESC LIMIT 50;

-- name: AddStory :one
INSERT INTO stories (region, title, opened_by, opened_at) VALUES (@region, @title, @who, @at) RETURNING *;

-- EventCases are the newest cases of events, in the order in which they came.
-- name: EventCases :many
SELECT e.case_id, e.event, e.municipality, e.at, c.decree_row, c.topic, coalesce(c.story_id, 0)::bigint AS story_id,
       coalesce(s.key, '')::text AS story_key, (s.closed_at IS NOT NULL)::boolean AS story_closed,
       EXISTS (SELECT FROM case_history h WHERE h.case_id = e.case_id AND h.who <> @system AND jsonb_exists(h.details, 'story'))::boolean AS touched
  FROM case_events e
 CROSS JOIN LATERAL (SELECT x.decree_row, x.topic, x.story_id, x.state FROM cases x WHERE x.id = e.case_id LIMIT 1) c
  LEFT JOIN LATERAL (SELECT y.key, y.closed_at FROM stories y WHERE y.id = c.story_id LIMIT 1) s ON true
 WHERE e.region = @region AND e.at >= @since::timestamptz AND c.state NOT IN ('rejected', 'attached')
 ORDER BY e.at, e.case_id;

-- PutEventStory opens a story of the machine, or finds it: of two workers one opens it.
-- name: PutEventStory :one
INSERT INTO stories (region, title, opened_by, opened_at, key)
VALUES (@region, @title, @who, @at::timestamptz, @key::text)
ON CONFLICT (region, key) WHERE key IS NOT NULL DO UPDATE SET key = excluded.key
RETURNING id, (closed_at IS NOT NULL)::boolean AS closed;

-- JoinStory puts cases into a story that are in none.
-- name: JoinStory :execrows
UPDATE cases SET story_id = @story_id::bigint, updated_at = @at::timestamptz, changed_by = @who, changed_why = @why
 WHERE id = ANY (@ids::bigint[]) AND story_id IS NULL;

-- name: GetStory :one
SELECT * FROM stories WHERE id = @id;

-- name: OpenStories :many
SELECT * FROM stories WHERE region = @region AND closed_at IS NULL ORDER BY opened_at DESC LIMIT 50;

-- name: QuestionsOf :many
SELECT * FROM questions WHERE case_id = @case_id ORDER BY id;

-- name: DeferralsOf :many
SELECT * FROM deferrals WHERE case_id = @case_id ORDER BY id;

-- name: SendBacksOf :many
SELECT * FROM send_backs WHERE case_id = @case_id ORDER BY id;

-- name: RoundsOf :many
SELECT * FROM case_rounds WHERE case_id = @case_id ORDER BY round;

-- name: DecideSendBack :exec
UPDATE send_backs SET decision = @decision, to_agency = @to_agency, decided_by = @who, decided_at = @at
 WHERE case_id = @case_id AND decided_at IS NULL;

-- name: AddBulkJob :one
INSERT INTO bulk_jobs (region, what, words, filter, change, scope, total, who, created_at)
VALUES (@region, @what, @words, @filter, @change, @scope, @total, @who, @created_at)
RETURNING *;

-- name: AddBulkItems :exec
INSERT INTO bulk_items (job_id, case_id, version)
SELECT @job_id::bigint, unnest(@ids::bigint[]), unnest(@versions::bigint[]);

-- name: AddBulkReviews :exec
INSERT INTO bulk_items (job_id, review_id, version)
SELECT @job_id::bigint, unnest(@ids::bigint[]), unnest(@versions::bigint[]);

-- name: GetBulkJob :one
SELECT * FROM bulk_jobs WHERE id = @id AND region = @region;

-- name: ClaimBulkJob :one
UPDATE bulk_jobs SET state = 'running', claimed_until = clock_timestamp() + interval '30 seconds'
 WHERE id = (SELECT j.id FROM bulk_jobs j
              WHERE j.finished_at IS NULL AND (j.claimed_until IS NULL OR j.claimed_until <= clock_timestamp())
              ORDER BY j.created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- RenewBulkJob says whether the order was asked to stop.
-- name: RenewBulkJob :one
UPDATE bulk_jobs SET claimed_until = clock_timestamp() + interval '30 seconds' WHERE id = @id
RETURNING EXISTS (SELECT FROM bulk_stops s WHERE s.job_id = bulk_jobs.id)::boolean AS stop;

-- name: BulkItemsLeft :many
SELECT * FROM bulk_items WHERE job_id = @job_id AND result = '' ORDER BY n LIMIT @most;

-- name: SetBulkItem :exec
UPDATE bulk_items SET result = @result, words = @words WHERE job_id = @job_id AND n = @n;

-- name: CountBulk :exec
UPDATE bulk_jobs SET done = done + @done::integer, passed = passed + @passed::integer WHERE id = @id;

-- name: FinishBulk :exec
UPDATE bulk_jobs SET state = @state, finished_at = @at, claimed_until = NULL WHERE id = @id AND finished_at IS NULL;

-- A row of its own: whoever waits for the row of the order, which every piece
-- holds, may be passed by piece after piece until nothing is left to stop.
-- name: StopBulk :execrows
INSERT INTO bulk_stops (job_id)
SELECT id FROM bulk_jobs WHERE id = @id AND region = @region AND finished_at IS NULL
ON CONFLICT DO NOTHING;

-- name: BulkStopping :one
SELECT EXISTS (SELECT FROM bulk_stops WHERE job_id = @job_id)::boolean;

-- name: SetBulkUndo :exec
UPDATE bulk_jobs SET undo_id = @undo_id WHERE id = @id;

-- name: MarkBulkUndone :exec
UPDATE bulk_jobs SET state = 'undone' WHERE id = @id;

-- name: ProlongUndo :exec
UPDATE undos SET until = clock_timestamp() + make_interval(secs => @seconds::float8) WHERE id = @id;

-- name: BulkPassed :many
SELECT coalesce(i.case_id, 0)::bigint AS case_id, coalesce(i.review_id, 0)::bigint AS review_id, i.words,
       coalesce(c.number, '')::text AS number, coalesce(left(p.text, 80), '')::text AS post_text
  FROM bulk_items i
  LEFT JOIN cases c ON c.id = i.case_id
  LEFT JOIN review_items r ON r.id = i.review_id
  LEFT JOIN LATERAL (SELECT posts.text FROM posts WHERE posts.id = r.post_id AND posts.stored_at = r.stored_at LIMIT 1) p ON true
 WHERE i.job_id = @job_id AND i.result IN ('stale', 'refused') ORDER BY i.n LIMIT 100;

-- name: CountExamples :one
SELECT count(*) FROM examples WHERE region = @region AND at >= @since;

-- NearCases are open cases about the same thing in the same place: what a case
-- may be joined to. Those that the machine found alike come first; what a person has
-- set apart is none.
-- name: NearCases :many
SELECT sqlc.embed(c), x.likeness::real AS likeness
  FROM (SELECT y.id, max(y.likeness) AS likeness
          FROM (SELECT l.other_id AS id, l.likeness FROM case_likes l WHERE l.case_id = @id
                UNION ALL
                SELECT l.case_id, l.likeness FROM case_likes l WHERE l.other_id = @id
                UNION ALL
                (SELECT n.id, 0 FROM cases n
                  WHERE n.region = @region AND n.municipality = @municipality AND n.decree_row = @decree_row AND n.topic = @topic
                    AND n.state NOT IN ('done', 'rejected', 'attached')
                  ORDER BY n.registered_at DESC LIMIT 12)) y
         GROUP BY y.id) x
  JOIN cases c ON c.id = x.id
 WHERE c.id <> @id AND c.region = @region AND c.state NOT IN ('done', 'rejected', 'attached')
   AND (NOT c.restricted OR @see_restricted::boolean) AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[]))
   AND NOT EXISTS (SELECT FROM case_parts p WHERE p.case_id = least(c.id, @id) AND p.other_id = greatest(c.id, @id))
 ORDER BY x.likeness DESC, c.registered_at DESC LIMIT 6;
