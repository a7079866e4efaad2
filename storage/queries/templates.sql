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

-- name: LockTemplate :one
SELECT * FROM reply_templates
 WHERE id = @id AND region = @region AND agency_id = ANY (@agencies::text[]) AND removed_at IS NULL
   FOR UPDATE;

-- name: FindTemplate :one
SELECT * FROM reply_templates
 WHERE id = @id AND region = @region AND agency_id = ANY (@agencies::text[]) AND removed_at IS NULL;

-- name: KeepTemplateVersion :exec
INSERT INTO reply_template_versions (template_id, version, decree_row, title, text, author, at)
SELECT id, version, decree_row, title, text, author, at FROM reply_templates WHERE id = @id;

-- name: ChangeTemplate :exec
UPDATE reply_templates SET decree_row = @decree_row, title = @title, text = @text, author = @author, at = @at::timestamptz, version = version + 1 WHERE id = @id;

-- name: TemplateVersions :many
SELECT * FROM reply_template_versions WHERE template_id = @template_id ORDER BY version DESC;
