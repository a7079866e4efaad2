package analytics_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func (l *lab) exec(sql string, args ...any) {
	l.t.Helper()
	if _, err := l.conn.Exec(l.t.Context(), sql, args...); err != nil {
		l.t.Fatalf("%s: %v", sql, err)
	}
}

// exported orders the 47 columns and reads them: text of a case → column → value.
func (l *lab) exported() map[string]map[string]string {
	l.t.Helper()
	ready := l.wait(l.Post("/analytics/incidents", url.Values{}).Location)
	f, err := excelize.OpenReader(strings.NewReader(l.Get(fileLink.FindStringSubmatch(ready.Body)[1]).Body))
	if err != nil {
		l.t.Fatal(err)
	}
	rows, err := f.GetRows("Инциденты")
	if err != nil {
		l.t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, row := range rows[1:] {
		line := map[string]string{}
		for i, name := range rows[0] {
			if i < len(row) {
				line[name] = row[i]
			}
		}
		out[line["Текст инцидента"]] = line
	}
	return out
}

// What nobody has said stays empty, and what did not happen is not told.
func TestIncidentsSayOnlyWhatIsKnown(t *testing.T) {
	l := newLab(t)
	l.found(days(1), 3, "khv", "city", "asked", "answered", "untouched", "failed")
	for _, to := range []string{"execution", "approval", "publishing", "satisfaction"} {
		l.exec(`UPDATE cases SET state = $1, outcome = CASE WHEN $1 = 'satisfaction' THEN 'solved' ELSE outcome END, updated_at = $2
			WHERE id <> (SELECT case_id FROM case_posts JOIN posts ON id = post_id WHERE text = 'untouched')`, to, days(0))
	}
	l.exec(`UPDATE cases SET kind_of_case = 'solvable' WHERE id = (SELECT case_id FROM case_posts JOIN posts ON id = post_id WHERE text = 'asked')`)
	l.exec(`INSERT INTO accounts (region, platform, address, title, whole, sealed, created_at, created_by, checked_at)
		VALUES ('khabarovsk', 'vk', '77', 'Администрация Хабаровска', true, decode(repeat('00', 40), 'hex'), $1, 'anna', $1)`, days(9))
	l.exec(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, created_at, updated_at, submitted_at, approver, decided_at, published_at)
		SELECT id, 1, 'final', 'published', 'Готово', 'solved', 'anna', $1, $1, $1, 'boris', $1, $1 FROM cases WHERE state = 'satisfaction'`, days(0))
	l.exec(`INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, account_id, owner, post, comment, chat, thread, gap_ms, text, main,
			repeatable, why, state, created_at, next_attempt_at, attempts, first_tried_at, tried_at, platform_id, over_at)
		SELECT 'k' || r.id, 'khabarovsk', r.case_id, r.id, 'vk', 'public', CASE p.text WHEN 'asked' THEN '77' ELSE '88' END,
			CASE p.text WHEN 'asked' THEN (SELECT id FROM accounts) END, '-1', r.id::text, '0', 'c', 't', 0, 'Готово', true,
			true, '', 'delivered', $1, $1, 1, $1, $1, r.id::text, $1 FROM replies r JOIN case_posts cp USING (case_id) JOIN posts p ON p.id = cp.post_id`, days(0))
	l.exec(`INSERT INTO dialogs (region, platform, owner, chat_key, chat, consent, consent_at, created_at, updated_at) VALUES ('khabarovsk', 'vk', '-77', sha256('k'), '1', '1', $1, $1, $1)`, days(9))
	l.exec(`INSERT INTO dialog_cases (dialog_id, case_id, since) SELECT d.id, c.id, $1 FROM dialogs d, cases c`, days(1))
	// «asked» was asked; «answered» was told something without buttons; to «failed» the question did not get through.
	l.exec(`INSERT INTO deliveries (key, region, kind, dialog_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, buttons, main,
			repeatable, why, state, created_at, next_attempt_at, attempts, first_tried_at, tried_at, platform_id, over_at)
		SELECT 'bot:' || x.dialog_id || ':case:' || x.case_id || ':1:0:0:1:0:0', 'khabarovsk', 'bot', x.dialog_id, 'vk', 'dialog', '77', '-77', 'dialog', '0', 'd', 'd', 0,
			'?', CASE p.text WHEN 'answered' THEN NULL ELSE '[[{}]]'::jsonb END, false, true, 'case', CASE p.text WHEN 'failed' THEN 'failed' ELSE 'delivered' END,
			$1, $1, 1, $1, $1, CASE p.text WHEN 'failed' THEN '' ELSE '1' END, $1
		  FROM dialog_cases x JOIN case_posts cp USING (case_id) JOIN posts p ON p.id = cp.post_id WHERE p.text <> 'untouched'`, days(0))
	shows(t, l.Get("/analytics"), "Столбец «URL автора» всегда пуст")
	lines := l.exported()
	for text, want := range map[string]map[string]string{
		"'asked":     {"Тип инцидента": "Решаемый", "Опрос отправлен": "да", "Аккаунт публикации ответа": "Администрация Хабаровска"},
		"'answered":  {"Тип инцидента": "", "Опрос отправлен": "нет", "Аккаунт публикации ответа": "https://vk.ru/club88"},
		"'failed":    {"Тип инцидента": "", "Опрос отправлен": "нет"},
		"'untouched": {"Тип инцидента": "", "Опрос отправлен": "нет", "Аккаунт публикации ответа": ""},
	} {
		for name, value := range want {
			if got := lines[text][name]; lines[text] == nil || got != value {
				t.Errorf("%s: %s is %q, want %q", text, name, got, value)
			}
		}
	}
}
