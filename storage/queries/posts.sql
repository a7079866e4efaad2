-- name: InsertPostIDs :many
INSERT INTO post_ids (platform, owner, post, comment, stored_at, text_hash, edited_at, pending)
SELECT unnest(@platforms::text[]), unnest(@owners::text[]), unnest(@posts::text[]), unnest(@comments::text[]),
       @stored_at::timestamptz, unnest(@hashes::bytea[]), unnest(@edited::timestamptz[]), unnest(@pending::boolean[])
ON CONFLICT (platform, owner, post, comment) DO NOTHING
RETURNING platform, owner, post, comment, post_id;

-- LockPostIDs locks what is already stored, in the order given: two batches with
-- the same posts wait for each other and never in a ring. Each identity is
-- looked up by itself, whatever the planner believes of the table's size.
-- name: LockPostIDs :many
SELECT i.*
  FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner,
               unnest(@posts::text[]) AS post, unnest(@comments::text[]) AS comment) AS x
 CROSS JOIN LATERAL (
       SELECT * FROM post_ids p
        WHERE p.platform = x.platform AND p.owner = x.owner AND p.post = x.post AND p.comment = x.comment
        LIMIT 1 FOR NO KEY UPDATE) AS i;

-- name: UpdatePostIDs :exec
UPDATE post_ids i
   SET text_hash = x.hash, edited_at = x.edited, pending = x.pending, deleted_at = NULL
  FROM (SELECT unnest(@ids::bigint[]) AS id, unnest(@hashes::bytea[]) AS hash,
               unnest(@edited::timestamptz[]) AS edited, unnest(@pending::boolean[]) AS pending) AS x
 WHERE i.post_id = x.id;

-- name: SettlePostIDs :exec
UPDATE post_ids SET pending = false WHERE post_id = ANY (@ids::bigint[]) AND pending;

-- name: RevivePosts :exec
UPDATE post_ids SET deleted_at = NULL WHERE post_id = ANY (@ids::bigint[]);

-- name: InsertPosts :exec
INSERT INTO posts (id, stored_at, platform, owner, post, comment, region, source_id, kind,
                   author_id, author_name, author_org, text, published_at, edited_at, url, attachments,
                   lat, lon, refs, album, views, comments, home, raw, faults)
SELECT unnest(@ids::bigint[]), @stored_at::timestamptz, unnest(@platforms::text[]), unnest(@owners::text[]),
       unnest(@posts::text[]), unnest(@comment_ids::text[]), unnest(@regions::text[]), unnest(@source_ids::bigint[]),
       unnest(@kinds::text[]), unnest(@author_ids::text[]), unnest(@author_names::text[]), unnest(@author_orgs::boolean[]),
       unnest(@texts::text[]), unnest(@published::timestamptz[]), unnest(@edited::timestamptz[]), unnest(@urls::text[]),
       unnest(@attachments::jsonb[]), nullif(unnest(@lats::float8[]), 'NaN'), nullif(unnest(@lons::float8[]), 'NaN'), unnest(@refs::jsonb[]),
       nullif(unnest(@albums::text[]), ''), unnest(@views::bigint[]), unnest(@comments::bigint[]), unnest(@homes::text[]),
       unnest(@raws::bytea[]), unnest(@faults::jsonb[]);

-- name: KeepVersions :exec
INSERT INTO post_versions (post_id, version, text, attachments, edited_at, replaced_at)
SELECT p.id, 1 + coalesce((SELECT max(v.version) FROM post_versions v WHERE v.post_id = p.id), 0),
       p.text, p.attachments, p.edited_at, @replaced_at::timestamptz
  FROM (SELECT unnest(@ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored_at) AS x
  JOIN posts p ON p.id = x.id AND p.stored_at = x.stored_at;

-- name: RewritePosts :exec
UPDATE posts p
   SET text = x.text, edited_at = x.edited, attachments = x.attachments, views = x.views,
       comments = x.comments, raw = coalesce(x.raw, p.raw), faults = x.faults
  FROM (SELECT unnest(@ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored_at,
               unnest(@texts::text[]) AS text, unnest(@edited::timestamptz[]) AS edited,
               unnest(@attachments::jsonb[]) AS attachments, unnest(@views::bigint[]) AS views,
               unnest(@comments::bigint[]) AS comments, unnest(@raws::bytea[]) AS raw,
               unnest(@faults::jsonb[]) AS faults) AS x
 WHERE p.id = x.id AND p.stored_at = x.stored_at;

-- name: ReplaceVerdicts :exec
UPDATE verdicts SET latest = false
 WHERE post_id = ANY (@post_ids::bigint[]) AND id = ANY (@ids::bigint[]) AND stored_at = ANY (@stored::timestamptz[]);

-- name: InsertVerdicts :exec
INSERT INTO verdicts (post_id, stored_at, judged_at, latest, region, kind, urgent, decree_row, topic,
                      category, subcategory, confidence, margin, evidence, alternatives, municipality, place,
                      language, pack_hash, models, reason, fingerprint, faults, judged_text,
                      action, action_reason, action_words)
SELECT unnest(@ids::bigint[]), unnest(@stored::timestamptz[]), @judged_at::timestamptz, true, unnest(@regions::text[]),
       unnest(@kinds::text[]), unnest(@urgents::boolean[]), unnest(@decree_rows::integer[]), unnest(@topics::text[]),
       unnest(@categories::text[]), unnest(@subcategories::text[]), unnest(@confidences::float8[]),
       unnest(@margins::float8[]), unnest(@evidence::jsonb[]), unnest(@alternatives::jsonb[]),
       unnest(@municipalities::text[]), unnest(@places::jsonb[]), unnest(@languages::text[]),
       unnest(@pack_hashes::text[]), unnest(@models::jsonb[]), unnest(@reasons::text[]), unnest(@fingerprints::text[]),
       unnest(@faults::jsonb[]), nullif(unnest(@judged_texts::text[]), ''),
       unnest(@actions::text[]), unnest(@action_reasons::text[]), unnest(@action_words::text[]);

-- KnownPosts is what was thought of posts before this commit, looked up one by one.
-- name: KnownPosts :many
SELECT v.post_id, v.id AS verdict_id, v.stored_at, v.kind, v.urgent, v.decree_row, v.judged_text,
       coalesce(c.id, 0)::bigint AS case_id, coalesce(c.state, '')::text AS case_state
  FROM (SELECT unnest(@ids::bigint[]) AS id, unnest(@stored::timestamptz[]) AS stored_at) AS x
 CROSS JOIN LATERAL (
       SELECT * FROM verdicts w
        WHERE w.post_id = x.id AND w.stored_at = x.stored_at AND w.latest LIMIT 1) AS v
  LEFT JOIN case_posts cp ON cp.post_id = v.post_id
  LEFT JOIN cases c ON c.id = cp.case_id;

-- name: MarkDeleted :many
UPDATE post_ids i SET deleted_at = x.at
  FROM (SELECT unnest(@platforms::text[]) AS platform, unnest(@owners::text[]) AS owner,
               unnest(@posts::text[]) AS post, unnest(@comments::text[]) AS comment,
               unnest(@ats::timestamptz[]) AS at) AS x
 WHERE i.platform = x.platform AND i.owner = x.owner AND i.post = x.post AND i.comment = x.comment
   AND i.deleted_at IS NULL
RETURNING i.post_id, i.platform, i.owner, i.post, i.comment;

-- name: PutAlbums :exec
INSERT INTO albums (album, region, settle_at)
SELECT unnest(@albums::text[]), @region::text, @settle_at::timestamptz
ON CONFLICT (album) DO UPDATE SET settle_at = excluded.settle_at, settled_at = NULL;

-- SettledAlbums: parts judged before come along, because the whole is judged anew.
-- name: SettledAlbums :many
WITH ready AS (
    SELECT a.album FROM albums a
     WHERE a.settled_at IS NULL AND a.settle_at <= @now
       AND (cardinality(@regions::text[]) = 0 OR a.region = ANY (@regions))
     ORDER BY a.settle_at LIMIT @most
)
SELECT sqlc.embed(p)
  FROM ready JOIN stored_posts p ON p.album = ready.album
 ORDER BY p.album, p.id;

-- LockAlbum: a part that arrives meanwhile either moved settle_at before, and
-- the album is not ready, or waits for us and opens the album again.
-- name: LockAlbum :one
SELECT (settled_at IS NULL AND settle_at <= @now)::boolean AS ready FROM albums WHERE album = @album FOR UPDATE;

-- name: SettleAlbum :exec
UPDATE albums SET settled_at = @now WHERE album = @album;

-- name: GetPost :one
SELECT sqlc.embed(p), i.deleted_at, i.pending
  FROM post_ids i JOIN stored_posts p ON p.id = i.post_id AND p.stored_at = i.stored_at
 WHERE i.platform = @platform AND i.owner = @owner AND i.post = @post AND i.comment = @comment;

-- name: GetVerdicts :many
SELECT * FROM verdicts WHERE post_id = @post_id AND stored_at = @stored_at ORDER BY id DESC;

-- name: GetVersions :many
SELECT * FROM post_versions WHERE post_id = @post_id ORDER BY version;

-- name: PagePosts :many
SELECT sqlc.embed(p), sqlc.embed(v), coalesce(cp.case_id, 0)::bigint AS case_id, coalesce(c.agency_id, '')::text AS agency_id,
       coalesce(c.state, '')::text AS case_state, coalesce(c.decree_row, 0)::integer AS case_row, coalesce(c.topic, '')::text AS case_topic,
       coalesce(c.restricted, false)::boolean AS restricted
  FROM stored_posts p
  JOIN verdicts v ON v.post_id = p.id AND v.stored_at = p.stored_at AND v.latest
  LEFT JOIN case_posts cp ON cp.post_id = p.id
  LEFT JOIN cases c ON c.id = cp.case_id
 WHERE p.region = @region AND (p.stored_at, p.id) > (@after_stored::timestamptz, @after_id::bigint)
 ORDER BY p.stored_at, p.id
 LIMIT @most;

-- name: CountPostsSince :one
SELECT count(*) FROM stored_posts p WHERE p.region = @region AND p.stored_at > @since::timestamptz;

-- name: EnsurePartitions :one
SELECT otklik_ensure_partitions(@at::timestamptz, @ahead::integer)::integer AS made;

-- name: DefaultPartitionRows :one
SELECT ((SELECT count(*) FROM posts_default) + (SELECT count(*) FROM verdicts_default))::bigint AS rows;
