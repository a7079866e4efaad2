-- Where the bot of a source sits, as its platform told: a chat that it was put out of
-- sends nothing any more, and the page of sources says so.

-- +goose Up
CREATE TABLE source_chats (
    source_id bigint NOT NULL REFERENCES sources ON DELETE CASCADE,
    chat      text NOT NULL CHECK (chat <> ''),
    title     text NOT NULL DEFAULT '',
    away      boolean NOT NULL,
    at        timestamptz NOT NULL, -- when the platform says that it became so
    PRIMARY KEY (source_id, chat)
);

-- +goose Down
DROP TABLE source_chats;
