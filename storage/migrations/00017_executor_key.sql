-- +goose Up

-- Whoever has a case is somebody of the desk. An id of nobody is nobody.
UPDATE cases SET executor_id = NULL, updated_at = now(), changed_by = 'система', changed_why = 'исполнитель не найден среди пользователей'
 WHERE executor_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = cases.executor_id);
ALTER TABLE cases ADD CONSTRAINT cases_executor_user FOREIGN KEY (executor_id) REFERENCES users (id) NOT VALID;
ALTER TABLE cases VALIDATE CONSTRAINT cases_executor_user;

-- +goose Down
ALTER TABLE cases DROP CONSTRAINT cases_executor_user;
