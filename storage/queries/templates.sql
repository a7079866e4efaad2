-- name: TemplatesOf :many
SELECT * FROM reply_templates
 WHERE region = @region AND agency_id = ANY (@agencies::text[]) AND removed_at IS NULL
 ORDER BY agency_id, title, id;

-- name: InsertTemplate :one
INSERT INTO reply_templates (region, agency_id, decree_row, title, text, author, at)
VALUES (@region, @agency_id, @decree_row, @title, @text, @author, @at::timestamptz)
RETURNING id;

-- name: RemoveTemplate :one
UPDATE reply_templates SET removed_at = @at::timestamptz, removed_by = @who
 WHERE id = @id AND region = @region AND agency_id = ANY (@agencies::text[]) AND removed_at IS NULL
RETURNING title, agency_id;
