-- name: InsertTask :one
INSERT INTO background_tasks (region, kind, subject, who, created_at) VALUES (@region, @kind, @subject, @who, @at) RETURNING id;

-- TaskBeat notes how far a task is and tells whether somebody wants it to stop; no row
-- for one that has ended, or that another process has taken since.
-- name: TaskBeat :one
UPDATE background_tasks SET done = @done, total = @total, heard_at = clock_timestamp()
 WHERE id = @id AND epoch = @epoch AND state = 'running'
RETURNING cancel;

-- name: EndTask :execrows
UPDATE background_tasks
   SET state = @state, result = @result, error = @error, finished_at = @at, heard_at = clock_timestamp()
 WHERE id = @id AND epoch = @epoch AND state = 'running' AND NOT waiting;

-- CancelTask: what nobody has taken yet has ended by that.
-- name: CancelTask :execrows
UPDATE background_tasks
   SET cancel = true, waiting = false, state = CASE WHEN waiting THEN 'stopped' ELSE state END,
       finished_at = CASE WHEN waiting THEN @at::timestamptz END
 WHERE id = @id AND region = @region AND state = 'running';

-- EndLostTasks ends those whose process has died.
-- name: EndLostTasks :exec
UPDATE background_tasks SET state = 'failed', error = @error, finished_at = @at
 WHERE region = @region AND state = 'running' AND NOT waiting AND heard_at < clock_timestamp() - make_interval(secs => @silence_seconds::float8);

-- name: LatestTask :one
SELECT * FROM background_tasks WHERE region = @region AND kind = @kind AND (@subject::text = '' OR subject = @subject) ORDER BY id DESC LIMIT 1;

-- name: GetTask :one
SELECT * FROM background_tasks WHERE region = @region AND id = @id;

-- name: DropOldTasks :exec
DELETE FROM background_tasks WHERE finished_at < @before;

-- OrderLearning waits for a process when waiting, else whoever orders it does it.
-- name: OrderLearning :one
INSERT INTO background_tasks (region, kind, subject, who, created_at, waiting) VALUES (@region, @kind, @subject, @who, @at, @waiting) RETURNING id;

-- LearningUnderWay is what learns in a region or waits to, the one at work first.
-- name: LearningUnderWay :many
SELECT * FROM background_tasks
 WHERE region = @region AND state = 'running' AND kind IN ('train', 'train_dry_run')
 ORDER BY waiting, id;

-- TakeLearning takes the oldest order of a region in which nothing learns.
-- name: TakeLearning :one
UPDATE background_tasks SET waiting = false, epoch = epoch + 1, heard_at = clock_timestamp()
 WHERE id = (SELECT t.id FROM background_tasks t
              WHERE t.state = 'running' AND t.waiting AND t.region = @region
                AND NOT EXISTS (SELECT FROM background_tasks o WHERE o.region = t.region AND o.state = 'running' AND NOT o.waiting
                                   AND o.kind IN ('train', 'train_dry_run'))
              ORDER BY t.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: ReturnLearning :execrows
UPDATE background_tasks SET waiting = true, done = 0, total = 0
 WHERE id = @id AND epoch = @epoch AND state = 'running' AND NOT waiting AND NOT cancel;
