-- RefusedPlaces are places of a case that did not take our words for good.
-- name: RefusedPlaces :many
SELECT DISTINCT ON (d.platform, d.owner, d.post, d.comment) d.platform, d.owner, d.post, d.comment, d.words FROM deliveries d
 WHERE d.case_id = @case_id AND d.way = 'public' AND d.state = 'failed' AND d.reason IN ('closed', 'never_repeat')
 ORDER BY d.platform, d.owner, d.post, d.comment, d.id DESC;

-- name: PutQuestion :exec
INSERT INTO deliveries (key, region, kind, case_id, question_id, platform, way, account, account_id, owner, post, comment, chat, thread, gap_ms,
                        text, main, repeatable, why, created_at)
VALUES (@key, @region, 'question', @case_id, @question_id, @platform, 'public', @account, @account_id, @owner, @post, @comment, @chat, @thread, @gap_ms,
        @text, false, @repeatable, @why, @at::timestamptz);

-- name: QuestionByID :one
SELECT * FROM questions WHERE id = @id;

-- name: OpenQuestion :one
SELECT * FROM questions WHERE case_id = @case_id AND answered_at IS NULL;

-- QuestionDelivered starts the author's time to answer, once.
-- name: QuestionDelivered :exec
UPDATE questions SET delivered_at = @at::timestamptz, due_at = greatest(due_at, @due_at::timestamptz)
 WHERE id = @id AND answered_at IS NULL AND delivered_at IS NULL;

-- QuestionOnItsWay: a delivery of it may still get through, or a bot has yet to put it.
-- name: QuestionOnItsWay :one
SELECT (EXISTS (SELECT FROM deliveries d WHERE d.question_id = q.id AND d.state IN ('waiting', 'trying', 'delivered'))
     OR EXISTS (SELECT FROM dialog_cases x JOIN dialogs g ON g.id = x.dialog_id
                 WHERE x.case_id = q.case_id AND g.consent <> '' AND NOT g.stopped AND x.look_at IS NOT NULL
                   AND coalesce((x.told ->> 'Question')::bigint, 0) <> q.id))::boolean AS goes
  FROM questions q WHERE q.id = @id;

-- name: QuestionUndelivered :exec
UPDATE questions SET undelivered = @why WHERE id = @id AND answered_at IS NULL;

-- UnsentQuestions were asked before a moment and neither reached their author nor are
-- on their way: consent was withdrawn, the bot blocked, the chat erased meanwhile. One
-- that still waits for its turn when the author's time would be over comes back too.
-- name: UnsentQuestions :many
SELECT q.case_id FROM questions q JOIN cases c ON c.id = q.case_id
 WHERE q.answered_at IS NULL AND q.delivered_at IS NULL AND q.asked_at < @before::timestamptz AND c.region = @region AND c.state = 'clarifying'
   AND NOT EXISTS (SELECT FROM deliveries d WHERE d.question_id = q.id AND (d.state = 'trying' OR d.state = 'waiting' AND q.due_at > @now::timestamptz))
 ORDER BY q.asked_at, q.id
 LIMIT @most::integer;

-- AuthorsShut reports whether those who wrote a case in private let us write no more:
-- consent withdrawn, the bot blocked, everything erased.
-- name: AuthorsShut :one
SELECT coalesce(bool_and(d.consent = '' OR d.stopped), false)::boolean AS shut
  FROM case_posts cp JOIN dialog_posts x ON x.post_id = cp.post_id JOIN dialogs d ON d.id = x.dialog_id
 WHERE cp.case_id = @case_id;

-- QuestionsSoonSilent are open ones whose time is over soon and whose author no bot
-- reminds: nobody was asked in private.
-- name: QuestionsSoonSilent :many
SELECT q.id, q.delivered_at, q.due_at, q.zone, c.id AS case_id, c.number, c.agency_id FROM questions q JOIN cases c ON c.id = q.case_id
 WHERE q.answered_at IS NULL AND q.due_at > @now AND q.due_at <= @soon AND q.delivered_at IS NOT NULL
   AND c.region = @region AND c.state = 'clarifying'
   AND NOT EXISTS (SELECT FROM deliveries d WHERE d.question_id = q.id AND d.way = 'dialog' AND d.state = 'delivered')
   AND NOT EXISTS (SELECT FROM notices n WHERE n.key = 'still_asked:question:' || q.id)
 ORDER BY q.due_at, q.id
 LIMIT @most::integer;
