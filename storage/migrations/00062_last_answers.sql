-- What an author was told last is corrected as long as it is what they read last: a new
-- round that has no answer of its own does not keep a wrong number or somebody's data
-- standing.

-- +goose Up

-- last_answers are the published answers that a correction may stand for: the last one
-- of a case, of the body that has it when it is of an earlier round; none once a later
-- round was answered by hand.
CREATE VIEW last_answers AS
SELECT c.id AS case_id, l.id AS reply_id
  FROM cases c
 CROSS JOIN LATERAL (SELECT r.id, r.round FROM replies r WHERE r.case_id = c.id AND r.state = 'published'
                      ORDER BY r.published_at DESC, r.id DESC LIMIT 1) l
 WHERE (l.round = c.round OR EXISTS (SELECT FROM case_rounds o WHERE o.case_id = c.id AND o.round = l.round AND o.agency_id = c.agency_id))
   AND NOT EXISTS (SELECT FROM replies b WHERE b.case_id = c.id AND b.round > l.round AND b.state = 'by_hand');

-- corrections_waiting are the proposals that can still be decided: of the body and the
-- answer given last. What an undo brings back waits again.
CREATE OR REPLACE VIEW corrections_waiting AS
SELECT p.* FROM correction_proposals p JOIN cases c ON c.id = p.case_id AND c.agency_id = p.agency_id
 WHERE p.state = 'open' AND p.reply_id = (SELECT l.reply_id FROM last_answers l WHERE l.case_id = p.case_id);

-- +goose Down
CREATE OR REPLACE VIEW corrections_waiting AS
SELECT p.* FROM correction_proposals p JOIN cases c ON c.id = p.case_id AND c.round = p.round AND c.agency_id = p.agency_id
 WHERE p.state = 'open'
   AND p.reply_id = (SELECT r.id FROM replies r WHERE r.case_id = p.case_id AND r.round = p.round AND r.state = 'published'
                      ORDER BY r.published_at DESC, r.id DESC LIMIT 1);
DROP VIEW last_answers;
