-- Comments of a post that are stored and stand: the pullers compare them with
-- what the platform still shows.
-- name: StandingComments :many
SELECT platform, owner, post, comment, text_hash FROM post_ids
 WHERE platform = @platform AND owner = @owner AND post = @post AND comment <> '0' AND deleted_at IS NULL;

-- name: CountPolled :one
SELECT count(*) FROM sources WHERE kind = @kind AND state NOT IN ('paused', 'closed');
