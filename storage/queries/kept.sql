-- KeptSpan is the business time a database has seen: from its first pack to the
-- latest thing written down.
-- name: KeptSpan :one
SELECT (SELECT min(created_at) FROM pack_versions)::timestamptz AS began,
       greatest((SELECT max(created_at) FROM pack_versions), (SELECT max(stored_at) FROM post_ids),
                (SELECT max(last_poll_at) FROM sources), (SELECT max(updated_at) FROM cases),
                (SELECT max(at) FROM events))::timestamptz AS latest;

-- KeptAnswers are our own answers that polling brought back and that still stand, and
-- what visitors of the demonstration have written in VK: authors whose ids are like
-- theirs.
-- name: KeptAnswers :many
SELECT sqlc.embed(stored_posts)
  FROM stored_posts
  JOIN verdicts v ON v.post_id = stored_posts.id AND v.stored_at = stored_posts.stored_at AND v.latest
  JOIN post_ids i ON i.post_id = stored_posts.id AND i.deleted_at IS NULL
 WHERE v.kind = 'own' OR stored_posts.platform = 'vk' AND stored_posts.author_id LIKE @visitors::text AND stored_posts.post NOT LIKE 'dialog:%'
 ORDER BY stored_posts.published_at, stored_posts.id;
