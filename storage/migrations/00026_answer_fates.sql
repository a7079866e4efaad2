-- +goose Up

-- What was corrected in an answer after it had gone out: the answer itself stays
-- as it was approved.
CREATE TABLE reply_corrections (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reply_id bigint NOT NULL REFERENCES replies,
    text     text NOT NULL CHECK (text <> ''),
    why      text NOT NULL CHECK (why <> ''),
    author   text NOT NULL CHECK (author <> ''),
    at       timestamptz NOT NULL
);
CREATE INDEX reply_corrections_reply ON reply_corrections (reply_id, id);

-- What became of a delivered answer at its platform, and what is changed there.
ALTER TABLE deliveries
    ADD COLUMN fate          text NOT NULL DEFAULT '' CHECK (fate IN ('', 'removed', 'edited')),
    ADD COLUMN fate_at       timestamptz,
    ADD COLUMN fate_text     text NOT NULL DEFAULT '', -- what stands there instead
    ADD COLUMN fate_untold   boolean NOT NULL DEFAULT false, -- the body has not heard of it
    ADD COLUMN correction_id bigint REFERENCES reply_corrections,
    ADD COLUMN edits         text NOT NULL DEFAULT '', -- the platform's id of the message that is changed; '': a new one
    ADD CONSTRAINT deliveries_fate CHECK ((fate <> '') = (fate_at IS NOT NULL)),
    ADD CONSTRAINT deliveries_edits CHECK (edits = '' OR correction_id IS NOT NULL);
CREATE INDEX deliveries_fates ON deliveries (id) WHERE fate_untold;
CREATE INDEX deliveries_under ON deliveries (platform, owner, post) WHERE state = 'delivered' AND way = 'public' AND edits = '';
CREATE INDEX deliveries_message ON deliveries (platform, owner, platform_id) WHERE state = 'delivered' AND way = 'public' AND edits = '';

-- In VK an answer is a comment, and goes with the post it stands under; elsewhere
-- it is a message of the chat.
-- +goose StatementBegin
CREATE FUNCTION otklik_answer_removed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone timestamptz := CASE WHEN TG_TABLE_NAME = 'tombstones' THEN (to_jsonb(NEW) ->> 'noticed_at')::timestamptz
                             ELSE (to_jsonb(NEW) ->> 'deleted_at')::timestamptz END;
    what text := CASE WHEN gone IS NULL THEN '' ELSE 'removed' END;
BEGIN
    IF NEW.platform = 'vk' THEN
        UPDATE deliveries SET fate = what, fate_at = gone, fate_text = '', fate_untold = gone IS NOT NULL
         WHERE platform = 'vk' AND owner = NEW.owner AND post = NEW.post AND (NEW.comment = '0' OR platform_id = NEW.comment)
           AND state = 'delivered' AND way = 'public' AND edits = '' AND (fate = 'removed') = (gone IS NULL);
    ELSE
        UPDATE deliveries SET fate = what, fate_at = gone, fate_text = '', fate_untold = gone IS NOT NULL
         WHERE platform = NEW.platform AND owner = NEW.owner AND platform_id = NEW.post
           AND state = 'delivered' AND way = 'public' AND edits = '' AND (fate = 'removed') = (gone IS NULL);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER post_ids_removed AFTER UPDATE OF deleted_at ON post_ids FOR EACH ROW
    WHEN (NEW.deleted_at IS DISTINCT FROM OLD.deleted_at) EXECUTE FUNCTION otklik_answer_removed();
CREATE TRIGGER tombstones_removed AFTER INSERT ON tombstones FOR EACH ROW EXECUTE FUNCTION otklik_answer_removed();

-- Whoever keeps a community may write over what it said.
-- +goose StatementBegin
CREATE FUNCTION otklik_answer_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE deliveries d
       SET fate = CASE WHEN NEW.text = d.text THEN '' ELSE 'edited' END,
           fate_at = CASE WHEN NEW.text <> d.text THEN coalesce(NEW.edited_at, clock_timestamp()) END,
           fate_text = CASE WHEN NEW.text = d.text THEN '' ELSE NEW.text END, fate_untold = NEW.text <> d.text
     WHERE d.platform = 'vk' AND d.owner = NEW.owner AND d.post = NEW.post AND d.platform_id = NEW.comment
       AND d.state = 'delivered' AND d.way = 'public' AND d.edits = '';
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER posts_edited AFTER UPDATE OF text ON posts FOR EACH ROW
    WHEN (NEW.platform = 'vk' AND NEW.comment <> '0' AND NEW.author_id LIKE '-%' AND NEW.text <> OLD.text)
    EXECUTE FUNCTION otklik_answer_edited();

-- +goose StatementBegin
CREATE FUNCTION otklik_correction_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'correction % stays as it was', OLD.id USING ERRCODE = 'OT002';
    END IF;
    INSERT INTO case_history (case_id, at, who, what, why, details)
    SELECT r.case_id, NEW.at, NEW.author, 'reply', NEW.why, jsonb_build_object('reply', r.id, 'kind', r.kind, 'state', 'corrected')
      FROM replies r WHERE r.id = NEW.reply_id;
    INSERT INTO events (at, region, kind, case_id, details)
    SELECT NEW.at, c.region, 'case_reply', c.id, '{"state": "corrected"}' FROM replies r JOIN cases c ON c.id = r.case_id WHERE r.id = NEW.reply_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER reply_corrections_record AFTER INSERT OR UPDATE OR DELETE ON reply_corrections
    FOR EACH ROW EXECUTE FUNCTION otklik_correction_record();

-- +goose Down
DROP TRIGGER posts_edited ON posts;
DROP TRIGGER tombstones_removed ON tombstones;
DROP TRIGGER post_ids_removed ON post_ids;
DROP FUNCTION otklik_answer_edited, otklik_answer_removed;
ALTER TABLE deliveries DROP COLUMN fate, DROP COLUMN fate_at, DROP COLUMN fate_text, DROP COLUMN fate_untold, DROP COLUMN edits, DROP COLUMN correction_id;
DROP TABLE reply_corrections;
DROP FUNCTION otklik_correction_record;
