-- What the bot asks for is not expected for ever, and what follows an answer or an
-- objection belongs to it.

-- +goose Up

ALTER TABLE dialogs
    ADD COLUMN expects_at timestamptz,                 -- when it was asked for
    ADD COLUMN last_said  text NOT NULL DEFAULT '';    -- what put a post into last_case: reason of the turn
UPDATE dialogs SET expects_at = updated_at WHERE expects <> '';

-- +goose Down
ALTER TABLE dialogs DROP COLUMN expects_at, DROP COLUMN last_said;
