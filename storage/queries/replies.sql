-- LockPlanning lets one process plan a region at a time, so that what was
-- approved first is written first.
-- name: LockPlanning :one
SELECT pg_try_advisory_xact_lock(hashtextextended('otklik:plan:' || @region::text, 0))::boolean AS mine;

-- name: RepliesToPlan :many
SELECT r.id, r.case_id FROM replies r JOIN cases c ON c.id = r.case_id
 WHERE r.state = 'approved' AND r.planned_at IS NULL AND c.region = @region
 ORDER BY r.decided_at, r.id
 LIMIT @most::integer;

-- name: LockReply :one
SELECT * FROM replies WHERE id = @id FOR UPDATE;

-- ReaderOf is who wrote a message: who reads what was looked at for them alone.
-- name: ReaderOf :one
SELECT p.platform, p.author_id FROM post_ids i JOIN stored_posts p ON p.id = i.post_id AND p.stored_at = i.stored_at
 WHERE i.post_id = @post_id;

-- PlanPosts is a page of the conversation of a case, oldest first, as far as an
-- answer needs it.
-- name: PlanPosts :many
SELECT cp.attached_at, cp.post_id, p.platform, p.owner, p.post, p.comment, p.kind, p.author_id, p.author_name, p.author_org, p.refs,
       (i.deleted_at IS NOT NULL)::boolean AS gone,
       coalesce(d.consent = '' OR d.stopped, false)::boolean AS silent, d.chat_key,
       coalesce(s.kind, '')::text AS source_kind, coalesce(s.address, '')::text AS address
  FROM case_posts cp
  JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
  JOIN post_ids i ON i.post_id = cp.post_id
  LEFT JOIN sources s ON s.id = p.source_id
  LEFT JOIN dialog_posts x ON x.post_id = cp.post_id
  LEFT JOIN dialogs d ON d.id = x.dialog_id
 WHERE cp.case_id = @case_id AND (cp.attached_at, cp.post_id) > (@after::timestamptz, @after_post::bigint)
 ORDER BY cp.attached_at, cp.post_id
 LIMIT @most::integer;

-- name: UnmainDeliveries :exec
UPDATE deliveries SET main = false
 WHERE reply_id = @reply_id AND main AND state IN ('failed', 'unclear', 'cancelled');

-- PutDelivery writes a delivery, or takes one that a person wants tried again:
-- under its old key, so that the platform knows a repeat. What was delivered, and
-- what stands beside the main one, stays as it is.
-- name: PutDelivery :execrows
INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, account_id, owner, post, comment, chat, thread, gap_ms,
                        text, main, copy, repeatable, why, created_at)
VALUES (@key, @region, @case_id, @reply_id, @platform, @way, @account, @account_id, @owner, @post, @comment, @chat, @thread, @gap_ms,
        @text, @main, NOT @main, @repeatable, @why, @at::timestamptz)
ON CONFLICT (key) DO UPDATE
   SET state = 'waiting', main = EXCLUDED.main, account = EXCLUDED.account, account_id = EXCLUDED.account_id, over_at = NULL,
       tries_before = deliveries.attempts, why = EXCLUDED.why, next_attempt_at = clock_timestamp()
 WHERE EXCLUDED.main AND deliveries.state IN ('failed', 'unclear', 'cancelled');

-- PerhapsSaid keeps a delivery from another account than the one whose try may have
-- said it, until a person has been told so: platforms know a repeat by account.
-- name: PerhapsSaid :execrows
UPDATE deliveries SET main = true, reason = @reason, words = @words
 WHERE key = @key AND perhaps AND account <> @account AND state IN ('failed', 'cancelled') AND reason <> @reason;

-- MayStand: a try of the answer that did not get through may have said it all the same.
-- name: MayStand :one
SELECT EXISTS (SELECT FROM deliveries WHERE reply_id = @reply_id AND NOT copy AND edits = ''
                 AND (perhaps AND state IN ('failed', 'cancelled') OR state = 'unclear'))::boolean;

-- name: MarkPlanned :exec
UPDATE replies SET planned_at = @at::timestamptz, plan_words = @words, plan_left = @left_out, plan_others = @others, updated_at = @at::timestamptz
 WHERE id = @id;

-- MainPlace is the place whose end decided about an answer as it stands.
-- name: MainPlace :one
SELECT key FROM deliveries WHERE reply_id = @reply_id AND main ORDER BY id DESC LIMIT 1;

-- name: PlanAgain :exec
UPDATE replies SET planned_at = NULL, plan_words = '', wanted_place = @wanted, updated_at = @at::timestamptz WHERE id = @id;

-- DueDelivery locks one delivery that is due. Within a thread none goes before an
-- earlier one is over; a chat has its pace; an account, or its public or private
-- way, may have to wait; so does what comes after an answer that is planned anew for
-- another account. What only another process knows the way to is left to it, and
-- nobody waits for it: held are those of which whoever asks has the address.
-- name: DueDelivery :one
SELECT w.id, w.platform, w.account, w.way, w.chat, w.gap_ms FROM deliveries w
 WHERE w.state = 'waiting' AND w.next_attempt_at <= clock_timestamp()
   AND (cardinality(@regions::text[]) = 0 OR w.region = ANY (@regions::text[]))
   AND (w.gap_ms = 0 OR NOT w.chat = ANY (@busy::text[]))
   AND w.in_hand = (cardinality(@held::bigint[]) > 0) AND (NOT w.in_hand OR w.id = ANY (@held::bigint[]))
   AND NOT EXISTS (SELECT FROM deliveries e WHERE e.thread = w.thread AND e.id < w.id AND e.state IN ('waiting', 'trying')
                          AND (w.in_hand OR NOT e.in_hand OR e.state = 'trying'))
   AND NOT EXISTS (SELECT FROM replies r JOIN deliveries f ON f.reply_id = r.id
                    WHERE r.state = 'approved' AND r.planned_at IS NULL AND f.thread = w.thread AND f.id < w.id AND f.main AND f.state = 'failed')
   AND NOT EXISTS (SELECT FROM deliveries b WHERE w.gap_ms > 0 AND b.chat = w.chat
                          AND b.tried_at > clock_timestamp() - make_interval(secs => w.gap_ms / 1000.0))
   AND NOT EXISTS (SELECT FROM account_pauses a
                        WHERE a.account IN (w.platform || ':' || w.account, w.platform || ':' || w.account || ':' || w.way)
                          AND a.until > clock_timestamp())
 ORDER BY w.next_attempt_at, w.id
 LIMIT 1
   FOR UPDATE SKIP LOCKED;

-- LockChat: of those who would claim for one chat in the same moment one does. What
-- was claimed a moment ago is seen by ChatRests then.
-- name: LockChat :one
SELECT pg_try_advisory_xact_lock(hashtextextended('otklik:chat:' || @chat::text, 0))::boolean AS mine;

-- name: ChatRests :one
SELECT EXISTS (SELECT FROM deliveries b WHERE b.chat = @chat
                  AND b.tried_at > clock_timestamp() - make_interval(secs => @gap_seconds::float8))::boolean AS rests;

-- name: ClaimDelivery :one
UPDATE deliveries d
   SET state = 'trying', attempts = d.attempts + 1, tried_at = clock_timestamp(),
       first_tried_at = coalesce(d.first_tried_at, clock_timestamp()),
       claimed_until = clock_timestamp() + make_interval(secs => @within_seconds::float8)
 WHERE d.id = @id
RETURNING d.*;

-- SameWords are messages with the same words of other deliveries in a chat.
-- name: SameWords :many
SELECT platform_id FROM deliveries
 WHERE chat = @chat AND id <> @id AND tried_at IS NOT NULL AND state = 'delivered' AND text = @text;

-- name: DeliveryCase :one
SELECT case_id, reply_id, question_id FROM deliveries WHERE id = @id;

-- name: LockTrying :one
SELECT * FROM deliveries WHERE id = @id AND state = 'trying' AND attempts = @attempt FOR UPDATE;

-- name: EndAttempt :exec
UPDATE delivery_attempts SET ended_at = clock_timestamp(), outcome = @outcome, code = @code, words = @words
 WHERE delivery_id = @delivery_id AND n = @n AND ended_at IS NULL;

-- name: EndDelivery :one
UPDATE deliveries
   SET state = @state, claimed_until = NULL, platform_id = @platform_id, reason = @reason, words = @words, perhaps = perhaps OR @perhaps,
       next_attempt_at = clock_timestamp() + make_interval(secs => @wait_seconds::float8), over_at = @over_at
 WHERE id = @id
RETURNING *;

-- name: LapsedDeliveries :many
SELECT id, attempts FROM deliveries
 WHERE state = 'trying' AND claimed_until < clock_timestamp()
   AND (cardinality(@regions::text[]) = 0 OR region = ANY (@regions::text[]))
 ORDER BY claimed_until, id
 LIMIT @most::integer;

-- PauseAccount: what a person has stopped waits for a person, whatever a try that
-- was under way brings.
-- name: PauseAccount :exec
INSERT INTO account_pauses (account, until, why, reason)
VALUES (@account, clock_timestamp() + make_interval(secs => @seconds::float8), @why, @reason)
ON CONFLICT (account) DO UPDATE SET until = EXCLUDED.until, why = EXCLUDED.why, reason = EXCLUDED.reason
 WHERE account_pauses.reason <> 'person' OR account_pauses.until <= clock_timestamp() OR EXCLUDED.reason = 'person';

-- name: ResumeAccount :execrows
DELETE FROM account_pauses WHERE account IN (@account, @account || ':public', @account || ':dialog', @account || ':staff');

-- name: PublishReply :exec
UPDATE replies SET state = 'published', published_at = @at::timestamptz, updated_at = @at::timestamptz WHERE id = @id AND state = 'approved';

-- name: FinalWaits :one
SELECT EXISTS (SELECT FROM replies WHERE case_id = @case_id AND round = @round AND kind = 'final' AND state = 'approved')::boolean AS waits;

-- ReplyToSend is the approved answer a person decides about when it did not get through.
-- name: ReplyToSend :one
SELECT * FROM replies
 WHERE case_id = @case_id AND round = @round AND state = 'approved' AND planned_at IS NOT NULL
 ORDER BY kind = 'final' DESC, id DESC
 LIMIT 1
   FOR UPDATE;

-- name: TakeBackReply :exec
UPDATE replies
   SET state = 'returned', remark = @remark, planned_at = NULL, plan_words = '', wanted_place = '', decided_at = @at::timestamptz, updated_at = @at::timestamptz
 WHERE id = @id;

-- DeliveriesOf: whom a copy is for is who wrote what it answers; silent are those who
-- blocked the bot or withdrew consent. Void are copies that do not wait for a person:
-- of a text that was taken back, or a correction that another one has followed.
-- name: DeliveriesOf :many
SELECT sqlc.embed(w), coalesce(p.author_name, '')::text AS author,
       (w.copy AND (w.post = 'erased' OR coalesce(g.consent = '' OR g.stopped, false)))::boolean AS silent,
       (w.copy AND w.state IN ('failed', 'unclear') AND w.let_be_at IS NULL AND NOT EXISTS (SELECT FROM lost_copies l WHERE l.id = w.id))::boolean AS void
  FROM deliveries w
  LEFT JOIN post_ids i ON w.copy AND i.platform = w.platform AND i.owner = w.owner AND i.post = w.post AND i.comment = w.comment
  LEFT JOIN posts p ON p.id = i.post_id AND p.stored_at = i.stored_at
  LEFT JOIN dialog_posts x ON x.post_id = i.post_id
  LEFT JOIN dialogs g ON g.id = x.dialog_id
 WHERE w.case_id = @case_id ORDER BY w.id;

-- PausesOf tells what deliveries of a case wait because of their account.
-- name: PausesOf :many
SELECT d.id, p.until, p.why FROM deliveries d
  JOIN LATERAL (SELECT x.until, x.why FROM account_pauses x
                 WHERE x.until > clock_timestamp()
                   AND x.account IN (d.platform || ':' || d.account, d.platform || ':' || d.account || ':' || d.way)
                 ORDER BY x.until DESC LIMIT 1) p ON true
 WHERE d.case_id = @case_id AND d.state = 'waiting';

-- name: AttemptsOf :many
SELECT a.* FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE d.case_id = @case_id ORDER BY a.delivery_id, a.n;

-- name: DeliveryCounts :many
SELECT region, platform, state, (kind = 'staff')::boolean AS staff, count(*) AS n FROM deliveries
 GROUP BY region, platform, state, staff ORDER BY region, platform, state, staff;

-- HeldCounts counts what waits because of its account, by the reason.
-- name: HeldCounts :many
SELECT d.region, d.platform, p.reason, count(*) AS n FROM deliveries d
  JOIN LATERAL (SELECT x.reason FROM account_pauses x
                 WHERE x.until > clock_timestamp()
                   AND x.account IN (d.platform || ':' || d.account, d.platform || ':' || d.account || ':' || d.way)
                 ORDER BY x.until DESC LIMIT 1) p ON true
 WHERE d.state = 'waiting'
 GROUP BY d.region, d.platform, p.reason ORDER BY d.region, d.platform, p.reason;

-- name: InsertAccount :one
INSERT INTO accounts (region, platform, address, title, whole, sealed, created_at, created_by, checked_at)
VALUES (@region, @platform, @address, @title, @whole, @sealed, @at::timestamptz, @who, @at::timestamptz)
RETURNING *;

-- name: InsertAccountBodies :exec
INSERT INTO account_agencies (account_id, agency_id) SELECT @account_id::bigint, unnest(@bodies::text[]) ON CONFLICT DO NOTHING;

-- name: AccountsOf :many
SELECT a.id, a.region, a.platform, a.address, a.title, a.whole, a.created_at, a.created_by, a.checked_at, a.broken,
       coalesce((SELECT array_agg(g.agency_id ORDER BY g.agency_id) FROM account_agencies g WHERE g.account_id = a.id), '{}')::text[] AS bodies,
       p.until, coalesce(p.why, '')::text AS pause
  FROM accounts a LEFT JOIN LATERAL (
       SELECT x.until, x.why FROM account_pauses x
        WHERE x.until > clock_timestamp() AND x.account IN (a.platform || ':' || a.address, a.platform || ':' || a.address || ':public',
              a.platform || ':' || a.address || ':dialog', a.platform || ':' || a.address || ':staff')
        ORDER BY x.until DESC LIMIT 1) p ON true
 WHERE a.removed_at IS NULL AND (@region::text = '' OR a.region = @region)
 ORDER BY a.region, a.platform, a.title, a.id;

-- name: AccountSealed :one
SELECT id, region, platform, address, sealed, broken FROM accounts WHERE id = @id AND removed_at IS NULL;

-- AccountUse is when an account spoke last, and what went wrong last.
-- name: AccountUse :one
SELECT (SELECT u.tried_at FROM deliveries u WHERE u.platform = @platform AND u.account = @address AND u.tried_at IS NOT NULL
         ORDER BY u.tried_at DESC LIMIT 1)::timestamptz AS used_at,
       coalesce(f.words, '')::text AS fault, f.tried_at AS fault_at
  FROM (SELECT 1) one LEFT JOIN LATERAL (
       SELECT d.words, d.tried_at FROM deliveries d WHERE d.platform = @platform AND d.account = @address AND d.state IN ('failed', 'unclear')
        ORDER BY d.tried_at DESC LIMIT 1) f ON true;

-- AccountPause is the longest pause of an account or of one of its ways.
-- name: AccountPause :one
SELECT until, why, reason FROM account_pauses
 WHERE until > clock_timestamp() AND account IN (@account, @account || ':public', @account || ':dialog', @account || ':staff')
 ORDER BY until DESC LIMIT 1;

-- name: LockAccount :one
SELECT a.id, a.region, a.platform, a.address, a.title, a.whole, a.broken,
       coalesce((SELECT array_agg(g.agency_id ORDER BY g.agency_id) FROM account_agencies g WHERE g.account_id = a.id), '{}')::text[] AS bodies
  FROM accounts a WHERE a.id = @id AND a.region = @region AND a.removed_at IS NULL
   FOR UPDATE OF a;

-- name: ChangeAccount :exec
UPDATE accounts SET title = @title, whole = @whole WHERE id = @id;

-- name: DropAccountBodies :exec
DELETE FROM account_agencies WHERE account_id = @account_id;

-- name: RenewToken :exec
UPDATE accounts SET sealed = @sealed, broken = '', checked_at = @at::timestamptz, title = CASE WHEN title = '' THEN @title::text ELSE title END
 WHERE id = @id;

-- name: SealAccount :execrows
UPDATE accounts SET sealed = @sealed WHERE id = @id AND removed_at IS NULL;

-- name: MarkAccount :execrows
UPDATE accounts SET broken = @broken, checked_at = CASE WHEN @broken::text = '' THEN @at::timestamptz ELSE checked_at END,
       title = CASE WHEN @title::text = '' THEN title ELSE @title::text END
 WHERE id = @id AND removed_at IS NULL;

-- name: DeadAccounts :many
SELECT id FROM accounts WHERE region = @region AND removed_at IS NULL AND broken <> '';

-- name: BreakAccount :exec
UPDATE accounts SET broken = @broken WHERE id = @id AND removed_at IS NULL;

-- name: RemoveAccount :execrows
UPDATE accounts SET removed_at = @at::timestamptz, sealed = NULL WHERE id = @id AND region = @region AND removed_at IS NULL;
