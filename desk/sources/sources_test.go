package sources_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/desk/sources"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// platforms answer for a wall that is open and refuse the others.
type platforms struct{ woken int }

var (
	errClosed  = errors.New("стена закрыта для чужих")
	errTwoWays = errors.New("бот уже читается вебхуком")
)

func (p *platforms) Clean(_ context.Context, src *domain.Source) error {
	src.Address = strings.TrimPrefix(src.Address, "https://vk.ru/")
	return nil
}

func (p *platforms) Check(_ context.Context, src domain.Source) (string, error) {
	if src.Address == "open" {
		return "Открытая стена", nil
	}
	return "", errClosed
}

func (p *platforms) OneWay(_ context.Context, src domain.Source) error {
	if src.Address == "read-another-way" {
		return errTwoWays
	}
	return nil
}

func (p *platforms) Quota(context.Context) map[string]domain.Budget {
	return map[string]domain.Budget{"wall.get": {Left: 1250, PerDay: 5000}, "other": {Left: -1}}
}

func (p *platforms) Homes(string) map[string]string {
	return map[string]string{"khabarovsk-city": "городской округ «Город Хабаровск»"}
}

func (p *platforms) Wake(context.Context) { p.woken++ }

type office struct {
	*pagetest.Desk
	t     *testing.T
	store *storage.Store
	p     *platforms
}

func newOffice(t *testing.T, role domain.Role) *office {
	t.Helper()
	o := &office{t: t, store: storagetest.New(t), p: &platforms{}}
	pages := &sources.Pages{Store: o.store, Platforms: o.p}
	o.Desk = pagetest.New(t, pages.Section())
	o.As(pagetest.Person("anna", domain.Office{Role: role}))
	return o
}

// What pushes is never polled, and the notice does not promise it.
func TestThePageSaysHowFirstPostsCome(t *testing.T) {
	o := newOffice(t, domain.RoleAdministrator)
	for kind, words := range map[domain.SourceKind]string{
		domain.TelegramWebhook: "вебхук регистрируется", domain.MAXWebhook: "вебхук регистрируется", domain.VKCallback: "VK сам присылает события",
	} {
		want(t, o.Post("/sources/new", url.Values{"kind": {string(kind)}, "address": {"open"}}), http.StatusSeeOther)
		page := o.Get("/sources")
		want(t, page, http.StatusOK, words)
		if page.Has("Первый опрос") {
			t.Errorf("%s: a poll is promised", kind)
		}
	}
}

func (o *office) stored() []domain.Source {
	o.t.Helper()
	all, err := o.store.Sources(o.t.Context(), "")
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

func want(t *testing.T, a pagetest.Answer, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	for _, text := range texts {
		if !a.Has(text) {
			t.Errorf("the page lacks %q: %s", text, a.Body)
		}
	}
}

func TestASourceIsPolledBeforeItIsAdded(t *testing.T) {
	o := newOffice(t, domain.RoleAdministrator)
	want(t, o.Get("/sources"), http.StatusOK, "Источников ещё нет", "Добавьте первый", "осталось 1250 из 5000")
	want(t, o.Get("/sources/new"), http.StatusOK, "стена VK", "Город Хабаровск")
	form := url.Values{"kind": {"vk_wall"}, "address": {"https://vk.ru/secret"}, "home": {"khabarovsk-city"}}
	want(t, o.Post("/sources/new", form), http.StatusUnprocessableEntity, "не читается: стена закрыта", "secret", "Добавить всё равно")
	if n := len(o.stored()); n != 0 {
		t.Fatalf("%d sources are stored that cannot be read", n)
	}
	form.Set("address", "https://vk.ru/open")
	want(t, o.Post("/sources/new", form), http.StatusSeeOther)
	want(t, o.Get("/sources"), http.StatusOK, "Открытая стена", "«Открытая стена» добавлен", "Первый опрос", "ещё не опрошен")
	want(t, o.Post("/sources/new", form), http.StatusUnprocessableEntity, "уже есть")
	form.Set("address", "secret")
	form.Set("force", "1")
	want(t, o.Post("/sources/new", form), http.StatusSeeOther)
	if n := len(o.stored()); n != 2 || o.p.woken != 2 {
		t.Errorf("%d sources, pollers woken %d times, want 2 and 2", n, o.p.woken)
	}
	for field, value := range map[string]string{"kind": "carrier_pigeon", "home": "paris"} {
		bad := url.Values{"kind": {"vk_wall"}, "address": {"open"}}
		bad.Set(field, value)
		want(t, o.Post("/sources/new", bad), http.StatusUnprocessableEntity, "из списка")
	}
}

func (o *office) add(region, address string) string {
	o.t.Helper()
	src, err := o.store.AddSource(o.t.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: address})
	if err != nil {
		o.t.Fatal(err)
	}
	return "/sources/" + strconv.FormatInt(src.ID, 10)
}

func TestASourceIsPausedResumedAndChecked(t *testing.T) {
	o := newOffice(t, domain.RoleAdministrator)
	path := o.add("khabarovsk", "open")
	want(t, o.Post(path+"/pause", url.Values{"why": {"ремонт"}}), http.StatusSeeOther)
	want(t, o.Get("/sources"), http.StatusOK, "остановлен", "ремонт (Анна Ивановна Кузнецова)", "Возобновить", path+"/resume")
	if got := o.stored()[0].State; got != domain.SourcePaused {
		t.Errorf("the source is %s", got)
	}
	want(t, o.Post(path+"/resume", nil), http.StatusSeeOther)
	want(t, o.Post(path+"/resume", nil), http.StatusSeeOther) // the second click
	want(t, o.Get("/sources"), http.StatusOK, "и так опрашивается")
	want(t, o.Post(path+"/check", nil), http.StatusSeeOther)
	want(t, o.Get("/sources"), http.StatusOK, "«Открытая стена» читается")
	want(t, o.Get("/sources?state=paused"), http.StatusOK, "Таких источников нет")
	lines, err := o.store.Journal(t.Context(), domain.Scope{Region: "khabarovsk", Whole: true}, domain.JournalFilter{})
	if err != nil || len(lines) != 2 || lines[1].Action != "source_paused" || lines[0].Action != "source_resumed" || lines[0].Who != "anna" {
		t.Errorf("the journal: %+v, %v", lines, err)
	}
}

// A bot that is read the other way by now is not resumed beside it.
func TestASourceReadAnotherWayStaysPaused(t *testing.T) {
	o := newOffice(t, domain.RoleAdministrator)
	path := o.add("khabarovsk", "read-another-way")
	want(t, o.Post(path+"/pause", nil), http.StatusSeeOther)
	want(t, o.Post(path+"/resume", nil), http.StatusSeeOther)
	want(t, o.Get("/sources"), http.StatusOK, "остаётся остановленным: бот уже читается вебхуком")
	if got := o.stored()[0].State; got != domain.SourcePaused {
		t.Errorf("the source is %s", got)
	}
}

func TestSourcesOfAnotherRegionAreOutOfReach(t *testing.T) {
	o := newOffice(t, domain.RoleAdministrator)
	path := o.add("kaliningrad", "theirs")
	if o.Get("/sources").Has("theirs") {
		t.Error("another region's source is shown")
	}
	for _, step := range []string{"/pause", "/resume", "/check"} {
		want(t, o.Post(path+step, nil), http.StatusNotFound, "Такого источника нет")
	}
}

func TestSourcesAreManagedByAdministratorsOnly(t *testing.T) {
	o := newOffice(t, domain.RoleAnalyst)
	path := o.add("khabarovsk", "open")
	got := o.Get("/sources")
	want(t, got, http.StatusOK, "open")
	if got.Has("Остановить") || got.Has("/sources/new") {
		t.Error("an analyst is offered what only an administrator may do")
	}
	for _, p := range []string{path + "/pause", "/sources/new"} {
		want(t, o.Post(p, nil), http.StatusForbidden)
	}
}

func TestSourcesGoToXLSXAsShown(t *testing.T) {
	o := newOffice(t, domain.RoleAnalyst)
	o.add("khabarovsk", "open")
	o.add("khabarovsk", "second")
	o.add("kaliningrad", "theirs")
	rows := o.Get("/sources.xlsx").Sheet(t)
	if len(rows) != 2 || rows[0][0] != "open" || rows[0][1] != "стена VK" || rows[0][3] != "ещё не опрошен" || rows[0][7] != "0" {
		t.Errorf("%q", rows)
	}
	if rows := o.Get("/sources.xlsx?state=paused").Sheet(t); len(rows) != 0 || !o.Get("/sources?state=waiting").Has("/sources.xlsx?state=waiting") {
		t.Errorf("the filter of the page: %q", rows)
	}
	o.As(pagetest.Person("vera", domain.Office{Role: domain.RoleReader}))
	if o.Get("/sources").Has("xlsx") || o.Get("/sources.xlsx").Status != http.StatusForbidden {
		t.Error("a reader is given a file")
	}
}

// A chat that the bot was put out of stands on the page as trouble, with what mends
// it, until it is in again or a person says that it is meant so.
func TestALostChatIsTrouble(t *testing.T) {
	o := newOffice(t, domain.RoleAdministrator)
	src, err := o.store.AddSource(t.Context(), domain.Source{Region: "khabarovsk", Kind: domain.MAXWebhook, Address: "77", Title: "Бот края"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	tell := func(seats ...domain.Seat) {
		t.Helper()
		b := domain.Batch{Source: src, Seats: seats, State: domain.SourceActive, Reason: "обновления приходят"}
		if _, err := o.store.Commit(t.Context(), at.Add(time.Hour), b, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	shows := func(lost bool) {
		t.Helper()
		page := o.Get("/sources?state=trouble")
		want(t, page, http.StatusOK)
		if body := page.Body; strings.Contains(body, "Бота убрали из чата «Двор на Лесной»") != lost || strings.Contains(body, "/sources/"+strconv.FormatInt(src.ID, 10)+"/away") != lost {
			t.Errorf("lost %t, the page says: %s", lost, body)
		}
	}
	in := domain.Seat{Chat: "-70", Title: "Двор на Лесной", In: true, At: at}
	out := domain.Seat{Chat: "-70", At: at.Add(time.Minute)}
	tell(in, out)
	shows(true)
	tell(in) // a push that is repeated late
	shows(true)
	tell(domain.Seat{Chat: "-70", In: true, Heard: true, At: at.Add(30 * time.Second)}) // so are words from before
	shows(true)
	tell(domain.Seat{Chat: "-70", In: true, At: at.Add(2 * time.Minute)})
	shows(false)
	tell(domain.Seat{Chat: "-70", At: at.Add(3 * time.Minute)})
	shows(true)
	tell(domain.Seat{Chat: "-70", In: true, Heard: true, At: at.Add(4 * time.Minute)}) // the update was lost, but its chat is heard
	shows(false)
	tell(domain.Seat{Chat: "-70", At: at.Add(5 * time.Minute)})
	want(t, o.Post("/sources/"+strconv.FormatInt(src.ID, 10)+"/away", nil), http.StatusSeeOther)
	shows(false)
}
