-- name: InsertDialog :exec
INSERT INTO dialogs (region, platform, owner, chat_key, created_at, updated_at)
VALUES (@region, @platform, @owner, @chat_key, @at::timestamptz, @at::timestamptz)
ON CONFLICT (platform, owner, chat_key) DO NOTHING;

-- LockDialog finds a dialog under any of its keys, the newest or those before a
-- rotation.
-- name: LockDialog :one
SELECT * FROM dialogs
 WHERE platform = @platform AND owner = @owner AND chat_key = ANY (@chat_keys::bytea[])
 ORDER BY id LIMIT 1 FOR UPDATE;

-- name: SaveDialog :exec
UPDATE dialogs
   SET chat_key = @chat_key, chat = nullif(@chat::text, ''), consent = @consent, consent_at = @consent_at, asked_at = @asked_at,
       stopped = @stopped, expects = @expects, about = nullif(@about::bigint, 0), window_at = @window_at, heard = @heard,
       hour_at = @hour_at, taken = @taken, last_case = nullif(@last_case::bigint, 0), last_at = @last_at, updated_at = @now
 WHERE id = @id;

-- name: UpdateHeard :one
SELECT coalesce((SELECT outcome FROM dialog_updates WHERE update_key = ANY (@update_keys::bytea[]) LIMIT 1), '')::text AS outcome;

-- name: PutUpdate :exec
INSERT INTO dialog_updates (update_key, dialog_id, at, outcome) VALUES (@update_key, @dialog_id, @at, @outcome)
ON CONFLICT (update_key) DO UPDATE SET outcome = EXCLUDED.outcome, at = EXCLUDED.at;

-- name: HeldUpdates :one
SELECT count(*) FROM dialog_updates WHERE dialog_id = @dialog_id AND outcome = 'held' AND at > @since::timestamptz;

-- name: DropHeld :exec
UPDATE dialog_updates SET outcome = 'refused' WHERE dialog_id = @dialog_id AND outcome = 'held';

-- name: DropUpdates :execrows
DELETE FROM dialog_updates u USING dialogs d
 WHERE d.id = u.dialog_id AND d.region = @region AND u.at < @before::timestamptz;

-- DialogCases are the cases an author hears of, the newest first.
-- name: DialogCases :many
SELECT c.id, c.number, c.state, coalesce(c.came_from, '')::text AS came_from, c.agency_id, c.due_at, c.round, c.closed_at, c.closing_reason,
       coalesce(q.id, 0)::bigint AS question_id, coalesce(q.text, '')::text AS question, q.asked_at, q.due_at AS answer_until
  FROM dialog_cases x JOIN cases c ON c.id = x.case_id
  LEFT JOIN questions q ON q.case_id = c.id AND q.answered_at IS NULL
 WHERE x.dialog_id = @dialog_id
 ORDER BY x.since DESC, c.id DESC
 LIMIT 10;

-- name: SubscriptionsOf :many
SELECT municipality FROM subscriptions WHERE dialog_id = @dialog_id ORDER BY municipality;

-- name: PutSubscription :exec
INSERT INTO subscriptions (dialog_id, municipality, since) VALUES (@dialog_id, @municipality, @since) ON CONFLICT DO NOTHING;

-- DropSubscriptions ends one subscription, or all of a dialog.
-- name: DropSubscriptions :exec
DELETE FROM subscriptions WHERE dialog_id = @dialog_id AND (@municipality::text = '' OR municipality = @municipality::text);

-- name: InsertConsent :exec
INSERT INTO consents (dialog_id, version, what, at) VALUES (@dialog_id, @version, @what, @at);

-- name: PutDialogPost :exec
INSERT INTO dialog_posts (post_id, dialog_id, reason) VALUES (@post_id, @dialog_id, @reason) ON CONFLICT DO NOTHING;

-- name: PutDialogCase :exec
INSERT INTO dialog_cases (dialog_id, case_id, since, look_at) VALUES (@dialog_id, @case_id, @at::timestamptz, @at::timestamptz)
ON CONFLICT DO NOTHING;

-- DialogOfPost is the dialog a message was taken in.
-- name: DialogOfPost :one
SELECT sqlc.embed(d), x.reason
  FROM post_ids i JOIN dialog_posts x ON x.post_id = i.post_id JOIN dialogs d ON d.id = x.dialog_id
 WHERE i.platform = @platform AND i.owner = @owner AND i.post = @post AND i.comment = @comment
   FOR UPDATE OF d;

-- name: DialogLast :exec
UPDATE dialogs SET last_case = @case_id::bigint, last_at = @at::timestamptz, updated_at = @at::timestamptz WHERE id = @id;

-- name: CaseNumber :one
SELECT number FROM cases WHERE id = @id;

-- PutWord puts a word of the bot into the outbox.
-- name: PutWord :exec
INSERT INTO deliveries (key, region, kind, dialog_id, case_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, buttons,
                        sealed, main, repeatable, why, created_at)
VALUES (@key, @region, 'bot', @dialog_id::bigint, NULL, @platform, 'dialog', @account, @owner, 'dialog', '0', @chat, @chat, @gap_ms, @text, @buttons,
        @sealed, false, @platform <> 'telegram', @why, @at::timestamptz)
ON CONFLICT (key) DO NOTHING;

-- CancelWords takes back what has not been said yet.
-- name: CancelWords :exec
UPDATE deliveries SET state = 'cancelled', over_at = @at::timestamptz, reason = 'withdrawn', words = 'согласие отозвано'
 WHERE dialog_id = @dialog_id::bigint AND state = 'waiting';

-- DialogReplies are answers of bodies that wait to go into the dialog.
-- name: DialogReplies :many
SELECT w.id, w.case_id, w.main
  FROM deliveries w JOIN dialogs d ON d.id = @dialog_id
 WHERE w.state = 'waiting' AND w.kind = 'reply' AND w.way = 'dialog' AND w.platform = d.platform AND w.owner = d.owner
   AND starts_with(w.post, 'dialog:' || d.chat || ':')
   AND w.case_id IN (SELECT x.case_id FROM dialog_cases x WHERE x.dialog_id = d.id)
 ORDER BY w.case_id, w.id;

-- name: RecallReply :execrows
UPDATE deliveries SET state = 'cancelled', over_at = @at::timestamptz, reason = 'withdrawn', words = 'автор отозвал согласие'
 WHERE id = @id AND state = 'waiting';

-- WordAddress is where a word of the bot goes: the chat, or its sealed address.
-- name: WordAddress :one
SELECT d.platform, d.owner, coalesce(d.chat, '')::text AS chat, w.sealed, w.buttons
  FROM deliveries w JOIN dialogs d ON d.id = w.dialog_id WHERE w.id = @id;

-- DialogsToTell are those of a region with something to look at.
-- name: DialogsToTell :many
SELECT x.dialog_id, x.case_id, x.told, d.platform, d.owner, d.stopped, d.consent, c.number, c.state, coalesce(c.came_from, '')::text AS came_from,
       c.agency_id, c.due_at, c.round, c.closed_at, c.closing_reason, c.joined_to,
       coalesce(q.id, 0)::bigint AS question_id, coalesce(q.text, '')::text AS question, q.asked_at, q.due_at AS answer_until
  FROM dialog_cases x JOIN dialogs d ON d.id = x.dialog_id JOIN cases c ON c.id = x.case_id
  LEFT JOIN questions q ON q.case_id = c.id AND q.answered_at IS NULL
 WHERE x.look_at <= @now::timestamptz AND d.region = @region
 ORDER BY x.look_at, x.dialog_id, x.case_id
 LIMIT @most::integer
   FOR UPDATE OF x SKIP LOCKED;

-- name: NoteTold :exec
UPDATE dialog_cases SET told = @told, look_at = @look_at WHERE dialog_id = @dialog_id AND case_id = @case_id;

-- name: StopDialog :exec
UPDATE dialogs SET stopped = true WHERE id = @id;

-- Erasing: what an author wrote, under identities that name no chat. Cases,
-- their numbers and dates stay.
-- name: ErasePosts :many
UPDATE posts p
   SET author_id = '', author_name = '', text = '', url = '', attachments = NULL, lat = NULL, lon = NULL, raw = NULL, refs = NULL, album = NULL,
       post = 'erased:' || p.id
  FROM dialog_posts x JOIN post_ids i ON i.post_id = x.post_id
 WHERE x.dialog_id = @dialog_id AND p.id = i.post_id AND p.stored_at = i.stored_at
RETURNING p.id;

-- name: EraseIDs :exec
UPDATE post_ids SET post = 'erased:' || post_id, text_hash = sha256('') WHERE post_id = ANY (@ids::bigint[]);

-- name: EraseVersions :exec
DELETE FROM post_versions WHERE post_id = ANY (@ids::bigint[]);

-- name: EraseVerdicts :exec
UPDATE verdicts v SET evidence = NULL, judged_text = NULL, fingerprint = '', reason = ''
  FROM post_ids i WHERE i.post_id = ANY (@ids::bigint[]) AND v.post_id = i.post_id AND v.stored_at = i.stored_at;

-- name: EraseAnswers :exec
UPDATE questions SET answer = '' WHERE answer_post_id = ANY (@ids::bigint[]) AND result = 'answered';

-- EraseKeys drops attach keys that name a message of the chat.
-- name: EraseKeys :exec
DELETE FROM case_keys k USING dialog_cases x
 WHERE x.dialog_id = @dialog_id AND k.case_id = x.case_id AND position(@chat::text IN k.key) > 0;

-- EraseDeliveries takes the chat out of answers that went into the dialog. One that
-- has not left finds no address and comes back to a person.
-- name: EraseDeliveries :exec
UPDATE deliveries w
   SET key = 'erased:' || w.id, post = 'erased', comment = '0', chat = 'erased:' || w.id, thread = 'erased:' || w.id
  FROM dialogs d
 WHERE d.id = @dialog_id AND w.case_id IN (SELECT x.case_id FROM dialog_cases x WHERE x.dialog_id = @dialog_id)
   AND w.way = 'dialog' AND w.kind = 'reply' AND w.platform = d.platform AND w.owner = d.owner
   AND starts_with(w.post, 'dialog:' || d.chat || ':');

-- ErasePlans drops what the plans of answers say of the chat.
-- name: ErasePlans :exec
UPDATE replies r
   SET plan_left = NULL, plan_others = NULL, wanted_place = ''
  FROM dialogs d JOIN dialog_cases x ON x.dialog_id = d.id
 WHERE d.id = @dialog_id AND r.case_id = x.case_id
   AND position(d.chat IN coalesce(r.plan_left::text, '') || coalesce(r.plan_others::text, '') || r.wanted_place) > 0;

-- name: EraseAlbums :exec
DELETE FROM albums a USING dialogs d WHERE d.id = @dialog_id AND starts_with(a.album, d.chat || ':');

-- name: EraseDialogCases :exec
DELETE FROM dialog_cases WHERE dialog_id = @dialog_id;
