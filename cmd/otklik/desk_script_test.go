package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

const later = "Приняли в работу, бригада выедет завтра утром."

// script is every form of the desk, in an order in which each has something to do.
func (d *deeds) script() []deed {
	var out []deed
	for _, part := range [][]deed{d.ofQueue(), d.ofBulk(), d.ofReviews(), d.ofCard(), d.ofTask(), d.ofAnswer(), d.ofDeferral(), d.ofInbox(),
		d.ofSources(), d.ofAccounts(), d.ofAnnouncements(), d.ofPacks(), d.ofUsers()} {
		out = append(out, part...)
	}
	return out
}

// onCase is a form that stands on a case and names the version it has seen.
func (d *deeds) onCase(route, who string, id int64, path string, pairs ...string) deed {
	return deed{route: route, who: who, form: func() (string, url.Values) {
		return fmt.Sprintf(path, id), values(append(pairs, "version", d.version(id))...)
	}}
}

// step is a form of a task.
func (d *deeds) step(step domain.Step, who string, id int64, pairs ...string) deed {
	return deed{route: "POST /inbox/task/{id}/" + string(step), who: who, form: func() (string, url.Values) {
		return fmt.Sprintf("/inbox/task/%d/%s", id, step), values(append(pairs, "seen", d.version(id))...)
	}}
}

// made is a form about something that is made just before it is sent.
func made(route, who, path string, make func() int64, pairs ...string) deed {
	return deed{route: route, who: who, form: func() (string, url.Values) { return fmt.Sprintf(path, make()), values(pairs...) }}
}

func (d *deeds) ofQueue() []deed {
	const who = "analyst27"
	id, other := d.open(domain.Moderation, 2), d.open(domain.Moderation, 1)
	undo := func() int64 { return d.number("SELECT max(id) FROM undos WHERE who = $1", who) }
	split := d.onCase("POST /queue/case/{id}/split", who, id, "/queue/case/%d/split")
	plain := split.form
	split.form = func() (string, url.Values) {
		path, form := plain()
		form.Set("post", fmt.Sprint(d.number("SELECT max(post_id) FROM case_posts WHERE case_id = $1", id)))
		return path, form
	}
	return []deed{
		{route: "POST /queue/lease/{object}/{id}", who: who, form: func() (string, url.Values) { return fmt.Sprintf("/queue/lease/case/%d", id), nil }},
		{route: "POST /queue/leave", who: who, form: func() (string, url.Values) {
			return "/queue/leave", values("until", fmt.Sprint(time.Now().Add(time.Hour).UnixMicro()))
		}},
		split,
		d.onCase("POST /queue/case/{id}/aside", who, id, "/queue/case/%d/aside", "until", "2h"),
		made("POST /undo/{id}", who, "/undo/%d", undo),
		d.onCase("POST /queue/case/{id}/ask", who, id, "/queue/case/%d/ask", "question", "На какой улице?"),
		d.onCase("POST /case/{id}/author", who, id, "/case/%d/author", "answer", "На Ленина"),
		d.onCase("POST /queue/case/{id}/join", who, other, "/queue/case/%d/join", "into", fmt.Sprintf("27-2026-9%05d", id)),
		d.onCase("POST /case/{id}/unjoin", who, other, "/case/%d/unjoin"),
		d.onCase("POST /queue/case/{id}/reject", who, other, "/queue/case/%d/reject", "closing", string(domain.Spam)),
		d.onCase("POST /case/{id}/restore", who, other, "/case/%d/restore"),
		d.onCase("POST /queue/case/{id}/assign", who, id, "/queue/case/%d/assign", "agency", walkBody, "pick", "3"),
	}
}

func (d *deeds) ofBulk() []deed {
	const who = "analyst27"
	id := d.open(domain.Moderation, 1)
	return []deed{
		{route: "POST /queue/bulk", who: who, form: func() (string, url.Values) {
			return "/queue/bulk", values("do", "aside", "until", "week", "case", fmt.Sprintf("%d:%s", id, d.version(id)))
		}},
		made("POST /queue/bulk/{id}/stop", who, "/queue/bulk/%d/stop", func() int64 {
			d.settled("SELECT count(*) FROM bulk_jobs WHERE finished_at IS NULL")
			return d.number(`INSERT INTO bulk_jobs (region, what, words, filter, change, scope, total, state, who, created_at, claimed_until)
				VALUES ('khabarovsk', 'aside', 'проверка', '{}', '{}', '{}', 1, 'running', $1, now(), now() + interval '1 hour') RETURNING id`, who)
		}),
	}
}

func (d *deeds) ofReviews() []deed {
	const who = "analyst27"
	id := d.open(domain.Moderation, 1)
	alone := func() int64 { return d.review(0) }
	follow := deed{route: "POST /queue/review/{id}/follow", who: who, form: func() (string, url.Values) {
		return fmt.Sprintf("/queue/review/%d/follow", d.review(id)), values("version", d.version(id), "seen", "1", "pick", "2")
	}}
	return []deed{
		made("POST /queue/review/{id}/aside", who, "/queue/review/%d/aside", alone, "seen", "1", "until", "2h"),
		made("POST /queue/review/{id}/open", who, "/queue/review/%d/open", alone, "seen", "1", "pick", "3"),
		made("POST /queue/review/{id}/join", who, "/queue/review/%d/join", alone, "seen", "1", "into", fmt.Sprintf("27-2026-9%05d", id)),
		made("POST /queue/review/{id}/dismiss", who, "/queue/review/%d/dismiss", alone, "seen", "1", "closing", string(domain.Advert)),
		follow,
	}
}

func (d *deeds) ofCard() []deed {
	const who = "analyst27"
	id, other, held := d.open(domain.Moderation, 2), d.open(domain.Moderation, 1), d.open(domain.Coordination, 1)
	split := d.onCase("POST /case/{id}/split", who, id, "/case/%d/split")
	plain := split.form
	split.form = func() (string, url.Values) {
		path, form := plain()
		form.Set("post", fmt.Sprint(d.number("SELECT max(post_id) FROM case_posts WHERE case_id = $1", id)))
		return path, form
	}
	return []deed{
		{route: "POST /case/{id}/file", who: who, field: "file", file: func() []byte { return []byte("снимок") }, form: func() (string, url.Values) {
			return fmt.Sprintf("/case/%d/file", id), nil
		}},
		d.onCase("POST /case/{id}/note", who, id, "/case/%d/note", "text", "Звонили"),
		d.onCase("POST /case/{id}/link", who, id, "/case/%d/link", "number", fmt.Sprintf("27-2026-9%05d", other)),
		{route: "POST /case/{id}/unlink/{other}", who: who, form: func() (string, url.Values) {
			return fmt.Sprintf("/case/%d/unlink/%d", id, other), values("version", d.version(id))
		}},
		d.onCase("POST /case/{id}/marks", who, id, "/case/%d/marks", "pos", "ПОС-1"),
		d.onCase("POST /case/{id}/story", who, id, "/case/%d/story", "title", "Ямы на Ленина"),
		d.onCase("POST /case/{id}/correct", who, id, "/case/%d/correct", "pick", "2", "why", "по фото"),
		split,
		d.onCase("POST /case/{id}/withdraw", who, held, "/case/%d/withdraw", "agency", "min-transport", "why", "Дорога краевая"),
		d.disputed(d.onCase("POST /case/{id}/term", "controller27", held, "/case/%d/term", "keep", "old", "why", "Срок был назван автору"), held),
	}
}

// disputed makes a case one whose term the controller decides.
func (d *deeds) disputed(x deed, id int64) deed {
	plain := x.form
	x.form = func() (string, url.Values) {
		execute(d.t, d.dsn, `UPDATE cases SET for_controller = 'меньше двух дней', changed_by = 'система', updated_at = now(),
			term_dispute = jsonb_build_object('Why', 'меньше двух дней', 'Before', jsonb_build_object('Days', 30, 'Due', now() + interval '20 days',
				'Control', now() + interval '20 days', 'Reason', 'обычный порядок')) WHERE id = $1`, id)
		return plain()
	}
	return x
}

// ofTask takes a case from the body to an answer that is approved.
func (d *deeds) ofTask() []deed {
	id := d.open(domain.Coordination, 1)
	executor := func() string { return d.user("executor27") }
	return []deed{
		d.step(domain.StepRemind, "curator27", id),
		d.step(domain.StepAccept, "coordinator27", id),
		{route: "POST /inbox/distribute", who: "coordinator27", form: func() (string, url.Values) {
			return "/inbox/distribute", values("person", executor(), "task", fmt.Sprintf("%d-%s", id, d.version(id)))
		}},
		made("POST /inbox/undo/{id}", "coordinator27", "/inbox/undo/%d", func() int64 {
			return d.number("SELECT max(id) FROM undos WHERE who = 'coordinator27'")
		}),
		d.step(domain.StepDistribute, "coordinator27", id, "person", executor()),
		d.step(domain.StepAsk, "executor27", id, "why", "На какой улице?"),
		d.step(domain.StepAnswered, "executor27", id, "why", "На Ленина"),
		d.step(domain.StepDraft, "executor27", id, "text", "Яму засыпали."),
		d.withDraft(d.step(domain.StepSubmit, "executor27", id, "text", "Яму засыпали сегодня.", "outcome", "solved"), id),
		d.step(domain.StepRework, "head27", id, "why", "Назовите улицу"),
		d.withDraft(d.step(domain.StepSubmit, "executor27", id, "text", "Яму на Ленина засыпали сегодня.", "outcome", "solved"), id),
		d.step(domain.StepApprove, "head27", id),
	}
}

// withDraft names the draft that the form has seen.
func (d *deeds) withDraft(x deed, id int64) deed {
	plain := x.form
	x.form = func() (string, url.Values) {
		path, form := plain()
		form.Set("draft", fmt.Sprint(d.number("SELECT coalesce(max(version), 0) FROM replies WHERE case_id = $1 AND state IN ('draft', 'returned')", id)))
		return path, form
	}
	return x
}

// ready makes a case whose approved answer is in a state of its sending.
func (d *deeds) ready(to ...domain.State) int64 {
	d.t.Helper()
	id := d.open(domain.Coordination, 1)
	for _, s := range append([]domain.State{domain.Execution, domain.Approval, domain.Publishing}, to...) {
		execute(d.t, d.dsn, `UPDATE cases SET state = $2, version = version + 1, changed_by = 'система', changed_why = 'проверка',
			outcome = CASE WHEN $2 = 'satisfaction' THEN 'solved' ELSE outcome END, answered_at = CASE WHEN $2 = 'satisfaction' THEN now() END, updated_at = now() WHERE id = $1`, id, string(s))
	}
	execute(d.t, d.dsn, `UPDATE cases SET executor_id = (SELECT id FROM users WHERE login = 'executor27') WHERE id = $1`, id)
	return id
}

// reply stores an answer of a case.
func (d *deeds) reply(id int64, kind, state string) int64 {
	d.t.Helper()
	return d.number(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at, planned_at, published_at)
		VALUES ($1, 1, $2, $3, $4, CASE WHEN $2 = 'final' THEN 'solved' ELSE '' END, 'executor27', 'head27', now(), now(), now(), now(), now(),
			CASE WHEN $3 = 'published' THEN now() END) RETURNING id`, id, kind, state, later)
}

// delivery is the way an answer went.
func (d *deeds) delivery(id, reply int64, state string) {
	d.t.Helper()
	execute(d.t, d.dsn, `INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, main,
			repeatable, why, state, attempts, first_tried_at, tried_at, platform_id, created_at, over_at)
		VALUES ('k' || $1::bigint, 'khabarovsk', $1, $2, 'vk', 'public', (SELECT address FROM accounts WHERE id = 1), '-1', '1', '0', 'c', 't', 0, $4, true, true, '', $3::text, 1, now(), now(),
			CASE WHEN $3::text = 'delivered' THEN '77' ELSE '' END, now(), now())`, id, reply, state, later)
}

// ofAnswer is what is done when an answer was sent, or could not be.
func (d *deeds) ofAnswer() []deed {
	stuck, again, hand, interim, given := d.ready(domain.SendFailed), d.ready(domain.SendFailed), d.ready(domain.SendFailed),
		d.ready(), d.ready(domain.Satisfaction)
	for _, id := range []int64{stuck, again, hand} {
		d.delivery(id, d.reply(id, "final", "approved"), "failed")
	}
	d.reply(interim, "interim", "approved")
	d.delivery(given, d.reply(given, "final", "published"), "delivered")
	heard, pressed, lost := d.heard(), d.pressed(), d.lostCopy()
	return []deed{
		d.step(domain.StepResend, "coordinator27", stuck),
		d.step(domain.StepRewrite, "coordinator27", again, "text", "Яму на Ленина засыпали вчера.", "outcome", "solved"),
		d.onCase("POST /case/{id}/answered", "analyst27", hand, "/case/%d/answered", "url", "https://vk.com/wall-1_1?reply=2"),
		d.step(domain.StepPublished, "coordinator27", interim, "proof", "https://vk.com/wall-1_1?reply=3"),
		d.proposed("executor27", given),
		d.ofProposal(domain.StepReturn, "head27", given, "why", "назовите и час"),
		d.proposed("executor27", given),
		d.ofProposal(domain.StepRecall, "executor27", given),
		d.proposed("executor27", given),
		d.ofProposal(domain.StepCorrect, "head27", given),
		d.onCase("POST /case/{id}/reopen", "controller27", given, "/case/%d/reopen", "why", "Яма на месте"),
		d.onCase("POST /case/{id}/again", "controller27", given, "/case/%d/again", "agency", walkBody),
		d.onCase("POST /case/{id}/voice", "controller27", heard, "/case/%d/voice", "means", "nothing"),
		d.onCase("POST /case/{id}/voice", "controller27", pressed, "/case/%d/voice", "means", "over"),
		d.step(domain.StepCopy, "coordinator27", lost, "choice", "told", "why", "позвонили",
			"copy", fmt.Sprint(d.number("SELECT max(id) FROM deliveries WHERE case_id = $1", lost))),
	}
}

// proposed proposes a correction of what was answered.
func (d *deeds) proposed(who string, id int64) deed {
	return d.step(domain.StepPropose, who, id, "text", "Яму на Ленина засыпали 28 ноября.", "why", "назвали день")
}

// ofProposal decides about the correction that waits then.
func (d *deeds) ofProposal(step domain.Step, who string, id int64, pairs ...string) deed {
	x := d.step(step, who, id, pairs...)
	plain := x.form
	x.form = func() (string, url.Values) {
		path, form := plain()
		form.Set("proposal", fmt.Sprint(d.number("SELECT max(id) FROM correction_proposals WHERE case_id = $1", id)))
		return path, form
	}
	return x
}

// heard is an answered case whose author wrote words that the controller is to read.
func (d *deeds) heard() int64 {
	d.t.Helper()
	id := d.ready(domain.Satisfaction)
	execute(d.t, d.dsn, `INSERT INTO voices (post_id, case_id, round, says, reason, at)
		SELECT post_id, case_id, 1, 'unclear', 'проверка', now() FROM case_posts WHERE case_id = $1`, id)
	execute(d.t, d.dsn, "UPDATE cases SET for_controller = $2, changed_by = 'система', updated_at = now() WHERE id = $1", id, domain.WordsUnread)
	return id
}

// pressed is an answered case whose author pressed «Не решено» and wrote nothing.
func (d *deeds) pressed() int64 {
	d.t.Helper()
	id := d.ready(domain.Satisfaction)
	execute(d.t, d.dsn, "UPDATE cases SET for_controller = $2, changed_by = 'система', updated_at = now() WHERE id = $1", id, domain.WordsUnsolved)
	return id
}

// lostCopy is an answered case whose author, who asked in private too, was not reached there.
func (d *deeds) lostCopy() int64 {
	d.t.Helper()
	id := d.ready(domain.Satisfaction)
	d.delivery(id, d.reply(id, "final", "published"), "failed")
	execute(d.t, d.dsn, "UPDATE deliveries SET copy = true, main = false, way = 'dialog' WHERE case_id = $1", id)
	return id
}

func (d *deeds) ofDeferral() []deed {
	ask := func(id int64) []deed {
		until := domain.DateOf(time.Now(), time.UTC).Add(20).String()
		return []deed{
			d.step(domain.StepAccept, "coordinator27", id),
			d.step(domain.StepDefer, "head27", id, "why", "Нужен асфальт", "until", until, "notice", "Ремонт перенесён: ждём асфальт."),
		}
	}
	granted, refused, back, down := d.open(domain.Coordination, 1), d.open(domain.Coordination, 1), d.open(domain.Coordination, 1), d.open(domain.Coordination, 1)
	execute(d.t, d.dsn, "UPDATE cases SET agency_id = 'adm-khabarovsk-city', changed_by = 'система', updated_at = now() WHERE id = $1", down)
	out := append(ask(granted), d.step(domain.StepGrant, "controller27", granted, "why", "Согласовано"), d.step(domain.StepResume, "head27", granted))
	out = append(out, ask(refused)...)
	return append(out, d.step(domain.StepRefuse, "controller27", refused, "why", "Сделать можно сейчас"),
		d.step(domain.StepAccept, "coordinator27", back),
		d.step(domain.StepTake, "executor27", back),
		d.step(domain.StepSendBack, "coordinator27", back, "body", "min-transport", "why", "Дорога краевая"),
		d.step(domain.StepHandDown, "coordinator27", down, "body", walkBody, "why", "Двор"),
		d.step(domain.StepHandUp, "coordinator27", down, "why", "Не двор"))
}

func (d *deeds) ofInbox() []deed {
	today := domain.DateOf(time.Now(), time.UTC)
	return []deed{
		{route: "POST /inbox/templates", who: "coordinator27", anywhere: true, form: func() (string, url.Values) {
			return "/inbox/templates", values("title", "Ямы", "text", "Яма на {место} будет засыпана.", "body", "adm-khabarovsk-city")
		}},
		{route: "POST /inbox/templates/{id}", who: "coordinator27", form: func() (string, url.Values) {
			id := d.number("SELECT max(id) FROM reply_templates WHERE agency_id = 'adm-khabarovsk-city' AND region = 'khabarovsk'")
			return fmt.Sprintf("/inbox/templates/%d", id), values("title", "Ямы", "text", "Яма на {место} будет засыпана до {когда}.", "version", "1")
		}},
		made("POST /inbox/templates/{id}/remove", "coordinator27", "/inbox/templates/%d/remove", func() int64 {
			return d.number("SELECT max(id) FROM reply_templates WHERE agency_id = 'adm-khabarovsk-city'")
		}),
		made("POST /inbox/absences/{id}/end", "coordinator27", "/inbox/absences/%d/end", func() int64 {
			return d.number(`INSERT INTO absences (user_id, first_day, last_day, entered_by, entered_at)
				SELECT id, current_date - 3, current_date + 9, 'head27', now() FROM users WHERE login = 'executor27' RETURNING id`)
		}),
		{route: "POST /analytics/incidents", who: "analyst27", anywhere: true, form: func() (string, url.Values) {
			return "/analytics/incidents", values("from", today.Add(-3).String(), "to", today.Add(1).String())
		}},
		made("POST /exports/{id}/stop", "analyst27", "/exports/%d/stop", func() int64 {
			d.settled("SELECT count(*) FROM background_tasks WHERE state = 'running' AND id > 1")
			return d.number(`INSERT INTO background_tasks (region, kind, subject, who, created_at) SELECT region, kind, subject, who, now()
				FROM background_tasks WHERE who = 'analyst27' ORDER BY id DESC LIMIT 1 RETURNING id`)
		}),
	}
}

func (d *deeds) ofSources() []deed {
	const who = "admin27"
	on := func(route, path string, pairs ...string) deed {
		return made(route, who, path, func() int64 { return 1 }, pairs...)
	}
	return []deed{
		on("POST /sources/{id}/pause", "/sources/%d/pause", "why", "шумит"),
		on("POST /sources/{id}/resume", "/sources/%d/resume"),
		made("POST /sources/{id}/away", who, "/sources/%d/away", func() int64 {
			return d.number(`INSERT INTO source_chats (source_id, chat, away, at) VALUES (1, '-70', true, now()) RETURNING source_id`)
		}),
		{route: "POST /sources/new", who: who, anywhere: true, form: func() (string, url.Values) {
			return "/sources/new", values("kind", string(domain.VKWall), "address", "-77", "force", "1", "title", "Стена")
		}},
	}
}

func (d *deeds) ofAccounts() []deed {
	const who = "admin27"
	on := func(path string, pairs ...string) deed {
		return made("POST /accounts/{id}"+path, who, "/accounts/%d"+path, func() int64 { return 1 }, pairs...)
	}
	change := on("")
	change.form = func() (string, url.Values) {
		a, err := d.server.infra.store.AccountUse(d.t.Context(), "khabarovsk", 1)
		if err != nil {
			d.t.Fatal(err)
		}
		return "/accounts/1", values("title", "Город", "whole", "1", "body", walkBody, "seen", a.Mark())
	}
	return []deed{
		change, on("/token", "token", walkToken), on("/check"), on("/pause", "why", "проверка"), on("/resume"), on("/retire", "why", "украден"),
		{route: "POST /accounts/new", who: who, anywhere: true, form: func() (string, url.Values) {
			return "/accounts/new", values("platform", "vk", "address", "701", "token", walkSecond, "whole", "1")
		}},
		on("/remove"),
	}
}

func (d *deeds) ofAnnouncements() []deed {
	seen := func(route, who string, id int64, pairs ...string) deed {
		return deed{route: "POST /announcements/{id}" + route, who: who, form: func() (string, url.Values) {
			version := fmt.Sprint(d.number("SELECT version FROM announcements WHERE id = $1", id))
			return fmt.Sprintf("/announcements/%d%s", id, route), values(append(pairs, "version", version)...)
		}}
	}
	spare := d.number(`INSERT INTO announcements (region, state, text, municipalities, author, created_at, updated_at)
		VALUES ('khabarovsk', 'draft', 'Лишнее', '{khabarovsk-city}', 'analyst27', now(), now()) RETURNING id`)
	return []deed{
		{route: "POST /announcements/new", who: "analyst27", anywhere: true, form: func() (string, url.Values) {
			return "/announcements/new", values("text", "Завтра не будет воды.", "place", "khabarovsk-city")
		}},
		seen("", "analyst27", 1, "text", "Завтра воды не будет.", "place", "khabarovsk-city"),
		seen("/offer", "analyst27", 1), seen("/return", "admin27", 1, "why", "Назовите улицы"),
		seen("/offer", "analyst27", 1), seen("/approve", "admin27", 1), seen("/stop", "analyst27", 1, "why", "Воду дали"),
		seen("/drop", "analyst27", spare),
	}
}

func (d *deeds) ofUsers() []deed {
	const who = "admin27"
	on := func(path string, pairs ...string) deed {
		return made("POST /users/{id}"+path, who, "/users/%d"+path, func() int64 { return 1 }, pairs...)
	}
	today := domain.DateOf(time.Now(), time.UTC)
	change := on("")
	change.form = func() (string, url.Values) {
		u, err := d.server.infra.store.Person(d.t.Context(), 1, time.Now())
		if err != nil {
			d.t.Fatal(err)
		}
		return "/users/1", values("name", "Цель вторая", "role", "reader", "agency", "", "seen", u.Mark())
	}
	return []deed{
		change,
		on("/password"),
		{route: "POST /users/{id}/sessions/end-one", who: who, form: func() (string, url.Values) {
			const token = "a session of the target"
			execute(d.t, d.dsn, `INSERT INTO sessions (token_hash, user_id, epoch, data, expires_at)
				SELECT $1, id, session_epoch, '', now() + interval '1 hour' FROM users WHERE id = 1`, token)
			return "/users/1/sessions/end-one", values("session", domain.SessionInfo{ID: token}.Key())
		}},
		on("/sessions/end"),
		on("/factor/drop"),
		on("/deactivate"),
		on("/activate"),
		on("/absences", "from", today.Add(1).String(), "to", today.Add(3).String()),
		{route: "POST /users/{id}/absences/{absence}/end", who: who, form: func() (string, url.Values) {
			return fmt.Sprintf("/users/1/absences/%d/end", d.number("SELECT max(id) FROM absences WHERE user_id = 1")), nil
		}},
		{route: "POST /users/new", who: who, anywhere: true, form: func() (string, url.Values) {
			return "/users/new", values("login", "newcomer", "name", "Новый", "role", "reader", "agency", "")
		}},
	}
}

// ofPacks uploads the pack of the program, edits a file of it into another version,
// activates that and goes back.
func (d *deeds) ofPacks() []deed {
	const who, file = "admin27", "khabarovsk/region.yaml"
	files, err := rules.Embedded("khabarovsk")
	if err != nil {
		d.t.Fatal(err)
	}
	files[file] = append(slices.Clone(files[file]), "\n# своя версия\n"...)
	uploaded, edited := files.Hash()[:12], func() string {
		return query[string](d.t, d.dsn, "SELECT left(hash, 12) FROM pack_versions WHERE region = 'khabarovsk' ORDER BY id DESC LIMIT 1")
	}
	seen := func() url.Values {
		return values("seen", query[string](d.t, d.dsn, "SELECT hash FROM pack_versions WHERE region = 'khabarovsk' AND active"))
	}
	return []deed{
		{route: "POST /rules/upload", who: who, anywhere: true, field: "pack", file: func() []byte { return d.zipped(files) },
			form: func() (string, url.Values) { return "/rules/upload", nil }},
		{route: "POST /rules/version/{hash}/edit", who: who, form: func() (string, url.Values) {
			return "/rules/version/" + uploaded + "/edit", values("file", file, "content", string(files[file])+"\n# проверка\n")
		}},
		{route: "POST /rules/version/{hash}/activate", who: who, form: func() (string, url.Values) { return "/rules/version/" + edited() + "/activate", seen() }},
		{route: "POST /rules/rollback", who: who, form: func() (string, url.Values) { return "/rules/rollback", seen() }},
		{route: "POST /rules/model/rollback", who: who, form: func() (string, url.Values) {
			execute(d.t, d.dsn, `INSERT INTO model_versions (region, label, hash, size, examples, report, comparison, reason, created_at, created_by,
					active, activated_at, activated_by)
				VALUES ('khabarovsk', 'topic', 'abcdef0123456789', 1, 1, '{}', '{}', '', now(), 'x', true, now(), 'x')`)
			return "/rules/model/rollback", values("label", "topic", "model", "abcdef0123456789")
		}},
		{route: "POST /rules/version/{hash}/dry-run", who: who, form: func() (string, url.Values) { return "/rules/version/" + edited() + "/dry-run", nil }},
		{route: "POST /rules/uses", who: who, anywhere: true, form: func() (string, url.Values) {
			d.settled("SELECT count(*) FROM background_tasks WHERE state = 'running' AND kind = 'dry_run'")
			execute(d.t, d.dsn, "DELETE FROM background_tasks WHERE id = 1") // what the other walk finds at work
			return "/rules/uses", nil
		}},
		{route: "POST /rules/learning/dry-run", who: who, anywhere: true, form: func() (string, url.Values) { return "/rules/learning/dry-run", values("label", "kind") }},
		{route: "POST /rules/learning/start", who: who, form: func() (string, url.Values) {
			execute(d.t, d.dsn, `INSERT INTO background_tasks (region, kind, subject, who, created_at, state, result, finished_at)
				SELECT region, 'train_dry_run', 'row', 'x', now(), 'done', jsonb_build_object('pack', hash), now()
				  FROM pack_versions WHERE region = 'khabarovsk' AND active`)
			return "/rules/learning/start", values("label", "row")
		}},
		made("POST /rules/task/{id}/stop", who, "/rules/task/%d/stop", func() int64 {
			d.settled("SELECT count(*) FROM background_tasks WHERE state = 'running' AND kind = 'phrase_uses'")
			return d.number(`INSERT INTO background_tasks (region, kind, subject, who, created_at)
				VALUES ('khabarovsk', 'dry_run', $2, $1, now()) RETURNING id`, who, uploaded)
		}),
	}
}

func (d *deeds) zipped(files rules.Files) []byte {
	d.t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		d.t.Fatal(err)
	}
	return b.Bytes()
}
