-- Cases as they are now, with what the triggers fill in.
INSERT INTO cases (id, number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency, route_why, urgent, restricted, days,
        due_at, control_at, deadline_reason, posts, overdue, reason, registered_at, updated_at, changed_by, changed_why, version, reach, reach_rank, confidence, source_id,
        kind_of_case, outcome, closing_reason, first_reaction_at, answered_at, closed_at, assigned_at, sent_back) OVERRIDING SYSTEM VALUE
SELECT p.id, current_setting('bench.code') || to_char(p.at AT TIME ZONE current_setting('bench.zone'), '-YYYY-') || lpad(p.id::text, greatest(6, length(p.id::text)), '0'),
       current_setting('bench.region'), p.state, p.decree_row, '', p.place, jsonb_build_object('municipality', p.place, 'street', p.street, 'house', p.house::text),
       p.agency, p.proposed, 'маршрут', p.urgent, p.restricted, 10, p.due, p.due, 'строка Перечня',
       CASE WHEN p.more_at IS NULL THEN 1 ELSE 2 END, p.overdue_at IS NOT NULL, 'поручено', p.at,
       l.at, l.who, l.why, 1 + l.moves, r.reach, floor(ln(r.reach::double precision + 1)), CASE WHEN p.doubtful THEN 0.5 ELSE 0.9 END, p.source, '',
       CASE WHEN p.state IN ('satisfaction', 'done') THEN p.outcome ELSE '' END,
       CASE p.state WHEN 'done' THEN 'author_silent' WHEN 'rejected' THEN 'not_a_problem' ELSE '' END,
       CASE WHEN p.state IN ('execution', 'satisfaction', 'done') THEN p.taken_at END,
       CASE WHEN p.state IN ('satisfaction', 'done') THEN p.answered_at END,
       CASE p.state WHEN 'done' THEN p.closed_at WHEN 'rejected' THEN p.sent_at END,
       CASE WHEN p.agency <> '' THEN CASE WHEN p.doubtful THEN p.sent_at ELSE p.at END END, 0
  FROM plan p
 CROSS JOIN LATERAL (SELECT p.views + coalesce(p.more_views, 0) AS reach) r
 -- The last line of a case's history is what its row says of itself.
 CROSS JOIN LATERAL (
SELECT CASE WHEN p.state = 'done' THEN p.closed_at WHEN p.state = 'satisfaction' THEN p.answered_at WHEN p.state = 'rejected' THEN p.sent_at
            WHEN p.overdue_at IS NOT NULL THEN p.overdue_at WHEN p.state = 'execution' THEN p.taken_at WHEN p.state = 'coordination' AND p.doubtful THEN p.sent_at
            ELSE coalesce(p.more_at, p.at) END AS at,
       CASE WHEN p.state IN ('done', 'satisfaction') THEN 'система' WHEN p.state = 'rejected' THEN 'ivanova' WHEN p.overdue_at IS NOT NULL THEN 'система'
            WHEN p.state = 'execution' THEN 'petrov' WHEN p.state = 'coordination' AND p.doubtful THEN 'ivanova' ELSE 'система' END AS who,
       CASE WHEN p.state = 'done' THEN 'автор не ответил' WHEN p.state = 'satisfaction' THEN 'ответ опубликован' WHEN p.state = 'rejected' THEN 'не обращение'
            WHEN p.overdue_at IS NOT NULL THEN 'срок прошёл' WHEN p.state = 'execution' THEN 'в работу' WHEN p.state = 'coordination' AND p.doubtful THEN 'проверено'
            WHEN p.more_at IS NOT NULL THEN 'ещё одно сообщение' ELSE 'поручено' END AS why,
       CASE p.state WHEN 'done' THEN 5 WHEN 'satisfaction' THEN 4 WHEN 'execution' THEN 1 ELSE 0 END
       + CASE WHEN p.state = 'rejected' OR p.doubtful AND p.state <> 'moderation' THEN 1 ELSE 0 END AS moves) l;
