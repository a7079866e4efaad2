-- +goose Up

-- A wish to stop an order, beside the order: its own row is locked by whoever
-- carries it out, nearly all the time.
CREATE TABLE bulk_stops (
    job_id   bigint PRIMARY KEY REFERENCES bulk_jobs (id) ON DELETE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO bulk_stops (job_id) SELECT id FROM bulk_jobs WHERE cancel AND finished_at IS NULL;
ALTER TABLE bulk_jobs DROP COLUMN cancel;

-- +goose Down
ALTER TABLE bulk_jobs ADD COLUMN cancel boolean NOT NULL DEFAULT false;
UPDATE bulk_jobs j SET cancel = true FROM bulk_stops s WHERE s.job_id = j.id;
DROP TABLE bulk_stops;
