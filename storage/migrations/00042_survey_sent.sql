-- The export of incidents says whether an author was asked how satisfied they are.

-- +goose Up
CREATE INDEX deliveries_told ON deliveries (dialog_id) WHERE kind = 'bot' AND why = 'case' AND state = 'delivered';

-- +goose Down
DROP INDEX deliveries_told;
