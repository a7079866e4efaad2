-- +goose Up

-- Undecided posts are filtered, changed in bulk and taken back as cases are.
ALTER TABLE review_items
    -- Raised by every decision: who takes one back names the version after it.
    ADD COLUMN version      bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    -- What the queue filters by, of the post and of its latest verdict.
    ADD COLUMN source_id    bigint NOT NULL DEFAULT 0,
    ADD COLUMN municipality text NOT NULL DEFAULT '',
    ADD COLUMN decree_row   integer NOT NULL DEFAULT 0,
    ADD COLUMN topic        text NOT NULL DEFAULT '',
    ADD COLUMN confidence   real NOT NULL DEFAULT 0 CHECK (confidence BETWEEN 0 AND 1);

UPDATE review_items r
   SET source_id = p.source_id, municipality = coalesce(v.place ->> 'municipality', ''), decree_row = coalesce(v.decree_row, 0),
       topic = coalesce(v.topic, ''), confidence = coalesce(v.confidence, 0)
  FROM posts p LEFT JOIN verdicts v ON v.post_id = p.id AND v.stored_at = p.stored_at AND v.latest
 WHERE r.resolved_at IS NULL AND p.id = r.post_id AND p.stored_at = r.stored_at;

CREATE INDEX review_items_place ON review_items (region, municipality, urgent DESC, created_at) WHERE resolved_at IS NULL;
CREATE INDEX review_items_source ON review_items (region, source_id, urgent DESC, created_at) WHERE resolved_at IS NULL;
CREATE INDEX review_items_row ON review_items (region, decree_row, topic, urgent DESC, created_at) WHERE resolved_at IS NULL;
CREATE INDEX review_items_case ON review_items (case_id) WHERE case_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION otklik_review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.resolved_at, NEW.resolution, NEW.put_aside_until) IS DISTINCT FROM (OLD.resolved_at, OLD.resolution, OLD.put_aside_until) THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER review_items_guard BEFORE UPDATE ON review_items FOR EACH ROW EXECUTE FUNCTION otklik_review_guard();

-- Open queues hear of undecided posts: new ones, and what became of them.
-- +goose StatementBegin
CREATE FUNCTION otklik_review_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO events (at, region, kind, case_id, details)
        SELECT created_at, region, 'review_opened', case_id, jsonb_build_object('review', id) FROM news;
    ELSE
        INSERT INTO events (at, region, kind, case_id, details)
        SELECT clock_timestamp(), n.region, 'review_decided', n.case_id, jsonb_build_object('review', n.id)
          FROM news n JOIN olds o ON o.id = n.id WHERE n.version <> o.version;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER review_items_opened AFTER INSERT ON review_items REFERENCING NEW TABLE AS news
    FOR EACH STATEMENT EXECUTE FUNCTION otklik_review_record();
CREATE TRIGGER review_items_decided AFTER UPDATE ON review_items REFERENCING OLD TABLE AS olds NEW TABLE AS news
    FOR EACH STATEMENT EXECUTE FUNCTION otklik_review_record();

-- The undecided posts a change was about, as they were before it: open, and put
-- aside until when.
CREATE TABLE undo_reviews (
    undo_id         bigint NOT NULL REFERENCES undos ON DELETE CASCADE,
    review_id       bigint NOT NULL REFERENCES review_items,
    version         bigint NOT NULL, -- after the change
    put_aside_until timestamptz,
    PRIMARY KEY (undo_id, review_id)
);

-- An order is about cases and undecided posts.
ALTER TABLE bulk_items
    DROP CONSTRAINT bulk_items_pkey,
    ALTER COLUMN case_id DROP NOT NULL,
    ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN review_id bigint REFERENCES review_items,
    ADD CHECK (num_nonnulls(case_id, review_id) = 1);
ALTER TABLE bulk_items ADD PRIMARY KEY (job_id, n);
DROP INDEX bulk_items_left;
CREATE INDEX bulk_items_left ON bulk_items (job_id, n) WHERE result = '';

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    IF EXISTS (SELECT FROM bulk_items WHERE case_id IS NULL) THEN
        RAISE EXCEPTION 'orders about undecided posts would be lost: go back to a back-up';
    END IF;
END $$;
-- +goose StatementEnd
DROP INDEX bulk_items_left;
ALTER TABLE bulk_items DROP CONSTRAINT bulk_items_pkey;
ALTER TABLE bulk_items DROP COLUMN review_id, DROP COLUMN n, ALTER COLUMN case_id SET NOT NULL;
ALTER TABLE bulk_items ADD PRIMARY KEY (job_id, case_id);
CREATE INDEX bulk_items_left ON bulk_items (job_id, case_id) WHERE result = '';
DROP TABLE undo_reviews;
DROP TRIGGER review_items_opened ON review_items;
DROP TRIGGER review_items_decided ON review_items;
DROP TRIGGER review_items_guard ON review_items;
DROP FUNCTION otklik_review_record, otklik_review_guard;
DROP INDEX review_items_place, review_items_source, review_items_row, review_items_case;
ALTER TABLE review_items DROP COLUMN version, DROP COLUMN source_id, DROP COLUMN municipality, DROP COLUMN decree_row,
    DROP COLUMN topic, DROP COLUMN confidence;
