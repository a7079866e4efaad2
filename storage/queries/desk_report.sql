-- LockFold lets one process at a time fold a region.
-- name: LockFold :one
SELECT pg_try_advisory_xact_lock(hashtextextended('otklik:fold:' || @region::text, 0))::boolean AS mine;

-- name: TakeDirty :many
DELETE FROM case_dirty WHERE id IN (
    SELECT d.id FROM case_dirty d WHERE d.region = @region ORDER BY d.id LIMIT @most)
RETURNING id, case_id, what, agency_id, restricted, at;

-- name: HasDirty :one
SELECT EXISTS (SELECT FROM case_dirty WHERE region = @region)::boolean AS waiting;

-- FoldCases reads what the counters need of cases, each looked up by itself.
-- Opened is the first line of its history: where it began and under which row.
-- name: FoldCases :many
SELECT c.id, c.state, c.decree_row, c.topic, c.municipality, c.source_id, c.agency_id, c.restricted, c.due_at, c.round,
       c.registered_at, c.assigned_at, c.first_reaction_at, c.answered_at, c.outcome, c.sent_back,
       coalesce(h.to_state, '')::text AS opened_state, coalesce(h.opened_row, c.decree_row)::integer AS opened_row
  FROM unnest(@ids::bigint[]) AS x (id)
 CROSS JOIN LATERAL (SELECT * FROM cases k WHERE k.id = x.id LIMIT 1) AS c
  LEFT JOIN LATERAL (
       SELECT o.to_state, (o.details ->> 'row')::integer AS opened_row FROM case_history o
        WHERE o.case_id = c.id ORDER BY o.id LIMIT 1) AS h ON true;

-- name: FoldRounds :many
SELECT * FROM case_rounds WHERE case_id = ANY (@ids::bigint[]);

-- FoldPauses are the questions to authors: while one waits the norm stands still (R8).
-- name: FoldPauses :many
SELECT case_id, asked_at, answered_at FROM questions WHERE case_id = ANY (@ids::bigint[]);

-- name: FoldedFacts :many
SELECT * FROM case_facts WHERE case_id = ANY (@ids::bigint[]);

-- name: DropFacts :exec
DELETE FROM case_facts WHERE case_id = ANY (@ids::bigint[]);

-- name: PutFacts :copyfrom
INSERT INTO case_facts (case_id, round, region, agency_id, restricted, category, municipality, source_id, day, counted, open, due_at,
                        unseen, reversed, reaction_at, reaction, answered_at, answer, in_time, outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: AddLoad :exec
INSERT INTO case_load (region, agency_id, restricted, due_at, cases)
SELECT @region::text, unnest(@agencies::text[]), unnest(@restricted::boolean[]), unnest(@dues::timestamptz[]), unnest(@cases::bigint[])
ON CONFLICT (region, agency_id, restricted, due_at) DO UPDATE SET cases = case_load.cases + excluded.cases;

-- name: DropEmptyLoad :exec
DELETE FROM case_load WHERE region = @region AND cases <= 0;

-- name: AddDays :exec
INSERT INTO case_days (region, dimension, day, key, agency_id, restricted, cases, unseen, reversed)
SELECT @region::text, unnest(@dimensions::text[]), unnest(@days::date[]), unnest(@keys::text[]), unnest(@agencies::text[]),
       unnest(@restricted::boolean[]), unnest(@cases::bigint[]), unnest(@unseen::bigint[]), unnest(@reversed::bigint[])
ON CONFLICT (region, dimension, day, key, agency_id, restricted) DO UPDATE
   SET cases = case_days.cases + excluded.cases, unseen = case_days.unseen + excluded.unseen, reversed = case_days.reversed + excluded.reversed;

-- WeeksOf reads the rows that will be changed; the fold holds the region's lock.
-- name: WeeksOf :many
SELECT w.* FROM (SELECT unnest(@weeks::date[]) AS week, unnest(@agencies::text[]) AS agency_id, unnest(@restricted::boolean[]) AS restricted) AS x
 CROSS JOIN LATERAL (
       SELECT * FROM agency_weeks a
        WHERE a.region = @region AND a.week = x.week AND a.agency_id = x.agency_id AND a.restricted = x.restricted LIMIT 1) AS w;

-- name: PutWeek :batchexec
INSERT INTO agency_weeks (region, week, agency_id, restricted, registered, reacted, answered, in_time, solved, explained, sent_back, reopened, reaction, answer)
VALUES (@region, @week, @agency_id, @restricted, @registered, @reacted, @answered, @in_time, @solved, @explained, @sent_back, @reopened, @reaction, @answer)
ON CONFLICT (region, week, agency_id, restricted) DO UPDATE
   SET registered = excluded.registered, reacted = excluded.reacted, answered = excluded.answered, in_time = excluded.in_time,
       solved = excluded.solved, explained = excluded.explained, sent_back = excluded.sent_back, reopened = excluded.reopened,
       reaction = excluded.reaction, answer = excluded.answer;

-- name: PutMarks :exec
INSERT INTO case_marks (region, what, at, case_id, agency_id, restricted)
SELECT @region::text, unnest(@whats::text[]), unnest(@ats::timestamptz[]), unnest(@cases::bigint[]), unnest(@agencies::text[]), unnest(@restricted::boolean[]);

-- The scope of a reader: Whole sees every body and cases without one.

-- AgencyWeeks sends histograms as PostgreSQL packs them: read element by element
-- they were most of what the page cost.
-- name: AgencyWeeks :many
SELECT agency_id, week, registered, reacted, answered, in_time, solved, explained, sent_back, reopened,
       array_send(reaction)::bytea AS reaction, array_send(answer)::bytea AS answer
  FROM agency_weeks
 WHERE region = @region AND week >= @first::date AND week <= @last::date
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted);

-- name: DayCounts :many
SELECT day, sum(cases)::bigint AS cases FROM case_days
 WHERE region = @region AND dimension = 'place' AND day >= @first::date AND day <= @last::date
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted)
 GROUP BY day ORDER BY day;

-- name: KeyCounts :many
SELECT key, sum(cases)::bigint AS cases, sum(unseen)::bigint AS unseen, sum(reversed)::bigint AS reversed FROM case_days
 WHERE region = @region AND dimension = @dimension AND day >= @first::date AND day <= @last::date
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted)
 GROUP BY key ORDER BY 2 DESC, key;

-- name: AgencyCounts :many
SELECT agency_id AS key, sum(cases)::bigint AS cases, sum(unseen)::bigint AS unseen, sum(reversed)::bigint AS reversed FROM case_days
 WHERE region = @region AND dimension = 'place' AND day >= @first::date AND day <= @last::date
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted)
 GROUP BY agency_id ORDER BY 2 DESC, agency_id;

-- name: PairDays :many
SELECT key, day, sum(cases)::bigint AS cases FROM case_days
 WHERE region = @region AND dimension = 'pair' AND day >= @first::date AND day <= @last::date
   AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted)
 GROUP BY key, day ORDER BY key, day;

-- name: FirstDay :one
SELECT coalesce((SELECT day FROM case_days WHERE region = @region AND dimension = 'place' ORDER BY day LIMIT 1), 'infinity')::date AS day;

-- name: DeferralLines :many
SELECT sqlc.embed(c), d.id AS deferral_id, coalesce(u.name, d.asked_by)::text AS asked_by, d.asked_at, d.reason AS asked_why, d.until, d.old_due, d.decision, d.decided_by, d.decided_at, d.why
  FROM deferrals d JOIN cases c ON c.id = d.case_id LEFT JOIN users u ON u.login = d.asked_by
 WHERE c.region = @region AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT c.restricted)
   AND d.asked_at >= @since::timestamptz AND (d.asked_at, d.id) < (@before_at::timestamptz, @before_id::bigint)
 ORDER BY d.asked_at DESC, d.id DESC LIMIT @most;

-- EscalationLines: the controller's notice and the curator's of one case and tick
-- are one line, which stands in the list where the first of them does.
-- name: EscalationLines :many
SELECT sqlc.embed(c), n.id AS notice_id, n.at, x.roles, x.body
  FROM notices n JOIN cases c ON c.id = n.case_id
 CROSS JOIN LATERAL (
       SELECT array_agg(m.to_role ORDER BY m.id)::text[] AS roles, max(m.to_agency)::text AS body
         FROM notices m WHERE m.kind = 'escalation' AND m.case_id = n.case_id AND m.at = n.at) AS x
 WHERE n.region = @region AND n.kind = 'escalation' AND n.at >= @since::timestamptz AND (n.at, n.id) < (@before_at::timestamptz, @before_id::bigint)
   AND NOT EXISTS (SELECT FROM notices f WHERE f.kind = 'escalation' AND f.case_id = n.case_id AND f.at = n.at AND f.id < n.id)
   AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT c.restricted)
 ORDER BY n.at DESC, n.id DESC LIMIT @most;

-- SearchWords is the query as it will be looked for; querytree is empty or T when
-- nothing in it can be found through an index.
-- name: SearchWords :one
SELECT q::text AS words, (querytree(q) NOT IN ('', 'T'))::boolean AS findable
  FROM websearch_to_tsquery('pg_catalog.russian'::regconfig, translate(@words::text, 'ёЁ', 'еЕ')) AS q;


-- ForController counts what waits for the controller's word (R6, R7), and
-- answered ones whose author's comment is unread, or who pressed «Не решено» (R10), be
-- it after the end.
-- name: ForController :one
SELECT count(*) FROM cases c
 WHERE c.region = @region AND c.for_controller <> '' AND c.state NOT IN ('rejected', 'attached')
   AND (c.state NOT IN ('satisfaction', 'done') OR c.state = 'satisfaction' AND strpos(c.for_controller, @unread::text) > 0 OR strpos(c.for_controller, @unsolved::text) > 0)
   AND c.due_at IS NOT NULL
   AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT c.restricted);

-- name: CasesByID :many
SELECT * FROM cases WHERE id = ANY (@ids::bigint[]);

-- name: PutExportPart :exec
INSERT INTO export_parts (task_id, n, content) VALUES (@task_id, @n, @content);

-- name: ExportPart :one
SELECT content FROM export_parts WHERE task_id = @task_id AND n = @n;

-- name: TasksOf :many
SELECT * FROM background_tasks WHERE who = @who AND region = @region AND kind = @kind ORDER BY id DESC LIMIT @most;

-- LoadBySlot counts open cases by body: all, overdue, due by the end of today,
-- due within the days after it. Dues are exclusive ends of days.
-- name: LoadBySlot :many
SELECT agency_id, sum(cases)::bigint AS open,
       coalesce(sum(cases) FILTER (WHERE due_at <= @now::timestamptz), 0)::bigint AS overdue,
       coalesce(sum(cases) FILTER (WHERE due_at > @now AND due_at <= @tomorrow::timestamptz), 0)::bigint AS today,
       coalesce(sum(cases) FILTER (WHERE due_at > @tomorrow AND due_at <= @soon::timestamptz), 0)::bigint AS soon
  FROM case_load
 WHERE region = @region AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted)
 GROUP BY agency_id;

-- AgencyIntake has a line for a body, its weeks in arrays: a page of Сроки reads
-- them for every body, and most of the time went into lines.
-- name: AgencyIntake :many
SELECT agency_id, array_agg(week ORDER BY week)::date[] AS weeks, array_agg(registered ORDER BY week)::bigint[] AS registered
  FROM (SELECT agency_id, week, sum(registered)::bigint AS registered FROM agency_weeks
         WHERE region = @region AND week >= @first::date AND week <= @last::date
           AND (@whole::boolean OR agency_id = ANY (@agencies::text[])) AND (@see_restricted::boolean OR NOT restricted)
         GROUP BY agency_id, week) AS w
 GROUP BY agency_id;
