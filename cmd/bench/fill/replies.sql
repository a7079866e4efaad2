-- A quarter of the answers went out through the programme.
INSERT INTO replies (case_id, round, kind, state, text, outcome, author, writers, approver, created_at, updated_at, submitted_at, decided_at, published_at)
SELECT id, 1, 'final', 'published', 'Работы выполнены.', outcome, 'petrov', '{petrov}', 'sidorova', drafted_at, answered_at, drafted_at, approved_at, answered_at
  FROM plan WHERE state = 'done' AND id % 4 = 0;
INSERT INTO case_history (case_id, at, who, what, why, details)
SELECT case_id, updated_at, 'система', 'reply', '', jsonb_build_object('reply', id, 'kind', kind, 'state', state, 'outcome', outcome) FROM replies;
