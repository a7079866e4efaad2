-- TaskFacts is what the rules must know of a case besides its row.
-- name: TaskFacts :one
SELECT coalesce((SELECT u.login FROM users u WHERE u.id = c.executor_id), '')::text AS executor,
       coalesce((SELECT u.name FROM users u WHERE u.id = c.executor_id), '')::text AS executor_name,
       coalesce((SELECT d.notice FROM deferrals d WHERE d.case_id = c.id AND d.decided_at IS NULL), '')::text AS notice,
       (SELECT count(*) FROM replies r WHERE r.case_id = c.id AND r.round = c.round
           AND r.state = 'approved' AND r.kind = 'interim') AS interims,
       coalesce((SELECT array_append(r.writers, r.author) FROM replies r
                  WHERE r.case_id = c.id AND r.round = c.round AND r.state = 'approval'
                  ORDER BY r.id LIMIT 1), '{}')::text[] AS writers,
       coalesce((SELECT l.reply_id FROM last_answers l WHERE l.case_id = c.id), 0)::bigint AS given,
       coalesce((SELECT p.author FROM corrections_waiting p WHERE p.case_id = c.id), '')::text AS proposed_by,
       EXISTS (SELECT FROM last_answers l JOIN deliveries x ON x.reply_id = l.reply_id AND x.main AND x.fate = 'removed'
                WHERE l.case_id = c.id AND NOT EXISTS (
           SELECT FROM deliveries y WHERE y.reply_id = x.reply_id AND y.correction_id IS NOT NULL AND y.state = 'delivered'
              AND y.edits = '' AND position(':short' IN y.key) = 0 AND y.fate <> 'removed' AND y.created_at > x.fate_at))::boolean AS removed,
       (SELECT count(*) FROM lost_copies l WHERE l.region = c.region AND l.case_id = c.id) AS lost_copies,
       coalesce((SELECT d.asked_by FROM deferrals d WHERE d.case_id = c.id AND d.decided_at IS NULL), '')::text AS deferral_by,
       coalesce((SELECT h.above FROM handovers h
                  WHERE h.case_id = c.id AND h.at = c.assigned_at AND h.to_agency = c.agency_id
                  ORDER BY h.id DESC LIMIT 1), '{}')::text[] AS above
  FROM cases c
 WHERE c.id = @id;

-- name: LastReminder :one
SELECT at FROM reminders WHERE case_id = @case_id ORDER BY at DESC LIMIT 1;

-- name: InsertReminder :exec
INSERT INTO reminders (case_id, by_whom, at, why) VALUES (@case_id, @by_whom, @at, @why);

-- name: InsertHandover :exec
INSERT INTO handovers (case_id, from_agency, to_agency, above, by_whom, at, why)
VALUES (@case_id, @from_agency, @to_agency, @above, @by_whom, @at, @why);

-- name: InsertSendBack :exec
INSERT INTO send_backs (case_id, from_agency, proposed_agency, reason, by_whom, at)
VALUES (@case_id, @from_agency, @proposed_agency, @reason, @by_whom, @at);

-- name: DraftOf :one
SELECT * FROM replies
 WHERE case_id = @case_id AND round = @round AND kind = @kind AND state IN ('draft', 'approval', 'returned')
   FOR UPDATE;

-- name: InsertDraft :one
INSERT INTO replies (case_id, round, kind, text, outcome, author, writers, created_at, updated_at)
VALUES (@case_id, @round, @kind, @text, @outcome, @author, ARRAY[@author]::text[], @at::timestamptz, @at::timestamptz)
RETURNING *;

-- name: UpdateDraft :one
UPDATE replies
   SET text = @text, outcome = @outcome, author = @author, updated_at = @at::timestamptz,
       writers = CASE WHEN @author::text = ANY (writers) THEN writers ELSE array_append(writers, @author::text) END
 WHERE id = @id
RETURNING *;

-- name: SubmitDraft :exec
UPDATE replies SET state = 'approval', submitted_at = @at::timestamptz, updated_at = @at::timestamptz WHERE id = @id;

-- name: ReplyInApproval :one
SELECT * FROM replies WHERE case_id = @case_id AND round = @round AND state = 'approval' ORDER BY id LIMIT 1 FOR UPDATE;

-- name: DecideReply :exec
UPDATE replies
   SET state = @state, approver = @approver, remark = @remark, private_of = nullif(@private_of::bigint, 0), decided_at = @at::timestamptz, updated_at = @at::timestamptz
 WHERE id = @id;

-- InterimToDeliver is an approved interim answer that is not out yet.
-- name: InterimToDeliver :one
SELECT * FROM replies
 WHERE case_id = @case_id AND round = @round AND kind = 'interim' AND state = 'approved'
 ORDER BY id LIMIT 1 FOR UPDATE;

-- name: InterimByHand :exec
UPDATE replies
   SET state = 'by_hand', published_at = @at::timestamptz, published_by = @who, proof_url = @proof_url, updated_at = @at::timestamptz
 WHERE id = @id;

-- InsertApprovedInterim puts what the author is told beside the answers that go out: who
-- asked for the deferral wrote it, who granted it approved it.
-- name: InsertApprovedInterim :exec
INSERT INTO replies (case_id, round, kind, state, text, author, writers, approver, private_of, created_at, updated_at, submitted_at, decided_at)
VALUES (@case_id, @round, 'interim', 'approved', @text, @author, ARRAY[@author]::text[], @approver, nullif(@private_of::bigint, 0),
        @asked_at::timestamptz, @at::timestamptz, @asked_at::timestamptz, @at::timestamptz);

-- name: InsertQuestion :one
INSERT INTO questions (case_id, asked_by, asked_at, text, due_at, wait_days, zone)
VALUES (@case_id, @asked_by, @asked_at, @text, @due_at, @wait_days, @zone)
RETURNING id;

-- name: CloseQuestion :execrows
UPDATE questions SET result = @result, answer = @answer, answer_post_id = nullif(@answer_post::bigint, 0),
       answered_at = @at, closed_by = @closed_by
 WHERE case_id = @case_id AND answered_at IS NULL;

-- name: InsertDeferral :exec
INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due, notice)
VALUES (@case_id, @round, @asked_by, @asked_at, @reason, @until, @old_due, @notice);

-- name: OpenDeferral :one
SELECT * FROM deferrals WHERE case_id = @case_id AND decided_at IS NULL FOR UPDATE;

-- name: DecideDeferral :exec
UPDATE deferrals
   SET decision = @decision, decided_by = @decided_by, decided_at = @at, why = @why, notified_at = @notified_at
 WHERE id = @id;

-- AnsweredQuestions are those whose author has written into the case again.
-- name: AnsweredQuestions :many
SELECT DISTINCT q.case_id FROM questions q
  JOIN cases c ON c.id = q.case_id
  JOIN case_posts later ON later.case_id = q.case_id AND later.attached_at > q.asked_at
  JOIN stored_posts p ON p.id = later.post_id AND p.stored_at = later.stored_at AND p.author_id <> ''
  JOIN case_posts first ON first.case_id = q.case_id AND first.attached_at <= q.asked_at
  JOIN stored_posts o ON o.id = first.post_id AND o.stored_at = first.stored_at
                     AND o.platform = p.platform AND o.author_id = p.author_id
                     AND NOT EXISTS (SELECT FROM bystanders v WHERE v.post_id = first.post_id)
 WHERE q.answered_at IS NULL AND c.region = @region AND c.state = 'clarifying'
 ORDER BY q.case_id
 LIMIT @most::integer;

-- AnswerPost is the first post of an asked author after the question.
-- name: AnswerPost :one
SELECT p.id, p.text FROM questions q
  JOIN case_posts later ON later.case_id = q.case_id AND later.attached_at > q.asked_at
  JOIN stored_posts p ON p.id = later.post_id AND p.stored_at = later.stored_at AND p.author_id <> ''
 WHERE q.case_id = @case_id AND q.answered_at IS NULL
   AND EXISTS (SELECT FROM case_posts first
                 JOIN stored_posts o ON o.id = first.post_id AND o.stored_at = first.stored_at
                WHERE first.case_id = q.case_id AND first.attached_at <= q.asked_at
                  AND o.platform = p.platform AND o.author_id = p.author_id
                  AND NOT EXISTS (SELECT FROM bystanders v WHERE v.post_id = first.post_id))
 ORDER BY later.attached_at, p.id
 LIMIT 1;

-- SilentQuestions are those whose time is over: it runs from their delivery.
-- name: SilentQuestions :many
SELECT q.case_id FROM questions q JOIN cases c ON c.id = q.case_id
 WHERE q.answered_at IS NULL AND q.delivered_at IS NOT NULL AND q.due_at <= @now AND c.region = @region
 ORDER BY q.due_at, q.id
 LIMIT @most::integer;

-- Unrated are the cases that have been in the satisfaction step since before then, and
-- of which no author's comment waits to be read, nor the controller for an author who
-- pressed «Не решено».
-- name: Unrated :many
SELECT c.id FROM cases c
 WHERE c.region = @region AND c.state = 'satisfaction'
   AND NOT EXISTS (SELECT FROM voices v WHERE v.case_id = c.id AND v.round = c.round AND v.says = 'unclear' AND v.read_at IS NULL)
   AND strpos(c.for_controller, @unsolved::text) = 0
   AND NOT EXISTS (SELECT FROM case_history h WHERE h.case_id = c.id AND h.to_state = 'satisfaction' AND h.at >= @before::timestamptz)
 ORDER BY c.due_at, c.id
 LIMIT @most::integer;

-- name: UnratedSince :one
SELECT NOT EXISTS (SELECT FROM case_history h WHERE h.case_id = @case_id AND h.to_state = 'satisfaction' AND h.at >= @before::timestamptz) AS unrated;

-- LateDeferrals are those the controller has not decided before the old due.
-- name: LateDeferrals :many
SELECT d.case_id FROM deferrals d JOIN cases c ON c.id = d.case_id
 WHERE d.decided_at IS NULL AND d.old_due <= @now AND c.region = @region
 ORDER BY d.old_due, d.id
 LIMIT @most::integer;

-- TaskCards gives the lines of a list in the order of the ids.
-- name: TaskCards :many
SELECT sqlc.embed(c), coalesce(u.name, '')::text AS executor, coalesce(t.text, '')::text AS text,
       coalesce(r.remark, '')::text AS remark, (r.id IS NOT NULL)::boolean AS drafted,
       (SELECT count(*) FROM lost_copies l WHERE l.region = c.region AND l.case_id = c.id) AS lost_copies,
       EXISTS (SELECT FROM corrections_waiting x WHERE x.case_id = c.id)::boolean AS proposed,
       q.due_at AS answer_until, d.until AS defer_until, coalesce(h.from_agency, '')::text AS handed_from
  FROM (SELECT ids.id, ids.n FROM unnest(@ids::bigint[]) WITH ORDINALITY AS ids (id, n)) AS x
  JOIN cases c ON c.id = x.id
  LEFT JOIN users u ON u.id = c.executor_id
  LEFT JOIN LATERAL (
       SELECT left(p.text, 400) AS text FROM case_posts cp
         JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
        WHERE cp.case_id = c.id ORDER BY cp.attached_at, cp.post_id LIMIT 1) AS t ON true
  LEFT JOIN LATERAL (
       SELECT a.id, CASE WHEN a.state = 'returned' THEN a.remark ELSE '' END AS remark FROM replies a
        WHERE a.case_id = c.id AND a.round = c.round AND a.state IN ('draft', 'returned', 'approval')
        ORDER BY a.updated_at DESC LIMIT 1) AS r ON true
  LEFT JOIN questions q ON q.case_id = c.id AND q.answered_at IS NULL
  LEFT JOIN deferrals d ON d.case_id = c.id AND d.decided_at IS NULL
  LEFT JOIN LATERAL (
       SELECT o.from_agency FROM handovers o
        WHERE o.case_id = c.id AND o.at = c.assigned_at AND o.to_agency = c.agency_id AND cardinality(o.above) > 0
        ORDER BY o.id DESC LIMIT 1) AS h ON true
 ORDER BY x.n;

-- WorkersOf are the people of bodies who may get a task, with what they have.
-- name: WorkersOf :many
SELECT u.id, u.login, u.name, o.agency_id, array_agg(o.role ORDER BY o.role)::text[] AS roles,
       (SELECT count(*) FROM cases c WHERE c.executor_id = u.id
           AND c.state NOT IN ('satisfaction', 'done', 'rejected', 'attached')) AS open,
       (SELECT count(*) FROM cases c WHERE c.executor_id = u.id AND c.overdue
           AND c.state NOT IN ('satisfaction', 'done', 'rejected', 'attached')) AS overdue
  FROM user_offices o JOIN users u ON u.id = o.user_id
 WHERE u.region = @region AND u.active AND o.agency_id = ANY (@bodies::text[])
   AND o.role IN ('coordinator', 'executor', 'head')
 GROUP BY u.id, u.login, u.name, o.agency_id
 ORDER BY u.name, u.id;

-- WorkerIn is a person who may get a task of a body.
-- name: WorkerIn :one
SELECT u.id, u.login, u.name FROM users u
 WHERE u.id = @id AND u.region = @region AND u.active
   AND EXISTS (SELECT FROM user_offices o WHERE o.user_id = u.id AND o.agency_id = @body
                  AND o.role IN ('coordinator', 'executor', 'head'));

-- RosterOf are the absences of a region that have not ended before a day.
-- name: RosterOf :many
SELECT a.id, u.login, u.name, a.first_day, a.last_day, a.why, a.begun_at, a.ended_at,
       coalesce(d.login, '')::text AS deputy, coalesce(d.name, '')::text AS deputy_name
  FROM absences a JOIN users u ON u.id = a.user_id LEFT JOIN users d ON d.id = a.deputy_id
 WHERE u.region = @region AND a.last_day >= @from_day
   AND (@anybody::boolean OR u.id = @user_id::bigint OR a.deputy_id = @user_id::bigint
        OR EXISTS (SELECT FROM user_offices o WHERE o.user_id = u.id AND o.agency_id = ANY (@bodies::text[])))
 ORDER BY a.first_day, u.name, a.id;

-- name: AwayBetween :one
SELECT EXISTS (SELECT FROM absences a WHERE a.user_id = @user_id AND a.first_day <= @last_day::date AND a.last_day >= @first_day::date)::boolean AS away;

-- name: LockUser :one
SELECT id FROM users WHERE login = @login AND region = @region AND active FOR UPDATE;

-- name: SharedBody :one
SELECT EXISTS (SELECT FROM user_offices a JOIN user_offices b ON b.agency_id = a.agency_id
                WHERE a.user_id = @one AND b.user_id = @other AND a.agency_id <> '')::boolean AS same;

-- name: BodiesOf :many
SELECT DISTINCT agency_id FROM user_offices WHERE user_id = @user_id AND agency_id <> '' ORDER BY agency_id;

-- name: GetAbsence :one
SELECT a.*, u.login, u.name, coalesce(d.login, '')::text AS deputy, coalesce(d.name, '')::text AS deputy_name
  FROM absences a JOIN users u ON u.id = a.user_id LEFT JOIN users d ON d.id = a.deputy_id
 WHERE a.id = @id AND u.region = @region
   FOR UPDATE OF a;

-- name: AbsencesToBegin :many
SELECT a.id FROM absences a JOIN users u ON u.id = a.user_id
 WHERE u.region = @region AND a.begun_at IS NULL AND a.ended_at IS NULL AND a.first_day <= @today AND a.last_day >= @today
 ORDER BY a.id;

-- name: AbsencesToEnd :many
SELECT a.id FROM absences a JOIN users u ON u.id = a.user_id
 WHERE u.region = @region AND a.ended_at IS NULL AND a.last_day < @today
 ORDER BY a.id;

-- name: MarkBegun :exec
UPDATE absences SET begun_at = @at WHERE id = @id;

-- name: MarkEnded :exec
UPDATE absences SET ended_at = @at WHERE id = @id;

-- name: KeepAbsenceTasks :execrows
INSERT INTO absence_tasks (absence_id, case_id)
SELECT @absence_id::bigint, c.id FROM cases c
 WHERE c.executor_id = @user_id::bigint AND c.state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
ON CONFLICT DO NOTHING;

-- AbsenceTasks are what was on a person when they left.
-- name: AbsenceTasks :many
SELECT sqlc.embed(c), coalesce(u.name, '')::text AS executor, coalesce(t.text, '')::text AS text
  FROM absence_tasks x JOIN cases c ON c.id = x.case_id
  LEFT JOIN users u ON u.id = c.executor_id
  LEFT JOIN LATERAL (
       SELECT left(p.text, 400) AS text FROM case_posts cp
         JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
        WHERE cp.case_id = c.id ORDER BY cp.attached_at, cp.post_id LIMIT 1) AS t ON true
 WHERE x.absence_id = @absence_id
 ORDER BY c.due_at, c.id;

-- AbsenceChanges is what happened to those tasks meanwhile.
-- name: AbsenceChanges :many
SELECT h.case_id, h.at, h.who, h.why FROM absence_tasks x JOIN case_history h ON h.case_id = x.case_id
 WHERE x.absence_id = @absence_id AND h.at > @since AND h.at <= @until
   AND h.what IN ('moved', 'assigned', 'changed', 'reply', 'question', 'send_back', 'deferral', 'note')
 ORDER BY h.case_id, h.id;

-- name: ChangedMeanwhile :one
SELECT count(DISTINCT h.case_id) FROM absence_tasks x JOIN case_history h ON h.case_id = x.case_id
 WHERE x.absence_id = @absence_id AND h.at > @since
   AND h.what IN ('moved', 'assigned', 'changed', 'reply', 'question', 'send_back', 'deferral', 'note');
