-- +goose Up

-- Words of the control centre to everybody who has subscribed to a municipality.
-- One writes, another approves.
CREATE TABLE announcements (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region         text NOT NULL REFERENCES regions,
    state          text NOT NULL CHECK (state IN ('draft', 'approval', 'sending', 'sent', 'stopped', 'dropped')),
    text           text NOT NULL CHECK (text <> ''),
    municipalities text[] NOT NULL CHECK (cardinality(municipalities) > 0),
    author         text NOT NULL CHECK (author <> ''),
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    approver       text NOT NULL DEFAULT '',
    approved_at    timestamptz,
    why            text NOT NULL DEFAULT '', -- of the last return or stop
    ended_by       text NOT NULL DEFAULT '',
    ended_at       timestamptz,
    version        integer NOT NULL DEFAULT 1,
    total          integer NOT NULL DEFAULT 0, -- receivers when it was approved
    last_dialog    bigint NOT NULL DEFAULT 0, -- those up to here have it in the outbox
    CHECK (approver <> author),
    CHECK ((approved_at IS NOT NULL) = (approver <> '')),
    CHECK ((approver <> '') = (state IN ('sending', 'sent', 'stopped'))),
    CHECK ((ended_at IS NOT NULL) = (state IN ('sent', 'stopped', 'dropped')))
);
CREATE INDEX announcements_region ON announcements (region, id);
CREATE INDEX announcements_sending ON announcements (region, id) WHERE state = 'sending';

CREATE INDEX dialogs_region ON dialogs (region, id);

ALTER TABLE deliveries ADD COLUMN announcement_id bigint REFERENCES announcements;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_announcement CHECK (announcement_id IS NULL OR kind = 'bot') NOT VALID;
ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_announcement;
-- To one dialog an announcement goes once.
CREATE UNIQUE INDEX deliveries_announcement_one ON deliveries (announcement_id, dialog_id) WHERE announcement_id IS NOT NULL;
CREATE INDEX deliveries_announcement_waits ON deliveries (announcement_id) WHERE announcement_id IS NOT NULL AND state IN ('waiting', 'trying');

-- +goose Down
ALTER TABLE deliveries DROP COLUMN announcement_id;
DROP INDEX dialogs_region;
DROP TABLE announcements;
