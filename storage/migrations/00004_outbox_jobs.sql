-- +goose Up

-- Messages to staff. The row is written in the commit that causes it; an
-- attempt is written before the try.
CREATE TABLE notices (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key             text NOT NULL UNIQUE,
    kind            text NOT NULL CHECK (kind <> ''),
    region          text NOT NULL,
    case_id         bigint REFERENCES cases,
    to_role         text NOT NULL,
    to_agency       text NOT NULL,
    text            text NOT NULL,
    at              timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    tried_at        timestamptz,
    sent_at         timestamptz,
    last_error      text NOT NULL DEFAULT '',
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notices_waiting ON notices (next_attempt_at, id) WHERE state = 'waiting';
CREATE INDEX notices_failed ON notices (region) WHERE state = 'failed';

-- otklik_backoff is the pause after so many tries: 30 s, 1 min, 2 min, … 1 hour.
-- +goose StatementBegin
CREATE FUNCTION otklik_backoff(attempts integer) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT least(interval '30 seconds' * (2 ^ least(attempts, 7)), interval '1 hour')
$$;
-- +goose StatementEnd

-- One row for each run of a calendar job: of many workers one makes it.
CREATE TABLE job_runs (
    job         text NOT NULL,
    region      text NOT NULL,
    tick        timestamptz NOT NULL,
    claimed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    claims      integer NOT NULL DEFAULT 1,
    finished_at timestamptz,
    result      text NOT NULL DEFAULT '',
    PRIMARY KEY (job, region, tick)
);

-- +goose Down
DROP TABLE job_runs, notices;
DROP FUNCTION otklik_backoff(integer);
