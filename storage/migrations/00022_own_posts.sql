-- +goose Up

-- An answer of ours that comes back with polling is a kind of its own: nobody's
-- problem, and not counted among what people wrote.
ALTER TABLE verdicts DROP CONSTRAINT verdicts_kind_check;
ALTER TABLE verdicts ADD CONSTRAINT verdicts_kind_check CHECK (kind IN ('problem', 'thanks', 'other', 'own'));

-- +goose Down
UPDATE verdicts SET kind = 'other' WHERE kind = 'own';
ALTER TABLE verdicts DROP CONSTRAINT verdicts_kind_check;
ALTER TABLE verdicts ADD CONSTRAINT verdicts_kind_check CHECK (kind IN ('problem', 'thanks', 'other'));
