-- +goose Up

-- The oldest code that still works with this schema. A contracting migration
-- raises it one release after the expanding one.
CREATE TABLE schema_compat (
    one              boolean PRIMARY KEY DEFAULT true CHECK (one),
    oldest_supported bigint  NOT NULL
);
INSERT INTO schema_compat (oldest_supported) VALUES (1);

-- What storage must know of a region; the rest is in its pack.
CREATE TABLE regions (
    id     smallint GENERATED ALWAYS AS IDENTITY UNIQUE,
    region text PRIMARY KEY CHECK (region <> ''),
    code   text NOT NULL CHECK (code <> ''), -- begins case numbers
    zone   text NOT NULL CHECK (zone <> '')  -- IANA; the year of a case number is local
);

CREATE TABLE pack_versions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region       text NOT NULL REFERENCES regions,
    hash         text NOT NULL CHECK (hash <> ''),
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL,
    active       boolean NOT NULL DEFAULT false,
    activated_at timestamptz,
    activated_by text NOT NULL DEFAULT '',
    previous_id  bigint REFERENCES pack_versions, -- active before it; where a rollback goes
    UNIQUE (region, hash)
);
CREATE UNIQUE INDEX pack_versions_active ON pack_versions (region) WHERE active;

CREATE TABLE pack_files (
    version_id bigint NOT NULL REFERENCES pack_versions ON DELETE CASCADE,
    path       text   NOT NULL,
    content    bytea  NOT NULL,
    PRIMARY KEY (version_id, path)
);

CREATE TABLE sources (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region         text NOT NULL REFERENCES regions,
    kind           text NOT NULL CHECK (kind <> ''),
    address        text NOT NULL CHECK (address <> ''),
    title          text NOT NULL DEFAULT '',
    home           text NOT NULL DEFAULT '',
    settings       jsonb,
    cursor         jsonb,
    state          text NOT NULL DEFAULT 'new' CHECK (state IN
        ('new', 'active', 'unchanged', 'empty', 'failing', 'parked', 'closed', 'paused')),
    reason         text NOT NULL DEFAULT '',
    posts_per_hour double precision NOT NULL DEFAULT 0,
    last_post_at   timestamptz,
    failures       integer NOT NULL DEFAULT 0,
    next_poll_at   timestamptz NOT NULL, -- business time
    last_poll_at   timestamptz,          -- business time
    last_ok_at     timestamptz,          -- business time
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- The lease is the database's own time: clock_timestamp().
    lease_owner    text,
    lease_until    timestamptz,
    lease_length   interval,
    lease_epoch    bigint NOT NULL DEFAULT 0,
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    UNIQUE (region, kind, address)
);
-- An own channel pushes to, or is drained by, one region: two would lose updates.
CREATE UNIQUE INDEX sources_own_channel ON sources (kind, address)
    WHERE kind IN ('vk_callback', 'vk_longpoll', 'telegram_bot', 'telegram_webhook');
CREATE INDEX sources_due ON sources (next_poll_at) WHERE state <> 'paused';

-- Posts to be looked at again.
CREATE TABLE watches (
    source_id bigint NOT NULL REFERENCES sources ON DELETE CASCADE,
    platform  text NOT NULL,
    owner     text NOT NULL,
    post      text NOT NULL,
    comment   text NOT NULL,
    comments  bigint NOT NULL,
    until     timestamptz NOT NULL,
    next_at   timestamptz NOT NULL,
    PRIMARY KEY (source_id, platform, owner, post, comment)
);
CREATE INDEX watches_due ON watches (source_id, next_at);

-- Daily counters of platforms. The token itself is never stored.
CREATE TABLE quotas (
    token_hash bytea  NOT NULL,
    method     text   NOT NULL,
    day        date   NOT NULL, -- the platform's, see storage.QuotaZone
    used       bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (token_hash, method, day)
);
CREATE TABLE quota_parks (
    token_hash bytea NOT NULL,
    method     text  NOT NULL,
    day        date  NOT NULL,
    reason     text  NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (token_hash, method, day)
);

-- +goose Down
DROP TABLE quota_parks, quotas, watches, sources, pack_files, pack_versions, regions, schema_compat;
