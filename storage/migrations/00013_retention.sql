-- +goose Up

-- Set when a post that was nobody's problem was dropped by age. Its identity
-- stays, so that the platform showing it again does not make it news.
ALTER TABLE post_ids ADD COLUMN dropped_at timestamptz;

-- Asked for every post whose age has come.
CREATE INDEX examples_post ON examples (post_id);
CREATE INDEX questions_post ON questions (answer_post_id) WHERE answer_post_id IS NOT NULL;

-- otklik_post_needed tells whether somebody may still need a post: it is judged
-- a problem, it is of a case, waits for review, or is a correction or an answer.
-- +goose StatementBegin
CREATE FUNCTION otklik_post_needed(of_post bigint, stored timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM verdicts v
                    WHERE v.post_id = of_post AND v.stored_at = stored AND v.latest
                      AND (v.kind = 'problem' OR v.urgent OR v.decree_row > 0))
        OR EXISTS (SELECT FROM post_ids i WHERE i.post_id = of_post AND i.pending)
        OR EXISTS (SELECT FROM case_posts c WHERE c.post_id = of_post)
        OR EXISTS (SELECT FROM review_items r WHERE r.post_id = of_post AND r.resolved_at IS NULL)
        OR EXISTS (SELECT FROM examples e WHERE e.post_id = of_post)
        OR EXISTS (SELECT FROM questions q WHERE q.answer_post_id = of_post);
END
$$;
-- +goose StatementEnd

-- otklik_post_idle: nobody needs the post, nor any part of its album.
-- +goose StatementBegin
CREATE FUNCTION otklik_post_idle(of_post bigint, stored timestamptz, of_album text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF otklik_post_needed(of_post, stored) THEN
        RETURN false;
    END IF;
    RETURN of_album IS NULL
        OR NOT EXISTS (SELECT FROM posts p WHERE p.album = of_album AND otklik_post_needed(p.id, p.stored_at));
END
$$;
-- +goose StatementEnd

-- otklik_empty_partitions gives the months that ended before a moment and hold
-- nothing, and drops them when told to. Dropping locks the parent: a busy table
-- is left for another day.
-- +goose StatementBegin
CREATE FUNCTION otklik_empty_partitions(before timestamptz, and_drop boolean) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    part   record;
    vacant boolean;
BEGIN
    FOR part IN
        SELECT i.inhparent::regclass::text AS parent, c.relname AS name
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent IN ('posts'::regclass, 'verdicts'::regclass) AND c.relname ~ '_\d{4}_\d{2}$'
           AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
         ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I)', part.name) INTO vacant;
        CONTINUE WHEN NOT vacant;
        IF and_drop THEN
            BEGIN
                EXECUTE format('LOCK TABLE ONLY %I, %I IN ACCESS EXCLUSIVE MODE', part.parent, part.name);
                EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I)', part.name) INTO vacant;
                CONTINUE WHEN NOT vacant;
                EXECUTE format('DROP TABLE %I', part.name);
            EXCEPTION WHEN lock_not_available THEN
                CONTINUE;
            END;
        END IF;
        RETURN NEXT part.name;
    END LOOP;
END
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION otklik_empty_partitions(timestamptz, boolean) FROM PUBLIC;

-- +goose Down
DROP FUNCTION otklik_empty_partitions(timestamptz, boolean);
DROP FUNCTION otklik_post_idle(bigint, timestamptz, text);
DROP FUNCTION otklik_post_needed(bigint, timestamptz);
DROP INDEX questions_post, examples_post;
ALTER TABLE post_ids DROP COLUMN dropped_at;
