-- +goose Up

-- Who may speak for bodies. The token is sealed with OTKLIK_SECRET_KEY outside
-- the database (AES-256-GCM, bound to region, platform and address).
CREATE TABLE accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region     text NOT NULL REFERENCES regions,
    platform   text NOT NULL CHECK (platform IN ('vk', 'max', 'telegram')),
    address    text NOT NULL CHECK (address <> ''), -- VK community without sign, number of a bot
    title      text NOT NULL,
    whole      boolean NOT NULL, -- for every body that has none of its own
    sealed     bytea CHECK (octet_length(sealed) > 29), -- version, nonce, something, tag
    created_at timestamptz NOT NULL,
    created_by text NOT NULL CHECK (created_by <> ''),
    checked_at timestamptz NOT NULL, -- the platform answered to the token
    broken     text NOT NULL DEFAULT '', -- why it cannot be used, Russian
    removed_at timestamptz,
    CHECK ((removed_at IS NULL) = (sealed IS NOT NULL)) -- a token does not outlive its account
);
CREATE UNIQUE INDEX accounts_one ON accounts (platform, address) WHERE removed_at IS NULL;
CREATE INDEX accounts_region ON accounts (region) WHERE removed_at IS NULL;

CREATE TABLE account_agencies (
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    agency_id  text NOT NULL CHECK (agency_id <> ''),
    PRIMARY KEY (account_id, agency_id)
);

-- Everything an account says waits: captcha, a spent day. The database's clock.
CREATE TABLE account_pauses (
    account text PRIMARY KEY, -- platform:address
    until   timestamptz NOT NULL,
    why     text NOT NULL CHECK (why <> '') -- Russian, may hold the link of a captcha
);

-- Where an approved answer is to go was decided; what else a person may choose.
ALTER TABLE replies
    ADD COLUMN planned_at   timestamptz,
    ADD COLUMN plan_words   text NOT NULL DEFAULT '',
    ADD COLUMN plan_left    jsonb,
    ADD COLUMN plan_others  jsonb,
    ADD COLUMN wanted_place text NOT NULL DEFAULT '', -- key of the place a person chose
    ADD CONSTRAINT replies_planned CHECK (planned_at IS NULL OR state IN ('approved', 'published', 'by_hand', 'returned', 'approval'));
CREATE INDEX replies_to_plan ON replies (decided_at, id) WHERE state = 'approved' AND planned_at IS NULL;

-- What was approved before there was sending may have been said already.
UPDATE replies SET planned_at = now(), plan_words = 'согласован раньше, чем Отклик научился отправлять: запишите ответ, данный вручную'
 WHERE state = 'approved';

-- VK wants random_id within int32 and unique over an account's whole history; a
-- database made anew must not walk over the ids of the one before it.
CREATE SEQUENCE delivery_random_ids AS integer MINVALUE 1 MAXVALUE 2147483647 CYCLE;
-- +goose StatementBegin
DO $$ BEGIN
    PERFORM setval('delivery_random_ids', 1 + floor(random() * 2147483646)::integer);
END $$;
-- +goose StatementEnd

-- One message to one place. Claims and pauses between tries go by the database's
-- clock; created_at and over_at are business time.
CREATE TABLE deliveries (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key             text NOT NULL UNIQUE,
    region          text NOT NULL REFERENCES regions,
    case_id         bigint NOT NULL REFERENCES cases,
    reply_id        bigint NOT NULL REFERENCES replies,
    platform        text NOT NULL CHECK (platform IN ('vk', 'max', 'telegram')),
    way             text NOT NULL CHECK (way IN ('public', 'dialog')),
    account         text NOT NULL CHECK (account <> ''), -- address of who speaks
    account_id      bigint REFERENCES accounts, -- NULL: a token of the environment
    owner           text NOT NULL CHECK (owner <> ''), -- what it answers: identity of a post
    post            text NOT NULL CHECK (post <> ''),
    comment         text NOT NULL CHECK (comment <> ''),
    chat            text NOT NULL CHECK (chat <> ''),   -- one pace
    thread          text NOT NULL CHECK (thread <> ''), -- one order
    gap_ms          integer NOT NULL CHECK (gap_ms >= 0), -- least time between two tries in the chat
    text            text NOT NULL CHECK (text <> ''),
    main            boolean NOT NULL, -- its end decides about the case
    repeatable      boolean NOT NULL CHECK (NOT repeatable OR platform <> 'telegram'),
    why             text NOT NULL,
    guid            uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    random_id       integer NOT NULL UNIQUE DEFAULT nextval('delivery_random_ids'),
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN
        ('waiting', 'trying', 'delivered', 'failed', 'unclear', 'cancelled')),
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    tries_before    integer NOT NULL DEFAULT 0 CHECK (tries_before BETWEEN 0 AND attempts), -- a person asked again after so many
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    first_tried_at  timestamptz,
    tried_at        timestamptz,
    claimed_until   timestamptz,
    platform_id     text NOT NULL DEFAULT '',
    reason          text NOT NULL DEFAULT '',
    words           text NOT NULL DEFAULT '', -- of the last try, Russian
    created_at      timestamptz NOT NULL,
    over_at         timestamptz,
    CHECK ((claimed_until IS NOT NULL) = (state = 'trying')),
    CHECK ((platform_id <> '') = (state = 'delivered')),
    CHECK ((over_at IS NOT NULL) = (state IN ('delivered', 'failed', 'unclear', 'cancelled'))),
    CHECK ((attempts = 0) = (tried_at IS NULL) AND (tried_at IS NULL) = (first_tried_at IS NULL)),
    CHECK (attempts > 0 OR state IN ('waiting', 'cancelled')),
    CHECK (state <> 'unclear' OR NOT repeatable)
);
CREATE UNIQUE INDEX deliveries_main ON deliveries (reply_id) WHERE main;
CREATE INDEX deliveries_reply ON deliveries (reply_id, id);
CREATE INDEX deliveries_case ON deliveries (case_id, id);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_claimed ON deliveries (claimed_until) WHERE state = 'trying';
CREATE INDEX deliveries_thread ON deliveries (thread, id) WHERE state IN ('waiting', 'trying');
CREATE INDEX deliveries_chat ON deliveries (chat, tried_at) WHERE tried_at IS NOT NULL;
CREATE INDEX deliveries_trouble ON deliveries (region, over_at) WHERE state IN ('failed', 'unclear');

-- One try. The row is written before the try, by the trigger of the claim.
CREATE TABLE delivery_attempts (
    delivery_id bigint NOT NULL REFERENCES deliveries,
    n           integer NOT NULL CHECK (n > 0),
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    outcome     text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'delivered', 'waiting', 'failed', 'unclear', 'cancelled', 'lapsed')),
    code        integer NOT NULL DEFAULT 0,
    words       text NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, n),
    CHECK ((ended_at IS NULL) = (outcome = ''))
);
CREATE UNIQUE INDEX delivery_attempts_one ON delivery_attempts (delivery_id) WHERE ended_at IS NULL;

-- The way of a delivery: nothing that was delivered is sent again, nothing is
-- tried without its attempt, and no attempt is left open.
-- +goose StatementBegin
CREATE FUNCTION otklik_delivery_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER deliveries_guard BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION otklik_delivery_guard();

-- +goose StatementBegin
CREATE FUNCTION otklik_delivery_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'trying' THEN
        INSERT INTO delivery_attempts (delivery_id, n, began_at) VALUES (NEW.id, NEW.attempts, NEW.tried_at);
        RETURN NULL;
    END IF;
    IF OLD.state = 'trying' AND EXISTS (SELECT FROM delivery_attempts a WHERE a.delivery_id = NEW.id AND a.ended_at IS NULL) THEN
        RAISE EXCEPTION 'an attempt of delivery % has no end', NEW.id USING ERRCODE = 'OT001';
    END IF;
    IF NEW.state <> OLD.state THEN
        INSERT INTO events (at, region, kind, case_id, details)
        VALUES (coalesce(NEW.over_at, clock_timestamp()), NEW.region, 'case_reply', NEW.case_id,
                jsonb_build_object('delivery', NEW.id, 'state', NEW.state));
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_record AFTER UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION otklik_delivery_record();

-- An answer given by hand, or taken back, is not sent any more.
-- +goose StatementBegin
CREATE FUNCTION otklik_reply_recalled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deliveries SET state = 'cancelled', over_at = NEW.updated_at, reason = 'recalled',
           words = CASE WHEN NEW.state = 'by_hand' THEN 'ответ дан вручную' ELSE 'ответ взят обратно' END
     WHERE reply_id = NEW.id AND state = 'waiting';
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER replies_recalled AFTER UPDATE ON replies FOR EACH ROW
    WHEN (NEW.state IN ('by_hand', 'returned') AND OLD.state = 'approved') EXECUTE FUNCTION otklik_reply_recalled();

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what was said to citizens would be said again: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
