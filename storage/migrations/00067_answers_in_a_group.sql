-- Who writes in a group in reply to nobody is looked up among our answers there.

-- +goose Up
CREATE INDEX deliveries_in_group ON deliveries (platform, owner, over_at) WHERE state = 'delivered' AND way = 'public' AND edits = '';

-- +goose Down
DROP INDEX deliveries_in_group;
