-- +goose Up

-- When an account spoke last, and what went wrong last, are looked up for each.
CREATE INDEX deliveries_account ON deliveries (platform, account, tried_at DESC) WHERE tried_at IS NOT NULL;
CREATE INDEX deliveries_account_faults ON deliveries (platform, account, tried_at DESC) WHERE state IN ('failed', 'unclear');

-- +goose Down
DROP INDEX deliveries_account_faults;
DROP INDEX deliveries_account;
