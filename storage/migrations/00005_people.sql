-- +goose Up

-- People of the desk. Everybody belongs to one region.
CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region        text NOT NULL REFERENCES regions,
    login         text NOT NULL UNIQUE CHECK (login ~ '^[a-zа-яё0-9][a-zа-яё0-9._@-]{1,63}$'),
    name          text NOT NULL CHECK (name <> ''),
    position      text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    restricted    boolean NOT NULL DEFAULT false, -- named to see restricted cases
    active        boolean NOT NULL DEFAULT true,
    password_hash text NOT NULL DEFAULT '', -- argon2id; '' cannot log in by password
    must_change   boolean NOT NULL DEFAULT true,
    totp_secret   bytea, -- encrypted with OTKLIK_SECRET_KEY
    totp_step     bigint NOT NULL DEFAULT 0, -- the last one used: a code works once
    oidc_subject  text UNIQUE, -- issuer and subject, joined by a space
    -- Raised to end every session: a session of an older epoch is nobody's.
    session_epoch bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    last_login_at timestamptz
);
CREATE INDEX users_region ON users (region, name, id);
CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE email <> '' AND active;

-- Roles, in a body or ('') in the whole region (law.md §2).
CREATE TABLE user_offices (
    user_id   bigint NOT NULL REFERENCES users,
    role      text NOT NULL CHECK (role IN
        ('analyst', 'coordinator', 'executor', 'head', 'curator', 'controller', 'administrator', 'reader')),
    agency_id text NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, role, agency_id),
    CHECK (agency_id <> '' OR role IN ('analyst', 'controller', 'administrator', 'reader')),
    CHECK (agency_id = '' OR role NOT IN ('analyst', 'administrator'))
);
CREATE INDEX user_offices_agency ON user_offices (agency_id, role) WHERE agency_id <> '';

-- Local days of the region, both ends included.
CREATE TABLE absences (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    first_day  date NOT NULL,
    last_day   date NOT NULL CHECK (last_day >= first_day),
    deputy_id  bigint REFERENCES users CHECK (deputy_id <> user_id),
    why        text NOT NULL DEFAULT '',
    entered_by text NOT NULL CHECK (entered_by <> ''),
    entered_at timestamptz NOT NULL
);
CREATE INDEX absences_user ON absences (user_id, last_day);
CREATE INDEX absences_deputy ON absences (deputy_id, last_day) WHERE deputy_id IS NOT NULL;

-- otklik_local_day is the day an instant lies in, in a zone.
-- +goose StatementBegin
CREATE FUNCTION otklik_local_day(at timestamptz, zone text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (at AT TIME ZONE zone)::date
$$;
-- +goose StatementEnd

-- Sessions live by the database's own clock. The token itself is not kept.
CREATE TABLE sessions (
    token_hash text PRIMARY KEY,
    user_id    bigint REFERENCES users, -- NULL while nobody has logged in
    epoch      bigint NOT NULL DEFAULT 0, -- of the user, at login
    data       bytea NOT NULL,
    address    text NOT NULL DEFAULT '',
    agent      text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_expired ON sessions (expires_at);

-- One-time codes for who has lost the phone. Each holds 80 random bits, so a
-- plain hash keeps them.
CREATE TABLE recovery_codes (
    user_id bigint NOT NULL REFERENCES users,
    hash    bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);

-- Failed logins by key («login», «address», both): an attempt counts before the
-- password is looked at, so that many at once gain nothing.
CREATE TABLE login_attempts (
    key        text PRIMARY KEY,
    failures   integer NOT NULL,
    last_at    timestamptz NOT NULL,
    open_at    timestamptz NOT NULL -- the next attempt is not looked at before
);
CREATE INDEX login_attempts_last ON login_attempts (last_at);

-- otklik_login_pause grows from 5 s to 15 min once the free tries are used up.
-- +goose StatementBegin
CREATE FUNCTION otklik_login_pause(failures integer, free integer) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN failures < free THEN interval '0'
                ELSE least(interval '5 seconds' * (2 ^ least(failures - free, 10)), interval '15 minutes') END
$$;
-- +goose StatementEnd

-- Who did what at the desk. Rows are only added.
CREATE TABLE journal (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL, -- business time
    region    text NOT NULL,
    who       text NOT NULL CHECK (who <> ''), -- login, «система», «командная строка»
    action    text NOT NULL CHECK (action <> ''), -- machine name
    object    text NOT NULL DEFAULT '', -- kind: user, case, source, pack, …
    object_id text NOT NULL DEFAULT '', -- as people name it: login, case number
    words     text NOT NULL CHECK (words <> ''), -- Russian
    details   jsonb NOT NULL DEFAULT '{}',
    address   text NOT NULL DEFAULT '' -- network address of the browser
);
CREATE INDEX journal_at ON journal (region, at DESC, id DESC);
CREATE INDEX journal_who ON journal (region, who, at DESC, id DESC);
CREATE INDEX journal_object ON journal (region, object, object_id, at DESC, id DESC);
CREATE INDEX journal_action ON journal (region, action, at DESC, id DESC);
CREATE TRIGGER journal_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION otklik_never();

-- What people change in a case reaches the journal whoever writes it; what the
-- system does stays in the case's history.
-- +goose StatementBegin
CREATE FUNCTION otklik_case_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal (at, region, who, action, object, object_id, words, details)
    SELECT NEW.at, c.region, NEW.who, 'case_' || NEW.what, 'case', c.number,
           coalesce(nullif(NEW.why, ''), 'инцидент изменён'), NEW.details
      FROM cases c WHERE c.id = NEW.case_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER case_history_journal AFTER INSERT ON case_history
    FOR EACH ROW WHEN (NEW.who <> 'система') EXECUTE FUNCTION otklik_case_journal();

-- +goose Down
DROP TRIGGER case_history_journal ON case_history;
DROP FUNCTION otklik_case_journal();
DROP TABLE journal, login_attempts, recovery_codes, sessions, absences, user_offices, users;
DROP FUNCTION otklik_login_pause(integer, integer), otklik_local_day(timestamptz, text);
