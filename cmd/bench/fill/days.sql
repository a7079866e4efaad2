-- Days by one dimension, $1, in the order of the key.
INSERT INTO case_days
SELECT region, $1::text, day, key, agency_id, restricted, sum(counted), sum(unseen), 0
  FROM (SELECT region, day, agency_id, restricted, counted::integer AS counted, unseen::integer AS unseen,
               CASE $1::text WHEN 'category' THEN category WHEN 'place' THEN municipality WHEN 'source' THEN source_id::text ELSE category || '|' || municipality END AS key
          FROM case_facts) f
 GROUP BY region, day, key, agency_id, restricted HAVING sum(counted) > 0 OR sum(unseen) > 0
 ORDER BY region, day, key, agency_id, restricted;
