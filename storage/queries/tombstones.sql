-- PutTombstones remembers deletions of posts that are not stored.
-- name: PutTombstones :exec
INSERT INTO tombstones (platform, owner, post, comment, noticed_at)
SELECT x.platform, x.owner, x.post, x.comment, x.at
  FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner,
               unnest(@posts::text[]) AS post, unnest(@comments::text[]) AS comment,
               unnest(@ats::timestamptz[]) AS at) AS x
 WHERE NOT EXISTS (SELECT FROM post_ids i WHERE i.platform = x.platform AND i.owner = x.owner
                                            AND i.post = x.post AND i.comment = x.comment)
ON CONFLICT (platform, owner, post, comment) DO NOTHING;

-- TakeTombstones uses up what is remembered of posts that are stored now.
-- name: TakeTombstones :many
DELETE FROM tombstones t
 USING (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner,
               unnest(@posts::text[]) AS post, unnest(@comments::text[]) AS comment) AS x
 WHERE t.platform = x.platform AND t.owner = x.owner AND t.post = x.post AND t.comment = x.comment
RETURNING t.*;

-- name: DropOldTombstones :exec
DELETE FROM tombstones WHERE noticed_at < @before;
