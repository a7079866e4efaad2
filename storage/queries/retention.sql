-- PageOld walks a region's posts by age and says which of them nobody needs.
-- name: PageOld :many
SELECT p.id, p.stored_at, otklik_post_idle(p.id, p.stored_at, p.album)::boolean AS idle
  FROM (SELECT o.id, o.stored_at, o.album FROM posts o
         WHERE o.region = @region AND o.stored_at < @before::timestamptz
           AND (o.stored_at, o.id) > (@after_stored::timestamptz, @after_id::bigint)
         ORDER BY o.stored_at, o.id LIMIT @most) AS p
 ORDER BY p.stored_at, p.id;

-- LockForDrop leaves out what a commit is just working on.
-- name: LockForDrop :many
SELECT post_id, stored_at FROM post_ids WHERE post_id = ANY (@ids::bigint[]) ORDER BY post_id FOR UPDATE SKIP LOCKED;

-- DropPosts asks again: a commit may have come between the walk and the lock.
-- name: DropPosts :many
DELETE FROM posts p
 USING (SELECT unnest(@ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored_at) AS x
 WHERE p.id = x.id AND p.stored_at = x.stored_at AND otklik_post_idle(p.id, p.stored_at, p.album)
RETURNING p.id, p.stored_at;

-- name: DropVerdicts :execrows
DELETE FROM verdicts v
 USING (SELECT unnest(@ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored_at) AS x
 WHERE v.post_id = x.id AND v.stored_at = x.stored_at;

-- name: DropVersions :execrows
DELETE FROM post_versions WHERE post_id = ANY (@ids::bigint[]);

-- name: MarkDropped :exec
UPDATE post_ids SET dropped_at = @now WHERE post_id = ANY (@ids::bigint[]);

-- ReturnPosts takes dropped posts in again, as if they were new.
-- name: ReturnPosts :exec
UPDATE post_ids i
   SET stored_at = @stored_at::timestamptz, text_hash = x.hash, edited_at = x.edited, pending = x.pending,
       deleted_at = NULL, dropped_at = NULL
  FROM (SELECT unnest(@ids::bigint[]) AS id, unnest(@hashes::bytea[]) AS hash,
               unnest(@edited::timestamptz[]) AS edited, unnest(@pending::boolean[]) AS pending) AS x
 WHERE i.post_id = x.id;

-- name: EmptyPartitions :many
SELECT name::text FROM otklik_empty_partitions(@before::timestamptz, @and_drop::boolean) AS name;
