package people_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/desk/people"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// office is the pages over a real database, with an administrator logged in.
type office struct {
	*pagetest.Desk
	t     *testing.T
	store *storage.Store
	boss  domain.User
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, store: storagetest.New(t)}
	hasher, err := login.NewCheapHasher()
	if err != nil {
		t.Fatal(err)
	}
	o.Desk = pagetest.New(t, (&people.Pages{Store: o.store, Hasher: hasher}).Section())
	o.boss = o.add("khabarovsk", "boss", domain.RoleAdministrator, "")
	o.As(o.boss)
	return o
}

func (o *office) add(region, name string, role domain.Role, agency string) domain.User {
	o.t.Helper()
	u, err := o.store.AddUser(context.Background(), domain.User{Region: region, Login: name, Name: "Имя " + name,
		Offices: []domain.Office{{Role: role, AgencyID: agency}}}, "", domain.Doer{Login: "test", At: pagetest.Noon()})
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

func (o *office) person(id int64) domain.User {
	o.t.Helper()
	u, err := o.store.Person(context.Background(), id, pagetest.Noon())
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

func of(u domain.User) string { return "/users/" + strconv.FormatInt(u.ID, 10) }

func TestAddingSomebodyShowsThePasswordOnce(t *testing.T) {
	o := newOffice(t)
	form := url.Values{"login": {"Anna"}, "name": {"Анна Кузнецова"}, "role": {"head", "", ""}, "agency": {"city", "", ""}, "restricted": {"1"}}
	got := o.Post("/users/new", form)
	if got.Status != http.StatusOK || !got.Has("логин <b>anna</b>") || !got.Has("codes given") {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	list, err := o.store.Users(context.Background(), domain.Scope{Region: "khabarovsk", Whole: true})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	u := list[0]
	if u.Login != "anna" || !u.MustChange || !u.Restricted || len(u.Offices) != 1 || u.Offices[0] != (domain.Office{Role: domain.RoleHead, AgencyID: "city"}) {
		t.Errorf("%+v", u)
	}
	if got := o.Post("/users/new", form); got.Status != http.StatusUnprocessableEntity || !got.Has("уже занят") || !got.Has("Анна Кузнецова") {
		t.Errorf("the second click: %d", got.Status)
	}
	if got := o.Get(of(u.User)); !got.Has("Анна Кузнецова") || strings.Contains(got.Body, "codes given") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestWrongFormsKeepWhatWasTyped(t *testing.T) {
	o := newOffice(t)
	for name, tc := range map[string]struct {
		form  url.Values
		words string
	}{
		"no name":             {url.Values{"login": {"anna"}, "role": {"analyst"}, "agency": {""}, "position": {"слесарь"}}, "Без имени"},
		"bad login":           {url.Values{"login": {"a b"}, "name": {"А"}, "role": {"analyst"}, "agency": {""}, "position": {"слесарь"}}, "первый знак"},
		"no role":             {url.Values{"login": {"anna"}, "name": {"А"}, "position": {"слесарь"}}, "хотя бы одну роль"},
		"head without a body": {url.Values{"login": {"anna"}, "name": {"А"}, "role": {"head"}, "agency": {""}, "position": {"слесарь"}}, "назовите его"},
		"analyst in a body":   {url.Values{"login": {"anna"}, "name": {"А"}, "role": {"analyst"}, "agency": {"city"}, "position": {"слесарь"}}, "на весь регион"},
		"body of elsewhere":   {url.Values{"login": {"anna"}, "name": {"А"}, "role": {"head"}, "agency": {"town"}, "position": {"слесарь"}}, "нет"},
		"body without a role": {url.Values{"login": {"anna"}, "name": {"А"}, "role": {""}, "agency": {"city"}, "position": {"слесарь"}}, "Выберите роль"},
		"bad e-mail":          {url.Values{"login": {"anna"}, "name": {"А"}, "email": {"почта"}, "role": {"analyst"}, "agency": {""}, "position": {"слесарь"}}, "не похоже"},
	} {
		got := o.Post("/users/new", tc.form)
		if got.Status != http.StatusUnprocessableEntity || !got.Has(tc.words) || !got.Has("слесарь") {
			t.Errorf("%s: %d, «%s»", name, got.Status, tc.words)
		}
	}
}

// seen is what the form of a person carries.
func (o *office) seen(u domain.User) string {
	o.t.Helper()
	_, after, ok := strings.Cut(o.Get(of(u)).Body, `name="seen" value="`)
	mark, _, _ := strings.Cut(after, `"`)
	if !ok || mark == "" {
		o.t.Fatal("the form does not say what it has seen")
	}
	return mark
}

// Two administrators have the same person open: who saves second is told, loses
// nothing of what was typed, and may write over it on purpose.
func TestChangesOfAColleagueAreNotWrittenOver(t *testing.T) {
	o := newOffice(t)
	u := o.add("khabarovsk", "anna", domain.RoleExecutor, "city")
	form := func(name, role, agency, seen string) url.Values {
		return url.Values{"name": {name}, "role": {role}, "agency": {agency}, "seen": {seen}}
	}
	both := o.seen(u)
	if got := o.Post(of(u), form("Анна Первая", "head", "city", both)); got.Location != of(u) {
		t.Fatalf("the first: %d", got.Status)
	}
	got := o.Post(of(u), form("Анна Вторая", "executor", "city", both))
	if got.Status != http.StatusConflict || !got.Has("Анна Первая") || !got.Has("Анна Вторая") || !got.Has("не записаны") {
		t.Errorf("the second: %d %s", got.Status, got.Body)
	}
	if now := o.person(u.ID); now.Name != "Анна Первая" || !now.HasOwn(domain.RoleHead) {
		t.Errorf("written over: %+v", now)
	}
	if got := o.Post(of(u), form("Анна Третья", "executor", "city", "")); got.Status != http.StatusConflict {
		t.Errorf("a form that has seen nothing: %d", got.Status)
	}
	if got := o.Post(of(u), form("Анна Вторая", "executor", "city", o.seen(u))); got.Location != of(u) || o.person(u.ID).Name != "Анна Вторая" {
		t.Errorf("on purpose: %d", got.Status)
	}
}

func TestSwitchingOffAndOn(t *testing.T) {
	o := newOffice(t)
	u := o.add("khabarovsk", "anna", domain.RoleExecutor, "city")
	if got := o.Post(of(u)+"/deactivate", nil); got.Location != of(u) || o.person(u.ID).Active {
		t.Errorf("%+v", got)
	}
	if got := o.Get(of(u)); !got.Has("Включить снова") || !got.Has(of(u)+"/activate") {
		t.Errorf("no way back: %s", got.Body)
	}
	o.Post(of(u)+"/activate", nil)
	if !o.person(u.ID).Active {
		t.Error("not on again")
	}
	if got := o.Post(of(o.boss)+"/deactivate", nil); got.Status != http.StatusConflict || !got.Has("последний") || !o.person(o.boss.ID).Active {
		t.Errorf("the last administrator: %d", got.Status)
	}
}

func TestPeopleOfAnotherRegionAreNotThere(t *testing.T) {
	o := newOffice(t)
	u := o.add("kaliningrad", "kolya", domain.RoleAnalyst, "")
	for _, path := range []string{"/password", "/deactivate", "/sessions/end", "/sessions/end-one", "/factor/drop", "/absences", ""} {
		if got := o.Post(of(u)+path, url.Values{"name": {"Другой"}, "role": {"analyst"}, "agency": {""}}); got.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, got.Status)
		}
	}
	if got := o.Get(of(u)); got.Status != http.StatusNotFound {
		t.Errorf("GET: %d", got.Status)
	}
	if got := o.Get("/users"); got.Has("kolya") {
		t.Error("the list shows somebody of another region")
	}
	if got := o.person(u.ID); got.Name != u.Name || !got.Active {
		t.Errorf("changed: %+v", got)
	}
}

func TestAbsenceWithDeputy(t *testing.T) {
	o := newOffice(t)
	u := o.add("khabarovsk", "anna", domain.RoleHead, "city")
	deputy := o.add("khabarovsk", "boris", domain.RoleExecutor, "city")
	for name, form := range map[string]url.Values{
		"backwards": {"from": {"2026-12-02"}, "to": {"2026-12-01"}},
		"past":      {"from": {"2026-11-01"}, "to": {"2026-11-02"}},
		"own":       {"from": {"2026-12-01"}, "to": {"2026-12-02"}, "deputy": {"anna"}},
		"nobody":    {"from": {"2026-12-01"}, "to": {"2026-12-02"}, "deputy": {"who"}},
		"no days":   {},
	} {
		if got := o.Post(of(u)+"/absences", form); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	if got := o.Post(of(u)+"/absences", url.Values{"from": {"2026-11-28"}, "to": {"2026-12-02"}, "deputy": {"boris"}, "why": {"отпуск"}}); got.Location != of(u) {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if !o.person(deputy.ID).HasRole(domain.RoleHead) {
		t.Error("the deputy does not act")
	}
	if got := o.Get("/users?find=" + url.QueryEscape("исполнитель")); !got.Has("1 пользователь") && !got.Has("1\u00a0пользователь") {
		t.Errorf("search: %s", got.Body)
	}
	if got := o.Get("/users"); !got.Has("нет до 02.12.2026, замещает Имя boris") {
		t.Errorf("the list does not tell who is away: %s", got.Body)
	}
}

// What storage wrote with an id is read with the body's name.
func TestJournalNamesBodies(t *testing.T) {
	o := newOffice(t)
	d := domain.Doer{Login: "boss", Region: "khabarovsk", At: pagetest.Noon()}
	if err := o.store.Note(context.Background(), domain.EntryOf(d, "user_added", "user", "oleg", "добавлен пользователь Олег: исполнитель (school)")); err != nil {
		t.Fatal(err)
	}
	if got := o.Get("/journal"); !got.Has("исполнитель (школа № 1)") || got.Has("(school)") {
		t.Errorf("an id for a name: %s", got.Body)
	}
}

func TestJournalPagesAndFilters(t *testing.T) {
	o := newOffice(t)
	for i := range 60 {
		d := domain.Doer{Login: "boss", Region: "khabarovsk", At: pagetest.Noon()}
		if err := o.store.Note(context.Background(), domain.EntryOf(d, "export", "export", strconv.Itoa(i), "строка "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	first := o.Get("/journal?action=export")
	_, rest, found := strings.Cut(first.Body, `rel="next" href="`)
	next, _, _ := strings.Cut(rest, `"`)
	if !found || !first.Has("строка 59<") || first.Has("строка 9<") {
		t.Fatalf("the first page: %v", found)
	}
	if got := o.Get(strings.ReplaceAll(next, "&amp;", "&")); !got.Has("строка 9<") || got.Has("строка 10<") || strings.Contains(got.Body, `rel="next"`) {
		t.Errorf("the second page: %s", got.Body)
	}
	if got := o.Get("/journal?who=nobody"); !got.Has("Записей нет") {
		t.Error("an empty journal says nothing")
	}
	if got := o.Get("/journal?from=вчера"); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a date that is none: %d", got.Status)
	}
	o.As(pagetest.Person("anna", domain.Office{Role: domain.RoleAnalyst}))
	if got := o.Get("/journal"); got.Status != http.StatusForbidden {
		t.Errorf("an analyst reads the journal: %d", got.Status)
	}
}

func TestOneSessionOfAPersonEnds(t *testing.T) {
	o := newOffice(t)
	u := o.add("khabarovsk", "anna", domain.RoleAnalyst, "")
	for _, hash := range []string{"office", "lost phone"} {
		row := domain.SessionRow{Hash: hash, UserID: u.ID, Epoch: 1, Data: []byte("{}"), Address: "192.0.2.7", Agent: hash, ExpiresAt: time.Now().Add(time.Hour)}
		if err := o.store.SaveSession(context.Background(), row); err != nil {
			t.Fatal(err)
		}
	}
	key := domain.SessionInfo{ID: "lost phone"}.Key()
	if got := o.Get(of(u)); !got.Has(key) || got.Has("value=\"lost phone\"") {
		t.Fatalf("the sessions: %s", got.Body)
	}
	if got := o.Post(of(u)+"/sessions/end-one", url.Values{"session": {key}}); got.Location != of(u) {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if list, err := o.store.SessionsOf(context.Background(), "khabarovsk", u.ID); err != nil || len(list) != 1 || list[0].ID != "office" {
		t.Errorf("open: %+v, %v", list, err)
	}
	if got := o.Post(of(u)+"/sessions/end-one", url.Values{"session": {key}}); got.Status != http.StatusConflict || !got.Has("уже закончился") {
		t.Errorf("a second press: %d", got.Status)
	}
	if got := o.Get("/journal?action=session_ended"); !got.Has("завершён сеанс с адреса 192.0.2.7") || !got.Has("сеанс завершён") {
		t.Errorf("the journal: %s", got.Body)
	}
}
