-- RenameChat: a chat has another name under another secret key. What the outbox holds
-- of it follows, so that its order and pace go on, and whoever asks what arrived there
-- finds it.
-- name: RenameChat :exec
UPDATE deliveries w SET chat = @fresh::text, thread = CASE WHEN w.thread = w.chat THEN @fresh::text ELSE w.thread END
 WHERE w.chat = @old::text
   AND w.id IN (SELECT t.id FROM deliveries t WHERE t.chat = @old::text AND t.tried_at IS NOT NULL
                UNION ALL SELECT q.id FROM deliveries q WHERE q.thread = @old::text AND q.state IN ('waiting', 'trying')
                UNION ALL SELECT c.id FROM deliveries c JOIN dialog_cases x ON x.case_id = c.case_id
                           WHERE x.dialog_id = @dialog_id::bigint AND c.chat = @old::text);

-- DialogsByNumber are dialogs whose chat is known, in the order of their numbers.
-- name: DialogsByNumber :many
SELECT id, platform, owner, chat::text AS chat, chat_key FROM dialogs
 WHERE id > @after AND chat IS NOT NULL ORDER BY id LIMIT @most::integer FOR NO KEY UPDATE;

-- MoveDialog: one that its author began anew while the old key was missing becomes one
-- with the first (TwinDialog).
-- name: MoveDialog :execrows
UPDATE dialogs d SET chat_key = @chat_key
 WHERE d.id = @id AND NOT EXISTS (SELECT FROM dialogs o WHERE o.platform = d.platform AND o.owner = d.owner AND o.chat_key = @chat_key);

-- name: StaffLinksByNumber :many
SELECT id, platform, owner, chat, chat_key FROM staff_links
 WHERE id > @after AND ended_at IS NULL ORDER BY id LIMIT @most::integer FOR NO KEY UPDATE;

-- name: MoveStaffLink :execrows
UPDATE staff_links l SET chat_key = @chat_key
 WHERE l.id = @id AND NOT EXISTS (SELECT FROM staff_links o WHERE o.platform = l.platform AND o.owner = l.owner AND o.chat_key = @chat_key AND o.ended_at IS NULL);

-- TwinDialog is another dialog of the same chat under one of its keys: begun anew while
-- the key of the first was missing.
-- name: TwinDialog :one
SELECT sqlc.embed(d), coalesce(k.what, '')::text AS decided, coalesce(k.id > o.id, k.id IS NOT NULL OR o.id IS NULL AND d.updated_at >= m.updated_at)::boolean AS newer
  FROM dialogs m
  JOIN dialogs d ON d.platform = m.platform AND d.owner = m.owner AND d.id <> m.id AND d.chat_key = ANY (@chat_keys::bytea[])
  LEFT JOIN LATERAL (SELECT c.what, c.id FROM consents c WHERE c.dialog_id = d.id ORDER BY c.id DESC LIMIT 1) k ON true
  LEFT JOIN LATERAL (SELECT c.id FROM consents c WHERE c.dialog_id = m.id ORDER BY c.id DESC LIMIT 1) o ON true
 WHERE m.id = @id
 ORDER BY d.id LIMIT 1 FOR UPDATE OF d;

-- TakeOver gives a dialog what its twin came to: consent and what the bot waits for.
-- name: TakeOver :exec
UPDATE dialogs d
   SET chat = t.chat, consent = t.consent, consent_at = t.consent_at, asked_at = t.asked_at, stopped = t.stopped, expects = t.expects, expects_at = t.expects_at, about = t.about,
       window_at = t.window_at, heard = t.heard, hour_at = t.hour_at, taken = t.taken,
       last_case = coalesce(t.last_case, d.last_case), last_at = coalesce(t.last_at, d.last_at), last_said = CASE WHEN t.last_case IS NULL THEN d.last_said ELSE t.last_said END, updated_at = t.updated_at
  FROM dialogs t WHERE d.id = @id AND t.id = @twin;

-- name: MoveConsents :exec
UPDATE consents SET dialog_id = @id WHERE dialog_id = @twin;

-- name: MoveUpdates :exec
UPDATE dialog_updates SET dialog_id = @id WHERE dialog_id = @twin;

-- name: MoveDialogPosts :exec
UPDATE dialog_posts SET dialog_id = @id WHERE dialog_id = @twin;

-- name: MoveDialogCases :exec
WITH gone AS (DELETE FROM dialog_cases x WHERE x.dialog_id = @twin RETURNING x.*)
INSERT INTO dialog_cases (dialog_id, case_id, since, told, look_at, solved, unsolved)
SELECT @id::bigint, g.case_id, g.since, g.told, g.look_at, g.solved, g.unsolved FROM gone g ON CONFLICT DO NOTHING;

-- name: MoveSubscriptions :exec
WITH gone AS (DELETE FROM subscriptions s WHERE s.dialog_id = @twin RETURNING s.*)
INSERT INTO subscriptions (dialog_id, municipality, since) SELECT @id::bigint, g.municipality, g.since FROM gone g ON CONFLICT DO NOTHING;

-- MoveWords: an announcement that both got counts as one.
-- name: MoveWords :exec
UPDATE deliveries w
   SET dialog_id = @id::bigint, announcement_id = CASE WHEN EXISTS (SELECT FROM deliveries o WHERE o.dialog_id = @id::bigint AND o.announcement_id = w.announcement_id)
                                               THEN NULL ELSE w.announcement_id END
 WHERE w.dialog_id = @twin::bigint;

-- name: DropDialog :exec
DELETE FROM dialogs WHERE id = @id;
