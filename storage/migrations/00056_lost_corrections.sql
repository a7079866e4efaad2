-- A correction that did not get through comes to a person as a lost copy does: it is
-- sent again, told another way, or let be.

-- +goose Up
UPDATE deliveries SET copy = true WHERE kind = 'reply' AND correction_id IS NOT NULL AND NOT copy;

-- lost_copies wait for a person: of what an answer says, not of a text that was taken
-- back, and not of a correction that another one has followed to the same place.
CREATE VIEW lost_copies AS
SELECT w.id, w.region, w.case_id, w.reply_id
  FROM deliveries w JOIN replies k ON k.id = w.reply_id AND k.state IN ('approved', 'published', 'by_hand') AND w.created_at >= k.decided_at
 WHERE w.copy AND w.state IN ('failed', 'unclear') AND w.let_be_at IS NULL
   AND NOT EXISTS (SELECT FROM deliveries n
                    WHERE n.reply_id = w.reply_id AND n.correction_id > w.correction_id AND n.platform = w.platform AND n.way = w.way
                      AND n.owner = w.owner AND n.post = w.post AND n.comment = w.comment);

-- +goose Down
DROP VIEW lost_copies;
