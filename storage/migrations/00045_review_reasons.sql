-- Why an undecided post was no case: named by whoever dismissed it.

-- +goose Up
ALTER TABLE review_items ADD COLUMN closing text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE review_items DROP COLUMN closing;
