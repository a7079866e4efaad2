-- +goose Up

-- Deletions of posts that are not stored: pushes overtake each other, so the end
-- of a comment may be told before its birth. The birth finds its row here.
CREATE TABLE tombstones (
    platform   text NOT NULL,
    owner      text NOT NULL,
    post       text NOT NULL,
    comment    text NOT NULL, -- '0' for anything but a comment
    noticed_at timestamptz NOT NULL,
    PRIMARY KEY (platform, owner, post, comment)
);
CREATE INDEX tombstones_age ON tombstones (noticed_at);

-- +goose Down
DROP TABLE tombstones;
