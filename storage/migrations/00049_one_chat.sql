-- One name for a private chat in the outbox, whoever speaks there: the bot to a
-- citizen, the body that answers, the desk to its people. Pace and order go by it.

-- +goose Up
UPDATE deliveries w SET chat = n.name, thread = n.name
  FROM (SELECT d.id, 'chat:' || encode(substring(d.chat_key FROM 1 FOR 8), 'hex') AS name FROM dialogs d) n
 WHERE w.dialog_id = n.id AND w.kind = 'bot' AND w.state IN ('waiting', 'trying');
UPDATE deliveries w SET chat = n.name, thread = n.name
  FROM (SELECT i.platform, i.owner, i.post, i.comment, 'chat:' || encode(substring(d.chat_key FROM 1 FOR 8), 'hex') AS name
          FROM dialogs d JOIN dialog_posts x ON x.dialog_id = d.id JOIN post_ids i ON i.post_id = x.post_id) n
 WHERE w.platform = n.platform AND w.owner = n.owner AND w.post = n.post AND w.comment = n.comment
   AND w.kind = 'reply' AND w.way = 'dialog' AND w.state IN ('waiting', 'trying');
UPDATE deliveries SET chat = 'chat:' || substring(chat FROM 7), thread = CASE WHEN thread = chat THEN 'chat:' || substring(chat FROM 7) ELSE thread END
 WHERE kind = 'staff' AND platform <> 'mail' AND chat LIKE 'staff:%' AND state IN ('waiting', 'trying');

-- +goose Down
SELECT 1; -- the names of before are only names
