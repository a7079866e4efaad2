-- Codes and links.

-- PutStaffCode replaces the code a person has.
-- name: PutStaffCode :exec
INSERT INTO staff_codes (user_id, hash, expires_at)
VALUES (@user_id, @hash, clock_timestamp() + make_interval(secs => @seconds::float8))
ON CONFLICT (user_id) DO UPDATE SET hash = EXCLUDED.hash, expires_at = EXCLUDED.expires_at;

-- TakeStaffCode spends a code: it works once.
-- name: TakeStaffCode :one
DELETE FROM staff_codes c USING users u
 WHERE c.hash = ANY (@hashes::bytea[]) AND c.expires_at > clock_timestamp() AND u.id = c.user_id AND u.active AND u.region = @region
RETURNING c.user_id;

-- name: StaffLinkOf :one
SELECT * FROM staff_links
 WHERE platform = @platform AND owner = @owner AND chat_key = ANY (@chat_keys::bytea[]) AND ended_at IS NULL
 ORDER BY id DESC LIMIT 1 FOR UPDATE;

-- EndTwinLinks: a chat that was linked anew while the key of its first link was missing
-- is whose it became.
-- name: EndTwinLinks :exec
UPDATE staff_links
   SET ended_at = @at::timestamptz, ended_why = @why, chat = '-', expects = '', about = NULL, reason = '', broken = '', broken_at = NULL
 WHERE platform = @platform AND owner = @owner AND chat_key = ANY (@chat_keys::bytea[]) AND id <> @id AND ended_at IS NULL;

-- name: InsertStaffLink :one
INSERT INTO staff_links (user_id, region, platform, owner, chat_key, chat, linked_at)
VALUES (@user_id, @region, @platform, @owner, @chat_key, @chat, @at::timestamptz)
RETURNING id;

-- name: EndStaffLink :one
UPDATE staff_links
   SET ended_at = @at::timestamptz, ended_why = @why, chat = '-', expects = '', about = NULL, reason = '', broken = '', broken_at = NULL
 WHERE id = @id AND ended_at IS NULL
RETURNING platform, user_id;

-- EndOtherStaffLinks: a person has one chat in a bot.
-- name: EndOtherStaffLinks :exec
UPDATE staff_links
   SET ended_at = @at::timestamptz, ended_why = @why, chat = '-', expects = '', about = NULL, reason = '', broken = '', broken_at = NULL
 WHERE user_id = @user_id AND platform = @platform AND owner = @owner AND ended_at IS NULL;

-- SaveStaffLink keeps what a link was asked for, and how fast it writes.
-- name: SaveStaffLink :exec
UPDATE staff_links
   SET expects = @expects, about = nullif(@about::bigint, 0), reason = @reason, asked_at = @asked_at,
       window_at = @window_at, heard = @heard, chat_key = @chat_key, broken = @broken, broken_at = @broken_at
 WHERE id = @id AND ended_at IS NULL;

-- name: BreakStaffLink :exec
UPDATE staff_links SET broken = @broken, broken_at = @at::timestamptz WHERE id = @id AND ended_at IS NULL AND broken = '';

-- name: StaffChats :many
SELECT id, user_id, region, platform, owner, linked_at, broken, broken_at, ended_at, ended_why FROM staff_links
 WHERE user_id = @user_id
 ORDER BY ended_at IS NOT NULL, id DESC
 LIMIT 20;

-- name: StaffWaysOf :many
SELECT id, platform, owner, chat_key FROM staff_links
 WHERE user_id = @user_id AND ended_at IS NULL AND broken = ''
 ORDER BY id;

-- name: StaffSettingsOf :one
SELECT quiet_from, quiet_to, digest_at, mail FROM staff_settings WHERE user_id = @user_id;

-- name: PutStaffSettings :exec
INSERT INTO staff_settings (user_id, quiet_from, quiet_to, digest_at, mail)
VALUES (@user_id, @quiet_from, @quiet_to, @digest_at, @mail)
ON CONFLICT (user_id) DO UPDATE
   SET quiet_from = EXCLUDED.quiet_from, quiet_to = EXCLUDED.quiet_to, digest_at = EXCLUDED.digest_at, mail = EXCLUDED.mail;

-- LockStaff lets one process at a time write to a person.
-- name: LockStaff :one
SELECT u.id, u.email, u.active FROM users u WHERE u.id = @id FOR NO KEY UPDATE;

-- What was heard.

-- name: StaffUpdateHeard :one
SELECT EXISTS (SELECT FROM staff_updates WHERE update_key = ANY (@update_keys::bytea[]))::boolean AS heard;

-- name: PutStaffUpdate :exec
INSERT INTO staff_updates (update_key, region, at, outcome) VALUES (@update_key, @region, @at::timestamptz, @outcome);

-- name: DropStaffUpdates :execrows
DELETE FROM staff_updates WHERE region = @region AND at < @before::timestamptz;

-- name: DropStaffMessages :execrows
DELETE FROM staff_messages m USING users u
 WHERE u.id = m.user_id AND u.region = @region AND m.at < @before::timestamptz AND m.state <> 'waiting';

-- Who hears a notice.

-- name: NoticeByKey :one
SELECT * FROM notices WHERE key = @key;

-- StaffPeople are the active people of a region.
-- name: StaffPeople :many
SELECT u.id, u.login,
       coalesce((SELECT jsonb_agg(jsonb_build_object('role', o.role, 'agency', o.agency_id) ORDER BY o.agency_id, o.role)
                   FROM user_offices o WHERE o.user_id = u.id), '[]')::jsonb AS offices
  FROM users u
 WHERE u.region = @region AND u.active
 ORDER BY u.login;

-- PutStaffMessage notes who hears a notice, once; what went to others may come back.
-- name: PutStaffMessage :exec
INSERT INTO staff_messages (notice_id, user_id, instead, why, at, say_at)
VALUES (@notice_id, @user_id, @instead, @why, @at::timestamptz, @say_at::timestamptz)
ON CONFLICT (notice_id, user_id) DO UPDATE SET state = 'waiting', instead = EXCLUDED.instead, why = EXCLUDED.why, say_at = EXCLUDED.say_at
 WHERE staff_messages.state = 'dropped';

-- What is to be said.

-- StaffDue are people with something to be said now.
-- name: StaffDue :many
SELECT DISTINCT m.user_id FROM staff_messages m JOIN users u ON u.id = m.user_id
 WHERE m.state = 'waiting' AND m.say_at <= @now::timestamptz AND u.region = @region
 LIMIT @most::integer;

-- name: StaffWaiting :many
SELECT m.notice_id, m.at, m.instead, coalesce((SELECT a.name FROM users a WHERE a.login = m.instead), m.instead)::text AS instead_name,
       (m.say_at > m.at)::boolean AS held, sqlc.embed(n), coalesce(c.number, '')::text AS number,
       coalesce(c.urgent, false)::boolean AS urgent
  FROM staff_messages m JOIN notices n ON n.id = m.notice_id LEFT JOIN cases c ON c.id = n.case_id
 WHERE m.user_id = @user_id AND m.state = 'waiting' AND m.say_at <= @now::timestamptz
 ORDER BY m.at, m.notice_id
   FOR UPDATE OF m SKIP LOCKED;

-- name: StaffSaid :exec
UPDATE staff_messages SET state = @state, letter_id = sqlc.narg(letter_id)
 WHERE user_id = @user_id AND notice_id = ANY (@notice_ids::bigint[]) AND state = 'waiting';

-- name: NextLetter :one
SELECT nextval(pg_get_serial_sequence('staff_letters', 'id'))::bigint AS id;

-- name: InsertStaffLetter :exec
INSERT INTO staff_letters (id, user_id, region, case_id, round, agency, subject, text, at)
OVERRIDING SYSTEM VALUE
VALUES (@id, @user_id, @region, nullif(@case_id::bigint, 0), @round, @agency, @subject, @text, @at::timestamptz);

-- name: StaffLetter :one
SELECT * FROM staff_letters WHERE id = @id AND user_id = @user_id;

-- PutStaffWord puts a letter, or words of the conversation, into the outbox.
-- name: PutStaffWord :exec
INSERT INTO deliveries (key, region, kind, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, buttons,
                        in_hand, letter_id, link_id, main, repeatable, why, created_at)
VALUES (@key, @region, 'staff', @platform, 'staff', @account, @owner, 'staff', '0', @chat, @thread, @gap_ms, @text, @buttons,
        @in_hand, sqlc.narg(letter_id), sqlc.narg(link_id), false, @platform NOT IN ('telegram', 'mail'), @why, @at::timestamptz)
ON CONFLICT (key) DO NOTHING;

-- StaffAddress is where a message to somebody of the desk goes; nothing of a link
-- that has ended.
-- name: StaffAddress :one
SELECT w.platform, w.owner, w.buttons, w.text,
       coalesce((SELECT k.chat FROM staff_links k WHERE k.id = w.link_id AND k.ended_at IS NULL), '')::text AS chat,
       coalesce(l.subject, '')::text AS subject,
       coalesce((SELECT u.email FROM users u WHERE u.id = l.user_id AND u.active), '')::text AS email,
       (w.link_id IS NOT NULL)::boolean AS linked,
       coalesce((SELECT a.id FROM accounts a WHERE a.region = w.region AND a.platform = w.platform AND a.address = w.account
                    AND a.removed_at IS NULL AND a.broken = ''), 0)::bigint AS account_id
  FROM deliveries w LEFT JOIN staff_letters l ON l.id = w.letter_id
 WHERE w.id = @id;

-- UrgentLetter tells whether a letter is of danger to life.
-- name: UrgentLetter :one
SELECT EXISTS (SELECT FROM staff_messages m JOIN notices n ON n.id = m.notice_id LEFT JOIN cases c ON c.id = n.case_id
                WHERE m.letter_id = @letter_id::bigint
                  AND (n.kind = 'urgent' OR c.urgent AND n.kind = ANY (@of_danger::text[])))::boolean AS urgent;

-- name: NameOf :one
SELECT name FROM users WHERE login = @login;

-- LetterLives tells whether a letter has got through by some way, or may yet.
-- name: LetterLives :one
SELECT EXISTS (SELECT FROM deliveries WHERE letter_id = @letter_id::bigint AND state IN ('waiting', 'trying', 'delivered'))::boolean AS lives;

-- LetterToMail is what mail needs of a letter, when its person takes any.
-- name: LetterToMail :one
SELECT l.id, l.region, l.user_id, l.text FROM staff_letters l
  JOIN users u ON u.id = l.user_id AND u.active AND u.email <> ''
  LEFT JOIN staff_settings s ON s.user_id = u.id
 WHERE l.id = @id AND coalesce(s.mail, true);

-- StaffHeardBy is what a person has heard lately.
-- name: StaffHeardBy :many
SELECT m.at, m.say_at, m.state, coalesce(m.letter_id, 0)::bigint AS letter_id, n.kind, coalesce(c.number, '')::text AS number,
       coalesce((SELECT a.name FROM users a WHERE a.login = m.instead), '')::text AS instead
  FROM staff_messages m JOIN notices n ON n.id = m.notice_id LEFT JOIN cases c ON c.id = n.case_id
 WHERE m.user_id = @user_id
 ORDER BY m.at DESC, m.notice_id DESC
 LIMIT @most::integer;

-- name: StaffWaysTaken :many
SELECT letter_id::bigint AS letter_id, platform, state, words FROM deliveries WHERE letter_id = ANY (@letters::bigint[]) ORDER BY id;

-- StaffBacklog counts what people of the desk should have heard and have not.
-- name: StaffBacklog :many
SELECT u.region, m.state, count(*) AS n FROM staff_messages m JOIN users u ON u.id = m.user_id
 WHERE m.state IN ('waiting', 'no_way')
 GROUP BY u.region, m.state ORDER BY u.region, m.state;
