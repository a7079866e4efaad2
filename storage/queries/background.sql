-- name: InsertTask :one
INSERT INTO background_tasks (region, kind, subject, who, created_at) VALUES (@region, @kind, @subject, @who, @at) RETURNING id;

-- TaskBeat notes how far a task is and tells whether somebody wants it to stop.
-- name: TaskBeat :one
UPDATE background_tasks SET done = @done, total = @total, heard_at = clock_timestamp()
 WHERE id = @id AND state = 'running'
RETURNING cancel;

-- name: EndTask :execrows
UPDATE background_tasks
   SET state = @state, result = @result, error = @error, finished_at = @at, heard_at = clock_timestamp()
 WHERE id = @id AND state = 'running';

-- name: CancelTask :execrows
UPDATE background_tasks SET cancel = true WHERE id = @id AND region = @region AND state = 'running';

-- EndLostTasks ends those whose process has died.
-- name: EndLostTasks :exec
UPDATE background_tasks SET state = 'failed', error = @error, finished_at = @at
 WHERE region = @region AND state = 'running' AND heard_at < clock_timestamp() - make_interval(secs => @silence_seconds::float8);

-- name: LatestTask :one
SELECT * FROM background_tasks WHERE region = @region AND kind = @kind AND (@subject::text = '' OR subject = @subject) ORDER BY id DESC LIMIT 1;

-- name: GetTask :one
SELECT * FROM background_tasks WHERE region = @region AND id = @id;

-- name: DropOldTasks :exec
DELETE FROM background_tasks WHERE finished_at < @before;
