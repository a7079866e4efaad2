-- Comments of a post that are stored and stand: the pullers compare them with
-- what the platform still shows.
-- name: StandingComments :many
SELECT platform, owner, post, comment, text_hash FROM post_ids
 WHERE platform = @platform AND owner = @owner AND post = @post AND comment <> '0' AND deleted_at IS NULL;

-- A source parked until the next quota day shares that day's quota.
-- name: CountPolled :many
SELECT region, count(*) AS sources FROM sources WHERE kind = @kind AND state NOT IN ('paused', 'closed') GROUP BY region;
