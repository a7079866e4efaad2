-- +goose Up

-- Long reading work ordered at the desk (a dry run, a count): its progress and
-- its result are for whoever looks, in whichever process. One that has not been
-- heard of for a while died with its process; nothing is lost but the time.
CREATE TABLE background_tasks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region      text NOT NULL REFERENCES regions,
    kind        text NOT NULL CHECK (kind <> ''),
    subject     text NOT NULL, -- what it is about, e.g. a pack's hash
    who         text NOT NULL CHECK (who <> ''),
    created_at  timestamptz NOT NULL,
    total       bigint NOT NULL DEFAULT 0 CHECK (total >= 0), -- 0: not known
    done        bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    cancel      boolean NOT NULL DEFAULT false,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'stopped')),
    result      jsonb,
    error       text NOT NULL DEFAULT '',
    heard_at    timestamptz NOT NULL DEFAULT clock_timestamp(), -- the database's own clock
    finished_at timestamptz,
    CHECK ((finished_at IS NULL) = (state = 'running')),
    CHECK ((result IS NOT NULL) = (state = 'done'))
);
CREATE INDEX background_tasks_kind ON background_tasks (region, kind, id DESC);

-- +goose Down
DROP TABLE background_tasks;
