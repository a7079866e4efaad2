package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
)

// screen is a page as somebody sees it, made anew for every key that is pressed.
type screen struct {
	name    string
	section string // whose views have its keys
	as      string
	open    func(s *stand, t *testing.T) (path string)
	ready   string // when the page is ready for keys
	keys    map[string]press
}

// press is what pressing a key does: what must be true then, and what must be
// done first for the key to have something to act on.
type press struct{ then, before string }

func does(then string) press { return press{then: then} }

func focuses(css string) press { return does("document.activeElement.matches(" + quoted(css) + ")") }

func tells(text string) press {
	return does("document.getElementById('notice').innerText.includes(" + quoted(text) + ")")
}

func leads(path string) press {
	return does("location.pathname.startsWith(" + quoted(path) + ") && document.readyState === 'complete'")
}

func (p press) after(before string) press { p.before = before; return p }

// everywhere are the keys of the kit: they do the same on every page.
func everywhere() map[string]press {
	const at = "[...document.querySelectorAll('[data-item]')].indexOf(document.activeElement.closest('[data-item]'))"
	return map[string]press{
		"следующая и предыдущая строка": does("(" + at + " - window.began === 1 || " + at + " === 1)").after("window.began = [...document.querySelectorAll('[data-item]')].findIndex(e => e.matches('.here'))"),
		"отметить строку":               does("document.querySelector('[data-item].here input[type=checkbox]')?.checked").after("document.querySelector('[data-item]').classList.add('here')"),
		"открыть строку":                does("/^.inbox.task.[0-9]+$/.test(location.pathname)").after("document.querySelector('[data-item]').classList.add('here')"),
		"поиск":                         focuses("#search"),
		"этот список":                   does("document.querySelector('dialog#keys[open]')"),
		"закрыть":                       does("!document.getElementById('keys')").after("document.querySelector('[data-keys]').click()"),
	}
}

const settledPane = `(() => { const p = document.getElementById('pane'); return p && p.dataset.ref && !p.hasAttribute('aria-busy') && !document.querySelector('.htmx-request') && p.querySelector('button.main:not([disabled])') })()`

// outside keeps a link to a platform from being followed, and notes it.
const outside = `document.addEventListener('click', e => { const a = e.target.closest('a[target=_blank]'); if (a) { e.preventDefault(); window.opened = a.href; } }, true)`

func queueScreens() []screen {
	original := does("(window.opened || '').includes('vk.com')").after(outside)
	return []screen{
		{name: "a case in the queue", section: "queue", as: "analyst", open: likened, ready: settledPane, keys: map[string]press{
			"карточка инцидента": leads("/case/"), "открыть оригинал": original, "другая категория": focuses("#find"), "изменить место": focuses("#in-m"),
			"изменить, кому": focuses("#agency"), "назначить": tells("назначен"), "не обращение": focuses("[name=closing]"),
			"присоединить к другому инциденту": focuses("[name=into], [name=into_number]"), "спросить автора": focuses("[name=question]"),
			"отделить отмеченные сообщения": tells("отделено 1").after("document.querySelector('#pane input[name=post]').click()"), "отложить": focuses("[name=until]"),
			"то же самое: присоединить к похожему": tells("рисоединён"),
		}},
		{name: "an undecided post", section: "queue", as: "analyst", open: undecided, ready: settledPane, keys: map[string]press{
			"открыть оригинал": original, "другая категория": focuses("#find"), "изменить место": focuses("#in-m"), "изменить, кому": focuses("#agency"),
			"открыть инцидент": tells("Открыт инцидент"), "не обращение": focuses("[name=closing]"), "отложить": focuses("[name=until]"),
			"присоединить к инциденту": focuses("[name=into], [name=into_number]"),
		}},
		{name: "a changed post", section: "queue", as: "analyst", open: changedPost, ready: settledPane, keys: map[string]press{
			"открыть оригинал": original, "другая категория": focuses("#find"), "изменить место": focuses("#in-m"), "изменить, кому": focuses("#agency"),
			"принять изменение": tells("по изменённому сообщению"), "оставить инцидент как есть": tells("без изменений"), "карточка инцидента": leads("/case/"),
			"отложить": focuses("[name=until]"),
		}},
		{name: "an order that is done", section: "queue", as: "analyst", open: ordered, ready: "document.querySelector('#progress button[data-key=KeyZ]')",
			keys: map[string]press{"Отменить всё Z": tells("Отменено")}},
	}
}

func cardScreens() []screen {
	noted := map[string]press{"написать заметку": focuses("form.addnote textarea"), "исправить категорию или место": focuses("[name=pick]"),
		"изменить пометки и сюжет": focuses("[name=nature]"), "связать с инцидентом": focuses("[name=number]"), "приложить файл": focuses("form[action$='/file'] *")}
	with := func(more map[string]press) map[string]press {
		out := map[string]press{}
		for _, m := range []map[string]press{noted, more} {
			for k, p := range m {
				out[k] = p
			}
		}
		return out
	}
	const ready = "document.querySelector('.card')"
	return []screen{
		{name: "card", section: "card", as: "analyst", open: card(""), ready: ready, keys: with(map[string]press{"разобрать в очереди": leads("/queue")})},
		{name: "card of many posts", section: "card", as: "analyst", open: manyPosts, ready: ready,
			keys: with(map[string]press{"разобрать в очереди": leads("/queue"), "остальные сообщения": does("location.pathname.endsWith('/posts')")})},
		{name: "posts of a case", section: "card", as: "analyst", open: card("/posts"), ready: "document.querySelector('.crumb')", keys: map[string]press{"к карточке": does("/^.case.[0-9]+$/.test(location.pathname)")}},
		{name: "card with a question", section: "card", as: "analyst", open: card("", asked, "state = 'clarifying'"), ready: ready, keys: with(map[string]press{"записать, что ответил автор": focuses("[name=answer]")})},
		{name: "card of an answer that did not get through", section: "card", as: "analyst", open: card("", given, held, written, "state = 'approval'", "state = 'publishing'", "state = 'send_failed'", approved),
			ready: ready, keys: with(map[string]press{"записать ответ, данный вручную": focuses("[name=url]")})},
		{name: "card of an answered case", section: "card", as: "controller", open: card("", given, held, written, "state = 'approval'", "state = 'publishing'", "state = 'satisfaction', outcome = 'solved'"),
			ready: ready, keys: map[string]press{"вернуть в работу": focuses("[name=why]"), "написать заметку": focuses("form.addnote textarea"),
				"связать с инцидентом": focuses("[name=number]"), "приложить файл": focuses("form[action$='/file'] *")}},
	}
}

func inboxScreens() []screen {
	task := map[string]press{"к списку": does("location.pathname === '/inbox'"), "карточка": leads("/case/")}
	with := func(more map[string]press) map[string]press {
		for k, p := range task {
			more[k] = p
		}
		return more
	}
	const ready, write = "document.querySelector('.task')", "document.querySelector('textarea[name=text]').value = 'Вывезли'; document.querySelector('input[name=outcome][value=solved]').checked = true"
	answer := func(more map[string]press) map[string]press {
		more["писать ответ"], more["сохранить черновик"] = focuses("textarea[name=text]"), tells("Черновик сохранён").after(write)
		more["отправить на согласование"] = does("!document.querySelector('#answer') && document.readyState === 'complete'").after(write)
		return with(more)
	}
	give := "document.querySelector('[data-item] input[type=checkbox]').click(); document.querySelector('#give select').selectedIndex = 1"
	return []screen{
		{name: "list of tasks", section: "inbox", as: "coordinator", open: list, ready: "document.querySelectorAll('[data-item]').length > 1",
			keys: map[string]press{"назначить отмеченные": tells("Назначено").after(give)}},
		{name: "a task to be given", section: "inbox", as: "coordinator", open: duty(given), ready: ready, keys: with(map[string]press{
			"Принять": tells("Принято"), "Взять себе": tells("Взято"), "выбрать исполнителя": focuses("[name=person]")})},
		{name: "a task of an executor", section: "inbox", as: "executor", open: duty(given, held), ready: ready, keys: answer(map[string]press{})},
		{name: "an answer to approve", section: "inbox", as: "head", open: duty(given, held, written, "state = 'approval'"), ready: ready, keys: with(map[string]press{
			"Согласовать": does("!document.querySelector('form[action$=approve]') && document.readyState === 'complete'"), "На доработку": focuses("form[action$=rework] textarea")})},
		{name: "a task that is watched", section: "inbox", as: "curator", open: duty(given), ready: ready, keys: with(map[string]press{"Напомнить": tells("апомина")})},
		{name: "a deferral asked for", section: "inbox", as: "controller", open: duty(given, held, deferred), ready: ready, keys: with(map[string]press{
			"Разрешить": does("!document.querySelector('form[action$=grant]') && document.readyState === 'complete'"), "Отказать": focuses("form[action$=refuse] textarea")})},
	}
}

// TestKeysOfTheHelp presses every key that the list of keys of a page offers, in
// both layouts. A key that is offered and is in no screen's list here fails, and
// so does one of the views that no screen has offered.
func TestKeysOfTheHelp(t *testing.T) {
	s := open(t)
	pressed, done := map[string]bool{}, map[string]bool{}
	screens, ran := slices.Concat(queueScreens(), cardScreens(), inboxScreens()), 0
	for _, sc := range screens {
		t.Run(sc.name, func(t *testing.T) { ran++; s.pressAll(t, sc, pressed, done) })
	}
	if ran < len(screens) { // only some were asked for
		return
	}
	tag := regexp.MustCompile(`data-key="([^"]+)"`)
	for _, section := range []string{"queue", "card", "inbox"} {
		views, err := filepath.Glob("../../desk/" + section + "/views/*.html")
		if err != nil || len(views) == 0 {
			t.Fatalf("views of %s: %d, %v", section, len(views), err)
		}
		for _, view := range views {
			text, err := os.ReadFile(view)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range tag.FindAllStringSubmatch(string(text), -1) {
				key := section + " " + strings.Replace(m[1], "{{.Key}}", "1", 1)
				if !pressed[key] {
					t.Errorf("%s offers %s, and no screen here shows it", view, m[1])
				}
			}
		}
	}
}

// offered reads the list of keys: what each is called and does.
const offered = `JSON.stringify([...document.querySelectorAll('dialog#keys tr')].map(r => [r.cells[0].textContent, r.cells[1].textContent]))`

func (s *stand) pressAll(t *testing.T, sc screen, pressed, done map[string]bool) {
	for _, layout := range []bool{false, true} {
		h := s.byKeys(t, sc.as+"27", layout)
		show := func() {
			h.t = t
			h.must(h.Go(sc.open(s, t)), h.Await(sc.name+" to be ready", sc.ready))
		}
		show()
		h.must(h.Key("Slash", "?"), h.There("dialog#keys"))
		var rows [][2]string
		if err := json.Unmarshal([]byte(h.see(offered)), &rows); err != nil || len(rows) < 3 {
			t.Fatalf("%d keys, %v", len(rows), err)
		}
		met := map[string]bool{}
		for i, row := range rows {
			code := codeOf(row[0])
			met[row[1]] = true
			pressed[sc.section+" "+code] = true
			if name := fmt.Sprint(sc.section, layout, row[1]); layout && (done[name] || !strings.HasPrefix(code, "Key") && code != "Slash") {
				continue // the same key in both layouts, or pressed on a screen before
			} else {
				done[name] = true
			}
			if i > 0 {
				show()
			} else {
				h.press("Escape")
				h.must(h.Await("the list to close", "!document.getElementById('keys')"))
			}
			s.pressOne(t, h, sc, code, row)
		}
		for words := range sc.keys {
			if !met[words] {
				t.Errorf("%q is not offered: %v", words, rows)
			}
		}
	}
}

func (s *stand) pressOne(t *testing.T, h hands, sc screen, code string, row [2]string) {
	t.Helper()
	p, known := sc.keys[row[1]]
	if !known {
		p, known = everywhere()[row[1]]
	}
	if digit, ok := strings.CutPrefix(code, "Digit"); ok {
		p, known = does("document.querySelector('#pick-"+digit+"').checked"), true
	}
	if !known {
		t.Errorf("%s «%s» is offered and has no test", row[0], row[1])
		return
	}
	if p.before != "" {
		h.see("(() => {" + p.before + "; return true})()")
	}
	if code == "?" {
		h.must(h.Key("Slash", "?"))
	} else {
		h.press(code)
	}
	h.must(h.Await(fmt.Sprintf("%s «%s» to do so", row[0], row[1]), p.then))
	if strings.HasPrefix(row[0], "J") { // and back
		h.press("KeyK")
		h.must(h.Await("K to go back", "document.activeElement.matches('[data-item]:first-child') || [...document.querySelectorAll('[data-item]')].indexOf(document.activeElement) === window.began"))
	}
}

// codeOf is the physical key of a line of the list: «N (Т)», «1», «Esc».
func codeOf(shown string) string {
	first, _, _ := strings.Cut(shown, " ")
	switch {
	case first == "Esc":
		return "Escape"
	case first == "/":
		return "Slash"
	case len(first) == 1 && first[0] >= '0' && first[0] <= '9':
		return "Digit" + first
	case len(first) == 1 && first != "?":
		return "Key" + first
	}
	return first
}

// house is a new house of the street at every call: what is published about it is
// a case of its own.
func (s *stand) house(t *testing.T) int {
	t.Helper()
	return int(s.query(t, "SELECT 10 + count(*) FROM cases"))
}

func (s *stand) fresh(t *testing.T) int64 {
	t.Helper()
	return s.publish(t, wire("В Советской Гавани", "Пионерской", s.house(t)))[0]
}

func inQueue(s *stand, t *testing.T) string {
	t.Helper()
	house := s.house(t)
	ids := s.publish(t, wire("В Советской Гавани", "Пионерской", house), wire("Соседи, в Советской Гавани", "Пионерской", house), wire("В Советской Гавани", "Киевской", house))
	if ids[0] != ids[1] || ids[0] == ids[2] {
		t.Fatalf("cases %v, want the first two posts in one", ids)
	}
	return "/queue?kind=urgent&in=sovetskaya-gavan&at=" + ref(ids[0])
}

// likened is a case that the machine has found like another.
func likened(s *stand, t *testing.T) string {
	t.Helper()
	path := inQueue(s, t)
	s.run(t, `INSERT INTO case_likes (case_id, other_id, likeness)
		SELECT max(id) FILTER (WHERE posts = 2), max(id) FILTER (WHERE posts = 1), 0.8 FROM cases WHERE municipality = 'sovetskaya-gavan' AND state = 'moderation'`)
	return path
}

func undecided(s *stand, t *testing.T) string {
	t.Helper()
	inQueue(s, t) // a line more to walk to
	s.publish(t, "Советская Гавань: сегодня тихий вечер, гуляем с детьми")
	s.run(t, `INSERT INTO review_items (region, post_id, stored_at, reason, words, urgent, created_at)
		SELECT 'khabarovsk', post_id, stored_at, 'test', 'проверка', true, now() FROM post_ids p
		 WHERE NOT EXISTS (SELECT FROM case_posts cp WHERE cp.post_id = p.post_id) AND stored_at IS NOT NULL ORDER BY post_id DESC LIMIT 1`)
	return fmt.Sprintf("/queue?at=review-%d", s.query(t, "SELECT max(id) FROM review_items"))
}

func changedPost(s *stand, t *testing.T) string {
	t.Helper()
	s.run(t, `INSERT INTO review_items (region, post_id, stored_at, case_id, reason, words, urgent, created_at)
		SELECT 'khabarovsk', post_id, stored_at, case_id, 'changed_verdict', 'проверка', true, now() FROM case_posts WHERE case_id = $1 LIMIT 1`, s.fresh(t))
	return fmt.Sprintf("/queue?at=review-%d", s.query(t, "SELECT max(id) FROM review_items"))
}

// ordered is the page of an order that has just been done.
func ordered(s *stand, t *testing.T) string {
	t.Helper()
	c, err := s.store.SeenCase(t.Context(), domain.Scope{Region: region, Whole: true}, s.prepared(t, "urgent = false"))
	if err != nil {
		t.Fatal(err)
	}
	job, err := s.store.OrderBulk(t.Context(), domain.BulkOrder{Action: domain.BulkAside, Until: time.Now().Add(time.Hour), Who: "analyst27", Words: "отложено",
		At: time.Now(), Scope: domain.Scope{Region: region, Whole: true}, Cases: []domain.CaseSeen{{ID: c.ID, Version: c.Version}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.await("the order to be done", func() (bool, error) {
		return s.query(t, "SELECT count(*) FROM bulk_jobs WHERE id = $1 AND state = 'done'", job.ID) == 1, nil
	}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/queue/bulk/%d", job.ID)
}

// What is done to a case before a screen shows it: columns that are set, or a
// statement of its own.
const (
	given    = "state = 'coordination', agency_id = 'khab-housing'"
	held     = "state = 'execution', executor_id = (SELECT id FROM users WHERE login = 'executor27')"
	asked    = `INSERT INTO questions (case_id, asked_by, asked_at, text, due_at) VALUES ($1, 'analyst27', now(), 'Какой дом?', now() + interval '3 days')`
	deferred = `INSERT INTO deferrals (case_id, round, asked_by, asked_at, reason, until, old_due, notice)
		SELECT id, round, 'executor27', now(), 'нужен подрядчик', current_date + 30, due_at, 'Решим к маю' FROM cases WHERE id = $1`
	approved = `UPDATE replies SET state = 'approved', approver = 'head27', decided_at = now(), updated_at = now() WHERE case_id = $1`
	written  = `INSERT INTO replies (case_id, round, kind, state, text, outcome, author, created_at, updated_at, submitted_at)
		SELECT id, round, 'final', 'approval', 'Вывезли', 'solved', 'executor27', now(), now(), now() FROM cases WHERE id = $1`
)

func (s *stand) prepared(t *testing.T, steps ...string) int64 {
	t.Helper()
	id := s.fresh(t)
	for _, step := range steps {
		if !strings.Contains(step, "$1") {
			step = "UPDATE cases SET " + step + ", updated_at = now(), changed_by = 'test', changed_why = 'проверка' WHERE id = $1"
		}
		s.run(t, step, id)
	}
	return id
}

func card(below string, steps ...string) func(*stand, *testing.T) string {
	return func(s *stand, t *testing.T) string { return fmt.Sprintf("/case/%d%s", s.prepared(t, steps...), below) }
}

func duty(steps ...string) func(*stand, *testing.T) string {
	return func(s *stand, t *testing.T) string { return fmt.Sprintf("/inbox/task/%d", s.prepared(t, steps...)) }
}

func list(s *stand, t *testing.T) string {
	t.Helper()
	s.prepared(t, given)
	s.prepared(t, given)
	return "/inbox?tab=distribute"
}

func manyPosts(s *stand, t *testing.T) string {
	t.Helper()
	id := s.fresh(t)
	s.run(t, `WITH one AS (SELECT p.* FROM case_posts cp JOIN posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at WHERE cp.case_id = $1 LIMIT 1),
		names AS (INSERT INTO post_ids (platform, owner, post, comment, stored_at, text_hash)
			SELECT 'vk', '-' || $1::bigint, n, '0', one.stored_at, sha256('x') FROM one, generate_series(1, 210) n RETURNING post_id, stored_at, owner, post),
		copies AS (INSERT INTO posts (id, stored_at, platform, owner, post, comment, region, source_id, kind, author_id, author_name, author_org, text, published_at, url, views, comments, home)
			SELECT post_id, one.stored_at, 'vk', names.owner, names.post, '0', region, source_id, kind, author_id, author_name, author_org, text, published_at, url, views, comments, home FROM one, names)
		INSERT INTO case_posts (post_id, stored_at, case_id, attached_at) SELECT post_id, stored_at, $1, now() FROM names`, id)
	s.run(t, "UPDATE cases SET posts = 211, updated_at = now(), changed_by = 'test', changed_why = 'проверка' WHERE id = $1", id)
	return fmt.Sprintf("/case/%d", id)
}

func (s *stand) run(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.pg.DSN())
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
