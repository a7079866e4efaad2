-- Whoever told of the same problem under an answer (a neighbour) decides nothing about
-- that answer, but is an author in the next round; whoever only commented our words (a
-- stranger) is none ever.

-- +goose Up
ALTER TABLE voices
    DROP CONSTRAINT voices_says_check,
    ADD CONSTRAINT voices_says_check CHECK (says IN ('answers', 'objects', 'solved', 'unclear', 'stranger', 'neighbour')) NOT VALID;
ALTER TABLE voices VALIDATE CONSTRAINT voices_says_check;

CREATE VIEW bystanders AS
SELECT v.post_id FROM voices v JOIN cases c ON c.id = v.case_id
 WHERE v.says = 'stranger' OR v.says = 'neighbour' AND v.round = c.round;

-- +goose Down
DROP VIEW bystanders;
UPDATE voices SET says = 'stranger' WHERE says = 'neighbour';
ALTER TABLE voices
    DROP CONSTRAINT voices_says_check,
    ADD CONSTRAINT voices_says_check CHECK (says IN ('answers', 'objects', 'solved', 'unclear', 'stranger'));
