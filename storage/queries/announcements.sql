-- name: InsertAnnouncement :one
INSERT INTO announcements (region, state, text, municipalities, author, created_at, updated_at)
VALUES (@region, 'draft', @text, @municipalities, @author, @at::timestamptz, @at::timestamptz)
RETURNING id;

-- name: LockAnnouncement :one
SELECT * FROM announcements WHERE id = @id AND region = @region FOR UPDATE;

-- EditAnnouncement: whoever touched it last has written it, and does not approve it.
-- name: EditAnnouncement :exec
UPDATE announcements
   SET text = @text, municipalities = @municipalities, author = @author, version = version + 1, updated_at = @at::timestamptz
 WHERE id = @id;

-- name: MoveAnnouncement :exec
UPDATE announcements
   SET state = @state, version = version + 1, updated_at = @at::timestamptz, why = @why, total = @total, approver = @approver,
       approved_at = CASE WHEN @approver::text = '' THEN NULL ELSE coalesce(approved_at, @at::timestamptz) END,
       ended_by = @ended_by, ended_at = CASE WHEN @ended_by::text = '' THEN NULL ELSE @at::timestamptz END
 WHERE id = @id;

-- AnnouncementsOf are a region's, the newest first; one of them when id is not 0.
-- name: AnnouncementsOf :many
SELECT a.id, a.region, a.state, a.text, a.municipalities, a.author, a.created_at, a.updated_at, a.approver, a.approved_at, a.why, a.ended_by, a.ended_at,
       a.version, a.total,
       coalesce(d.delivered, 0)::bigint AS delivered, coalesce(d.failed, 0)::bigint AS failed, coalesce(d.unclear, 0)::bigint AS unclear,
       coalesce(d.waiting, 0)::bigint AS waiting
  FROM announcements a LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE w.state = 'delivered') AS delivered, count(*) FILTER (WHERE w.state = 'failed') AS failed,
              count(*) FILTER (WHERE w.state = 'unclear') AS unclear, count(*) FILTER (WHERE w.state IN ('waiting', 'trying')) AS waiting
         FROM deliveries w WHERE w.announcement_id = a.id) d ON a.approver <> ''
 WHERE a.region = @region AND a.state <> 'dropped' AND (@id::bigint = 0 OR a.id = @id)
 ORDER BY a.id DESC
 LIMIT @most::integer;

-- Receivers are those who would hear an announcement, by platform: consent to the
-- words in force, not blocked, subscribed, where the region's policy lets the bot speak.
-- name: Receivers :many
SELECT d.platform, count(*) AS n
  FROM dialogs d
 WHERE d.region = @region AND d.consent = @consent AND NOT d.stopped AND d.platform = ANY (@platforms::text[])
   AND d.id IN (SELECT s.dialog_id FROM subscriptions s WHERE s.municipality = ANY (@municipalities::text[]))
 GROUP BY d.platform ORDER BY d.platform;

-- name: SendingAnnouncement :one
SELECT * FROM announcements a WHERE a.region = @region AND a.state = 'sending' AND a.id > @after
 ORDER BY a.id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: AnnouncementWaits :one
SELECT count(*) FROM deliveries WHERE announcement_id = @announcement_id::bigint AND state IN ('waiting', 'trying');

-- NextReceivers go on behind a dialog. Who subscribed after the approval has no part
-- in it.
-- name: NextReceivers :many
SELECT d.id, d.platform, d.owner, d.chat_key,
       array_agg(s.municipality ORDER BY s.municipality)::text[] AS municipalities
  FROM dialogs d JOIN subscriptions s ON s.dialog_id = d.id
 WHERE d.region = @region AND d.id > @after AND d.consent = @consent AND NOT d.stopped AND d.platform = ANY (@platforms::text[])
   AND s.municipality = ANY (@municipalities::text[]) AND s.since <= @until::timestamptz
 GROUP BY d.id
 ORDER BY d.id
 LIMIT @most::integer;

-- name: PutAnnouncementWord :exec
INSERT INTO deliveries (key, region, kind, dialog_id, case_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, buttons,
                        main, repeatable, why, created_at, announcement_id)
VALUES (@key, @region, 'bot', @dialog_id::bigint, NULL, @platform, 'dialog', @account, @owner, 'dialog', '0', @chat, @chat, @gap_ms, @text, @buttons,
        false, @platform <> 'telegram', 'announcement', @at::timestamptz, @announcement_id::bigint)
ON CONFLICT DO NOTHING;

-- name: AnnouncementAt :exec
UPDATE announcements SET last_dialog = @last_dialog WHERE id = @id;

-- name: CancelAnnouncement :exec
UPDATE deliveries SET state = 'cancelled', over_at = @at::timestamptz, reason = 'stopped', words = 'рассылка остановлена'
 WHERE announcement_id = @announcement_id::bigint AND state = 'waiting';

-- CancelUnsubscribed takes back announcements that wait for a dialog which is not
-- subscribed to any of their municipalities any more.
-- name: CancelUnsubscribed :exec
UPDATE deliveries w SET state = 'cancelled', over_at = @at::timestamptz, reason = 'unsubscribed', words = 'подписчик отписался'
  FROM announcements a
 WHERE w.dialog_id = @dialog_id::bigint AND w.state = 'waiting' AND a.id = w.announcement_id
   AND NOT EXISTS (SELECT FROM subscriptions s WHERE s.dialog_id = w.dialog_id AND s.municipality = ANY (a.municipalities));
