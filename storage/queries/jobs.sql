-- ClaimRun: a run that was claimed and not finished within the grace is taken
-- over, because whoever claimed it has died.
-- name: ClaimRun :execrows
INSERT INTO job_runs (job, region, tick) VALUES (@job, @region, @tick)
ON CONFLICT (job, region, tick) DO UPDATE
   SET claimed_at = clock_timestamp(), claims = job_runs.claims + 1
 WHERE job_runs.finished_at IS NULL AND job_runs.claimed_at < clock_timestamp() - make_interval(secs => @grace_seconds::float8);

-- name: FinishRun :execrows
UPDATE job_runs SET finished_at = clock_timestamp(), result = @result
 WHERE job = @job AND region = @region AND tick = @tick;

-- LastRun leaves out runs that died half-way: they are to be claimed again.
-- name: LastRun :one
SELECT tick FROM job_runs
 WHERE job = @job AND region = @region
   AND (finished_at IS NOT NULL OR claimed_at >= clock_timestamp() - make_interval(secs => @grace_seconds::float8))
 ORDER BY tick DESC LIMIT 1;

-- name: PutNotices :execrows
INSERT INTO notices (key, kind, region, case_id, to_role, to_agency, text, at, next_attempt_at)
SELECT unnest(@keys::text[]), unnest(@kinds::text[]), unnest(@regions::text[]), nullif(unnest(@case_ids::bigint[]), 0),
       unnest(@roles::text[]), unnest(@agencies::text[]), unnest(@texts::text[]), unnest(@ats::timestamptz[]),
       unnest(@ats::timestamptz[])
ON CONFLICT (key) DO NOTHING;

-- ClaimNotices writes the attempt before the try: a sender that dies leaves a
-- row that is tried again when its backoff has passed.
-- name: ClaimNotices :many
WITH due AS (
    SELECT d.id FROM notices d
     WHERE d.state = 'waiting' AND d.next_attempt_at <= @now::timestamptz
       AND (cardinality(@regions::text[]) = 0 OR d.region = ANY (@regions::text[]))
     ORDER BY d.next_attempt_at, d.id
     LIMIT @most::integer
       FOR UPDATE SKIP LOCKED
)
UPDATE notices n
   SET attempts = n.attempts + 1, tried_at = @now::timestamptz,
       next_attempt_at = otklik_backoff(n.attempts) + @now::timestamptz
  FROM due
 WHERE n.id = due.id
RETURNING n.*;

-- name: NoticeSent :execrows
UPDATE notices SET state = 'sent', sent_at = @now, last_error = '' WHERE id = @id AND state = 'waiting';

-- name: NoticeFailed :execrows
UPDATE notices
   SET last_error = @error, state = CASE WHEN attempts >= @most::integer THEN 'failed' ELSE state END
 WHERE id = @id AND state = 'waiting';

-- name: NoticesOf :many
SELECT * FROM notices WHERE region = @region ORDER BY id DESC LIMIT @most;

-- name: DropOldEvents :exec
DELETE FROM events WHERE at < @before;

-- name: DropOldRuns :exec
DELETE FROM job_runs WHERE tick < @before;

-- name: DropSettledAlbums :exec
DELETE FROM albums WHERE settled_at < @before;
