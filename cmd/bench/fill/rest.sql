INSERT INTO sources (region, kind, address, title, next_poll_at)
SELECT current_setting('bench.region'), 'vk_wall', '-' || n, 'Стена ' || n, now() FROM generate_series(1, 50) n;
-- A tenth of the talk was looked at by somebody; the newest still waits.
INSERT INTO review_items (region, post_id, stored_at, reason, words, urgent, created_at, resolved_at, resolved_by, resolution)
SELECT current_setting('bench.region'), current_setting('bench.cases')::bigint * 2 + id, at + interval '1 second', 'unsure', 'вид сообщения неясен', false, at, r.resolved,
       CASE WHEN r.resolved IS NULL THEN '' ELSE 'ivanova' END, CASE WHEN r.resolved IS NULL THEN '' ELSE 'not_case' END
  FROM plan CROSS JOIN LATERAL (SELECT CASE WHEN at < current_setting('bench.now')::timestamptz - interval '2 days' THEN at + interval '5 hours' END AS resolved) r
 WHERE id % 10 = 5 AND at > current_setting('bench.kept')::timestamptz;
