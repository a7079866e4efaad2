-- StopBlocked: whoever lets an account of ours write no more is not written to until
-- they write again. Before the case is locked, as whoever hears a dialog does.
-- name: StopBlocked :exec
UPDATE dialogs d SET stopped = true
  FROM deliveries w JOIN post_ids i ON i.platform = w.platform AND i.owner = w.owner AND i.post = w.post AND i.comment = w.comment
  JOIN dialog_posts x ON x.post_id = i.post_id
 WHERE w.id = @id AND w.kind = 'reply' AND w.way = 'dialog' AND d.id = x.dialog_id;

-- LookAfterCopy: what its author hears of the case depends on how the copy ended.
-- name: LookAfterCopy :exec
UPDATE dialog_cases x SET look_at = @at::timestamptz
  FROM dialogs d
 WHERE x.case_id = @case_id AND d.id = x.dialog_id AND @chat::text = 'chat:' || encode(substring(d.chat_key FROM 1 FOR 8), 'hex');

-- CopyNumber is which of the copies of its answer in private one is.
-- name: CopyNumber :one
SELECT count(*) FROM deliveries WHERE reply_id = @reply_id AND copy AND way = 'dialog' AND id <= @id;

-- LockCopy locks a copy, or a correction, that a person decides about. Newest is a
-- correction that none has followed; late an edit that the platform takes no more;
-- gone one of a message that was removed.
-- name: LockCopy :one
SELECT sqlc.embed(w), sqlc.embed(r),
       coalesce((SELECT k.text FROM reply_corrections k WHERE k.reply_id = r.id ORDER BY k.id DESC LIMIT 1), r.text)::text AS now_says,
       (w.post = 'erased' OR EXISTS (
        SELECT FROM post_ids i JOIN dialog_posts x ON x.post_id = i.post_id JOIN dialogs g ON g.id = x.dialog_id
         WHERE i.platform = w.platform AND i.owner = w.owner AND i.post = w.post AND i.comment = w.comment
           AND (g.consent = '' OR g.stopped)))::boolean AS silent,
       coalesce(w.correction_id = (SELECT max(k.id) FROM reply_corrections k WHERE k.reply_id = r.id), false)::boolean AS newest,
       (w.edits <> '' AND w.platform = 'max' AND w.way = 'dialog' AND EXISTS (
        SELECT FROM deliveries b WHERE b.reply_id = w.reply_id AND b.platform_id = w.edits AND b.edits = ''
           AND b.over_at < @editable_since::timestamptz))::boolean AS late,
       (w.edits <> '' AND EXISTS (
        SELECT FROM deliveries b WHERE b.reply_id = w.reply_id AND b.platform_id = w.edits AND b.edits = '' AND b.fate = 'removed'))::boolean AS gone
  FROM deliveries w JOIN replies r ON r.id = w.reply_id
 WHERE w.id = @id AND w.case_id = @case_id AND EXISTS (SELECT FROM lost_copies l WHERE l.id = w.id)
   FOR UPDATE OF w;

-- MessageGone notes that what an answer said was removed, as an edit found.
-- name: MessageGone :exec
UPDATE deliveries SET fate = 'removed', fate_at = @at::timestamptz, fate_text = '', fate_untold = false
 WHERE reply_id = @reply_id AND platform = @platform AND owner = @owner AND platform_id = @message::text AND platform_id <> '' AND edits = ''
   AND state = 'delivered' AND fate <> 'removed';

-- CopyAgain sends a copy under its old key, with the token that the account has now.
-- name: CopyAgain :exec
UPDATE deliveries w
   SET state = 'waiting', over_at = NULL, tries_before = w.attempts, next_attempt_at = clock_timestamp(),
       account_id = (SELECT a.id FROM accounts a WHERE a.region = w.region AND a.platform = w.platform AND a.address = w.account
                        AND a.removed_at IS NULL AND a.broken = '' ORDER BY a.id DESC LIMIT 1)
 WHERE w.id = @id;

-- CopyAnew sends a copy that says what the answer says since it was corrected.
-- name: CopyAnew :exec
INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, account_id, owner, post, comment, chat, thread, gap_ms,
                        text, main, copy, repeatable, why, created_at, correction_id, edits)
SELECT w.key || ':anew:' || w.id, w.region, w.case_id, w.reply_id, w.platform, w.way, w.account,
       (SELECT a.id FROM accounts a WHERE a.region = w.region AND a.platform = w.platform AND a.address = w.account
           AND a.removed_at IS NULL AND a.broken = '' ORDER BY a.id DESC LIMIT 1),
       w.owner, w.post, w.comment, w.chat, w.thread, w.gap_ms, @text, false, true, w.repeatable, w.why, @at::timestamptz,
       w.correction_id, @edits
  FROM deliveries w WHERE w.id = @id;

-- name: LetCopyBe :exec
UPDATE deliveries SET let_be_at = @at::timestamptz, why = @why WHERE id = @id;

-- AuthorsAsked counts the authors who hear of a case by the bot, and those of them
-- who have been asked how satisfied they are: of the bot's words about a case only
-- that question has buttons. Whoever wrote in the open can speak under the answer that
-- stands there.
-- name: AuthorsAsked :one
SELECT (EXISTS (SELECT FROM case_posts cp JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
                 WHERE cp.case_id = @case_id AND p.kind <> 'message'
                   AND NOT EXISTS (SELECT FROM bystanders v WHERE v.post_id = cp.post_id))
    AND EXISTS (SELECT FROM replies r JOIN cases k ON k.id = r.case_id AND k.round = r.round
                 WHERE r.case_id = @case_id AND r.kind = 'final'
                   AND (r.state = 'by_hand' OR r.state = 'published' AND EXISTS (SELECT FROM deliveries o
                         WHERE o.reply_id = r.id AND o.way = 'public' AND o.edits = '' AND o.state = 'delivered'))))::boolean AS public,
       count(*) AS authors,
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM deliveries w WHERE w.dialog_id = x.dialog_id AND w.kind = 'bot' AND w.why = 'case' AND w.state IN ('delivered', 'unclear')
              AND w.buttons IS NOT NULL AND w.key LIKE 'bot:%:case:' || c.id || ':%'
              AND w.created_at >= c.answered_at)) AS asked
  FROM cases c JOIN dialog_cases x ON x.case_id = c.id WHERE c.id = @case_id;
