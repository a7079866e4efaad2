-- One line a case: all that is drawn by lot, and what follows from it. $1 and
-- $2 are the first and the last case of this part.
INSERT INTO plan
SELECT d.id, d.at, d.source, d.decree_row, d.place, d.street, d.house, d.text, d.urgent, d.restricted, d.doubtful, d.state, d.views, d.more_views,
       CASE WHEN d.state = 'rejected' OR d.state = 'moderation' THEN '' ELSE d.agency END, d.agency, d.due,
       CASE WHEN d.due <= d.now AND d.state <> 'rejected' AND d.at + d.work > d.due THEN d.due END,
       CASE WHEN d.more_views IS NOT NULL THEN d.at + least(interval '1 hour', d.work * 0.02) END,
       d.at + least(interval '5 hours', d.work * 0.2), d.at + least(interval '1 day', d.work * 0.4), d.at + d.work * 0.8, d.at + d.work * 0.9, d.at + d.work,
       least(d.at + d.work + interval '3 days', d.now - interval '1 second'),
       CASE WHEN d.solved < 0.2 THEN 'solved' ELSE 'explained' END
  FROM (SELECT r.*,
               -- The exclusive end of the tenth local day after the registration.
               (date_trunc('day', r.at AT TIME ZONE current_setting('bench.zone')) + interval '11 days') AT TIME ZONE current_setting('bench.zone') AS due,
               CASE WHEN r.state IN ('done', 'satisfaction', 'rejected') THEN least(interval '12 days' * r.slow * r.slow + interval '2 hours', r.age * 0.95)
                    ELSE r.age - interval '1 second' END AS work,
               r.sensitive AND r.doubtful AS restricted,
               r.bodies[1 + abs(hashint4(r.decree_row * 1000 + length(r.place))) % cardinality(r.bodies)] AS agency
          FROM (SELECT a.*, a.state_of_doubt NOT IN ('straight') AS doubtful,
                       CASE WHEN a.open AND a.step < 0.2 THEN 'moderation' WHEN a.open AND a.step < 0.5 THEN 'coordination'
                            WHEN a.open AND a.step < 0.93 THEN 'execution' WHEN a.open THEN 'satisfaction'
                            WHEN a.step < 0.14 THEN 'rejected' ELSE 'done' END AS state
                  FROM (SELECT l.*,
                               CASE WHEN l.open AND l.step < 0.2 OR NOT l.open AND l.step < 0.14 OR l.doubt < 0.35 OR l.sensitive THEN 'doubtful' ELSE 'straight' END AS state_of_doubt
                          FROM (SELECT lot.*, lot.now - lot.at AS age,
                                       -- The newest are being worked on; of the old ones few are still open.
                                       lot.openness < CASE WHEN lot.now - lot.at < interval '10 days' THEN 0.9 WHEN lot.now - lot.at < interval '40 days' THEN 0.12 ELSE 0.003 END AS open,
                                       lot.decree_row = ANY (string_to_array(current_setting('bench.restricted'), ',')::integer[]) AS sensitive
                                  FROM lot($1, $2) AS lot) l) a) r) d;
