package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/desk/inbox"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// office is the pages over a real database, with people of «city», whose
// subordinate is «school».
type office struct {
	t     *testing.T
	desk  *pagetest.Desk
	store *storage.Store
	conn  *pgx.Conn
	users map[string]domain.User
	cases int
	alone bool // city needs no approval
	check domain.CheckReply
	shut  domain.Refusal // why nothing can be corrected
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dsn := storagetest.DSN(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	o := &office{t: t, store: storagetest.Open(t, dsn, storage.Options{}), conn: conn, users: map[string]domain.User{}}
	pages := &inbox.Inbox{Store: o.store, Rules: func(string) domain.BodyRules {
		return domain.BodyRules{SendBackLimit: 2, ClarifyDays: 3, CheckReply: o.check, Words: bots.AnswerWords(),
			NoApproval: func(body string) bool { return o.alone && body == "city" }, MayCorrect: func(domain.AnswerPlace) domain.Refusal { return o.shut }}
	}}
	o.desk = pagetest.New(t, pages.Section())
	o.person("coord", "Кира Координатор", domain.RoleCoordinator, "city")
	o.person("exec", "Егор Исполнитель", domain.RoleExecutor, "city")
	o.person("other", "Олег Исполнитель", domain.RoleExecutor, "city")
	o.person("head", "Галина Глава", domain.RoleHead, "city")
	o.person("school", "Ольга Школьная", domain.RoleCoordinator, "school")
	o.person("far", "Фёдор Чужой", domain.RoleCoordinator, "ministry")
	o.person("watch", "Вера Контролёр", domain.RoleController, "")
	return o
}

func (o *office) person(login, name string, role domain.Role, body string) {
	o.t.Helper()
	u := domain.User{Region: "khabarovsk", Login: login, Name: name, Offices: []domain.Office{{Role: role, AgencyID: body}}}
	u, err := o.store.AddUser(o.t.Context(), u, "", domain.Doer{Login: "root", Region: "khabarovsk", At: pagetest.Noon()})
	if err != nil {
		o.t.Fatal(err)
	}
	o.users[login] = u
}

// open stores a case that city has, in coordination, due in ten days.
func (o *office) open(text string) domain.Case {
	o.t.Helper()
	o.cases++
	now := pagetest.Noon().Add(-time.Hour)
	src, err := o.store.AddSource(o.t.Context(), domain.Source{Region: "khabarovsk", Kind: domain.VKWall, Address: fmt.Sprint("-", o.cases)})
	if err != nil {
		o.t.Fatal(err)
	}
	p := domain.Post{ID: domain.NewPostID(domain.VK, src.Address, "1"), Region: "khabarovsk", SourceID: src.ID, Text: text,
		Author: domain.Author{ID: "7", Name: "Житель"}, PublishedAt: now, Geo: &domain.Geo{Lat: 48.4808, Lon: 135.0719},
		Attachments: []domain.Attachment{{Type: "photo"}}, URL: "https://vk.ru/wall" + src.Address + "_1"}
	j := domain.Judged{Post: p, Verdict: domain.Verdict{Kind: domain.Problem, Row: 3, PackHash: "test"}}
	due := now.AddDate(0, 0, 10)
	d := domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: "city", Reason: "test", Words: "назначено",
		Deadline: domain.Deadline{Days: 10, Due: due, Control: due, Reason: "строка 3"}, RegisteredAt: now}
	b := domain.Batch{Source: src, Posts: []domain.Post{p}, State: domain.SourceActive, Cursor: json.RawMessage("{}")}
	res, err := o.store.Commit(o.t.Context(), now, b, []domain.Judged{j}, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision { return d })
	if err != nil {
		o.t.Fatal(err)
	}
	return o.now(res.CaseIDs[0])
}

// What came with a message is shown to the body, also a photo that only its platform
// can show, and a place on the map.
func TestWhatCameWithAMessageIsShown(t *testing.T) {
	o := newOffice(t)
	c := o.open("Третий день нет воды")
	shown := o.as("coord").Get(taskPath(c))
	for _, want := range []string{"[фото]", "место на карте: 48.48080, 135.07190 ↗", "https://yandex.ru/maps/?pt=135.071900,48.480800&amp;z=17&amp;l=map"} {
		if !shown.Has(want) {
			t.Errorf("the page lacks %q: %s", want, shown.Body)
		}
	}
}

func (o *office) now(id int64) domain.Case {
	o.t.Helper()
	c, err := o.store.SeenCase(o.t.Context(), domain.Scope{Region: "khabarovsk", Whole: true, Restricted: true}, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// as logs somebody in.
func (o *office) as(login string) *pagetest.Desk {
	u, err := o.store.Person(o.t.Context(), o.users[login].ID, o.desk.Clock.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return o.desk.As(u)
}

// do takes a step as its form would, at the version the page shows now.
func (o *office) do(login string, id int64, step domain.Step, fields ...string) pagetest.Answer {
	o.t.Helper()
	d := o.as(login)
	shown := d.Get(fmt.Sprintf("/inbox/task/%d", id))
	seen := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(shown.Body)
	form := url.Values{"seen": {"0"}, "back": {"/inbox?tab=all"}}
	if seen != nil {
		form.Set("seen", seen[1])
	}
	if draft := regexp.MustCompile(`name="draft" value="(\d+)"`).FindStringSubmatch(shown.Body); draft != nil {
		form.Set("draft", draft[1])
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return d.Post(fmt.Sprintf("/inbox/task/%d/%s", id, step), form)
}

func taskPath(c domain.Case) string { return fmt.Sprintf("/inbox/task/%d", c.ID) }

func (o *office) ok(a pagetest.Answer) {
	o.t.Helper()
	if a.Status != 303 {
		o.t.Fatalf("status %d: %s", a.Status, text(a.Body))
	}
}

var tags = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]+>`)

// text is a page without its tags.
func text(body string) string {
	if _, main, ok := strings.Cut(body, "<main"); ok {
		body = "<main" + main
	}
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

// The whole way of a task by forms alone, without script.
func TestWayOfATaskByForms(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма у дома 5, машины бьют колёса")
	list := o.as("coord").Get("/inbox")
	if list.Status != 200 || !list.Has("Яма у дома 5") || !list.Has("1 поручение") && !list.Has("1\u00a0поручение") {
		t.Fatalf("the list: %d %s", list.Status, text(list.Body))
	}
	a := o.do("coord", c.ID, domain.StepAccept)
	o.ok(a)
	if !strings.HasPrefix(a.Location, fmt.Sprintf("/inbox/task/%d", c.ID)) {
		t.Errorf("after accepting one goes to %s", a.Location)
	}
	if shown := o.desk.Get(a.Location); !shown.Has("Принято") || !shown.Has("/inbox/undo/") {
		t.Errorf("no notice with undo: %s", text(shown.Body))
	}
	o.ok(o.do("coord", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	mine := o.as("exec").Get("/inbox")
	if !mine.Has("Яма у дома 5") || !mine.Has(`aria-current="page" class="mine">Ответить`) {
		t.Errorf("the executor's list: %s", text(mine.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepDraft, "kind", "final", "text", "Засыпем"))
	if shown := o.as("exec").Get(fmt.Sprintf("/inbox/task/%d", c.ID)); !shown.Has(">Засыпем</textarea>") {
		t.Errorf("the draft is not there: %s", text(shown.Body))
	}
	if a := o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "text", "Засыпали"); a.Status != 422 || !a.Has(">Засыпали</textarea>") || !a.Has("Отметьте итог") {
		t.Errorf("without an outcome: %d %s", a.Status, text(a.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", "Засыпали"))
	if a := o.do("exec", c.ID, domain.StepApprove); a.Status != 403 {
		t.Errorf("an executor approves: %d", a.Status)
	}
	o.ok(o.do("head", c.ID, domain.StepRework, "why", "Назовите день"))
	if shown := o.as("exec").Get(fmt.Sprintf("/inbox/task/%d", c.ID)); !shown.Has("Вернули на доработку: Назовите день") {
		t.Errorf("the remark is not shown: %s", text(shown.Body))
	}
	if list := o.as("exec").Get("/inbox"); !list.Has("на доработке: Назовите день") {
		t.Errorf("the list does not say it: %s", text(list.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", "Засыпали 23 ноября"))
	waits := o.as("head").Get("/inbox")
	if !waits.Has("Яма у дома 5") || !waits.Has(`aria-current="page" class="mine">Согласовать`) {
		t.Errorf("the head's list: %s", text(waits.Body))
	}
	o.ok(o.do("head", c.ID, domain.StepApprove))
	if got := o.now(c.ID); got.State != domain.Publishing {
		t.Errorf("approved: %s", got.State)
	}
}

// Who comes too late reads what happened, and what they typed is still there.
func TestTooLate(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	c = o.now(c.ID)
	o.ok(o.do("exec", c.ID, domain.StepTake))
	late := o.as("other").Post(fmt.Sprintf("/inbox/task/%d/take", c.ID), url.Values{"seen": {fmt.Sprint(c.Version)}})
	if late.Status != 409 || !late.Has("Егор Исполнитель") || !late.Has("взято в работу") {
		t.Errorf("%d: %s", late.Status, text(late.Body))
	}
	c = o.now(c.ID)
	o.ok(o.do("coord", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["other"].ID)))
	o.ok(o.do("coord", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	typed := o.as("exec").Post(fmt.Sprintf("/inbox/task/%d/submit", c.ID), url.Values{"seen": {fmt.Sprint(c.Version)}, "kind": {"final"},
		"outcome": {"solved"}, "text": {"Длинный хороший ответ"}})
	if typed.Status != 409 || !typed.Has("Длинный хороший ответ</textarea>") || !typed.Has("ничего не переписано") {
		t.Errorf("%d: %s", typed.Status, text(typed.Body))
	}
	if a := o.do("coord", c.ID, domain.StepHandDown, "body", "school"); a.Status != 409 || !a.Has("В этом состоянии так сделать нельзя") {
		t.Errorf("handing down what was accepted: %d %s", a.Status, text(a.Body))
	}
}

// Strangers see nothing, not even that it is there.
func TestOutOfSight(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма")
	address := fmt.Sprintf("/inbox/task/%d", c.ID)
	if a := o.as("far").Get(address); a.Status != 404 {
		t.Errorf("another body: %d", a.Status)
	}
	if a := o.as("school").Get(address); a.Status != 404 {
		t.Errorf("the body below: %d", a.Status)
	}
	if a := o.as("far").Post(address+"/accept", url.Values{"seen": {"1"}}); a.Status != 404 {
		t.Errorf("another body accepts: %d", a.Status)
	}
	if a := o.as("exec").Post(address+"/accept", url.Values{"seen": {"1"}}); a.Status != 403 {
		t.Errorf("an executor accepts: %d", a.Status)
	}
	if a := o.as("watch").Get(address); a.Status != 200 || a.Has("Принять</button>") {
		t.Errorf("the controller: %d, or is offered to accept", a.Status)
	}
	if list := o.as("far").Get("/inbox"); list.Has("Яма") {
		t.Error("another body's list shows the task")
	}
}

func TestBulkDistribution(t *testing.T) {
	o := newOffice(t)
	a, b := o.open("Первая яма"), o.open("Вторая яма")
	list := o.as("coord").Get("/inbox")
	if !list.Has(fmt.Sprintf(`value="%d-%d"`, a.ID, a.Version)) || !list.Has("Егор Исполнитель · 0 в работе") {
		t.Fatalf("rows cannot be chosen: %s", text(list.Body))
	}
	o.ok(o.do("coord", b.ID, domain.StepAccept)) // a colleague was quicker with one of them
	form := url.Values{"person": {fmt.Sprint(o.users["exec"].ID)}, "back": {"/inbox?tab=distribute"},
		"task": {fmt.Sprintf("%d-%d", a.ID, a.Version), fmt.Sprintf("%d-%d", b.ID, b.Version)}}
	done := o.as("coord").Post("/inbox/distribute", form)
	o.ok(done)
	shown := o.desk.Get(done.Location)
	if !shown.Has("Назначено: "+a.Number) || !shown.Has("Не назначено: 1") || !shown.Has("принято органом") {
		t.Errorf("what was done: %s", text(shown.Body))
	}
	if o.now(a.ID).ExecutorID != o.users["exec"].ID || o.now(b.ID).ExecutorID != 0 {
		t.Error("the wrong tasks were given")
	}
	form.Del("task")
	if a := o.as("coord").Post("/inbox/distribute", form); a.Status != 422 || !a.Has("Отметьте поручения") {
		t.Errorf("nothing chosen: %d", a.Status)
	}
}

func TestSendBackByForm(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма")
	shown := o.as("coord").Get(fmt.Sprintf("/inbox/task/%d", c.ID))
	if !shown.Has("Вернуть можно до 30.11.2026, 23:59") { // 28 November is a Saturday; without a calendar a plain week
		t.Errorf("until when: %s", text(shown.Body))
	}
	if a := o.do("coord", c.ID, domain.StepSendBack, "why", "не наша дорога"); a.Status != 422 || !a.Has("Укажите орган") || !a.Has("не наша дорога</textarea>") {
		t.Errorf("without a body: %d %s", a.Status, text(a.Body))
	}
	o.ok(o.do("coord", c.ID, domain.StepSendBack, "body", "ministry", "why", "дорога краевая"))
	if got := o.now(c.ID); got.State != domain.Returned || got.Proposed != "ministry" {
		t.Errorf("sent back: %+v", got)
	}
	if list := o.as("coord").Get("/inbox?tab=returned"); !list.Has("возвращали: 1") {
		t.Errorf("the list: %s", text(list.Body))
	}
}

func TestDeferralByForm(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма")
	o.ok(o.do("coord", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	if a := o.do("exec", c.ID, domain.StepDefer, "why", "подрядчик", "until", "2026-12-20"); a.Status != 422 || !a.Has("Напишите, что сообщить автору") {
		t.Errorf("without a notice: %d %s", a.Status, text(a.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepDefer, "why", "подрядчик", "until", "2026-12-20", "notice", "Сделаем к 20 декабря"))
	shown := o.as("watch").Get(fmt.Sprintf("/inbox/task/%d", c.ID))
	if !shown.Has("Просьба об отложенном решении до 20.12.2026") || !shown.Has("Сделаем к 20 декабря") || !shown.Has("Разрешить") {
		t.Fatalf("the controller reads %s", text(shown.Body))
	}
	if list := o.as("watch").Get("/inbox"); !list.Has("просят отложить до 20.12.2026") {
		t.Errorf("the controller's list: %s", text(list.Body))
	}
	look := domain.ReplyFault{Name: domain.AnswerPhone, Part: "20 декабря", Words: "Похоже на телефон."}
	o.check = func(domain.ReplyToCheck) []domain.ReplyFault { return []domain.ReplyFault{look} }
	if a := o.do("watch", c.ID, domain.StepGrant); a.Status != 422 || !a.Has("Похоже на телефон.") || !a.Has(look.ID()) {
		t.Errorf("granted with nobody looking: %d %s", a.Status, text(a.Body))
	}
	o.ok(o.do("watch", c.ID, domain.StepGrant, "sure", look.ID()))
	o.check = nil
	if got := o.now(c.ID); got.State != domain.Deferred {
		t.Errorf("granted: %s", got.State)
	}
	o.ok(o.do("exec", c.ID, domain.StepPublished, "proof", "https://vk.ru/wall-1_5"))
	o.ok(o.do("head", c.ID, domain.StepResume))
}

// Days away: nobody gives the person a task, the deputy is named, and on return
// there is a list.
func TestAbsencesByForm(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма")
	o.ok(o.do("coord", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	fresh := o.open("Другая яма")
	away := url.Values{"person": {"exec"}, "from": {"2026-11-28"}, "to": {"2026-11-29"}, "deputy": {"other"}, "why": {"отпуск"}}
	if a := o.as("far").Post("/inbox/absences", away); a.Status != 404 {
		t.Errorf("a stranger enters an absence: %d", a.Status)
	}
	o.ok(o.as("coord").Post("/inbox/absences", away))
	list := o.desk.Get("/inbox/absences")
	if !list.Has("Егор Исполнитель") || !list.Has("28.11.2026 – 29.11.2026") || !list.Has("Олег Исполнитель") || !list.Has("отпуск") {
		t.Errorf("the list: %s", text(list.Body))
	}
	if a := o.as("coord").Post("/inbox/absences", away); a.Status != 422 || !a.Has("уже отмечено") || !a.Has(`value="29.11.2026"`) {
		t.Errorf("twice: %d %s", a.Status, text(a.Body))
	}
	shown := o.as("coord").Get(fmt.Sprintf("/inbox/task/%d", fresh.ID))
	if !shown.Has("Егор Исполнитель — отсутствует по 29.11.2026, замещает Олег Исполнитель") {
		t.Errorf("whom one may give it to: %s", text(shown.Body))
	}
	if a := o.do("coord", fresh.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)); a.Status != 422 || !a.Has("нет на работе") {
		t.Errorf("it landed on somebody away: %d", a.Status)
	}
	deputy := o.as("other").Get("/inbox?tab=draft")
	if !deputy.Has("Вы замещаете: Егор Исполнитель") || !deputy.Has(c.Number) {
		t.Errorf("the deputy's list: %s", text(deputy.Body))
	}
	o.desk.Clock.T = pagetest.Noon().Add(time.Hour)
	o.ok(o.do("other", c.ID, domain.StepSubmit, "kind", "final", "outcome", "explained", "text", "Ответили"))
	o.desk.Clock.T = pagetest.Noon().AddDate(0, 0, 2)
	if n, err := o.store.EndAbsences(t.Context(), "khabarovsk", domain.Date{Year: 2026, Month: 11, Day: 30}, o.desk.Clock.T); err != nil || n != 1 {
		t.Fatalf("ended %d, %v", n, err)
	}
	back := o.as("exec").Get("/inbox")
	link := regexp.MustCompile(`/inbox/absences/\d+`).FindString(back.Body)
	if !back.Has("Пока вас не было") || link == "" {
		t.Fatalf("who is back: %s", text(back.Body))
	}
	if meanwhile := o.desk.Get(link); !meanwhile.Has("на согласование") || !meanwhile.Has("Олег Исполнитель") || !meanwhile.Has("замещает: exec") {
		t.Errorf("meanwhile: %s", text(meanwhile.Body))
	}
}

func TestEmptyPages(t *testing.T) {
	o := newOffice(t)
	for login, words := range map[string]string{"coord": "Всё распределено", "exec": "На вас нет поручений", "watch": "Открытых поручений нет"} {
		if list := o.as(login).Get("/inbox"); list.Status != 200 || !list.Has(words) {
			t.Errorf("%s: %d %s", login, list.Status, text(list.Body))
		}
	}
	if list := o.as("coord").Get("/inbox?tab=all&body=school"); !list.Has("По этому фильтру ничего нет") {
		t.Errorf("filtered: %s", text(list.Body))
	}
	if list := o.as("coord").Get("/inbox/absences"); list.Status != 200 || !list.Has("Никто не отсутствует") {
		t.Errorf("absences: %d", list.Status)
	}
	for _, address := range []string{"/inbox?after=junk", "/inbox?who=x"} {
		if a := o.as("coord").Get(address); a.Status != 422 {
			t.Errorf("%s: %d", address, a.Status)
		}
	}
	if a := o.as("coord").Get("/inbox/task/junk"); a.Status != 404 {
		t.Errorf("/inbox/task/junk: %d", a.Status)
	}
}

func TestNoApproval(t *testing.T) {
	o := newOffice(t)
	o.alone = true
	c := o.open("Яма")
	o.ok(o.do("coord", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	if shown := o.as("exec").Get(fmt.Sprintf("/inbox/task/%d", c.ID)); !shown.Has("Отправить ответ") {
		t.Errorf("the button: %s", text(shown.Body))
	}
	o.ok(o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", "Засыпали"))
	if got := o.now(c.ID); got.State != domain.Publishing {
		t.Errorf("%s", got.State)
	}
}

// A coordinator who took a task may ask for a deferral; a curator reminds.
func TestCoordinatorDefersAndCuratorReminds(t *testing.T) {
	o := newOffice(t)
	o.person("cur", "Игорь Куратор", domain.RoleCurator, "city")
	c := o.open("Яма")
	o.ok(o.do("coord", c.ID, domain.StepTake))
	task := fmt.Sprintf("/inbox/task/%d", c.ID)
	if !o.as("coord").Get(task).Has("Просить отложенное решение") {
		t.Error("whoever has the task is not offered to ask for a deferral")
	}
	o.ok(o.do("coord", c.ID, domain.StepDefer, "why", "подрядчик", "until", "20.12.2026", "notice", "Сделаем к 20 декабря"))
	if shown := o.as("cur").Get(task); !shown.Has("Напомнить") || shown.Has("Сохранить черновик") {
		t.Fatalf("the curator sees %s", text(shown.Body))
	}
	o.ok(o.do("cur", c.ID, domain.StepRemind))
	if a := o.do("cur", c.ID, domain.StepRemind); a.Status != 422 || !a.Has("меньше четырёх часов") {
		t.Errorf("reminded at once again: %d %s", a.Status, text(a.Body))
	}
	if a := o.do("head", c.ID, domain.StepRemind); a.Status != 403 && a.Status != 422 {
		t.Errorf("a head reminds: %d", a.Status)
	}
}
