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
