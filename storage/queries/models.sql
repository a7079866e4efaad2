-- name: InsertModel :one
INSERT INTO model_versions (region, label, hash, size, examples, report, comparison, reason, created_at, created_by)
VALUES (@region, @label, @hash, @size, @examples, @report, @comparison, @reason, @created_at, @created_by)
ON CONFLICT (region, label, hash) DO NOTHING
RETURNING id;

-- name: InsertModelPart :exec
INSERT INTO model_parts (version_id, n, content) VALUES (@version_id, @n, @content);

-- name: ModelPart :one
SELECT p.content
  FROM model_parts p JOIN model_versions v ON v.id = p.version_id
 WHERE v.region = @region AND v.label = @label AND v.hash = @hash AND p.n = @n;

-- name: ModelsInForce :many
SELECT label, hash, COALESCE((comparison #>> '{unseen,from}')::float8, 0)::float8 AS unseen_from,
       COALESCE((comparison #>> '{unseen,share}')::float8, 0)::float8 AS unseen_share,
       COALESCE((comparison #>> '{unseen,n}')::integer, 0)::integer AS unseen_n,
       COALESCE((comparison #>> '{unseen,answered}')::integer, 0)::integer AS unseen_answered
  FROM model_versions WHERE region = @region AND active ORDER BY label;

-- name: GetModelInForce :one
SELECT * FROM model_versions WHERE region = @region AND label = @label AND active;

-- name: GetModel :one
SELECT * FROM model_versions WHERE id = @id;

-- name: GetModelByHash :one
SELECT * FROM model_versions WHERE region = @region AND label = @label AND hash = @hash;

-- name: FindModels :many
SELECT * FROM model_versions WHERE region = @region AND starts_with(hash, @beginning::text) ORDER BY id DESC LIMIT 2;

-- name: ListModels :many
SELECT * FROM model_versions WHERE region = @region ORDER BY label, id DESC;

-- name: DeactivateModels :exec
UPDATE model_versions SET active = false WHERE region = @region AND label = @label AND active;

-- name: ActivateModel :exec
UPDATE model_versions
   SET active = true, activated_at = @at::timestamptz, activated_by = @by_whom, forced = @forced, previous_id = sqlc.narg(previous_id)
 WHERE id = @id;

-- name: JudgeModel :exec
UPDATE model_versions SET comparison = @comparison, reason = @reason WHERE id = @id;

-- OldModels are those beyond the newest so many, besides the one in force and the one
-- to go back to from it.
-- name: OldModels :many
SELECT v.id, v.hash FROM model_versions v
 WHERE v.region = @region AND v.label = @label AND NOT v.active
   AND v.id NOT IN (SELECT a.previous_id FROM model_versions a
                     WHERE a.region = @region AND a.label = @label AND a.active AND a.previous_id IS NOT NULL)
 ORDER BY v.id DESC
OFFSET @keep::integer;

-- name: ForgetPrevious :exec
UPDATE model_versions SET previous_id = NULL WHERE previous_id = ANY (@ids::bigint[]);

-- name: DropModels :exec
DELETE FROM model_versions WHERE id = ANY (@ids::bigint[]);
