-- WaitingProposal is the proposal that a person decides about.
-- name: WaitingProposal :one
SELECT * FROM corrections_waiting WHERE case_id = @case_id AND id = @id;

-- name: InsertProposal :one
INSERT INTO correction_proposals (region, case_id, reply_id, round, agency_id, text, why, author, at)
VALUES (@region, @case_id, @reply_id, @round, @agency_id, @text, @why, @author, @at::timestamptz)
RETURNING id;

-- StaleProposals ends proposals that nobody can decide any more: one a case is open.
-- name: StaleProposals :many
UPDATE correction_proposals p
   SET state = 'stale', decided_by = @who, decided_at = @at::timestamptz
 WHERE p.case_id = @case_id AND p.state = 'open' AND NOT EXISTS (SELECT FROM corrections_waiting w WHERE w.id = p.id)
RETURNING p.id, p.author;

-- name: DecideProposal :exec
UPDATE correction_proposals SET state = @state, decided_by = @who, decided_at = @at::timestamptz, remark = @remark WHERE id = @id;

-- name: ProposalsOf :many
SELECT p.*, (w.id IS NOT NULL)::boolean AS waits
  FROM correction_proposals p LEFT JOIN corrections_waiting w ON w.id = p.id
 WHERE p.case_id = @case_id ORDER BY p.id;

-- ProposalsUndecided have waited since before a moment, where somebody can decide.
-- name: ProposalsUndecided :many
SELECT w.id, w.author, w.at, c.id AS case_id, c.number, c.agency_id FROM corrections_waiting w JOIN cases c ON c.id = w.case_id
 WHERE w.region = @region AND w.at < @before::timestamptz AND c.state = ANY (@states::text[])
 ORDER BY w.id
 LIMIT @most::integer;

-- EndStaleProposals ends those that nobody could decide any more for as long.
-- name: EndStaleProposals :many
UPDATE correction_proposals p
   SET state = 'stale', decided_by = @who, decided_at = @at::timestamptz
  FROM cases c
 WHERE p.region = @region AND p.state = 'open' AND p.at < @before::timestamptz AND c.id = p.case_id
   AND NOT EXISTS (SELECT FROM corrections_waiting w WHERE w.id = p.id)
RETURNING p.id, p.author, p.agency_id, c.id AS case_id, c.number;
