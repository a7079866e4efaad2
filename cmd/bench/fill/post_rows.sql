-- $1 and $2 are the first moment and the one after the last.
INSERT INTO posts (id, stored_at, platform, owner, post, comment, region, source_id, kind, author_id, author_name, author_org, text, published_at, url, views, comments, home)
SELECT n, at, 'vk', '-' || source, n::text, '0', current_setting('bench.region'), source, 'post', (n % 50000)::text, 'Житель', false, text, at,
       'https://vk.ru/wall-' || source || '_' || n, views, 0, place FROM said WHERE at >= $1 AND at < $2;
