-- OursAbove are the cases that wait for a word, and under whose answer or question
-- comments stand: in reply to it, or in the same talk. Authors are those the case had
-- when it was answered; a bystander is none.
-- name: OursAbove :many
SELECT w.n::integer AS n, c.id AS case_id, c.closed_at,
       bool_or(d.platform_id = w.reply_to)::boolean AS direct,
       bool_or(d.question_id IS NOT NULL)::boolean AS question,
       min(d.over_at)::timestamptz AS at,
       EXISTS (SELECT FROM case_posts cp JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
                WHERE cp.case_id = c.id AND cp.attached_at <= min(d.over_at) AND w.author <> '' AND p.author_id = w.author AND p.platform = w.platform
                  AND NOT EXISTS (SELECT FROM bystanders v WHERE v.post_id = cp.post_id))::boolean AS author
  FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner, unnest(@threads::text[]) AS thread,
               unnest(@reply_tos::text[]) AS reply_to, unnest(@authors::text[]) AS author, unnest(@ns::integer[]) AS n) AS w
 CROSS JOIN LATERAL (
       SELECT t.id, t.case_id, t.reply_id, t.question_id, t.platform_id, t.over_at FROM deliveries t
        WHERE t.thread = w.thread AND t.state = 'delivered' AND t.way = 'public' AND t.edits = ''
       UNION
       SELECT m.id, m.case_id, m.reply_id, m.question_id, m.platform_id, m.over_at FROM deliveries m
        WHERE m.platform = w.platform AND m.owner = w.owner AND m.platform_id = w.reply_to AND w.reply_to <> ''
          AND m.state = 'delivered' AND m.way = 'public' AND m.edits = '') AS d
  JOIN cases c ON c.id = d.case_id AND c.region = @region AND c.state IN ('clarifying', 'satisfaction', 'done')
  LEFT JOIN replies r ON r.id = d.reply_id
  LEFT JOIN questions q ON q.id = d.question_id
 WHERE (c.state IN ('satisfaction', 'done') AND r.kind = 'final' AND r.round = c.round)
    OR (c.state = 'clarifying' AND q.answered_at IS NULL AND q.id IS NOT NULL)
 GROUP BY w.n, w.author, w.platform, c.id;

-- AnsweredAbove are the answered cases one of whose own posts began the talk that
-- comments stand in. Their answer may have been given by hand, in private, or under
-- another post; what it was recorded as given at tells a reply to it.
-- name: AnsweredAbove :many
WITH w AS (
SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner, unnest(@roots::text[]) AS root,
       unnest(@reply_tos::text[]) AS reply_to, unnest(@authors::text[]) AS author, unnest(@ns::integer[]) AS n
), k AS MATERIALIZED (
SELECT DISTINCT t.platform, t.owner, t.root, c.id, c.closed_at, r.published_at AS at,
       CASE WHEN r.state = 'by_hand' THEN r.proof_url || '&' ELSE '' END AS proof
  FROM (SELECT DISTINCT platform, owner, root FROM w) AS t
  JOIN post_ids i ON i.platform = t.platform AND i.owner = t.owner AND i.post = t.root
  JOIN case_posts cp ON cp.post_id = i.post_id
  JOIN cases c ON c.id = cp.case_id AND c.region = @region AND c.state IN ('satisfaction', 'done')
  JOIN replies r ON r.case_id = c.id AND r.round = c.round AND r.kind = 'final' AND r.state IN ('published', 'by_hand')
)
SELECT w.n::integer AS n, k.id AS case_id, k.closed_at, k.at::timestamptz AS at,
       (w.reply_to <> '' AND (strpos(k.proof, '=' || w.reply_to || '&') > 0 OR strpos(k.proof, '_r' || w.reply_to || '&') > 0
                              OR strpos(k.proof, '/' || w.reply_to || '&') > 0))::boolean AS direct,
       EXISTS (SELECT FROM case_posts cp JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
                WHERE cp.case_id = k.id AND cp.attached_at <= k.at AND w.author <> '' AND p.author_id = w.author AND p.platform = w.platform
                  AND NOT EXISTS (SELECT FROM bystanders v WHERE v.post_id = cp.post_id))::boolean AS author
  FROM w JOIN k ON k.platform = w.platform AND k.owner = w.owner AND k.root = w.root;

-- OursInGroup are the cases that wait for a word of an author who writes in a group,
-- in reply to nobody, where we have answered or asked them.
-- name: OursInGroup :many
-- Each step by its index from what was found before: authors who write are few.
SELECT w.n::integer AS n, c.id AS case_id, c.closed_at, bool_or(d.question_id IS NOT NULL)::boolean AS question, min(d.over_at)::timestamptz AS at
  FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner, unnest(@authors::text[]) AS author, unnest(@ns::integer[]) AS n) AS w
 CROSS JOIN LATERAL (SELECT x.case_id, x.over_at, x.reply_id, x.question_id FROM deliveries x
                      WHERE x.platform = w.platform AND x.owner = w.owner AND x.state = 'delivered' AND x.way = 'public' AND x.edits = ''
                        AND x.over_at > @since::timestamptz OFFSET 0) AS d
 CROSS JOIN LATERAL (SELECT x.id, x.state, x.round, x.closed_at FROM cases x
                      WHERE x.id = d.case_id AND x.region = @region AND x.state IN ('clarifying', 'satisfaction', 'done') OFFSET 0) AS c
 WHERE ((c.state IN ('satisfaction', 'done') AND (SELECT r.kind = 'final' AND r.round = c.round FROM replies r WHERE r.id = d.reply_id))
    OR (c.state = 'clarifying' AND (SELECT q.answered_at IS NULL FROM questions q WHERE q.id = d.question_id)))
   AND (SELECT true FROM case_posts cp JOIN stored_posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
         WHERE cp.case_id = c.id AND cp.attached_at <= d.over_at AND w.author <> '' AND p.author_id = w.author AND p.platform = w.platform
           AND p.owner = w.owner AND NOT EXISTS (SELECT FROM bystanders v WHERE v.post_id = cp.post_id) LIMIT 1) IS NOT NULL
 GROUP BY w.n, c.id, c.closed_at;

-- PutVoice: an edited comment may say something else.
-- name: PutVoice :exec
INSERT INTO voices (post_id, case_id, round, says, reason, at)
VALUES (@post_id, @case_id, @round, @says, @reason, @at::timestamptz)
ON CONFLICT (post_id) DO UPDATE SET case_id = EXCLUDED.case_id, round = EXCLUDED.round, says = EXCLUDED.says, reason = EXCLUDED.reason,
       at = EXCLUDED.at, read_at = NULL, read_by = '';

-- HeardOf is what the authors of an answered case have said in its round. Waited for is
-- who has been asked or is still to be; not who is asked nothing as no answer reached them.
-- name: HeardOf :one
SELECT (SELECT count(*) FROM dialog_cases x JOIN dialogs d ON d.id = x.dialog_id
         WHERE x.case_id = @case_id AND d.consent <> '' AND NOT d.stopped AND x.solved <> @round::integer
           AND (x.look_at IS NOT NULL OR coalesce((x.told ->> 'Surveyed')::integer, 0) >= @round::integer)) AS asked,
       (SELECT count(*) FROM dialog_cases x WHERE x.case_id = @case_id AND x.solved = @round::integer)
     + (SELECT count(*) FROM voices v WHERE v.case_id = @case_id AND v.round = @round::integer AND v.says = 'solved') AS solved,
       (SELECT count(*) FROM voices v WHERE v.case_id = @case_id AND v.round = @round::integer AND v.says = 'unclear' AND v.read_at IS NULL) AS unread,
       (SELECT count(*) FROM dialog_cases x WHERE x.case_id = @case_id AND x.unsolved = @round::integer) AS unsolved;

-- SolvedInDialog: an author has said in the bot that it is solved.
-- name: SolvedInDialog :exec
UPDATE dialog_cases SET solved = @round::integer, unsolved = 0 WHERE case_id = @case_id AND dialog_id = @dialog_id;

-- UnsolvedInDialog: an author has pressed «Не решено»; 0 takes it back.
-- name: UnsolvedInDialog :exec
UPDATE dialog_cases SET unsolved = @round::integer, solved = CASE WHEN solved = @round::integer THEN 0 ELSE solved END
 WHERE case_id = @case_id AND dialog_id = @dialog_id;

-- EndTold: the author has heard of the end by their own doing.
-- name: EndTold :exec
UPDATE dialog_cases SET told = told || jsonb_build_object('Ended', @round::integer) WHERE case_id = @case_id AND dialog_id = @dialog_id;

-- ReadVoices notes that a person has read what authors wrote unclearly, and
-- what it means.
-- name: ReadVoices :execrows
UPDATE voices SET read_at = @at::timestamptz, read_by = @who, says = @says
 WHERE case_id = @case_id AND round = @round AND says = 'unclear' AND read_at IS NULL;

-- name: VoicesOf :many
SELECT post_id, says, read_by FROM voices WHERE case_id = @case_id;
