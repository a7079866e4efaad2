-- +goose Up

-- Erasing takes the chat out of answers that went into a dialog.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_delivery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- An author's data are taken out: what was said stays, not to whom.
    erased boolean := NEW.post = 'erased' AND NEW.way = 'dialog' AND (NEW.reply_id, NEW.platform, NEW.text, NEW.guid, NEW.random_id)
        IS NOT DISTINCT FROM (OLD.reply_id, OLD.platform, OLD.text, OLD.guid, OLD.random_id);
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
       (('waiting', 'trying'), ('waiting', 'cancelled'),
        ('trying', 'waiting'), ('trying', 'delivered'), ('trying', 'failed'), ('trying', 'unclear'), ('trying', 'cancelled'),
        ('failed', 'waiting'), ('unclear', 'waiting'), ('cancelled', 'waiting')) THEN
        RAISE EXCEPTION 'delivery % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
    END IF;
    IF NOT erased AND (NEW.key, NEW.reply_id, NEW.platform, NEW.owner, NEW.post, NEW.comment, NEW.text, NEW.guid, NEW.random_id)
       <> (OLD.key, OLD.reply_id, OLD.platform, OLD.owner, OLD.post, OLD.comment, OLD.text, OLD.guid, OLD.random_id) THEN
        RAISE EXCEPTION 'what delivery % says and where stays', OLD.id USING ERRCODE = 'OT002';
    END IF;
    IF OLD.state = 'trying' AND NEW.state = 'trying' OR NEW.attempts <> OLD.attempts + (NEW.state = 'trying')::integer THEN
        RAISE EXCEPTION 'delivery % is tried once a claim', OLD.id USING ERRCODE = 'OT001';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_delivery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
       (('waiting', 'trying'), ('waiting', 'cancelled'),
        ('trying', 'waiting'), ('trying', 'delivered'), ('trying', 'failed'), ('trying', 'unclear'), ('trying', 'cancelled'),
        ('failed', 'waiting'), ('unclear', 'waiting'), ('cancelled', 'waiting')) THEN
        RAISE EXCEPTION 'delivery % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
    END IF;
    IF (NEW.key, NEW.reply_id, NEW.platform, NEW.owner, NEW.post, NEW.comment, NEW.text, NEW.guid, NEW.random_id)
       <> (OLD.key, OLD.reply_id, OLD.platform, OLD.owner, OLD.post, OLD.comment, OLD.text, OLD.guid, OLD.random_id) THEN
        RAISE EXCEPTION 'what delivery % says and where stays', OLD.id USING ERRCODE = 'OT002';
    END IF;
    IF OLD.state = 'trying' AND NEW.state = 'trying' OR NEW.attempts <> OLD.attempts + (NEW.state = 'trying')::integer THEN
        RAISE EXCEPTION 'delivery % is tried once a claim', OLD.id USING ERRCODE = 'OT001';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
