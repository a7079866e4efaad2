-- Before consent nothing may be kept from which a chat can be told, not even under
-- encryption: what is said then names the chat by its keyed hash alone, and leaves by
-- the process that has the address in its memory because the author has just written.

-- +goose Up
ALTER TABLE deliveries ADD COLUMN in_hand boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN deliveries.in_hand IS 'only a process that has just heard from the chat knows where it is';
UPDATE deliveries SET sealed = NULL, in_hand = true WHERE sealed IS NOT NULL;
CREATE INDEX deliveries_in_hand ON deliveries (chat) WHERE in_hand AND state IN ('waiting', 'trying');

-- Processes of the release before still hand sealed addresses in.
-- +goose StatementBegin
CREATE FUNCTION otklik_delivery_in_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sealed := NULL;
    NEW.in_hand := true;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_in_hand BEFORE INSERT ON deliveries
    FOR EACH ROW WHEN (NEW.sealed IS NOT NULL) EXECUTE FUNCTION otklik_delivery_in_hand();

-- +goose Down
DROP TRIGGER deliveries_in_hand ON deliveries;
DROP FUNCTION otklik_delivery_in_hand();
UPDATE deliveries SET state = 'cancelled', over_at = created_at, reason = 'no_address' WHERE in_hand AND state = 'waiting';
ALTER TABLE deliveries DROP COLUMN in_hand;
