-- EventsAfter gives what was committed behind a point, in an order that never
-- changes afterwards: transactions still running hold back all later ones. A server
-- counts the transactions of all its databases, so give Otklik a server of its own.
-- name: EventsAfter :many
SELECT e.id, e.xact, e.at, e.kind, coalesce(e.case_id, 0)::bigint AS case_id,
       -- Who has it now is nothing to those it has left.
       (CASE WHEN e.left_agency <> '' THEN '' ELSE coalesce(c.agency_id, '') END)::text AS agency_id,
       -- Who took a case is for all to see; what changed in it is on its card.
       (CASE WHEN e.kind LIKE 'lease\_%' THEN e.details ELSE '{}' END)::jsonb AS details
  FROM events e
  LEFT JOIN cases c ON c.id = e.case_id
 WHERE (e.xact, e.id) > (@xact::bigint, @id::bigint)
   AND e.xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
   AND e.region = @region::text
   AND CASE WHEN e.left_agency <> ''
            THEN NOT @whole::boolean AND e.left_agency = ANY (@agencies::text[]) AND NOT c.agency_id = ANY (@agencies::text[])
            ELSE @whole::boolean OR c.agency_id = ANY (@agencies::text[]) END
   AND (@restricted::boolean OR NOT coalesce(c.restricted, false))
 ORDER BY e.xact, e.id
 LIMIT @most::integer;

-- LastEvent is the newest event that a reader may see.
-- name: LastEvent :one
SELECT e.xact, e.id
  FROM events e
 WHERE e.xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
 ORDER BY e.xact DESC, e.id DESC
 LIMIT 1;

-- OldestEvent tells whether a reader that was away too long has missed what was pruned.
-- name: OldestEvent :one
SELECT e.xact, e.id FROM events e ORDER BY e.xact, e.id LIMIT 1;

-- Counters are for the menu; nobody reads a number beyond the cap, so none is counted.
-- name: DeskCounters :one
SELECT (SELECT count(*) FROM (
        SELECT 1 FROM cases c
         WHERE c.region = @region::text AND c.state IN ('found', 'moderation', 'returned')
           AND (c.put_aside_until IS NULL OR c.put_aside_until <= @now::timestamptz)
           AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@restricted::boolean OR NOT c.restricted)
        UNION ALL
        SELECT 1 FROM review_items r
         WHERE r.region = @region::text AND r.resolved_at IS NULL AND r.post_id IS NOT NULL AND @whole::boolean
           AND (r.put_aside_until IS NULL OR r.put_aside_until <= @now::timestamptz)
           AND (@restricted::boolean OR NOT EXISTS (SELECT FROM cases rc WHERE rc.id = r.case_id AND rc.restricted))
           AND (@restricted::boolean OR NOT (r.decree_row = ANY (@restricted_rows::integer[])))
         LIMIT @most::integer) q)::integer AS queue,
       (SELECT count(*) FROM (SELECT FROM cases c
         WHERE c.region = @region::text AND c.state IN ('found', 'moderation', 'returned') AND c.urgent
           AND (c.put_aside_until IS NULL OR c.put_aside_until <= @now::timestamptz)
           AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@restricted::boolean OR NOT c.restricted)
         LIMIT @most::integer) q)::integer AS urgent,
       (SELECT count(*) FROM (SELECT FROM cases c
         WHERE c.region = @region::text AND c.agency_id <> ''
           AND c.state NOT IN ('satisfaction', 'done', 'rejected', 'attached') AND c.state IN ('coordination', 'execution', 'approval', 'deferred', 'send_failed', 'reopened')
           AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@restricted::boolean OR NOT c.restricted)
         LIMIT @most::integer) q)::integer AS tasks,
       (SELECT count(*) FROM (SELECT FROM cases c
         WHERE c.region = @region::text AND c.due_at <= @now::timestamptz
           AND c.state NOT IN ('satisfaction', 'done', 'rejected', 'attached')
           AND (@whole::boolean OR c.agency_id = ANY (@agencies::text[])) AND (@restricted::boolean OR NOT c.restricted)
         LIMIT @most::integer) q)::integer AS overdue;
