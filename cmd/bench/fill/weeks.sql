-- Weeks of bodies; buckets are those of domain.TimesBucket ($1 of them). Medians
-- are histograms up to their last bucket.
WITH timed AS (
    SELECT agency_id, restricted, 'reaction' AS what, date_trunc('week', reaction_at AT TIME ZONE current_setting('bench.zone'))::date AS week, reaction AS minutes,
           false AS in_time, '' AS outcome FROM case_facts WHERE reaction IS NOT NULL
    UNION ALL
    SELECT agency_id, restricted, 'answer', date_trunc('week', answered_at AT TIME ZONE current_setting('bench.zone'))::date, answer, in_time, outcome FROM case_facts WHERE answer IS NOT NULL),
buckets AS (
    SELECT agency_id, restricted, week, what, CASE WHEN minutes < 5 THEN 0 ELSE least($1 - 1, 1 + floor(ln(minutes / 5.0::float8) / ln(1.2::float8)))::integer END AS bucket,
           count(*) AS n, count(*) FILTER (WHERE in_time) AS in_time, count(*) FILTER (WHERE outcome = 'solved') AS solved, count(*) FILTER (WHERE outcome = 'explained') AS explained
      FROM timed GROUP BY 1, 2, 3, 4, 5),
sums AS (
    SELECT agency_id, restricted, week, what, sum(n) AS n, sum(in_time) AS in_time, sum(solved) AS solved, sum(explained) AS explained,
           jsonb_object_agg(bucket, n) AS by_bucket, max(bucket) AS most
      FROM buckets GROUP BY 1, 2, 3, 4),
histograms AS (
    SELECT s.*, (SELECT array_agg(coalesce((s.by_bucket ->> b::text)::integer, 0) ORDER BY b) FROM generate_series(0, s.most) b) AS histogram FROM sums s),
registered AS (
    SELECT agency_id, restricted, date_trunc('week', day)::date AS week, count(*) FILTER (WHERE counted) AS n FROM case_facts GROUP BY 1, 2, 3)
INSERT INTO agency_weeks (region, week, agency_id, restricted, registered, reacted, answered, in_time, solved, explained, reaction, answer)
SELECT current_setting('bench.region'), week, agency_id, restricted, coalesce(g.n, 0), coalesce(r.n, 0), coalesce(a.n, 0), coalesce(a.in_time, 0), coalesce(a.solved, 0), coalesce(a.explained, 0),
       coalesce(r.histogram, '{}'), coalesce(a.histogram, '{}')
  FROM registered g
  FULL JOIN (SELECT * FROM histograms WHERE what = 'reaction') r USING (agency_id, restricted, week)
  FULL JOIN (SELECT * FROM histograms WHERE what = 'answer') a USING (agency_id, restricted, week);
