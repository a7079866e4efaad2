-- Сроки → Эскалации tells the notices of one case and tick as one line.

-- +goose Up
CREATE INDEX notices_case_escalations ON notices (case_id, at, id) WHERE kind = 'escalation';

-- +goose Down
DROP INDEX notices_case_escalations;
