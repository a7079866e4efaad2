-- +goose Up

-- Private chats of people of the desk with the region's bot. A link ends, it is
-- never moved to somebody else.
CREATE TABLE staff_links (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id   bigint NOT NULL REFERENCES users,
    region    text NOT NULL REFERENCES regions,
    platform  text NOT NULL CHECK (platform IN ('vk', 'max', 'telegram')),
    owner     text NOT NULL CHECK (owner <> ''), -- the community or bot
    chat_key  bytea NOT NULL CHECK (octet_length(chat_key) = 32), -- HMAC, see bots.Keys
    chat      text NOT NULL CHECK (chat <> ''), -- '-' once it has ended
    linked_at timestamptz NOT NULL,
    broken    text NOT NULL DEFAULT '', -- why nothing gets there, Russian
    broken_at timestamptz,
    ended_at  timestamptz,
    ended_why text NOT NULL DEFAULT '',
    expects   text NOT NULL DEFAULT '' CHECK (expects IN ('', 'reason', 'body')), -- what was asked for last
    about     bigint REFERENCES cases,
    reason    text NOT NULL DEFAULT '',  -- given so far
    asked_at  timestamptz,
    window_at timestamptz, -- flood: messages of this minute
    heard     integer NOT NULL DEFAULT 0,
    CHECK ((broken = '') = (broken_at IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_why = '')),
    CHECK ((ended_at IS NULL) = (chat <> '-')),
    CHECK ((expects = '') = (about IS NULL))
);
CREATE UNIQUE INDEX staff_links_chat ON staff_links (platform, owner, chat_key) WHERE ended_at IS NULL;
CREATE INDEX staff_links_user ON staff_links (user_id, id);

-- The one-time code a person shows the bot. One at a time; only its keyed hash.
CREATE TABLE staff_codes (
    user_id    bigint PRIMARY KEY REFERENCES users,
    hash       bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    expires_at timestamptz NOT NULL -- the database's clock
);

-- When a person wants to hear of things; no row: the usual.
CREATE TABLE staff_settings (
    user_id    bigint PRIMARY KEY REFERENCES users,
    quiet_from integer NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439), -- minute of the region's day
    quiet_to   integer NOT NULL CHECK (quiet_to BETWEEN 0 AND 1439),   -- the same one: no quiet hours
    digest_at  integer NOT NULL CHECK (digest_at BETWEEN 0 AND 1439),
    mail       boolean NOT NULL
);

-- One composed message to one person, whatever ways it takes.
CREATE TABLE staff_letters (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    region  text NOT NULL REFERENCES regions,
    case_id bigint REFERENCES cases, -- that its buttons speak of
    round   integer NOT NULL DEFAULT 0,
    agency  text NOT NULL DEFAULT '', -- that had the case then
    subject text NOT NULL CHECK (subject <> ''),
    text    text NOT NULL CHECK (text <> ''), -- as plain mail
    at      timestamptz NOT NULL
);
CREATE INDEX staff_letters_user ON staff_letters (user_id, id);

-- Who hears a notice. The pair makes it happen once for each of them.
CREATE TABLE staff_messages (
    notice_id bigint NOT NULL REFERENCES notices,
    user_id   bigint NOT NULL REFERENCES users,
    instead   text NOT NULL DEFAULT '', -- login of who is away
    why       text NOT NULL,            -- machine name
    at        timestamptz NOT NULL,
    say_at    timestamptz NOT NULL,     -- later than at: held for the morning
    state     text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'said', 'no_way', 'dropped')),
    letter_id bigint REFERENCES staff_letters,
    PRIMARY KEY (notice_id, user_id),
    CHECK ((state = 'said') = (letter_id IS NOT NULL))
);
CREATE INDEX staff_messages_due ON staff_messages (say_at) WHERE state = 'waiting';
CREATE INDEX staff_messages_user ON staff_messages (user_id, at DESC);
CREATE INDEX staff_messages_letter ON staff_messages (letter_id) WHERE letter_id IS NOT NULL;

-- What the bot has heard from people of the desk: what comes again does nothing twice.
CREATE TABLE staff_updates (
    update_key bytea PRIMARY KEY CHECK (octet_length(update_key) = 32),
    region     text NOT NULL,
    at         timestamptz NOT NULL,
    outcome    text NOT NULL -- machine name
);
CREATE INDEX staff_updates_at ON staff_updates (region, at);

-- They leave by the outbox of answers, in a way of their own.
ALTER TABLE deliveries
    ADD COLUMN letter_id bigint REFERENCES staff_letters,
    ADD COLUMN link_id   bigint REFERENCES staff_links,
    DROP CONSTRAINT deliveries_platform_check,
    ADD CONSTRAINT deliveries_platform_check CHECK (platform IN ('vk', 'max', 'telegram', 'mail')),
    DROP CONSTRAINT deliveries_way_check,
    ADD CONSTRAINT deliveries_way_check CHECK (way IN ('public', 'dialog', 'staff')),
    DROP CONSTRAINT deliveries_kind_check,
    ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('reply', 'bot', 'staff')),
    DROP CONSTRAINT deliveries_kind,
    ADD CONSTRAINT deliveries_kind CHECK (CASE kind
        WHEN 'reply' THEN reply_id IS NOT NULL AND case_id IS NOT NULL AND dialog_id IS NULL AND letter_id IS NULL
        WHEN 'bot' THEN reply_id IS NULL AND dialog_id IS NOT NULL AND letter_id IS NULL AND NOT main
        ELSE reply_id IS NULL AND case_id IS NULL AND dialog_id IS NULL AND NOT main AND way = 'staff' END),
    ADD CONSTRAINT deliveries_mail CHECK (platform <> 'mail' OR kind = 'staff' AND letter_id IS NOT NULL AND NOT repeatable);
CREATE INDEX deliveries_letter ON deliveries (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX deliveries_link ON deliveries (link_id) WHERE link_id IS NOT NULL AND state = 'waiting';

-- What waits for a link goes with it.
-- +goose StatementBegin
CREATE FUNCTION otklik_staff_link_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deliveries SET state = 'cancelled', over_at = NEW.ended_at, reason = 'unlinked', words = 'чат отвязан'
     WHERE link_id = NEW.id AND state = 'waiting';
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER staff_links_ended AFTER UPDATE OF ended_at ON staff_links
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION otklik_staff_link_ended();

-- A leaver's links die with the account; and with a password that somebody else
-- has given, because nobody knows who had the old one.
-- +goose StatementBegin
CREATE FUNCTION otklik_staff_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM staff_codes WHERE user_id = NEW.id;
    UPDATE staff_links
       SET ended_at = NEW.updated_at, chat = '-', expects = '', about = NULL, reason = '', broken = '', broken_at = NULL,
           ended_why = CASE WHEN NEW.active THEN 'выдан новый пароль' ELSE 'учётная запись отключена' END
     WHERE user_id = NEW.id AND ended_at IS NULL;
    IF NOT NEW.active THEN
        UPDATE staff_messages SET state = 'dropped' WHERE user_id = NEW.id AND state = 'waiting';
        UPDATE deliveries d SET state = 'cancelled', over_at = NEW.updated_at, reason = 'left', words = 'учётная запись отключена'
          FROM staff_letters l WHERE l.user_id = NEW.id AND d.letter_id = l.id AND d.state = 'waiting';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER users_left AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.active AND NOT NEW.active OR NEW.must_change AND NEW.password_hash <> OLD.password_hash)
    EXECUTE FUNCTION otklik_staff_left();

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what people of the desk were told would be said again: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
