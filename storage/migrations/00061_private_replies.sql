-- How an answer was looked at: by the one author who reads it in private, or as what
-- others read too. Where it goes is decided later, and again whenever it is sent again;
-- somebody may have joined the case meanwhile.

-- +goose Up
ALTER TABLE replies ADD COLUMN private_of bigint;
COMMENT ON COLUMN replies.private_of IS 'a private message (post_ids) of the only author whom the answer was looked at for; NULL: looked at as public';
UPDATE replies r SET private_of = one.post_id
  FROM (SELECT cp.case_id, min(cp.post_id) AS post_id FROM case_posts cp
          JOIN posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
         WHERE cp.case_id IN (SELECT w.case_id FROM replies w WHERE w.state = 'approved')
         GROUP BY cp.case_id
        HAVING bool_and(p.kind = 'message') AND count(DISTINCT (p.platform, p.author_id)) = 1) one
 WHERE r.state = 'approved' AND r.case_id = one.case_id;

-- +goose Down
ALTER TABLE replies DROP COLUMN private_of;
