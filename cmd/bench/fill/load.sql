INSERT INTO case_load SELECT region, agency_id, restricted, due_at, count(*) FROM case_facts WHERE open GROUP BY 1, 2, 3, 4;
