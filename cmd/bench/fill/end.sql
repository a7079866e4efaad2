DROP VIEW said, ran_out;
DROP FUNCTION lot(bigint, bigint);
DROP TABLE plan;
SELECT setval(pg_get_serial_sequence('cases', 'id'), (SELECT max(id) FROM cases)), setval(pg_get_serial_sequence('post_ids', 'post_id'), (SELECT max(post_id) FROM post_ids));
