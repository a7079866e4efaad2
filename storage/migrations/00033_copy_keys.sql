-- +goose Up

-- A copy is now one of the same municipality: open cases go on taking theirs.
UPDATE case_keys k SET key = k.key || '/' || c.municipality
  FROM cases c
 WHERE c.id = k.case_id AND k.is_open AND k.key LIKE 'copy:%' AND k.key NOT LIKE '%/%';

-- +goose Down
INSERT INTO case_keys (region, key, case_id, is_open)
SELECT DISTINCT region, split_part(key, '/', 1), case_id, is_open FROM case_keys WHERE key LIKE 'copy:%/%'
    ON CONFLICT (case_id, key) DO NOTHING;
DELETE FROM case_keys WHERE key LIKE 'copy:%/%';
