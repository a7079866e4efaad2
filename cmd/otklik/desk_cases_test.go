package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/classify"
	kit "github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
	"github.com/otklik/otklik/worker"
)

// casesDesk is Очередь and Карточка over a real store, the pack of Khabarovsk,
// and posts that the worker has judged.
type casesDesk struct {
	*pagetest.Desk
	t     *testing.T
	store *storage.Store
	dsn   string
	cases *deskCases
	pack  *rules.Pack
}

// run changes the database behind the desk's back.
func (d *casesDesk) run(sql string) {
	d.t.Helper()
	d.number("WITH done AS (" + sql + " RETURNING 1) SELECT count(*) FROM done")
}

// number asks the database.
func (d *casesDesk) number(sql string, args ...any) (n int64) {
	d.t.Helper()
	conn, err := pgx.Connect(d.t.Context(), d.dsn)
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

const casesRegion = "khabarovsk"

// school of all desks under test: learning under the race detector takes seconds.
var school = classify.NewSchool()

func newCasesDesk(t *testing.T, texts ...string) *casesDesk {
	t.Helper()
	dsn := storagetest.DSN(t)
	store := storagetest.Open(t, dsn, storage.Options{})
	log := slog.New(slog.DiscardHandler)
	files, err := rules.Embedded(casesRegion)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := activatePack(t.Context(), store, files, pagetest.Noon(), "первый запуск"); err != nil {
		t.Fatal(err)
	}
	follower, err := worker.NewFollower(t.Context(), packStore{store}, []string{casesRegion}, school, log)
	if err != nil {
		t.Fatal(err)
	}
	d := &casesDesk{t: t, store: store, dsn: dsn, pack: follower.Pack(casesRegion)}
	clock := &pagetest.Clock{T: pagetest.Noon()}
	d.cases = newDeskCases(store, follower.Pack, clock, log)
	sections, err := d.cases.sections()
	if err != nil {
		t.Fatal(err)
	}
	d.Desk = pagetest.With(t, func() []kit.Region { return []kit.Region{pageRegion(d.pack)} }, sections...)
	d.take(&worker.Worker{Store: store, Rules: follower, Clock: clock, Log: log}, texts)
	d.as("anna", domain.Office{Role: domain.RoleAnalyst})
	return d
}

// take lets the worker judge and store posts.
func (d *casesDesk) take(w *worker.Worker, texts []string) {
	d.t.Helper()
	src, err := d.store.AddSource(d.t.Context(), domain.Source{Region: casesRegion, Kind: domain.VKCallback, Address: "5", Title: "Подслушано"})
	if err != nil {
		d.t.Fatal(err)
	}
	b := domain.Batch{Source: src, State: domain.SourceActive, Cursor: json.RawMessage(`{}`)}
	for i, text := range texts {
		b.Posts = append(b.Posts, domain.Post{ID: domain.NewPostID(domain.VK, "-5", fmt.Sprint(i+1)), Region: casesRegion, SourceID: src.ID,
			Kind: domain.WallPost, Text: text, PublishedAt: pagetest.Noon().Add(-time.Hour), Author: domain.Author{ID: fmt.Sprint(i), Name: "Мария Житель"},
			URL: fmt.Sprint("https://vk.com/wall-5_", i+1), Views: 120, Attachments: []domain.Attachment{{Type: "photo", URL: "https://vk.com/photo-5_1"}}})
	}
	if _, err := w.Take(d.t.Context(), b); err != nil {
		d.t.Fatal(err)
	}
}

func (d *casesDesk) as(login string, offices ...domain.Office) {
	u := pagetest.Person(login, offices...)
	u.Region = casesRegion
	d.As(u)
}

func (d *casesDesk) sees() domain.Scope { return domain.Scope{Region: casesRegion, Whole: true} }

// only is the one case there is.
func (d *casesDesk) only() domain.Case {
	d.t.Helper()
	list, err := d.store.RecentCases(d.t.Context(), casesRegion, 10)
	if err != nil || len(list) != 1 {
		d.t.Fatalf("%d cases, %v", len(list), err)
	}
	return list[0]
}

func (d *casesDesk) now(id int64) domain.Case {
	d.t.Helper()
	c, err := d.store.SeenCase(d.t.Context(), d.sees(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// part asks as htmx does.
func (d *casesDesk) part(method, path string, form url.Values) pagetest.Answer {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("HX-Request", "true")
	return d.Do(r)
}

func version(c domain.Case) url.Values { return url.Values{"version": {fmt.Sprint(c.Version)}} }

const (
	wire    = "На улице Карла Маркса, 91 в Хабаровске оборвало провод, он искрит на тротуаре! <script>alert(1)</script>"
	garbage = "Третью неделю во дворе Ленина 5 в Хабаровске не вывозят мусор, контейнеры переполнены"
)

func TestQueueShowsWhatDecided(t *testing.T) {
	d := newCasesDesk(t, wire)
	a := d.Get("/queue")
	c := d.only()
	want(t, a, http.StatusOK, c.Number, "Срочно", `<mark class="evidence"`, "оборвало провод", "&lt;script&gt;", "https://vk.com/wall-5_1", "[фото]",
		"Мария Житель", "120", "осталось", "Перечня, утв. распоряжением 232-рп", `data-key="Digit1"`, `data-key="Enter"`, "<noscript><select")
	if a.Has("<script>alert") {
		t.Error("a post runs as a script")
	}
	if n := strings.Count(a.Body, "data-item"); n != 1 {
		t.Errorf("%d lines", n)
	}
	want(t, d.Get("/queue?kind=returned"), http.StatusOK, "По этому фильтру ничего нет", "возвращённые")
	want(t, d.Get("/queue?subject=999"), http.StatusUnprocessableEntity, "Такой категории нет")
	want(t, d.part("GET", "/queue/subjects?ref=case-1&find=мус", nil), http.StatusOK, "контейнерные площадки", `name="pick"`)
}

// A place that the author showed on a map is seen by whoever decides and by the body.
func TestAPlaceOnTheMapIsShown(t *testing.T) {
	d := newCasesDesk(t, garbage)
	c := d.only()
	query[int64](t, d.dsn, "WITH p AS (UPDATE posts SET lat = 48.4808, lon = 135.0719 RETURNING id) SELECT count(*) FROM p")
	const link, words = "https://yandex.ru/maps/?pt=135.071900,48.480800&amp;z=17&amp;l=map", "место на карте: 48.48080, 135.07190"
	for _, path := range []string{fmt.Sprintf("/queue/pane/case/%d", c.ID), fmt.Sprintf("/case/%d", c.ID)} {
		want(t, d.part("GET", path, nil), http.StatusOK, link, words, "[фото]")
	}
}

// Of two places that a text names a person chooses: the reason says so, the form of
// the place is open and offers both before the rest of the region.
func TestQueueOffersThePlacesNamed(t *testing.T) {
	d := newCasesDesk(t, "Третью неделю не вывозят мусор и в Бикине, и в Вяземском, контейнеры во дворах переполнены")
	c := d.only()
	if c.State != domain.Moderation || !c.Place.Disputed {
		t.Fatalf("%s, place %+v", c.State, c.Place)
	}
	a := d.part("GET", fmt.Sprintf("/queue/pane/case/%d", c.ID), nil)
	want(t, a, http.StatusOK, "названо несколько муниципалитетов", `<details id="place" open>`,
		`<option value="bikin" selected>Бикинский муниципальный округ — назван в тексте</option><option value="vyazemskiy">Вяземский муниципальный район — назван в тексте</option>`)
	want(t, d.Get(fmt.Sprintf("/case/%d", c.ID)), http.StatusOK, "Вяземский муниципальный район — назван в тексте")
	form := version(c)
	form.Set("in_municipality", "vyazemskiy")
	want(t, d.part("POST", fmt.Sprintf("/queue/case/%d/assign", c.ID), form), http.StatusOK)
	if put := d.now(c.ID); put.Place.Municipality != "vyazemskiy" || put.Place.Disputed || len(put.Place.Candidates) != 0 {
		t.Errorf("after a person chose: %+v", put.Place)
	}
}

// What is thanks in words and scorn in sense waits for a person.
func TestScornComesToReview(t *testing.T) {
	d := newCasesDesk(t, "Ну спасибо администрации за вонь со свалки у дома")
	want(t, d.Get("/queue?kind=review"), http.StatusOK, "похоже на насмешку", "со свалки")
}

func TestAssignWithoutScriptAndTakeBack(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	a := d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
	if a.Status != http.StatusSeeOther || a.Location != "/queue" {
		t.Fatalf("%d to %s: %s", a.Status, a.Location, a.Body)
	}
	if got := d.now(c.ID); got.State != domain.Coordination || got.AgencyID != c.Proposed {
		t.Errorf("assigned: %+v", got)
	}
	a = d.Get("/queue")
	want(t, a, http.StatusOK, c.Number+" назначен", "Очередь разобрана", `data-key="KeyZ"`)
	undo := regexp.MustCompile(`/undo/\d+`).FindString(a.Body)
	r := httptest.NewRequest(http.MethodPost, undo, nil)
	r.Header.Set("Referer", "http://example.com/queue?kind=urgent")
	if a = d.Do(r); a.Status != http.StatusSeeOther || a.Location != fmt.Sprintf("/queue?at=case-%d&kind=urgent", c.ID) {
		t.Errorf("taken back: %d to %s", a.Status, a.Location)
	}
	if got := d.now(c.ID); got.State != domain.Moderation || got.AgencyID != "" {
		t.Errorf("taken back: %+v", got)
	}
	want(t, d.Post(undo, nil), http.StatusConflict, "Это уже отменено")
}

func TestAssignPutsRight(t *testing.T) {
	d := newCasesDesk(t, wire, garbage+". Срочно, крысы на детей бросаются, опасно для жизни!")
	d.Get("/queue")
	items, err := d.store.Queue(t.Context(), d.sees(), domain.QueueFilter{}, pagetest.Noon(), 10, 0)
	if err != nil || len(items) == 0 {
		t.Fatalf("%d, %v", len(items), err)
	}
	c := d.now(items[0].ID)
	form := version(c)
	form.Set("pick", "8")
	form.Set("in_municipality", "komsomolsk-city")
	form.Set("in_settlement", "Комсомольск-на-Амуре")
	pane := d.part("GET", fmt.Sprintf("/queue/pane/case/%d?%s", c.ID, form.Encode()), nil)
	want(t, pane, http.StatusOK, "выбрано вами", "Комсомольск-на-Амуре", "строка 8 Перечня")
	if d.now(c.ID).Version != c.Version {
		t.Error("looking at a choice has changed the case")
	}
	a := d.part("POST", fmt.Sprintf("/queue/case/%d/assign", c.ID), form)
	want(t, a, http.StatusOK, `id="work"`, `hx-swap-oob`, "назначен:")
	got := d.now(c.ID)
	if got.Row != 8 || got.Place.Municipality != "komsomolsk-city" || got.State != domain.Coordination || !got.RegisteredAt.Equal(c.RegisteredAt) {
		t.Errorf("put right: %+v", got)
	}
	if n, err := d.store.Examples(t.Context(), casesRegion, pagetest.Noon().Add(-time.Hour)); err != nil || n != 1 {
		t.Errorf("%d examples, %v", n, err)
	}
}

func TestWhoComesSecondIsTold(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	d.Get("/queue")
	d.as("boris", domain.Office{Role: domain.RoleAnalyst})
	want(t, d.Get("/queue"), http.StatusOK, "Остальное сейчас у коллег", "taken")
	want(t, d.Get(fmt.Sprintf("/queue?at=case-%d", c.ID)), http.StatusOK, "Сейчас с этим работает anna")
	want(t, d.part("POST", fmt.Sprintf("/queue/lease/case/%d", c.ID), nil), http.StatusConflict, "anna")
	d.as("anna", domain.Office{Role: domain.RoleAnalyst})
	if a := d.part("POST", fmt.Sprintf("/queue/lease/case/%d", c.ID), nil); a.Status != http.StatusNoContent {
		t.Errorf("renewing one's own: %d", a.Status)
	}
	d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
	d.as("boris", domain.Office{Role: domain.RoleAnalyst})
	reject := version(c)
	reject.Set("closing", "advert")
	want(t, d.Post(fmt.Sprintf("/queue/case/%d/reject", c.ID), reject), http.StatusConflict, "anna", "На координации", "Пока вы смотрели")
	if got := d.now(c.ID); got.State != domain.Coordination {
		t.Errorf("overwritten: %+v", got)
	}
}

func TestRightsInTheQueue(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	path := fmt.Sprintf("/queue/case/%d/assign", c.ID)
	d.as("reader", domain.Office{Role: domain.RoleReader})
	a := d.Get("/queue")
	want(t, a, http.StatusOK, c.Number)
	if a.Has(`data-key="Enter"`) || a.Has("<form id=\"bulk\"") {
		t.Error("a reader is offered decisions")
	}
	want(t, d.Post(path, version(c)), http.StatusForbidden, "аналитик")
	d.as("petr", domain.Office{Role: domain.RoleExecutor, AgencyID: "khabarovsk-city"})
	want(t, d.Get("/queue"), http.StatusForbidden)
	want(t, d.Get(fmt.Sprintf("/case/%d", c.ID)), http.StatusNotFound, "не в вашем ведении")
	d.As(domain.User{})
	if a := d.Post(path, version(c)); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login") {
		t.Errorf("nobody: %d to %s", a.Status, a.Location)
	}
	if d.now(c.ID).Version != c.Version {
		t.Error("somebody without right has changed the case")
	}
}

func TestRejectAsideAndBadForms(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	at := func(what string) string { return fmt.Sprintf("/queue/case/%d/%s", c.ID, what) }
	want(t, d.Post(at("reject"), version(c)), http.StatusUnprocessableEntity, "Выберите причину")
	want(t, d.Post(at("aside"), version(c)), http.StatusUnprocessableEntity, "на сколько отложить")
	want(t, d.Post(at("join"), version(c)), http.StatusUnprocessableEntity, "наберите его номер")
	want(t, d.Post(at("split"), version(c)), http.StatusUnprocessableEntity, "Отметьте сообщения")
	want(t, d.Post(at("assign"), url.Values{"version": {"x"}}), http.StatusUnprocessableEntity, "Форма устарела")
	itself := version(c)
	itself.Set("into_number", c.Number)
	want(t, d.Post(at("join"), itself), http.StatusUnprocessableEntity, "тот же самый")
	later := version(c)
	later.Set("until", "tomorrow")
	if a := d.Post(at("aside"), later); a.Status != http.StatusSeeOther {
		t.Fatalf("aside: %d %s", a.Status, a.Body)
	}
	want(t, d.Get("/queue"), http.StatusOK, "отложен: вернётся 29.11.2026, 08:00", "Очередь разобрана")
	want(t, d.Get("/queue?kind=aside"), http.StatusOK, c.Number)
	c = d.now(c.ID)
	no := version(c)
	no.Set("closing", "not_a_problem")
	d.Post(at("reject"), no)
	if got := d.now(c.ID); got.State != domain.Rejected || got.Closing != domain.NotAProblem || !got.AsideUntil.IsZero() {
		t.Errorf("rejected: %+v", got)
	}
	want(t, d.Get(fmt.Sprintf("/case/%d", c.ID)), http.StatusOK, "Вернуть на модерацию", "нет проблемы")
}

func TestBulkFromThePage(t *testing.T) {
	d := newCasesDesk(t, wire, "В Хабаровске на Ленина 7 пахнет газом в подъезде!", "Пожар на Серышева 10 в Хабаровске, горит балкон, люди внутри!")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = d.cases.run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	everyday := false
	items, err := d.store.Queue(ctx, d.sees(), domain.QueueFilter{}, pagetest.Noon(), 10, 0)
	if err != nil || len(items) != 3 {
		t.Fatalf("%d in the queue, %v", len(items), err)
	}
	for _, it := range items[1:] { // one stays urgent
		if _, err := d.store.ChangeCase(ctx, d.sees(), domain.CaseChange{CaseID: it.ID, Version: it.Case.Version, Who: "anna", At: pagetest.Noon(), Urgent: &everyday}); err != nil {
			t.Fatal(err)
		}
	}
	want(t, d.Get("/queue"), http.StatusOK, "со всем по фильтру: 3<")
	want(t, d.Post("/queue/bulk", url.Values{"do": {"reject"}, "closing": {"spam"}}), http.StatusUnprocessableEntity, "Отметьте строки")
	want(t, d.Post("/queue/bulk", url.Values{"do": {"burn"}, "all": {"1"}}), http.StatusUnprocessableEntity, "Выберите, что сделать")
	a := d.Post("/queue/bulk", url.Values{"do": {"reject"}, "closing": {"spam"}, "all": {"1"}})
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/queue/bulk/") {
		t.Fatalf("%d to %s: %s", a.Status, a.Location, a.Body)
	}
	page := a.Location
	a = d.awaitDone(page)
	want(t, a, http.StatusOK, "Готово, 2\u00a0инцидента: отклонено: спам", "Отменить всё", "пропущено 1", "срочное: по одному")
	undo := regexp.MustCompile(`/undo/\d+`).FindString(a.Body)
	d.Post(undo, nil)
	want(t, d.Get(page), http.StatusOK, "вернулось как было")
	if n, err := d.store.CountQueue(t.Context(), d.sees(), domain.QueueFilter{}, "", pagetest.Noon()); err != nil || n.Total != 3 {
		t.Errorf("%+v, %v", n, err)
	}
	d.as("boris", domain.Office{Role: domain.RoleAnalyst})
	want(t, d.Get(page), http.StatusNotFound)
}

func TestCardKeepsEverythingTogether(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	card := fmt.Sprintf("/case/%d", c.ID)
	want(t, d.Get(card), http.StatusOK, c.Number, "оборвало провод", "На модерации", "Разобрать в очереди", "с создания", "История", "Открыт")
	want(t, d.Post(card+"/note", url.Values{"text": {" "}}), http.StatusUnprocessableEntity, "Заметка пуста")
	d.Post(card+"/note", url.Values{"text": {"Звонили в <b>РЭС</b>"}})
	marks := version(c)
	marks.Set("pos", "ПОС-77")
	marks.Set("nature", "solvable")
	d.Post(card+"/marks", marks)
	story := version(d.now(c.ID))
	story.Set("title", "Буря")
	d.Post(card+"/story", story)
	want(t, d.Get(card), http.StatusOK, "Звонили в &lt;b&gt;РЭС&lt;/b&gt;", "заметка, снаружи не видна", "ПОС: ПОС-77", "решаемый", "Сюжет: Буря", "номер ПОС: ПОС-77", "в сюжет «Буря»")
	out := version(d.now(c.ID))
	out.Set("story", "0")
	d.Post(card+"/story", out)
	want(t, d.Get(card), http.StatusOK, "вынут из сюжета «Буря»")
	want(t, d.Post(card+"/marks", version(c)), http.StatusConflict, "Пока вы смотрели")
	if a := d.Get("/case?n=" + url.QueryEscape("ПОС-77")); a.Status != http.StatusSeeOther || a.Location != card {
		t.Errorf("by the number of ПОС: %d to %s", a.Status, a.Location)
	}
	fix := version(d.now(c.ID))
	fix.Set("pick", "0")
	fix.Set("in_municipality", "khabarovsk-city")
	if a := d.Post(card+"/correct", fix); a.Status != http.StatusSeeOther {
		t.Fatalf("correct: %d %s", a.Status, a.Body)
	}
	if got := d.now(c.ID); got.Row != 0 || got.Deadline.Days != 30 || !got.RegisteredAt.Equal(c.RegisteredAt) {
		t.Errorf("corrected: %+v", got)
	}
	want(t, d.Get(card), http.StatusOK, "строка: стр. 98", "→ обычный порядок", "срок: 08.12.2026 → 28.12.2026")
}

func (d *casesDesk) upload(path, field, name string, content []byte, more url.Values) pagetest.Answer {
	d.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile(field, name)
	if err != nil {
		d.t.Fatal(err)
	}
	_, _ = part.Write(content)
	for k, v := range more {
		_ = m.WriteField(k, v[0])
	}
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.Do(r)
}

func TestFilesAreSavedNeverShown(t *testing.T) {
	d := newCasesDesk(t, wire)
	card := fmt.Sprintf("/case/%d", d.only().ID)
	html := []byte("<script>alert(1)</script>")
	if a := d.upload(card+"/file", "file", "../../etc/акт.html", html, nil); a.Status != http.StatusSeeOther {
		t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
	a := d.Get(card)
	want(t, a, http.StatusOK, "акт.html", "25\u00a0байт")
	a = d.Get(regexp.MustCompile(card + `/file/\d+`).FindString(a.Body))
	h := a.Header
	if a.Body != string(html) || h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("download: %v", h)
	}
	want(t, d.upload(card+"/file", "file", "большой.bin", make([]byte, domain.MaxFile+1), nil), http.StatusUnprocessableEntity, "больше 10,0")
	want(t, d.upload(card+"/file", "file", "пустой.txt", nil, nil), http.StatusUnprocessableEntity, "не выбран или пуст")
	want(t, d.Get(card+"/file/999"), http.StatusNotFound, "Такого файла")
	d.as("petr", domain.Office{Role: domain.RoleExecutor, AgencyID: "khabarovsk-city"})
	want(t, d.Get(card+"/file/1"), http.StatusNotFound)
}

func TestAnswerByHandAndReopenOnTheCard(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	card := fmt.Sprintf("/case/%d", c.ID)
	d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
	for _, m := range [][2]domain.State{{domain.Coordination, domain.Execution}, {domain.Execution, domain.Approval}, {domain.Approval, domain.Publishing}} {
		if _, err := d.store.MoveCase(t.Context(), domain.CaseMove{CaseID: c.ID, From: m[0], To: m[1], Who: "petr", At: pagetest.Noon()}); err != nil {
			t.Fatal(err)
		}
	}
	if d.Get(card).Has("Записать ответ") {
		t.Error("an answer can be recorded that nobody has approved")
	}
	want(t, d.Post(card+"/answered", version(d.now(c.ID))), http.StatusUnprocessableEntity, "Нужно подтверждение")
	form := version(d.now(c.ID))
	form.Set("url", "javascript:alert(1)")
	want(t, d.Post(card+"/answered", form), http.StatusUnprocessableEntity, "https://")
	form.Set("url", "https://vk.com/wall-5_1?reply=2")
	want(t, d.Post(card+"/answered", form), http.StatusUnprocessableEntity, "Согласованного ответа нет")
	want(t, d.Post(card+"/reopen", version(d.now(c.ID))), http.StatusForbidden, "контролёр")
}
