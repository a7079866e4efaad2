-- A try that the platform did not refuse itself (cut, timed out, never heard of again)
-- may have said the words: only the same account, whose key the platform knows, says
-- them again by itself.

-- +goose Up
ALTER TABLE deliveries ADD COLUMN perhaps boolean NOT NULL DEFAULT false;
UPDATE deliveries w SET perhaps = true
  FROM replies r
 WHERE r.id = w.reply_id AND r.state = 'approved' AND w.state <> 'delivered'
   AND EXISTS (SELECT FROM delivery_attempts a
                WHERE a.delivery_id = w.id AND (a.outcome IN ('lapsed', 'unclear') OR a.outcome IN ('waiting', 'failed', 'cancelled')
                      AND (a.code IN (0, 1, 10) OR a.code BETWEEN 500 AND 599)));

-- +goose Down
ALTER TABLE deliveries DROP COLUMN perhaps;
