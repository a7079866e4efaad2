-- name: PutRegion :exec
INSERT INTO regions (region, code, zone) VALUES (@region, @code, @zone)
ON CONFLICT (region) DO UPDATE SET code = excluded.code, zone = excluded.zone
 WHERE (regions.code, regions.zone) <> (excluded.code, excluded.zone);

-- name: RegionOfCode :one
SELECT region FROM regions WHERE code = @code AND region <> @region;

-- name: InsertPackVersion :one
INSERT INTO pack_versions (region, hash, created_at, created_by)
VALUES (@region, @hash, @created_at, @created_by)
ON CONFLICT (region, hash) DO NOTHING
RETURNING id;

-- name: InsertPackFiles :exec
INSERT INTO pack_files (version_id, path, content)
SELECT @version_id::bigint, unnest(@paths::text[]), unnest(@contents::bytea[]);

-- LockRegion makes activations of one region wait for each other.
-- name: LockRegion :one
SELECT region FROM regions WHERE region = @region FOR NO KEY UPDATE;

-- name: GetActivePack :one
SELECT * FROM pack_versions WHERE region = @region AND active;

-- name: GetPackByHash :one
SELECT * FROM pack_versions WHERE region = @region AND hash = @hash;

-- name: GetPack :one
SELECT * FROM pack_versions WHERE id = @id;

-- name: GetPackFiles :many
SELECT path, content FROM pack_files WHERE version_id = @version_id ORDER BY path;

-- name: DeactivatePacks :exec
UPDATE pack_versions SET active = false WHERE region = @region AND active;

-- name: ActivatePack :exec
UPDATE pack_versions
   SET active = true, activated_at = @at, activated_by = @by_whom, previous_id = @previous_id
 WHERE id = @id;

-- name: ListPacks :many
SELECT * FROM pack_versions WHERE region = @region ORDER BY id DESC;
