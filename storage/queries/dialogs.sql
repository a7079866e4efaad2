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
       stopped = @stopped, expects = @expects, expects_at = @expects_at, about = nullif(@about::bigint, 0), window_at = @window_at, heard = @heard,
       hour_at = @hour_at, taken = @taken, last_case = nullif(@last_case::bigint, 0), last_at = @last_at, last_said = @last_said, updated_at = @now
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
       coalesce(q.id, 0)::bigint AS question_id, coalesce(q.text, '')::text AS question, q.asked_at, q.due_at AS answer_until,
       (x.solved = c.round)::boolean AS solved, (x.unsolved = c.round)::boolean AS unsolved,
       (c.state = 'satisfaction' AND (EXISTS (SELECT FROM dialog_cases o JOIN dialogs d ON d.id = o.dialog_id
                WHERE o.case_id = c.id AND o.dialog_id <> x.dialog_id AND d.consent <> '' AND NOT d.stopped AND o.solved <> c.round
                  AND (o.look_at IS NOT NULL OR coalesce((o.told ->> 'Surveyed')::integer, 0) >= c.round))
             OR EXISTS (SELECT FROM voices v WHERE v.case_id = c.id AND v.round = c.round AND v.says = 'unclear' AND v.read_at IS NULL)))::boolean AS waits
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

-- PutWord puts a word of the bot into the outbox. In hand: the chat is not known.
-- name: PutWord :exec
INSERT INTO deliveries (key, region, kind, dialog_id, case_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, buttons,
                        in_hand, main, repeatable, why, created_at, question_id)
VALUES (@key, @region, 'bot', @dialog_id::bigint, NULL, @platform, 'dialog', @account, @owner, 'dialog', '0', @chat, @chat, @gap_ms, @text, @buttons,
        @in_hand, false, @platform <> 'telegram', @why, @at::timestamptz, nullif(@question_id::bigint, 0))
ON CONFLICT (key) DO NOTHING;

-- CancelWords takes back what has not been said yet.
-- name: CancelWords :exec
UPDATE deliveries SET state = 'cancelled', over_at = @at::timestamptz, reason = 'withdrawn', words = 'согласие отозвано'
 WHERE dialog_id = @dialog_id::bigint AND state = 'waiting';

-- AskedAnew ends a question about consent that is on its way still: it is asked anew,
-- or answered.
-- name: AskedAnew :exec
UPDATE deliveries SET state = 'cancelled', over_at = @at::timestamptz, reason = 'asked_anew'
 WHERE dialog_id = @dialog_id::bigint AND in_hand AND state = 'waiting' AND why = ANY (@asking::text[]);

-- OutOfHand: the chat is known from now on.
-- name: OutOfHand :exec
UPDATE deliveries SET in_hand = false WHERE dialog_id = @dialog_id::bigint AND in_hand AND state IN ('waiting', 'trying');

-- AskAgain lets consent be asked for with the next message: the question has not
-- arrived, or nobody knows.
-- name: AskAgain :exec
UPDATE dialogs SET asked_at = NULL WHERE id = @id AND consent = '';

-- WordsInHand are what waits for the address of a chat.
-- name: WordsInHand :many
SELECT id FROM deliveries WHERE chat = @chat AND in_hand AND state IN ('waiting', 'trying') ORDER BY id;

-- StillInHand are those of deliveries that wait for an address still.
-- name: StillInHand :many
SELECT id FROM deliveries WHERE id = ANY (@ids::bigint[]) AND in_hand AND state IN ('waiting', 'trying');

-- EndUnheld ends what nobody has had an address for: its author has not written again.
-- name: EndUnheld :execrows
UPDATE deliveries SET state = 'cancelled', over_at = @now::timestamptz, reason = 'no_address'
 WHERE in_hand AND state = 'waiting' AND created_at < @before::timestamptz
   AND (cardinality(@regions::text[]) = 0 OR region = ANY (@regions::text[]));

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

-- WordAddress is where a word of the bot goes, nothing before consent; and the account
-- kept here that the citizen wrote to, 0 for one of the environment.
-- name: WordAddress :one
SELECT d.platform, d.owner, coalesce(d.chat, '')::text AS chat, w.buttons,
       coalesce((SELECT a.id FROM accounts a WHERE a.region = w.region AND a.platform = w.platform AND a.address = w.account
                    AND a.removed_at IS NULL AND a.broken = ''), 0)::bigint AS account_id
  FROM deliveries w JOIN dialogs d ON d.id = w.dialog_id WHERE w.id = @id;

-- DialogsToTell are those of a region with something to look at.
-- name: DialogsToTell :many
SELECT x.dialog_id, x.case_id, x.told, d.platform, d.owner, d.chat_key, d.stopped, d.consent, c.number, c.state, coalesce(c.came_from, '')::text AS came_from,
       c.agency_id, c.due_at, c.round, c.closed_at, c.closing_reason, c.joined_to,
       coalesce(q.id, 0)::bigint AS question_id, coalesce(q.text, '')::text AS question, q.asked_at, q.due_at AS answer_until,
       (x.solved = c.round)::boolean AS solved, (x.unsolved = c.round)::boolean AS unsolved
       , coalesce((SELECT CASE WHEN bool_or(w.state = 'delivered') THEN 'delivered' WHEN bool_or(w.state IN ('waiting', 'trying')) THEN 'waiting'
                               WHEN bool_or(w.state = 'unclear') THEN 'unclear' ELSE 'failed' END
                     FROM deliveries w JOIN replies r ON r.id = w.reply_id
                    WHERE w.case_id = c.id AND w.kind = 'reply' AND w.way = 'dialog' AND r.kind = 'final' AND r.round = c.round AND r.state = 'published'
                      AND w.chat = 'chat:' || encode(substring(d.chat_key FROM 1 FOR 8), 'hex')
                   HAVING count(*) > 0), '')::text AS answer
       , n.until AS notice_until, coalesce(n.state, '')::text AS notice
  FROM dialog_cases x JOIN dialogs d ON d.id = x.dialog_id JOIN cases c ON c.id = x.case_id
  LEFT JOIN questions q ON q.case_id = c.id AND q.answered_at IS NULL
  LEFT JOIN LATERAL ( -- the words of the deferral granted last, on their way into this dialog
       SELECT f.until, CASE WHEN r.state = 'approved' AND r.planned_at IS NULL THEN 'waiting' ELSE
              (SELECT CASE WHEN bool_or(w.state = 'delivered') THEN 'delivered' WHEN bool_or(w.state IN ('waiting', 'trying')) THEN 'waiting' ELSE 'failed' END
                 FROM deliveries w WHERE w.reply_id = r.id AND w.way = 'dialog' AND w.chat = 'chat:' || encode(substring(d.chat_key FROM 1 FOR 8), 'hex')
               HAVING count(*) > 0) END AS state
         FROM deferrals f JOIN replies r ON r.case_id = f.case_id AND r.round = f.round AND r.kind = 'interim' AND r.decided_at = f.decided_at
        WHERE f.case_id = c.id AND f.round = c.round AND f.decision = 'granted'
        ORDER BY f.id DESC LIMIT 1) AS n ON true
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

-- EraseMode lets this transaction rewrite what is kept as it was said.
-- name: EraseMode :exec
SELECT set_config('otklik.erasing', CASE WHEN @lets::boolean THEN 'on' ELSE '' END, true);

-- ErasedPosts is what tells of an author: their name, their words and what was made
-- of them.
-- name: ErasedPosts :many
SELECT p.id, p.author_id, p.author_name, p.text, coalesce(v.place ->> 'street', '')::text AS street, coalesce(v.fingerprint, '')::text AS fingerprint,
       coalesce((SELECT array_agg(o.text) FROM post_versions o WHERE o.post_id = p.id), '{}')::text[] AS before
  FROM dialog_posts x JOIN post_ids i ON i.post_id = x.post_id
  JOIN posts p ON p.id = i.post_id AND p.stored_at = i.stored_at
  LEFT JOIN LATERAL (SELECT y.place, y.fingerprint FROM verdicts y WHERE y.post_id = p.id AND y.stored_at = p.stored_at ORDER BY y.id DESC LIMIT 1) v ON true
 WHERE x.dialog_id = @dialog_id;

-- ErasedCases are the cases of an author. One that others wrote of too keeps a place
-- that one of them named (others).
-- name: ErasedCases :many
SELECT c.id, coalesce(c.place ->> 'street', '')::text AS street,
       EXISTS (SELECT FROM case_posts q WHERE q.case_id = c.id AND q.post_id NOT IN (SELECT m.post_id FROM dialog_posts m WHERE m.dialog_id = @dialog_id))::boolean AS others,
       EXISTS (SELECT FROM case_posts q JOIN verdicts v ON v.post_id = q.post_id AND v.stored_at = q.stored_at
                WHERE q.case_id = c.id AND q.post_id NOT IN (SELECT m.post_id FROM dialog_posts m WHERE m.dialog_id = @dialog_id)
                  AND v.place ->> 'street' = c.place ->> 'street' AND v.place ->> 'house' = c.place ->> 'house')::boolean AS named
  FROM cases c
 WHERE c.id IN (SELECT x.case_id FROM dialog_cases x WHERE x.dialog_id = @dialog_id
                UNION SELECT q.case_id FROM dialog_posts m JOIN case_posts q ON q.post_id = m.post_id WHERE m.dialog_id = @dialog_id)
 ORDER BY c.id
   FOR UPDATE OF c;

-- name: ErasePosts :many
UPDATE posts p
   SET author_id = '', author_name = '', text = '', url = '', attachments = NULL, lat = NULL, lon = NULL, raw = NULL, refs = NULL, album = NULL,
       faults = NULL, post = 'erased:' || p.id
  FROM dialog_posts x JOIN post_ids i ON i.post_id = x.post_id
 WHERE x.dialog_id = @dialog_id AND p.id = i.post_id AND p.stored_at = i.stored_at
RETURNING p.id;

-- name: EraseIDs :exec
UPDATE post_ids SET post = 'erased:' || post_id, text_hash = sha256('') WHERE post_id = ANY (@ids::bigint[]);

-- name: EraseVersions :exec
DELETE FROM post_versions WHERE post_id = ANY (@ids::bigint[]);

-- EraseVerdicts leaves what statistics go by: the municipality, the row, the kind.
-- name: EraseVerdicts :exec
UPDATE verdicts v
   SET evidence = NULL, judged_text = NULL, fingerprint = '', reason = '', faults = NULL, action_words = '',
       place = v.place - ARRAY['settlement', 'district', 'street', 'house', 'candidates', 'elsewhere'] || '{"settlement": "", "street": "", "house": ""}'
  FROM post_ids i WHERE i.post_id = ANY (@ids::bigint[]) AND v.post_id = i.post_id AND v.stored_at = i.stored_at;

-- name: EraseAnswers :exec
UPDATE questions SET answer = '' WHERE answer_post_id = ANY (@ids::bigint[]) AND result = 'answered';

-- EraseReviews takes out what the review was told of posts that are in no case.
-- name: EraseReviews :exec
UPDATE review_items SET words = '' WHERE post_id = ANY (@ids::bigint[]);

-- ErasePlaces leaves of the places of cases the municipality.
-- name: ErasePlaces :exec
UPDATE cases
   SET place = place - ARRAY['settlement', 'district', 'street', 'house', 'candidates', 'elsewhere'] || '{"settlement": "", "street": "", "house": ""}',
       updated_at = @at::timestamptz, changed_by = @who, changed_why = 'автор удалил свои данные: адрес скрыт'
 WHERE id = ANY (@ids::bigint[]) AND (place ->> 'street' <> '' OR place ->> 'house' <> '' OR place ->> 'settlement' <> '');

-- EraseEvents: what changed, with the places of before, for desks that watch. They
-- are kept for a short time, and no index is worth their writing.
-- name: EraseEvents :exec
UPDATE events SET details = '{}' WHERE case_id = ANY (@ids::bigint[]) AND details <> '{}';

-- EraseUndos: what could still be taken back for some seconds can no longer.
-- name: EraseUndos :exec
DELETE FROM undo_rows WHERE case_id = ANY (@ids::bigint[]);

-- CaseTexts is all that was written about cases.
-- name: CaseTexts :many
SELECT t.place::text AS place, t.id::bigint AS id, t.words::jsonb AS words FROM otklik_case_texts(@ids::bigint[]) AS t;

-- name: PutTexts :exec
SELECT otklik_put_texts(@place::text, @id::bigint, @words::jsonb);

-- EraseKeys drops attach keys made of an author's words or chat: all those of cases
-- of their own, and of the others whatever was made of a text.
-- name: EraseKeys :exec
DELETE FROM case_keys k
 WHERE k.case_id = ANY (@own::bigint[])
    OR k.case_id = ANY (@shared::bigint[])
       AND (position(@chat::text IN k.key) > 0 OR k.print IS NOT NULL
            OR EXISTS (SELECT FROM unnest(@prints::text[]) f WHERE position(f IN k.key) > 0));

-- EraseDeliveries takes the chat out of answers that went into the dialog. One that
-- has not left finds no address and comes back to a person.
-- name: EraseDeliveries :exec
UPDATE deliveries w
   SET key = 'erased:' || w.id, post = 'erased', comment = '0', chat = 'erased:' || w.id, thread = 'erased:' || w.id
  FROM dialogs d
 WHERE d.id = @dialog_id AND w.case_id = ANY (@ids::bigint[])
   AND w.way = 'dialog' AND w.kind = 'reply' AND w.platform = d.platform AND w.owner = d.owner
   AND starts_with(w.post, 'dialog:' || @chat::text || ':');

-- EraseWords takes out what the bot has said in the dialog.
-- name: EraseWords :exec
UPDATE deliveries SET text = '[удалено]', buttons = NULL, words = '' WHERE dialog_id = @dialog_id::bigint AND state <> 'waiting';

-- EraseAttempts: platforms name the chat in their refusals.
-- name: EraseAttempts :exec
UPDATE delivery_attempts a SET words = '' FROM deliveries w
 WHERE w.id = a.delivery_id AND (w.dialog_id = @dialog_id::bigint OR w.case_id = ANY (@ids::bigint[])) AND a.words <> '';

-- ErasePlans drops what the plans of answers say of the chat.
-- name: ErasePlans :exec
UPDATE replies r
   SET plan_left = NULL, plan_others = NULL, wanted_place = ''
 WHERE r.case_id = ANY (@ids::bigint[])
   AND position(@chat::text IN coalesce(r.plan_left::text, '') || coalesce(r.plan_others::text, '') || r.wanted_place) > 0;

-- name: EraseAlbums :exec
DELETE FROM albums WHERE starts_with(album, @chat::text || ':');

-- EraseExports drops the files that may hold an author's words; they can be ordered
-- again.
-- name: EraseExports :exec
DELETE FROM export_parts p USING background_tasks t, dialogs d
 WHERE t.id = p.task_id AND d.id = @dialog_id AND t.region = d.region AND t.created_at >= d.created_at;

-- EraseDryRuns takes out what dry runs show of posts. One at work finds itself ended,
-- and writes nothing any more.
-- name: EraseDryRuns :exec
UPDATE background_tasks t
   SET state = 'failed', result = NULL, error = @why, finished_at = coalesce(t.finished_at, @at)
  FROM dialogs d
 WHERE d.id = @dialog_id AND t.region = d.region AND t.kind IN ('dry_run', 'train_dry_run')
   AND (t.state = 'done' AND t.finished_at >= d.created_at OR t.state = 'running' AND NOT t.waiting);

-- name: EraseDialogCases :exec
DELETE FROM dialog_cases WHERE dialog_id = @dialog_id;
