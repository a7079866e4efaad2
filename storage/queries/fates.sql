-- FatesToTell are answers that were removed or written over at their platform, of
-- which the body has not heard.
-- name: FatesToTell :many
SELECT d.id, d.platform, d.fate, d.fate_at, c.id AS case_id, c.number, c.region, c.agency_id, r.kind
  FROM deliveries d JOIN cases c ON c.id = d.case_id JOIN replies r ON r.id = d.reply_id
 WHERE d.fate_untold AND (cardinality(@regions::text[]) = 0 OR d.region = ANY (@regions::text[]))
 ORDER BY d.id
 LIMIT @most::integer
   FOR UPDATE OF d SKIP LOCKED;

-- name: FateTold :exec
UPDATE deliveries SET fate_untold = false WHERE id = @id;

-- NoteFate writes into the history and tells open desks.
-- name: NoteFate :exec
WITH noted AS (
    INSERT INTO case_history (case_id, at, who, what, why, details)
    VALUES (@case_id::bigint, @at::timestamptz, @who, 'reply', @why, jsonb_build_object('kind', @kind::text, 'state', @fate::text)))
INSERT INTO events (at, region, kind, case_id, details)
VALUES (@at::timestamptz, @region, 'case_reply', @case_id::bigint, jsonb_build_object('state', @fate::text));

-- ReplyToCorrect is the answer that was given last.
-- name: ReplyToCorrect :one
SELECT r.*, coalesce((SELECT k.text FROM reply_corrections k WHERE k.reply_id = r.id ORDER BY k.id DESC LIMIT 1), r.text)::text AS now_says
  FROM last_answers l JOIN replies r ON r.id = l.reply_id
 WHERE l.case_id = @case_id;

-- WhereItStands are the deliveries of the whole answer, the main one first; shut those
-- whose author wants no messages.
-- name: WhereItStands :many
SELECT d.id, d.platform, d.way, d.account,
       (d.way <> 'public' AND (d.post = 'erased' OR EXISTS (
        SELECT FROM post_ids i JOIN dialog_posts x ON x.post_id = i.post_id JOIN dialogs g ON g.id = x.dialog_id
         WHERE i.platform = d.platform AND i.owner = d.owner AND i.post = d.post AND i.comment = d.comment
           AND (g.consent = '' OR g.stopped))))::boolean AS shut
  FROM deliveries d JOIN replies r ON r.id = d.reply_id
 WHERE d.reply_id = @reply_id AND d.correction_id IS NULL AND d.state = 'delivered' AND d.text = r.text
 ORDER BY d.main DESC, d.id;

-- name: InsertCorrection :one
INSERT INTO reply_corrections (reply_id, text, why, author, approver, at)
VALUES (@reply_id, @text, @why, @author, @approver, @at::timestamptz) RETURNING id;

-- PutCorrections sends a correction to places where the whole answer stands, as the
-- account that said it. A community cannot edit its comments in VK (wall.editComment
-- takes a person's token only): there it says the correction under the answer, as MAX
-- does in a dialog when the message is too old to be edited. What was removed is said
-- anew, once: from then on that message is the answer. A correction that has not left
-- is not said before the one that follows it.
-- name: PutCorrections :execrows
WITH recalled AS (
    UPDATE deliveries w SET state = 'cancelled', over_at = @at::timestamptz, reason = 'corrected', words = 'вместо него пошло следующее исправление'
      FROM deliveries o
     WHERE o.id = ANY (@places::bigint[]) AND w.reply_id = o.reply_id AND w.correction_id IS NOT NULL AND position(':short' IN w.key) = 0
       AND w.platform = o.platform AND w.way = o.way AND w.owner = o.owner AND w.post = o.post AND w.comment = o.comment
       AND w.state = 'waiting' AND w.attempts = 0
)
INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, account_id, owner, post, comment, chat, thread, gap_ms,
                        text, main, copy, repeatable, why, created_at, correction_id, edits)
SELECT d.key || ':correction:' || @correction_id::bigint, d.region, d.case_id, d.reply_id, d.platform, d.way, d.account,
       (SELECT a.id FROM accounts a WHERE a.region = d.region AND a.platform = d.platform AND a.address = d.account
           AND a.removed_at IS NULL AND a.broken = '' ORDER BY a.id DESC LIMIT 1),
       d.owner, d.post, d.comment, d.chat, d.thread, d.gap_ms,
       CASE WHEN e.under THEN @lead::text ELSE '' END || @text::text, false, true, d.repeatable,
       CASE WHEN s.id IS NULL THEN 'вместо удалённого ответа' WHEN e.under THEN 'исправление под ответом' ELSE 'исправление ответа' END,
       @at::timestamptz, @correction_id::bigint, CASE WHEN e.under THEN '' ELSE coalesce(s.platform_id, '') END
  FROM deliveries d
  -- What stands there in full now.
  LEFT JOIN LATERAL (
       SELECT x.id, x.platform_id, x.over_at FROM deliveries x
        WHERE x.reply_id = d.reply_id AND x.platform = d.platform AND x.way = d.way AND x.owner = d.owner AND x.post = d.post AND x.comment = d.comment
          AND x.state = 'delivered' AND x.edits = '' AND x.fate <> 'removed' AND position(':short' IN x.key) = 0
          AND (x.correction_id IS NULL OR @lead::text = '' OR NOT starts_with(x.text, @lead::text))
        ORDER BY x.id DESC LIMIT 1) s ON true
  CROSS JOIN LATERAL (SELECT s.id IS NOT NULL AND (d.platform = 'vk'
                             OR d.platform = 'max' AND d.way = 'dialog' AND s.over_at < @editable_since::timestamptz) AS under) e
 WHERE d.id = ANY (@places::bigint[]);

-- LockShorts holds the short answers to authors in private that have not left; their
-- keys, and those of their corrections, say what they are.
-- name: LockShorts :many
SELECT id FROM deliveries
 WHERE reply_id = @reply_id AND position(':short' IN key) > 0 AND state IN ('waiting', 'trying')
   FOR UPDATE;

-- PutShortCorrections corrects the short answers to authors in private: in the place
-- of what was said, or in words of their own where it cannot be edited or is on its
-- way already. What nobody has tried to send goes out corrected instead; what was said
-- anew for a removed one is corrected in its turn.
-- name: PutShortCorrections :exec
WITH recalled AS (
    UPDATE deliveries w SET state = 'cancelled', over_at = @at::timestamptz, reason = 'corrected', words = 'вместо него пошёл исправленный'
     WHERE w.reply_id = @reply_id AND position(':short' IN w.key) > 0 AND w.edits = '' AND w.state = 'waiting' AND w.attempts = 0
)
INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, account_id, owner, post, comment, chat, thread, gap_ms,
                        text, main, copy, repeatable, why, created_at, correction_id, edits)
SELECT d.key || ':correction:' || @correction_id::bigint, d.region, d.case_id, d.reply_id, d.platform, d.way, d.account,
       (SELECT a.id FROM accounts a WHERE a.region = d.region AND a.platform = d.platform AND a.address = d.account
           AND a.removed_at IS NULL AND a.broken = '' ORDER BY a.id DESC LIMIT 1),
       d.owner, d.post, d.comment, d.chat, d.thread, d.gap_ms,
       CASE WHEN e.edit OR d.fate = 'removed' OR d.attempts = 0 THEN '' ELSE @lead::text END || @short::text, false, true, d.repeatable,
       CASE WHEN e.edit THEN 'исправление короткого ответа' ELSE 'исправленный короткий ответ' END,
       @at::timestamptz, @correction_id::bigint, CASE WHEN e.edit THEN d.platform_id ELSE '' END
  FROM deliveries d
  CROSS JOIN LATERAL (SELECT d.state = 'delivered' AND d.fate <> 'removed'
                             AND (d.platform = 'telegram' OR d.platform = 'max' AND d.over_at >= @editable_since::timestamptz) AS edit) e
 WHERE d.reply_id = @reply_id AND position(':short' IN d.key) > 0 AND d.edits = '' AND d.state IN ('delivered', 'waiting', 'trying')
   -- The first that stands in a dialog, or will: what corrected it before is in its place or behind it.
   AND NOT EXISTS (SELECT FROM deliveries b WHERE b.reply_id = d.reply_id AND b.platform = d.platform AND b.owner = d.owner AND b.post = d.post
                      AND (b.fate = 'removed', b.id) < (d.fate = 'removed', d.id)
                      AND position(':short' IN b.key) > 0 AND b.edits = '' AND b.state IN ('delivered', 'waiting', 'trying'))
   AND d.post <> 'erased' AND NOT EXISTS (
        SELECT FROM post_ids i JOIN dialog_posts x ON x.post_id = i.post_id JOIN dialogs g ON g.id = x.dialog_id
         WHERE i.platform = d.platform AND i.owner = d.owner AND i.post = d.post AND i.comment = d.comment
           AND (g.consent = '' OR g.stopped));

-- name: CorrectionsOf :many
SELECT k.* FROM reply_corrections k JOIN replies r ON r.id = k.reply_id WHERE r.case_id = @case_id ORDER BY k.id;
