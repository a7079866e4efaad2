-- name: InsertSource :one
INSERT INTO sources (region, kind, address, title, home, settings, next_poll_at)
VALUES (@region, @kind, @address, @title, @home, @settings, @next_poll_at)
RETURNING *;

-- name: GetSource :one
SELECT * FROM sources WHERE id = @id;

-- name: GetSourceByAddress :one
SELECT * FROM sources WHERE kind = @kind AND address = @address ORDER BY id LIMIT 1;

-- name: ListSources :many
SELECT * FROM sources WHERE @region::text = '' OR region = @region ORDER BY region, kind, address;

-- name: SetSourceTitle :execrows
UPDATE sources SET title = @title WHERE id = @id;

-- name: PauseSource :execrows
UPDATE sources SET state = 'paused', reason = @reason WHERE id = @id;

-- name: ResumeSource :execrows
UPDATE sources SET state = 'new', reason = '', failures = 0, next_poll_at = @now
 WHERE id = @id AND state = 'paused';

-- name: HurrySource :exec
UPDATE sources SET next_poll_at = @now::timestamptz
 WHERE kind = @kind AND address = @address AND region = @region AND state <> 'paused' AND next_poll_at > @now::timestamptz;

-- name: HurryWatches :exec
UPDATE watches w SET next_at = @now::timestamptz
  FROM sources s
 WHERE s.kind = @kind AND s.address = @address AND s.region = @region AND w.source_id = s.id AND w.next_at > @now::timestamptz;

-- name: LeaseSources :many
WITH due AS (
    SELECT d.id FROM sources d
     WHERE d.kind = ANY (@kinds::text[])
       AND (cardinality(@regions::text[]) = 0 OR d.region = ANY (@regions::text[]))
       AND d.state <> 'paused'
       AND d.next_poll_at <= @now::timestamptz
       AND (d.lease_until IS NULL OR d.lease_until <= clock_timestamp())
     ORDER BY d.next_poll_at
     LIMIT @most::integer
       FOR UPDATE SKIP LOCKED
)
UPDATE sources s
   SET lease_owner  = @owner::text,
       lease_length = make_interval(secs => @lease_seconds::float8),
       lease_until  = clock_timestamp() + make_interval(secs => @lease_seconds::float8),
       lease_epoch  = s.lease_epoch + 1
  FROM due
 WHERE s.id = due.id
RETURNING s.*;

-- RenewLeases: a row that a commit has locked is passed over and not lost; that
-- commit proved the lease when it began, and renews it.
-- name: RenewLeases :many
WITH held AS (
    SELECT unnest(@ids::bigint[]) AS id, unnest(@epochs::bigint[]) AS epoch
), seen AS (
    SELECT s.id, s.lease_until > clock_timestamp() AS alive
      FROM sources s JOIN held ON held.id = s.id AND held.epoch = s.lease_epoch
     WHERE s.lease_owner = @owner::text
       FOR UPDATE OF s SKIP LOCKED
), renewed AS (
    UPDATE sources s SET lease_until = clock_timestamp() + make_interval(secs => @lease_seconds::float8)
      FROM seen WHERE s.id = seen.id AND seen.alive
)
SELECT held.id::bigint AS id FROM held
 WHERE NOT EXISTS (SELECT FROM sources s
                    WHERE s.id = held.id AND s.lease_epoch = held.epoch AND s.lease_owner = @owner::text)
    OR held.id IN (SELECT seen.id FROM seen WHERE NOT seen.alive);

-- name: ReleaseLease :exec
UPDATE sources SET lease_owner = NULL, lease_until = NULL
 WHERE id = @id AND lease_epoch = @epoch;

-- name: FailSource :execrows
UPDATE sources
   SET state          = CASE WHEN state = 'paused' THEN state ELSE @state::text END,
       reason         = CASE WHEN state = 'paused' THEN reason ELSE @reason::text END,
       posts_per_hour = @posts_per_hour,
       last_post_at   = @last_post_at,
       failures       = @failures,
       next_poll_at   = @next_poll_at,
       last_poll_at   = @now,
       lease_owner    = NULL,
       lease_until    = NULL
 WHERE id = @id
   AND (@epoch::bigint = 0 OR (lease_epoch = @epoch AND lease_until > clock_timestamp()));

-- HoldLease locks the source's row for the rest of the commit, so that nobody
-- can take it meanwhile, and tells whether the lease is still held. The lock may
-- have to be waited for: the clock is looked at after that.
-- name: HoldLease :one
WITH locked AS MATERIALIZED (
    SELECT lease_epoch = @epoch::bigint AS same, lease_until FROM sources WHERE id = @id FOR NO KEY UPDATE
)
SELECT (same AND lease_until IS NOT NULL AND lease_until > clock_timestamp())::boolean AS held FROM locked;

-- name: AdvanceSource :exec
UPDATE sources
   SET cursor         = coalesce(@cursor, cursor),
       state          = CASE WHEN state = 'paused' OR @state::text = '' THEN state ELSE @state END,
       reason         = CASE WHEN state = 'paused' OR @state::text = '' THEN reason ELSE @reason::text END,
       posts_per_hour = CASE WHEN @state::text = '' THEN posts_per_hour ELSE @posts_per_hour::float8 END,
       last_post_at   = CASE WHEN @state::text = '' THEN last_post_at ELSE @last_post_at::timestamptz END,
       failures       = 0,
       next_poll_at   = coalesce(@next_poll_at, next_poll_at),
       last_poll_at   = @now::timestamptz,
       last_ok_at     = @now::timestamptz,
       lease_until    = CASE WHEN @epoch::bigint > 0 THEN clock_timestamp() + lease_length ELSE lease_until END
 WHERE id = @id;

-- name: PutWatches :exec
INSERT INTO watches (source_id, platform, owner, post, comment, comments, until, next_at)
SELECT @source_id::bigint, unnest(@platforms::text[]), unnest(@owners::text[]), unnest(@posts::text[]),
       unnest(@comments::text[]), unnest(@taken::bigint[]), unnest(@untils::timestamptz[]), unnest(@nexts::timestamptz[])
ON CONFLICT (source_id, platform, owner, post, comment) DO UPDATE
   SET comments = excluded.comments, until = excluded.until, next_at = excluded.next_at;

-- name: DropWatches :exec
DELETE FROM watches w
 USING (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner,
               unnest(@posts::text[]) AS post, unnest(@comments::text[]) AS comment) AS gone
 WHERE w.source_id = @source_id AND w.platform = gone.platform AND w.owner = gone.owner
   AND w.post = gone.post AND w.comment = gone.comment;

-- DueWatches: a post under which an author may still speak to us (its case is open, or
-- was closed since) is looked at for as long; of the others that are over, a last time.
-- name: DueWatches :many
SELECT w.platform, w.owner, w.post, w.comment, w.comments, w.next_at,
       (CASE WHEN w.until < @tomorrow::timestamptz AND EXISTS (
              SELECT FROM post_ids i
                JOIN case_posts cp ON cp.post_id = i.post_id
                JOIN cases c ON c.id = cp.case_id
                JOIN case_states st ON st.state = c.state
               WHERE i.platform = w.platform AND i.owner = w.owner AND i.post = w.post
                 AND (st.is_open OR c.state = 'done' AND c.closed_at > @closed_since::timestamptz))
            THEN @tomorrow::timestamptz ELSE w.until END)::timestamptz AS until
  FROM watches w
 WHERE w.source_id = @source_id AND w.next_at <= @now::timestamptz
 ORDER BY w.next_at LIMIT @most;

-- WatchCase has the posts of a case that waits for its author looked at, though the
-- days of looking were over when it came to wait.
-- name: WatchCase :exec
INSERT INTO watches (source_id, platform, owner, post, comment, comments, until, next_at)
SELECT DISTINCT p.source_id, p.platform, p.owner, p.post, '0', 0, @now::timestamptz, @now::timestamptz
  FROM case_posts cp
  JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
  JOIN sources s ON s.id = p.source_id AND s.kind IN ('vk_wall', 'vk_search')
 WHERE cp.case_id = @case_id
ON CONFLICT DO NOTHING;

-- name: SpendQuota :one
INSERT INTO quotas (token_hash, method, day, used)
SELECT @token_hash, @method, @day, 1
 WHERE NOT EXISTS (SELECT FROM quota_parks p
                    WHERE p.token_hash = @token_hash AND p.method = @method AND p.day = @day)
   AND @per_day::bigint > 0
ON CONFLICT (token_hash, method, day) DO UPDATE SET used = quotas.used + 1
 WHERE quotas.used < @per_day
RETURNING used;

-- name: UsedQuota :one
SELECT coalesce((SELECT used FROM quotas q
                  WHERE q.token_hash = @token_hash AND q.method = @method AND q.day = @day), 0)::bigint AS used,
       coalesce((SELECT reason FROM quota_parks p
                  WHERE p.token_hash = @token_hash AND p.method = @method AND p.day = @day), '')::text AS parked;

-- name: ParkQuota :exec
INSERT INTO quota_parks (token_hash, method, day, reason)
VALUES (@token_hash, @method, @day, @reason)
ON CONFLICT (token_hash, method, day) DO NOTHING;

-- name: DropOldQuotas :exec
WITH old_parks AS (DELETE FROM quota_parks p WHERE p.day < @day)
DELETE FROM quotas q WHERE q.day < @day;

-- PutSeats: a push that is repeated late tells of a state that is over.
-- name: PutSeats :exec
INSERT INTO source_chats AS c (source_id, chat, title, away, at)
SELECT @source_id::bigint, unnest(@chats::text[]), unnest(@titles::text[]), unnest(@aways::boolean[]), unnest(@ats::timestamptz[])
ON CONFLICT (source_id, chat) DO UPDATE
   SET away = excluded.away, at = excluded.at, title = coalesce(nullif(excluded.title, ''), c.title)
 WHERE c.at <= excluded.at;

-- HeardSeats: whoever hears a chat is in it; nothing is written of those known so.
-- name: HeardSeats :exec
UPDATE source_chats c SET away = false, at = h.at
  FROM (SELECT unnest(@chats::text[]) AS chat, unnest(@ats::timestamptz[]) AS at) h
 WHERE c.source_id = @source_id AND c.chat = h.chat AND c.away AND c.at < h.at;

-- name: AwayChats :many
SELECT c.source_id, c.chat, c.title, c.at FROM source_chats c
 WHERE c.away AND c.source_id = ANY (@sources::bigint[])
 ORDER BY c.source_id, c.at, c.chat;

-- LetAway: a person knows of it; told again, it is shown again.
-- name: LetAway :execrows
DELETE FROM source_chats WHERE source_id = @source_id AND away;
