-- +goose Up

-- Private chats of citizens with a bot. Without consent there is the keyed hash
-- of the chat and nothing that says which chat it is.
CREATE TABLE dialogs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region     text NOT NULL REFERENCES regions,
    platform   text NOT NULL CHECK (platform <> ''),
    owner      text NOT NULL CHECK (owner <> ''), -- the community or bot
    chat_key   bytea NOT NULL CHECK (octet_length(chat_key) = 32), -- HMAC, see bots.Keys
    chat       text CHECK (chat <> ''),
    consent    text NOT NULL DEFAULT '', -- version of the text agreed to
    consent_at timestamptz,
    asked_at   timestamptz, -- consent was asked for last
    stopped    boolean NOT NULL DEFAULT false, -- the author blocked the bot
    expects    text NOT NULL DEFAULT '',
    about      bigint REFERENCES cases,
    window_at  timestamptz, -- flood: messages of this minute
    heard      integer NOT NULL DEFAULT 0,
    hour_at    timestamptz, -- flood: posts of this hour
    taken      integer NOT NULL DEFAULT 0,
    last_case  bigint REFERENCES cases,
    last_at    timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (platform, owner, chat_key),
    CHECK ((chat IS NULL) = (consent = '')),
    CHECK ((consent_at IS NULL) = (consent = ''))
);

-- What was answered to the question about consent, and when: kept as proof.
CREATE TABLE consents (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialog_id bigint NOT NULL REFERENCES dialogs,
    version   text NOT NULL,
    what      text NOT NULL CHECK (what IN ('given', 'refused', 'withdrawn', 'erased')),
    at        timestamptz NOT NULL
);
CREATE INDEX consents_dialog ON consents (dialog_id, id);

-- What has been heard: an update that comes again does nothing twice. The key is
-- the keyed hash of the message's identity, which names the chat.
CREATE TABLE dialog_updates (
    update_key bytea PRIMARY KEY CHECK (octet_length(update_key) = 32),
    dialog_id  bigint NOT NULL REFERENCES dialogs,
    at         timestamptz NOT NULL,
    outcome    text NOT NULL CHECK (outcome IN ('held', 'said', 'taken', 'refused'))
);
CREATE INDEX dialog_updates_held ON dialog_updates (dialog_id, at) WHERE outcome = 'held';
CREATE INDEX dialog_updates_at ON dialog_updates (at);

-- Posts that came of dialogs.
CREATE TABLE dialog_posts (
    post_id   bigint PRIMARY KEY REFERENCES post_ids (post_id),
    dialog_id bigint NOT NULL REFERENCES dialogs,
    reason    text NOT NULL -- of the turn
);
CREATE INDEX dialog_posts_dialog ON dialog_posts (dialog_id);

-- Which cases a citizen hears of, and what they have been told.
CREATE TABLE dialog_cases (
    dialog_id bigint NOT NULL REFERENCES dialogs,
    case_id   bigint NOT NULL REFERENCES cases,
    since     timestamptz NOT NULL,
    told      jsonb NOT NULL DEFAULT '{}',
    look_at   timestamptz, -- business time: something may have to be told then
    PRIMARY KEY (dialog_id, case_id)
);
CREATE INDEX dialog_cases_case ON dialog_cases (case_id);
CREATE INDEX dialog_cases_look ON dialog_cases (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE subscriptions (
    dialog_id    bigint NOT NULL REFERENCES dialogs,
    municipality text NOT NULL CHECK (municipality <> ''),
    since        timestamptz NOT NULL,
    PRIMARY KEY (dialog_id, municipality)
);
CREATE INDEX subscriptions_place ON subscriptions (municipality);

-- A case that moves may have to be told of, after the moment in which the move
-- can be taken back.
-- +goose StatementBegin
CREATE FUNCTION otklik_case_dialogs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dialog_cases SET look_at = NEW.updated_at + interval '11 seconds' WHERE case_id = NEW.id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_dialogs AFTER UPDATE OF state ON cases
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION otklik_case_dialogs();

-- Words of the bot leave by the outbox of answers. They name the dialog; the
-- address is its chat, or, before consent, sealed and gone when they are there.
ALTER TABLE deliveries
    ALTER COLUMN case_id DROP NOT NULL,
    ALTER COLUMN reply_id DROP NOT NULL,
    ADD COLUMN kind text NOT NULL DEFAULT 'reply' CHECK (kind IN ('reply', 'bot')),
    ADD COLUMN dialog_id bigint REFERENCES dialogs,
    ADD COLUMN buttons jsonb,
    ADD COLUMN sealed bytea,
    ADD CONSTRAINT deliveries_kind CHECK (CASE kind WHEN 'reply' THEN reply_id IS NOT NULL AND case_id IS NOT NULL AND dialog_id IS NULL
                                                    ELSE reply_id IS NULL AND dialog_id IS NOT NULL AND NOT main END);
CREATE INDEX deliveries_dialog ON deliveries (dialog_id) WHERE state = 'waiting' AND dialog_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION otklik_delivery_unseal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sealed := NULL;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER deliveries_unseal BEFORE UPDATE ON deliveries
    FOR EACH ROW WHEN (NEW.over_at IS NOT NULL AND NEW.sealed IS NOT NULL) EXECUTE FUNCTION otklik_delivery_unseal();

-- Words of the bot are of no case that a desk could show.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_delivery_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'trying' THEN
        INSERT INTO delivery_attempts (delivery_id, n, began_at) VALUES (NEW.id, NEW.attempts, NEW.tried_at);
        RETURN NULL;
    END IF;
    IF OLD.state = 'trying' AND EXISTS (SELECT FROM delivery_attempts a WHERE a.delivery_id = NEW.id AND a.ended_at IS NULL) THEN
        RAISE EXCEPTION 'an attempt of delivery % has no end', NEW.id USING ERRCODE = 'OT001';
    END IF;
    IF NEW.state <> OLD.state AND NEW.case_id IS NOT NULL THEN
        INSERT INTO events (at, region, kind, case_id, details)
        VALUES (coalesce(NEW.over_at, clock_timestamp()), NEW.region, 'case_reply', NEW.case_id,
                jsonb_build_object('delivery', NEW.id, 'state', NEW.state));
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what citizens agreed to would be lost: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
