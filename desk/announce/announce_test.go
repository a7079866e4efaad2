package announce_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otklik/otklik/desk/announce"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

type office struct {
	*pagetest.Desk

	t     *testing.T
	store *storage.Store
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, store: storagetest.New(t)}
	rules := announce.Rules{Municipalities: []announce.Municipality{{ID: "city", Name: "Хабаровск"}, {ID: "amursk", Name: "Амурск"}}, Center: "ministry",
		Receivers: domain.Receivers{Consent: "1", Platforms: []domain.Platform{domain.VK, domain.MAX}},
		Preview: func(text string, places []string) domain.Word {
			return domain.Word{Text: "Объявление, " + strings.Join(places, "+") + ": " + text, Buttons: [][]domain.Button{{{Label: "Отписаться"}}}}
		}}
	o.Desk = pagetest.New(t, (&announce.Pages{Store: o.store, Rules: func(string) announce.Rules { return rules }}).Section())
	return o
}

func (o *office) as(login string, role domain.Role, body string) *office {
	o.As(pagetest.Person(login, domain.Office{Role: role, AgencyID: body}))
	return o
}

func (o *office) analyst() *office { return o.as("anna", domain.RoleAnalyst, "") }
func (o *office) boss() *office    { return o.as("boss", domain.RoleHead, "ministry") }

func (o *office) post(path string, pairs ...string) pagetest.Answer {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return o.Post(path, form)
}

// write keeps an announcement as the analyst and gives its number.
func (o *office) write() int64 {
	o.t.Helper()
	a := o.analyst().post("/announcements/new", "text", "Завтра не будет воды.", "place", "city")
	id, err := strconv.ParseInt(strings.TrimPrefix(a.Location, "/announcements/"), 10, 64)
	if a.Status != http.StatusSeeOther || err != nil {
		o.t.Fatalf("status %d, %q: %s", a.Status, a.Location, a.Body)
	}
	return id
}

// step brings an announcement on, with the version that stands now.
func (o *office) step(id int64, deed string, pairs ...string) pagetest.Answer {
	o.t.Helper()
	path := "/announcements/" + strconv.FormatInt(id, 10)
	return o.post(path+deed, append(pairs, "version", strconv.Itoa(o.find(id).Version))...)
}

func (o *office) find(id int64) domain.Announcement {
	o.t.Helper()
	a, err := o.store.Announcement(o.t.Context(), "khabarovsk", id)
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

func (o *office) want(id int64, state domain.AnnouncementState) {
	o.t.Helper()
	if a := o.find(id); a.State != state {
		o.t.Fatalf("it is %s, not %s", a.State, state)
	}
}

func TestOneWritesAnotherApproves(t *testing.T) {
	o := newOffice(t)
	id := o.write()
	page := o.Get("/announcements/" + strconv.FormatInt(id, 10))
	for _, want := range []string{"Объявление, city: Завтра не будет воды.", "Отписаться", "Получат сейчас: 0 (VK — 0, MAX — 0).", "Отправить на согласование"} {
		if !page.Has(want) {
			t.Errorf("the page lacks %q: %s", want, page.Body)
		}
	}
	if a := o.boss().step(id, "/approve"); a.Status != http.StatusConflict {
		t.Errorf("a draft is approved: %d", a.Status)
	}
	if a := o.analyst().step(id, "/offer"); a.Status != http.StatusSeeOther {
		t.Fatalf("offer: %d %s", a.Status, a.Body)
	}
	o.want(id, domain.AnnouncementApproval)
	if a := o.analyst().step(id, "/approve"); a.Status != http.StatusForbidden {
		t.Errorf("an analyst approves: %d", a.Status)
	}
	if a := o.as("other", domain.RoleHead, "city").step(id, "/approve"); a.Status != http.StatusForbidden {
		t.Errorf("the head of another body approves: %d", a.Status)
	}
	o.As(pagetest.Person("anna", domain.Office{Role: domain.RoleAnalyst}, domain.Office{Role: domain.RoleAdministrator}))
	if a := o.step(id, "/approve"); a.Status != http.StatusConflict || !a.Has("согласует другой человек") {
		t.Errorf("an author approves: %d %s", a.Status, a.Body)
	}
	if a := o.Get("/announcements/" + strconv.FormatInt(id, 10)); a.Has("Согласовать и разослать") || !a.Has("согласует другой человек") {
		t.Errorf("an author is offered to approve: %s", a.Body)
	}
	if a := o.boss().step(id, "/return"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("returned without a reason: %d", a.Status)
	}
	o.boss().step(id, "/return", "why", "Назовите улицы")
	o.want(id, domain.AnnouncementDraft)
	if a := o.analyst().Get("/announcements/" + strconv.FormatInt(id, 10)); !a.Has("Возвращено: Назовите улицы") {
		t.Errorf("the reason is not shown: %s", a.Body)
	}
	o.step(id, "", "text", "Завтра на Ленина не будет воды.", "place", "city", "place", "amursk")
	o.step(id, "/offer")
	seen := o.find(id).Version
	if a := o.analyst().step(id, "", "text", "Тайком", "place", "city"); a.Status != http.StatusConflict {
		t.Errorf("changed while it is being approved: %d", a.Status)
	}
	o.boss().post("/announcements/"+strconv.FormatInt(id, 10)+"/approve", "version", strconv.Itoa(seen))
	o.want(id, domain.AnnouncementSending)
	if a := o.boss().step(id, "/approve"); a.Status != http.StatusConflict {
		t.Errorf("a second click: %d", a.Status)
	}
	if a := o.analyst().step(id, "/stop", "why", "Воду дали"); a.Status != http.StatusSeeOther {
		t.Errorf("stop: %d %s", a.Status, a.Body)
	}
	o.want(id, domain.AnnouncementStopped)
	lines, err := o.store.Journal(t.Context(), domain.Scope{Region: "khabarovsk", Whole: true}, domain.JournalFilter{Object: "announcement", Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range slices.Backward(lines) {
		got = append(got, strings.TrimPrefix(l.Action, "announcement_")+" "+l.Who)
	}
	if want := []string{"written anna", "approval anna", "draft boss", "written anna", "approval anna", "sending boss", "stopped anna"}; !slices.Equal(got, want) {
		t.Errorf("journal %v", got)
	}
}

func TestWhatIsReadIsWhatIsApproved(t *testing.T) {
	o := newOffice(t)
	id := o.write()
	path := "/announcements/" + strconv.FormatInt(id, 10)
	seen := strconv.Itoa(o.find(id).Version)
	o.analyst().step(id, "", "text", "Завтра не будет света.", "place", "city")
	stale := o.post(path, "text", "Иначе", "place", "city", "version", seen)
	if stale.Status != http.StatusConflict || !stale.Has("Завтра не будет света.") || !stale.Has("Иначе</textarea>") {
		t.Errorf("status %d: %s", stale.Status, stale.Body)
	}
	if a := o.post(path+"/offer", "version", seen); a.Status != http.StatusConflict {
		t.Errorf("offered unread: %d", a.Status)
	}
	if a := o.post(path + "/offer"); a.Status != http.StatusConflict {
		t.Errorf("without a version: %d", a.Status)
	}
	o.want(id, domain.AnnouncementDraft)
}

func TestBadAnnouncementsAreRefused(t *testing.T) {
	o := newOffice(t).analyst()
	for name, c := range map[string]struct {
		pairs []string
		words string
	}{
		"empty":      {[]string{"text", " ", "place", "city"}, "пуст"},
		"nowhere":    {[]string{"text", "Вода"}, "хотя бы один муниципалитет"},
		"too long":   {[]string{"text", strings.Repeat("я", 3501), "place", "city"}, "слишком длинное"},
		"no such":    {[]string{"text", "Вода", "place", "moscow"}, "из списка"},
		"kept typed": {[]string{"text", "Вода"}, "Вода</textarea>"},
	} {
		if a := o.post("/announcements/new", c.pairs...); a.Status != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(a.Body), strings.ToLower(c.words)) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	id := o.write()
	o.step(id, "/drop")
	if a := o.Get("/announcements/" + strconv.FormatInt(id, 10)); a.Status != http.StatusNotFound {
		t.Errorf("a dropped one: %d", a.Status)
	}
	if a := o.Get("/announcements"); !a.Has("Объявлений ещё не было") {
		t.Errorf("the list: %s", a.Body)
	}
	other := pagetest.Person("kolya", domain.Office{Role: domain.RoleAdministrator})
	other.Region = "kaliningrad"
	id = o.write()
	o.As(other)
	if a := o.post("/announcements/"+strconv.FormatInt(id, 10)+"/approve", "version", "1"); a.Status != http.StatusNotFound {
		t.Errorf("another region: %d", a.Status)
	}
}

// Whoever touched the words last has written them: they approve somebody else's
// only, and the one before may approve theirs. A button pressed is no word written.
func TestWhoEditsIsTheAuthor(t *testing.T) {
	o := newOffice(t)
	id := o.write()
	editor := func() *office {
		o.As(pagetest.Person("irina", domain.Office{Role: domain.RoleAnalyst}, domain.Office{Role: domain.RoleAdministrator}))
		return o
	}
	editor().step(id, "", "text", "Завтра не будет воды.", "place", "city")
	if a := o.find(id); a.Author != "anna" {
		t.Errorf("nothing was changed, and it is by %s", a.Author)
	}
	editor().step(id, "", "text", "Завтра не будет света.", "place", "city")
	if a := o.find(id); a.Author != "irina" {
		t.Fatalf("it is by %s", a.Author)
	}
	editor().step(id, "/offer")
	if a := o.step(id, "/approve"); a.Status != http.StatusConflict || !a.Has("согласует другой человек") {
		t.Errorf("an editor approves their own words: %d", a.Status)
	}
	if a := o.boss().step(id, "/approve"); a.Status != http.StatusSeeOther {
		t.Errorf("another may not: %d %s", a.Status, a.Body)
	}
	o.want(id, domain.AnnouncementSending)
}
