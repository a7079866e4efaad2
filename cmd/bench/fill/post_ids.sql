INSERT INTO post_ids (platform, owner, post, comment, post_id, stored_at, text_hash) OVERRIDING SYSTEM VALUE
SELECT 'vk', '-' || source, n::text, '0', n, at, sha256(text::bytea) FROM said;
