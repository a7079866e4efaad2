package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// erasable are the columns that may hold somebody's data, and what erasing does to
// them. cleared: taken out or blanked; searched: the author's traces are taken out
// of what others wrote; dropped: the rows go.
const erasable = `
cleared  posts.post posts.author_id posts.author_name posts.text posts.url posts.attachments posts.refs posts.album posts.raw posts.faults posts.search
cleared  post_ids.post post_ids.text_hash verdicts.evidence verdicts.place verdicts.reason verdicts.fingerprint verdicts.faults verdicts.judged_text verdicts.action_words
cleared  dialogs.chat dialogs.expects deliveries.key deliveries.post deliveries.chat deliveries.thread deliveries.buttons deliveries.sealed delivery_attempts.words
cleared  background_tasks.result events.details replies.plan_left replies.plan_others replies.wanted_place cases.place
searched cases.reason cases.changed_why cases.route_why cases.deadline_reason cases.for_controller cases.term_dispute case_history.why case_history.details
searched journal.words journal.details assignments.why handovers.why send_backs.reason reminders.why deferrals.reason deferrals.why deferrals.notice notes.text
searched questions.text questions.answer questions.undelivered case_files.name review_items.words review_items.resolution replies.text replies.remark replies.plan_words
searched reply_corrections.text reply_corrections.why correction_proposals.text correction_proposals.why correction_proposals.remark notices.text notices.last_error staff_letters.subject staff_letters.text
searched deliveries.text deliveries.words deliveries.why deliveries.fate_text stories.title undos.words
dropped  post_versions.text post_versions.attachments case_keys.key case_keys.print albums.album export_parts.content undo_rows.before undo_rows.extra
dropped  dialog_cases.told subscriptions.municipality`

// nobodys are tables and columns that hold no author's data: machine names, what
// people of bodies are and decide, keyed hashes, what the pack and platforms say.
const nobodys = `
absences account_agencies account_pauses accounts agency_weeks announcements bulk_items bulk_jobs case_days case_dirty case_events
case_facts case_links case_load case_marks case_moves case_parts case_rounds case_states consents correspondences desk_leases dialog_posts dialog_updates examples
goose_db_version job_runs login_attempts model_parts model_versions pack_files pack_versions past_incidents quota_parks quotas recovery_codes regions
reply_template_versions reply_templates sessions source_chats sources staff_codes staff_links staff_messages staff_updates tombstones user_offices users voices watches
albums.region background_tasks.region background_tasks.kind background_tasks.subject background_tasks.who background_tasks.state
background_tasks.error assignments.agency_id assignments.by_whom case_files.type case_files.content case_files.sha256 case_files.uploaded_by case_history.who
case_history.what case_history.from_state case_history.to_state case_keys.region cases.number cases.region cases.state cases.came_from cases.topic
cases.municipality cases.agency_id cases.proposed_agency cases.changed_by cases.kind_of_case cases.outcome cases.closing_reason cases.pos_number
cases.sed_number deferrals.asked_by deferrals.decision deferrals.decided_by deliveries.region deliveries.platform deliveries.way deliveries.account
deliveries.owner deliveries.comment deliveries.state deliveries.platform_id deliveries.reason deliveries.kind deliveries.fate deliveries.edits
delivery_attempts.outcome dialogs.region dialogs.platform dialogs.owner dialogs.chat_key dialogs.consent dialogs.last_said events.region events.kind events.left_agency
handovers.from_agency handovers.to_agency handovers.above handovers.by_whom journal.region journal.who journal.action journal.object journal.object_id
journal.address notes.author notices.key notices.kind notices.region notices.to_role notices.to_agency notices.state post_ids.platform post_ids.owner
post_ids.comment posts.platform posts.owner posts.comment posts.region posts.kind posts.home questions.asked_by questions.result questions.zone questions.closed_by
reminders.by_whom replies.kind replies.state replies.outcome replies.author replies.approver replies.published_by replies.proof_url replies.writers
replies.withdrawn_from reply_corrections.author reply_corrections.approver correction_proposals.region correction_proposals.agency_id
correction_proposals.author correction_proposals.state correction_proposals.decided_by review_items.region review_items.reason review_items.resolved_by review_items.municipality
review_items.topic review_items.closing send_backs.from_agency send_backs.proposed_agency send_backs.by_whom send_backs.decision send_backs.to_agency
send_backs.decided_by staff_letters.region staff_letters.agency stories.region stories.opened_by stories.key undos.region undos.who undos.notices
verdicts.region verdicts.kind verdicts.topic verdicts.category verdicts.subcategory verdicts.alternatives verdicts.municipality verdicts.language
verdicts.pack_hash verdicts.models verdicts.action verdicts.action_reason`

// TestErasingKnowsEveryColumn: whoever adds a column says here what erasing does to
// it, and to storage/erase.go.
func TestErasingKnowsEveryColumn(t *testing.T) {
	c := newChat(t)
	known := map[string]bool{}
	for _, w := range strings.Fields(erasable + nobodys) {
		known[w] = true
	}
	for _, col := range c.rows(`SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name !~ '_(20[0-9][0-9]_[0-9][0-9]|default)$'
		  AND c.data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea', 'ARRAY', 'tsvector', 'USER-DEFINED', 'inet', 'xml', 'name')`) {
		table, _, _ := strings.Cut(col, ".")
		if !known[col] && !known[table] {
			t.Errorf("%s: what does erasing do to it?", col)
		}
	}
}

// held finds marks in every column of every table, whatever its type; of bytes by
// how they are written.
func (c *chat) held(marks ...string) []string {
	var parts []string
	for _, table := range c.rows(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'pack%' ORDER BY 1`) {
		parts = append(parts, fmt.Sprintf(`SELECT m || ' in %[1]s: ' || (SELECT string_agg(k, ', ') FROM jsonb_each_text(to_jsonb(t)) AS e (k, v) WHERE strpos(lower(v), lower(m)) > 0 OR strpos(v, encode(convert_to(m, 'UTF8'), 'hex')) > 0)
			FROM %[1]s t, unnest($1::text[]) m WHERE strpos(lower(t::text), lower(m)) > 0 OR strpos(t::text, encode(convert_to(m, 'UTF8'), 'hex')) > 0`, table))
	}
	return c.rows(`SELECT coalesce(x.f, '?') FROM (`+strings.Join(parts, "\nUNION ALL\n")+`) AS x (f)`, marks)
}

// planted is a citizen with a name, a phone, an address and words of their own, and
// bodies that speak of them wherever the desk lets them.
func planted(t *testing.T) *chat {
	t.Helper()
	c := newChat(t)
	c.agree()
	p := c.private("На Яблоневой, 17 третий месяц не чинят лифт. Звоните: 8 (914) 555-66-77", "")
	p.Author = domain.Author{ID: "9914000", Name: "Евдокия Сковородкина"}
	c.keys.Mark(&p)
	j := judgedAs(p, 3, "copy:feedface/khabarovsk-city", "place:3:яблоневая:17")
	j.Verdict.Place.Street, j.Verdict.Place.House, j.Verdict.Place.Settlement = "Яблоневая улица", "17", "Матвеевка"
	j.Verdict.Evidence = []domain.Evidence{{Text: "не чинят лифт", Why: "лифт"}}
	j.Verdict.Fingerprint = "feedface"
	b, judged := batchOf(c.src, "", j)
	b.Talk = c.bot
	if _, err := c.s.Commit(t.Context(), c.now, b, judged, route); err != nil {
		t.Fatal(err)
	}
	p.Text, p.EditedAt = "На Яблоневой, 17 третий месяц не чинят лифт, Сковородкина Е.", c.now.Add(1)
	c.hear(p)
	c.answered("Уважаемая Евдокия, на Яблоневой, 17 лифт запущен. Вы писали: «третий месяц не чинят лифт». Сковородкиной звонили: +79145556677")
	const said = "'Сковородкина с Яблоневой, 17 звонила, 8-914-555-66-77'"
	for _, sql := range []string{
		`INSERT INTO notes (case_id, author, text, at) SELECT id, 'kim', ` + said + `, $1 FROM cases`,
		`INSERT INTO notices (key, kind, region, case_id, to_role, to_agency, text, at, next_attempt_at) SELECT 'k', 'assigned', region, id, 'head', '', ` + said + `, $1, $1 FROM cases`,
		`INSERT INTO reminders (case_id, by_whom, at, why) SELECT id, 'kim', $1, ` + said + ` FROM cases`,
		`INSERT INTO questions (case_id, asked_by, asked_at, text, due_at, result, answer, answered_at, closed_by) SELECT id, 'kim', $1::timestamptz, ` + said + `, $1::timestamptz + interval '3 days', 'answered', ` + said + `, $1, 'автор' FROM cases`,
		`INSERT INTO reply_corrections (reply_id, text, why, author, at) SELECT id, ` + said + `, ` + said + `, 'kim', $1 FROM replies LIMIT 1`,
		`INSERT INTO correction_proposals (region, case_id, reply_id, round, agency_id, text, why, author, at, state, decided_by, decided_at, remark)
			SELECT 'r', case_id, id, 1, 'a', ` + said + `, ` + said + `, 'kim', $1, 'returned', 'pak', $1, ` + said + ` FROM replies LIMIT 1`,
		`INSERT INTO background_tasks (region, kind, subject, who, created_at) SELECT region, 'export', '', 'kim', $1 FROM cases`,
		`INSERT INTO export_parts (task_id, n, content) SELECT id, 0, convert_to(` + said + `, 'UTF8') FROM background_tasks WHERE $1::timestamptz IS NOT NULL`,
		`INSERT INTO background_tasks (region, kind, subject, who, created_at, state, finished_at, result)
			SELECT region, k, '', 'kim', $1, 'done', $1, jsonb_build_object('shown', ` + said + `) FROM cases, unnest('{dry_run,train_dry_run}'::text[]) k`,
		`UPDATE cases SET changed_by = 'kim', updated_at = $1, changed_why = ` + said + `, place = place || '{"house": "17а"}'`,
		`INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due, notice) SELECT id, 1, 'kim', $1::timestamptz, ` + said + `, $1::timestamptz, $1::timestamptz, ` + said + ` FROM cases`,
		`INSERT INTO send_backs (case_id, from_agency, proposed_agency, reason, by_whom, at) SELECT id, 'a', 'b', ` + said + `, 'kim', $1 FROM cases`,
		`UPDATE deliveries SET state = 'trying', attempts = attempts + 1, tried_at = $1, first_tried_at = $1, claimed_until = $1 WHERE kind = 'reply' AND state = 'waiting'`,
		`UPDATE delivery_attempts SET ended_at = $1, outcome = 'failed', words = 'чат ` + peer + `' WHERE ended_at IS NULL`,
		`UPDATE deliveries SET state = 'failed', claimed_until = NULL, over_at = $1, words = 'чат ` + peer + `' WHERE state = 'trying'`,
	} {
		c.exec(sql, c.now)
	}
	return c
}

// marks are what must be found nowhere when the author has their data erased.
func marks() []string {
	return []string{"Сковородкин", "Евдоки", "Яблонев", "17а", "9914000", peer, "914555", "914-555", "914) 555", "третий месяц", "не чинят лифт", "Матвеевк", "feedface"}
}

func (c *chat) erasedWhole(number string) {
	c.t.Helper()
	if found := c.held(marks()...); len(found) != 0 {
		c.t.Errorf("still there: %q", found)
	}
	if got := c.rows(`SELECT number || ' ' || municipality || ' ' || (place ->> 'municipality') FROM cases`); len(got) != 1 || got[0] != number+" khabarovsk-city khabarovsk-city" {
		c.t.Errorf("the case is %q", got)
	}
	if got := c.rows(`SELECT text FROM replies`); !strings.Contains(got[0], "лифт запущен") {
		c.t.Errorf("the body's own words are gone: %q", got)
	}
	if got := c.rows(`SELECT kind || ' ' || state || ' ' || error FROM background_tasks WHERE kind LIKE '%dry_run' AND error NOT LIKE 'результат удалён вместе с данными автора%'`); len(got) != 0 {
		c.t.Errorf("where their results are is not said by %q", got)
	}
	if !strings.Contains(c.last(), number) || !strings.Contains(c.last(), "данные удалены") {
		c.t.Errorf("said %q", c.last())
	}
}

func TestErasingLeavesNoTrace(t *testing.T) {
	for name, before := range map[string]func(*chat){
		"at once":          func(*chat) {},
		"after withdrawal": func(c *chat) { c.press("sure:withdraw") },
	} {
		t.Run(name, func(t *testing.T) {
			c := planted(t)
			there := strings.Join(c.held(marks()...), "\n")
			for _, text := range marks() {
				if !strings.Contains(there, text+" in ") {
					t.Fatalf("%q was never there", text)
				}
			}
			number := c.rows(`SELECT number FROM cases`)[0]
			before(c)
			run, err := c.s.BeginTask(t.Context(), domain.Background{Region: c.rows(`SELECT region FROM cases`)[0], Kind: "dry_run", Who: "kim", CreatedAt: c.now})
			if err != nil {
				t.Fatal(err)
			}
			c.press("sure:erase")
			// A dry run that has read the words before they went cannot write them after.
			if stop, err := c.s.TaskProgress(t.Context(), run, 1, 2); err != nil || !stop {
				t.Errorf("a dry run goes on: %v, %v", stop, err)
			}
			if err := c.s.EndTask(t.Context(), run, domain.BackgroundDone, "третий месяц не чинят лифт", "", c.now); err != nil {
				t.Error(err)
			}
			c.erasedWhole(number)
			if got := c.rows(`SELECT what FROM consents ORDER BY id`); got[len(got)-1] != "erased" {
				t.Errorf("consents %v", got)
			}
			if _, err := c.conn.Exec(t.Context(), `UPDATE case_history SET why = 'иначе'`); err == nil {
				t.Error("history can be rewritten")
			}
			if _, err := c.conn.Exec(t.Context(), `UPDATE replies SET text = 'иначе'`); err == nil {
				t.Error("an approved answer can be rewritten")
			}
		})
	}
}

// Another person's words to the same bot stay when one asks to be forgotten, and a
// place that both named stays with them.
func TestErasingFindsTheRightPerson(t *testing.T) {
	c := planted(t)
	c.press("sure:withdraw")
	other := c.private("И у нас на Яблоневой, 17 лифт стоит", "")
	other.ID.Post, other.Private.Chat, other.Author = "dialog:777001:1", "777001", domain.Author{ID: "777001", Name: "Пётр Соседов"}
	yes := other
	yes.ID.Post, yes.Text, yes.Private = "dialog:777001:0", "Согласен", &domain.Private{Chat: "777001"}
	c.hear(yes)
	c.keys.Mark(&other)
	j := judgedAs(other, 3, "place:3:яблоневая:17")
	j.Verdict.Place.Street, j.Verdict.Place.House = "Яблоневая улица", "17а"
	b, judged := batchOf(c.src, "", j)
	b.Talk = c.bot
	if res, err := c.s.Commit(t.Context(), c.now, b, judged, route); err != nil || res.Attached != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	c.press("sure:erase")
	if found := c.held("Сковородкин", "Евдоки", peer, "914555", "третий месяц"); len(found) != 0 {
		t.Errorf("still there: %q", found)
	}
	if got := c.rows(`SELECT author_name || ': ' || text FROM posts WHERE author_name <> ''`); len(got) != 1 || got[0] != "Пётр Соседов: И у нас на Яблоневой, 17 лифт стоит" {
		t.Errorf("of the other is left %q", got)
	}
	if got := c.rows(`SELECT place ->> 'street' || ', ' || (place ->> 'house') FROM cases`); got[0] != "Яблоневая улица, 17а" {
		t.Errorf("the place that the other named: %q", got)
	}
}
