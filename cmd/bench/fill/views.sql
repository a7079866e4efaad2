-- Posts: one that opened each case, a second one of every tenth, and talk that is
-- nobody's problem, as far back as it is kept. Numbers go on after those of the cases.
CREATE VIEW said AS
SELECT id AS n, id AS case_id, at, text, source, views, place, decree_row FROM plan
UNION ALL
SELECT current_setting('bench.cases')::bigint + id / 10, id, more_at, 'У нас то же самое: ' || lower(text), source, more_views, place, decree_row FROM plan WHERE more_at IS NOT NULL
UNION ALL
SELECT current_setting('bench.cases')::bigint * 2 + id, NULL, at + interval '1 second', 'Доброе утро! Хорошего дня, улица ' || street, source, views, place, 0 FROM plan WHERE at > current_setting('bench.kept')::timestamptz;

-- When a case ran out of time, in the state it was in then.
CREATE VIEW ran_out AS
SELECT p.id, p.overdue_at AS at, CASE
         WHEN p.state IN ('satisfaction', 'done') AND p.overdue_at > p.approved_at THEN 'publishing'
         WHEN p.state IN ('satisfaction', 'done') AND p.overdue_at > p.drafted_at THEN 'approval'
         WHEN p.state IN ('satisfaction', 'done', 'execution') THEN 'execution'
         ELSE p.state END AS state
  FROM plan p WHERE p.overdue_at IS NOT NULL;

ANALYZE plan;
