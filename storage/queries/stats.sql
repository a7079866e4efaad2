-- CountPosts counts what people wrote: our own answers that came back do not count.
-- name: CountPosts :one
SELECT count(*) FROM posts p
 WHERE (@region::text = '' OR p.region = @region)
   AND NOT EXISTS (SELECT FROM verdicts v WHERE v.post_id = p.id AND v.latest AND v.kind = 'own');

-- CountProblems counts what opens or may open a case: praise has a row too.
-- name: CountProblems :one
SELECT count(*) FROM verdicts WHERE latest AND (kind = 'problem' OR decree_row > 0) AND (@region::text = '' OR region = @region);

-- name: CountCases :one
SELECT count(*) AS cases,
       count(*) FILTER (WHERE agency_id <> '') AS assigned,
       count(*) FILTER (WHERE state IN ('found', 'moderation', 'returned')) AS moderation,
       count(*) FILTER (WHERE agency_id = '' AND state NOT IN ('found', 'moderation', 'returned')) AS dropped,
       count(*) FILTER (WHERE overdue) AS overdue
  FROM cases WHERE @region::text = '' OR region = @region;

-- name: CountReviewItems :one
SELECT count(*) FROM review_items
 WHERE resolved_at IS NULL AND case_id IS NULL AND (@region::text = '' OR region = @region);

-- A reply counts when its case has moved from publishing to satisfaction: delivered.
-- name: CountReplies :one
SELECT count(*) FROM case_history h JOIN cases c ON c.id = h.case_id
 WHERE h.from_state = 'publishing' AND h.to_state = 'satisfaction' AND (@region::text = '' OR c.region = @region);

-- name: OverdueByAgency :many
SELECT region, agency_id, count(*) AS overdue FROM cases
 WHERE overdue AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
 GROUP BY region, agency_id ORDER BY region, agency_id;

-- name: QuotaUse :many
SELECT method, count(*) AS tokens, sum(used)::bigint AS used FROM quotas WHERE day = @day GROUP BY method ORDER BY method;

-- name: WaitingNotices :one
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'failed') AS failed
  FROM notices WHERE state <> 'sent';

-- name: CountLateNotices :one
SELECT count(*) FROM notices WHERE state = 'waiting' AND at < @before;

-- name: OldestSupported :one
SELECT oldest_supported FROM schema_compat;
