-- What is drawn for each case, the same every time: much of life falls on a few
-- municipalities, rows and walls.
CREATE FUNCTION lot(first bigint, last bigint)
RETURNS TABLE (id bigint, at timestamptz, now timestamptz, openness float8, step float8, doubt float8, slow float8, solved float8,
               place text, street text, house integer, decree_row integer, source integer, urgent boolean, views bigint, more_views bigint,
               bodies text[], text text)
LANGUAGE sql VOLATILE AS $$
SELECT n, s.begin + (n::float8 / (s.cases + 1)) * (s.now - s.begin), s.now, random(), random(), random(), random(), random(),
       s.places[1 + floor(random() * random() * cardinality(s.places))::integer],
       x.street, x.house, s.rows[1 + floor(random() * random() * cardinality(s.rows))::integer], 1 + floor(random() * random() * 50)::integer,
       random() < 0.004, floor(40 * exp(random() * 5))::bigint, CASE WHEN n % 10 = 0 THEN floor(20 * exp(random() * 5))::bigint END,
       s.bodies,
       s.subjects[1 + floor(random() * cardinality(s.subjects))::integer] || ' ' || s.complaints[1 + floor(random() * cardinality(s.complaints))::integer] || ' '
       || s.details[1 + floor(random() * cardinality(s.details))::integer] || ', ' || x.street || ', дом ' || x.house
       || CASE WHEN random() < 0.3 THEN ' дорога' ELSE '' END
       || CASE WHEN random() < 0.01 THEN ' светофор' ELSE '' END
       || CASE WHEN n % (s.cases / 12) = 0 THEN ' дирижабль' ELSE '' END
       || CASE WHEN random() < 0.0001 OR n = s.cases THEN ' аэростат' ELSE '' END
  FROM (SELECT setseed(first / (last + 1.0)), current_setting('bench.cases')::bigint AS cases, current_setting('bench.now')::timestamptz AS now, current_setting('bench.begin')::timestamptz AS begin,
               string_to_array(current_setting('bench.places'), ',') AS places, string_to_array(current_setting('bench.bodies'), ',') AS bodies,
               string_to_array(current_setting('bench.rows'), ',')::integer[] AS rows, string_to_array(current_setting('bench.streets'), '|') AS streets,
               ARRAY['Во дворе', 'На остановке', 'У школы', 'Возле поликлиники', 'На нашей улице', 'В подъезде', 'На набережной', 'За гаражами', 'У детского сада', 'На перекрёстке'] AS subjects,
               ARRAY['третью неделю не вывозят мусор', 'прорвало трубу и течёт вода', 'не горят фонари', 'огромная яма', 'сугробы выше машин', 'отключили отопление',
                     'автобус не пришёл', 'упало дерево', 'бродячие собаки', 'сломаны качели'] AS complaints,
               ARRAY['сколько можно ждать', 'обращались много раз', 'никто не отвечает', 'дети боятся ходить', 'соседи жалуются', 'примите меры', 'просим помочь',
                     'уже второй месяц', 'фото прилагаю', 'когда это закончится'] AS details OFFSET 0) s
 CROSS JOIN generate_series(first, last) AS n
 CROSS JOIN LATERAL (SELECT s.streets[1 + floor(random() * random() * cardinality(s.streets))::integer] AS street, 1 + floor(random() * 200)::integer AS house, n AS of OFFSET 0) x
$$;

CREATE UNLOGGED TABLE plan (
    id bigint, at timestamptz, source integer, decree_row integer, place text, street text, house integer, text text, urgent boolean, restricted boolean,
    doubtful boolean, -- it began with analysts
    state text, views bigint,
    more_views bigint, -- of a second post
    agency text, proposed text, due timestamptz, overdue_at timestamptz,
    more_at timestamptz, -- the second post
    sent_at timestamptz, -- analysts decided
    taken_at timestamptz, drafted_at timestamptz, approved_at timestamptz, answered_at timestamptz, closed_at timestamptz,
    outcome text);
