-- +goose Up

-- Why an account, or one of its ways, waits: machine name beside the words. A
-- pause of one way has its name behind the account: platform:address:way.
ALTER TABLE account_pauses ADD COLUMN reason text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE account_pauses DROP COLUMN reason;
