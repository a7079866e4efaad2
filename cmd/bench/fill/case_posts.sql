INSERT INTO case_posts (post_id, stored_at, case_id, attached_at) SELECT n, at, case_id, at FROM said WHERE case_id IS NOT NULL;
