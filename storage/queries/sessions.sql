-- FindSession: one that has expired, whose user is switched off, or who has
-- ended all sessions since, is not there.
-- name: FindSession :one
SELECT s.data FROM sessions s LEFT JOIN users u ON u.id = s.user_id
 WHERE s.token_hash = @token_hash AND s.expires_at > clock_timestamp() AND s.ended_at IS NULL
   AND (s.user_id IS NULL OR u.active AND u.session_epoch = s.epoch);

-- SaveSession writes what has changed. What has ended stays so, whatever a request
-- under way still writes.
-- name: SaveSession :exec
INSERT INTO sessions AS s (token_hash, user_id, epoch, data, address, agent, expires_at)
VALUES (@token_hash, nullif(@user_id::bigint, 0), @epoch, @data, @address, @agent, @expires_at)
ON CONFLICT (token_hash) DO UPDATE
   SET user_id = excluded.user_id, epoch = excluded.epoch, data = excluded.data, expires_at = excluded.expires_at,
       seen_at = clock_timestamp(), address = excluded.address, agent = excluded.agent
 WHERE s.ended_at IS NULL AND (s.data <> excluded.data OR excluded.expires_at > s.expires_at + interval '1 minute');

-- SeeSession: that somebody was seen is written once a minute.
-- name: SeeSession :exec
UPDATE sessions SET expires_at = @expires_at, seen_at = clock_timestamp(), address = @address, agent = @agent
 WHERE token_hash = @token_hash AND ended_at IS NULL AND @expires_at::timestamptz > expires_at + interval '1 minute';

-- name: EndSession :exec
UPDATE sessions SET ended_at = clock_timestamp(), data = '' WHERE token_hash = @token_hash AND ended_at IS NULL;

-- EndSessionOf ends one session of a person, as long as it is open.
-- name: EndSessionOf :one
UPDATE sessions s SET ended_at = clock_timestamp(), data = ''
  FROM users u
 WHERE s.token_hash = @token_hash AND u.id = s.user_id AND u.id = @user_id AND u.region = @region
   AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND s.epoch = u.session_epoch
RETURNING u.login, s.address;

-- name: SessionsOf :many
SELECT s.token_hash, u.id AS user_id, u.login, s.created_at, s.seen_at, s.address, s.agent
  FROM sessions s JOIN users u ON u.id = s.user_id
 WHERE u.region = @region AND u.id = @user_id AND s.epoch = u.session_epoch AND u.active AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
 ORDER BY s.seen_at DESC;

-- name: PruneSessions :execrows
DELETE FROM sessions WHERE expires_at < clock_timestamp();

-- name: PruneLoginAttempts :execrows
DELETE FROM login_attempts WHERE last_at < clock_timestamp() - interval '1 day';

-- LoginWait is how long the longest of some keys still has to wait.
-- name: LoginWait :one
SELECT coalesce(extract(epoch FROM max(open_at) - clock_timestamp()), 0)::float8 AS seconds
  FROM login_attempts WHERE key = ANY (@keys::text[]) AND open_at > clock_timestamp();

-- CountLogin counts an attempt before its password is looked at. Failures more
-- than a day old are forgotten.
-- name: CountLogin :exec
INSERT INTO login_attempts AS a (key, failures, last_at, open_at)
SELECT k.key, 1, clock_timestamp(), clock_timestamp() + otklik_login_pause(1, k.free)
  FROM (SELECT unnest(@keys::text[]) AS key, unnest(@free::integer[]) AS free ORDER BY 1) k
ON CONFLICT (key) DO UPDATE
   SET failures = CASE WHEN a.last_at < clock_timestamp() - interval '1 day' THEN 1 ELSE a.failures + 1 END,
       last_at = clock_timestamp(),
       open_at = clock_timestamp() + otklik_login_pause(
           CASE WHEN a.last_at < clock_timestamp() - interval '1 day' THEN 1 ELSE a.failures + 1 END,
           (SELECT f.free FROM (SELECT unnest(@keys::text[]) AS key, unnest(@free::integer[]) AS free) f WHERE f.key = a.key));

-- name: LockLoginKeys :exec
SELECT pg_advisory_xact_lock(hashtextextended('otklik:login:' || k.key, 0))
  FROM (SELECT unnest(@keys::text[]) AS key ORDER BY 1) k;

-- ForgiveLogin takes back what a right password had counted.
-- name: ForgiveLogin :exec
DELETE FROM login_attempts WHERE key = ANY (@cleared::text[]);

-- name: ForgiveAddress :exec
UPDATE login_attempts SET failures = greatest(failures - 1, 0), open_at = clock_timestamp() WHERE key = @key;
