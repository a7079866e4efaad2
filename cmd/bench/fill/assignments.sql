INSERT INTO assignments (case_id, agency_id, since, by_whom, why)
SELECT id, agency, CASE WHEN doubtful THEN sent_at ELSE at END, CASE WHEN doubtful THEN 'ivanova' ELSE 'система' END, CASE WHEN doubtful THEN 'проверено' ELSE 'поручено' END
  FROM plan WHERE agency <> '';
