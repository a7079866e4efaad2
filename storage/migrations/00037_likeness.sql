-- +goose Up

-- By what the same problem told in other words is found (domain.Print): kept beside
-- the attach keys that begin with "like:".
ALTER TABLE case_keys
    ADD COLUMN print     bytea,
    ADD COLUMN post_id   bigint, -- of the post that brought the key
    ADD COLUMN came_from bigint; -- of the case that brought it when it was joined

-- Open cases that a new one may be the same as: the machine offers, a person decides.
CREATE TABLE case_likes (
    case_id  bigint NOT NULL REFERENCES cases,
    other_id bigint NOT NULL REFERENCES cases,
    likeness real NOT NULL CHECK (likeness BETWEEN 0 AND 1),
    PRIMARY KEY (case_id, other_id),
    CHECK (case_id <> other_id)
);
CREATE INDEX case_likes_other ON case_likes (other_id);

-- What a person has set apart, the machine neither joins nor offers to join.
CREATE TABLE case_parts (
    case_id  bigint NOT NULL REFERENCES cases,
    other_id bigint NOT NULL REFERENCES cases,
    by_whom  text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (case_id, other_id),
    CHECK (case_id < other_id)
);
CREATE INDEX case_parts_other ON case_parts (other_id);

-- +goose Down
DROP TABLE case_parts, case_likes;
DELETE FROM case_keys WHERE key LIKE 'like:%';
ALTER TABLE case_keys DROP COLUMN came_from, DROP COLUMN post_id, DROP COLUMN print;
