-- Erasing an author's data (152-ФЗ ст. 14, 20, 21) takes their name, words, numbers
-- and address out of what others wrote about their cases too. Nothing else rewrites
-- history, journal, answers or deliveries: only while otklik.erasing is on, which
-- lasts no longer than its transaction.

-- +goose Up
DROP TRIGGER case_history_kept ON case_history;
CREATE TRIGGER case_history_kept BEFORE DELETE ON case_history FOR EACH ROW EXECUTE FUNCTION otklik_never();
CREATE TRIGGER case_history_kept_words BEFORE UPDATE ON case_history FOR EACH ROW
    WHEN (current_setting('otklik.erasing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION otklik_never();

DROP TRIGGER journal_kept ON journal;
CREATE TRIGGER journal_kept BEFORE DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION otklik_never();
CREATE TRIGGER journal_kept_words BEFORE UPDATE ON journal FOR EACH STATEMENT
    WHEN (current_setting('otklik.erasing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION otklik_never();

DROP TRIGGER replies_guard ON replies;
CREATE TRIGGER replies_guard BEFORE UPDATE ON replies FOR EACH ROW
    WHEN (current_setting('otklik.erasing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION otklik_reply_guard();
DROP TRIGGER replies_record_change ON replies;
CREATE TRIGGER replies_record_change AFTER UPDATE ON replies FOR EACH ROW
    WHEN (OLD.state <> 'withdrawn' AND NEW.state <> 'withdrawn' AND current_setting('otklik.erasing', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION otklik_reply_record();

DROP TRIGGER deliveries_guard ON deliveries;
CREATE TRIGGER deliveries_guard BEFORE UPDATE ON deliveries FOR EACH ROW
    WHEN (current_setting('otklik.erasing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION otklik_delivery_guard();

DROP TRIGGER reply_corrections_record ON reply_corrections;
CREATE TRIGGER reply_corrections_record AFTER INSERT OR DELETE ON reply_corrections
    FOR EACH ROW EXECUTE FUNCTION otklik_correction_record();
CREATE TRIGGER reply_corrections_kept AFTER UPDATE ON reply_corrections FOR EACH ROW
    WHEN (current_setting('otklik.erasing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION otklik_correction_record();

CREATE INDEX review_items_post ON review_items (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX notices_case ON notices (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX deliveries_of_dialog ON deliveries (dialog_id) WHERE dialog_id IS NOT NULL;

-- otklik_case_texts is all that people and machine have written about cases, row by
-- row. What is not here holds nobody's words: storage/erase_test.go knows every column.
-- +goose StatementBegin
CREATE FUNCTION otklik_case_texts(of_cases bigint[]) RETURNS TABLE (place text, id bigint, words jsonb) LANGUAGE sql STABLE AS $$
    SELECT 'cases', c.id, jsonb_build_object('reason', c.reason, 'changed_why', c.changed_why, 'route_why', c.route_why,
           'deadline_reason', c.deadline_reason, 'for_controller', c.for_controller, 'term_dispute', c.term_dispute)
      FROM cases c WHERE c.id = ANY (of_cases)
    UNION ALL
    SELECT 'case_history', h.id, jsonb_build_object('why', h.why, 'details', h.details) FROM case_history h WHERE h.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'journal', j.id, jsonb_build_object('words', j.words, 'details', j.details)
      FROM journal j JOIN cases c ON c.region = j.region AND j.object = 'case' AND j.object_id = c.number WHERE c.id = ANY (of_cases)
    UNION ALL
    SELECT 'assignments', a.id, jsonb_build_object('why', a.why) FROM assignments a WHERE a.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'handovers', h.id, jsonb_build_object('why', h.why) FROM handovers h WHERE h.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'send_backs', b.id, jsonb_build_object('reason', b.reason) FROM send_backs b WHERE b.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'reminders', r.id, jsonb_build_object('why', r.why) FROM reminders r WHERE r.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'deferrals', d.id, jsonb_build_object('reason', d.reason, 'why', d.why, 'notice', d.notice) FROM deferrals d WHERE d.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'notes', n.id, jsonb_build_object('text', n.text) FROM notes n WHERE n.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'questions', q.id, jsonb_build_object('text', q.text, 'answer', q.answer, 'undelivered', q.undelivered) FROM questions q WHERE q.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'case_files', f.id, jsonb_build_object('name', f.name) FROM case_files f WHERE f.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'review_items', i.id, jsonb_build_object('words', i.words, 'resolution', i.resolution) FROM review_items i
     WHERE i.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'replies', r.id, jsonb_build_object('text', r.text, 'remark', r.remark, 'plan_words', r.plan_words, 'plan_left', r.plan_left,
           'plan_others', r.plan_others) FROM replies r WHERE r.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'reply_corrections', k.id, jsonb_build_object('text', k.text, 'why', k.why)
      FROM reply_corrections k JOIN replies r ON r.id = k.reply_id WHERE r.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'notices', n.id, jsonb_build_object('text', n.text, 'last_error', n.last_error) FROM notices n WHERE n.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'staff_letters', l.id, jsonb_build_object('subject', l.subject, 'text', l.text) FROM staff_letters l
     WHERE l.id IN (SELECT m.letter_id FROM staff_messages m JOIN notices n ON n.id = m.notice_id WHERE n.case_id = ANY (of_cases))
    UNION ALL
    SELECT 'deliveries', w.id, jsonb_build_object('text', w.text, 'words', w.words, 'why', w.why, 'fate_text', w.fate_text) FROM deliveries w
     WHERE w.case_id = ANY (of_cases)
    UNION ALL
    SELECT 'deliveries', w.id, jsonb_build_object('text', w.text, 'words', w.words) FROM deliveries w
     WHERE w.letter_id IN (SELECT m.letter_id FROM staff_messages m JOIN notices n ON n.id = m.notice_id WHERE n.case_id = ANY (of_cases))
    UNION ALL
    SELECT 'stories', s.id, jsonb_build_object('title', s.title) FROM stories s
     WHERE s.id IN (SELECT c.story_id FROM cases c WHERE c.id = ANY (of_cases))
    UNION ALL
    SELECT 'undos', u.id, jsonb_build_object('words', u.words) FROM undos u
     WHERE u.id IN (SELECT r.undo_id FROM undo_rows r WHERE r.case_id = ANY (of_cases))
$$;
-- +goose StatementEnd

-- otklik_put_texts writes a row of otklik_case_texts back.
-- +goose StatementBegin
CREATE FUNCTION otklik_put_texts(place text, of_row bigint, words jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    cols text := (SELECT string_agg(quote_ident(k), ', ') FROM jsonb_object_keys(words) k);
BEGIN
    IF current_setting('otklik.erasing', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'words of % are rewritten only while erasing', place USING ERRCODE = 'OT002';
    END IF;
    EXECUTE format('UPDATE %I t SET (%s) = (SELECT %s FROM jsonb_populate_record(t, $1)) WHERE t.id = $2', place, cols, cols) USING words, of_row;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP INDEX deliveries_of_dialog, notices_case, review_items_post;
DROP FUNCTION otklik_put_texts(text, bigint, jsonb), otklik_case_texts(bigint[]);
DROP TRIGGER reply_corrections_kept ON reply_corrections;
DROP TRIGGER reply_corrections_record ON reply_corrections;
CREATE TRIGGER reply_corrections_record AFTER INSERT OR UPDATE OR DELETE ON reply_corrections
    FOR EACH ROW EXECUTE FUNCTION otklik_correction_record();
DROP TRIGGER deliveries_guard ON deliveries;
CREATE TRIGGER deliveries_guard BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION otklik_delivery_guard();
DROP TRIGGER replies_record_change ON replies;
CREATE TRIGGER replies_record_change AFTER UPDATE ON replies FOR EACH ROW
    WHEN (OLD.state <> 'withdrawn' AND NEW.state <> 'withdrawn') EXECUTE FUNCTION otklik_reply_record();
DROP TRIGGER replies_guard ON replies;
CREATE TRIGGER replies_guard BEFORE UPDATE ON replies FOR EACH ROW EXECUTE FUNCTION otklik_reply_guard();
DROP TRIGGER journal_kept_words ON journal;
DROP TRIGGER journal_kept ON journal;
CREATE TRIGGER journal_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION otklik_never();
DROP TRIGGER case_history_kept_words ON case_history;
DROP TRIGGER case_history_kept ON case_history;
CREATE TRIGGER case_history_kept BEFORE UPDATE OR DELETE ON case_history FOR EACH ROW EXECUTE FUNCTION otklik_never();
