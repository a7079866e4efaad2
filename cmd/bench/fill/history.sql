-- What happened to the cases, in the words of their trigger: one statement for
-- each thing that happens, so that the lines of a case lie apart as in life.
INSERT INTO case_history (case_id, at, who, what, to_state, why, details)
SELECT id, at, 'система', 'opened', CASE WHEN doubtful THEN 'moderation' ELSE 'coordination' END, 'поручено',
       jsonb_build_object('agency', CASE WHEN doubtful THEN '' ELSE agency END, 'row', decree_row, 'due', due) FROM plan;

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, more_at, 'система', 'posts', CASE WHEN doubtful THEN 'moderation' ELSE 'coordination' END, CASE WHEN doubtful THEN 'moderation' ELSE 'coordination' END,
       'ещё одно сообщение', '{"posts": [1, 2]}' FROM plan WHERE more_at IS NOT NULL;

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, sent_at, 'ivanova', 'moved', 'moderation', 'coordination', 'проверено',
       jsonb_build_object('state', '["moderation", "coordination"]'::jsonb, 'agency', jsonb_build_array('', agency))
  FROM plan WHERE doubtful AND state NOT IN ('moderation', 'rejected');

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, sent_at, 'ivanova', 'moved', 'moderation', 'rejected', 'не обращение', '{"state": ["moderation", "rejected"], "closing": ["", "not_a_problem"]}'
  FROM plan WHERE state = 'rejected';

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, taken_at, 'petrov', 'moved', 'coordination', 'execution', 'в работу',
       jsonb_build_object('state', '["coordination", "execution"]'::jsonb, 'reaction', jsonb_build_array(NULL, taken_at))
  FROM plan WHERE state IN ('execution', 'satisfaction', 'done');

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, drafted_at, 'petrov', 'moved', 'execution', 'approval', 'ответ готов', '{"state": ["execution", "approval"]}'
  FROM plan WHERE state IN ('satisfaction', 'done');

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, approved_at, 'sidorova', 'moved', 'approval', 'publishing', 'утверждено', '{"state": ["approval", "publishing"]}'
  FROM plan WHERE state IN ('satisfaction', 'done');

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, answered_at, 'система', 'moved', 'publishing', 'satisfaction', 'ответ опубликован',
       jsonb_build_object('state', '["publishing", "satisfaction"]'::jsonb, 'outcome', jsonb_build_array('', outcome), 'answered', jsonb_build_array(NULL, answered_at))
  FROM plan WHERE state IN ('satisfaction', 'done');

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, closed_at, 'система', 'moved', 'satisfaction', 'done', 'автор не ответил', '{"state": ["satisfaction", "done"], "closing": ["", "author_silent"]}'
  FROM plan WHERE state = 'done';

INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
SELECT id, at, 'система', 'overdue', state, state, 'срок прошёл', '{"overdue": [false, true]}' FROM ran_out;
