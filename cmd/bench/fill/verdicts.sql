INSERT INTO verdicts (post_id, stored_at, judged_at, latest, region, kind, urgent, decree_row, topic, category, subcategory, confidence, margin, municipality, place,
        language, pack_hash, reason, fingerprint, action, action_reason, action_words)
SELECT n, at, at, true, current_setting('bench.region'), CASE WHEN case_id IS NULL THEN 'other' ELSE 'problem' END, false, decree_row, '', 'Категория', 'Подкатегория', 0.9, 0.4, place,
       jsonb_build_object('municipality', place), 'ru', 'bench', 'фраза', '', CASE WHEN case_id IS NULL THEN 'keep' WHEN n = case_id THEN 'open' ELSE 'attach' END, 'assigned_unseen', 'поручено' FROM said;
