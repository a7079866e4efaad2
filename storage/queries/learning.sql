-- PutPastIncidents keeps each incident once: what comes again as it was changes
-- nothing and is not returned.
-- name: PutPastIncidents :many
INSERT INTO past_incidents AS p (region, key, number, external_id, text, topic_group, topic, department, executor,
                                 municipality, settlement, nature, step, outcome, created_at, ended_at, file, imported_by, imported_at)
SELECT @region::text, unnest(@keys::text[]), unnest(@numbers::text[]), unnest(@external_ids::text[]), unnest(@texts::text[]),
       unnest(@topic_groups::text[]), unnest(@topics::text[]), unnest(@departments::text[]), unnest(@executors::text[]),
       unnest(@municipalities::text[]), unnest(@settlements::text[]), unnest(@natures::text[]), unnest(@steps::text[]),
       unnest(@outcomes::text[]), unnest(@created::timestamptz[]), unnest(@ended::timestamptz[]),
       @file::text, @who::text, @at::timestamptz
    ON CONFLICT (region, key) DO UPDATE
   SET number = excluded.number, external_id = excluded.external_id, text = excluded.text, topic_group = excluded.topic_group,
       topic = excluded.topic, department = excluded.department, executor = excluded.executor,
       municipality = excluded.municipality, settlement = excluded.settlement, nature = excluded.nature, step = excluded.step,
       outcome = excluded.outcome, created_at = excluded.created_at, ended_at = excluded.ended_at, file = excluded.file,
       imported_by = excluded.imported_by, imported_at = excluded.imported_at
 WHERE (p.number, p.external_id, p.text, p.topic_group, p.topic, p.department, p.executor, p.municipality, p.settlement,
        p.nature, p.step, p.outcome, p.created_at, p.ended_at)
       IS DISTINCT FROM
       (excluded.number, excluded.external_id, excluded.text, excluded.topic_group, excluded.topic, excluded.department,
        excluded.executor, excluded.municipality, excluded.settlement, excluded.nature, excluded.step, excluded.outcome,
        excluded.created_at, excluded.ended_at)
RETURNING (p.xmax = 0)::boolean AS added;

-- name: PastIncidents :many
SELECT * FROM past_incidents WHERE region = @region AND id > @after ORDER BY id LIMIT @most;

-- name: CountPastIncidents :one
SELECT count(*) FROM past_incidents WHERE region = @region;
