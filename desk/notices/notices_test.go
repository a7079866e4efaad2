package notices_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/otklik/otklik/bots/staff"
	"github.com/otklik/otklik/desk/notices"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// office is the page over a real database, with somebody logged in.
type office struct {
	*pagetest.Desk
	t     *testing.T
	store *storage.Store
	pages *notices.Pages
	anna  domain.User
}

func hashOf(region, code string) []byte { sum := sha256.Sum256([]byte(region + code)); return sum[:] }

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, store: storagetest.New(t)}
	o.pages = &notices.Pages{Store: o.store, Hash: hashOf, Mail: true, PlatformName: reply.PlatformName, KindTitle: staff.KindTitle,
		Places: func(context.Context, string) ([]notices.Place, error) {
			return []notices.Place{{Words: "MAX: бот региона"}}, nil
		}}
	o.Desk = pagetest.New(t, o.pages.Section())
	o.anna = o.add("anna")
	o.As(o.anna)
	return o
}

func (o *office) add(login string) domain.User {
	o.t.Helper()
	u, err := o.store.AddUser(context.Background(), domain.User{Region: "khabarovsk", Login: login, Name: "Имя " + login, Email: login + "@example.ru",
		Offices: []domain.Office{{Role: domain.RoleCoordinator, AgencyID: "city"}}}, "", domain.Doer{Login: "test", At: pagetest.Noon()})
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

// link shows a code to the bot.
func (o *office) link(code string) domain.StaffOutcome {
	o.t.Helper()
	desk := staff.New(staff.Facts{CodeKeys: func(code string) [][]byte { return [][]byte{hashOf("khabarovsk", code)} }})
	key := sha256.Sum256([]byte(code + time.Now().String()))
	p := domain.Post{ID: domain.NewPrivateID(domain.MAX, "7", "500", "1"), Text: code,
		Private: &domain.Private{Chat: "500", ChatKeys: [][]byte{hashOf("chat", "500")}, UpdateKeys: [][]byte{key[:]}}}
	outcome, _, err := o.store.HearStaff(context.Background(), "khabarovsk", &p, pagetest.Noon(), desk)
	if err != nil {
		o.t.Fatal(err)
	}
	return outcome
}

func TestACodeIsShownOnceAndLinksAChat(t *testing.T) {
	o := newOffice(t)
	if got := o.Get(notices.Path); !got.Has("Чат не привязан") || !got.Has("MAX: бот региона") || !got.Has("anna@example.ru") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	got := o.Post(notices.Path+"/code", nil)
	code := regexp.MustCompile(`\d{4}-\d{4}-\d{4}`).FindString(got.Body)
	if got.Status != http.StatusOK || code == "" {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := o.Get(notices.Path); got.Has(code) {
		t.Error("the code is shown again")
	}
	if outcome := o.link(code); outcome != domain.StaffLinked {
		t.Fatalf("the bot says %s", outcome)
	}
	page := o.Get(notices.Path)
	id := regexp.MustCompile(`name="link" value="(\d+)"`).FindStringSubmatch(page.Body)
	if id == nil || !page.Has("работает") {
		t.Fatalf("%s", page.Body)
	}
	form := url.Values{"link": {id[1]}}
	o.As(o.add("boris"))
	if got := o.Post(notices.Path+"/unlink", form); got.Status != http.StatusConflict {
		t.Errorf("somebody else's chat: %d", got.Status)
	}
	o.As(o.anna)
	if got := o.Post(notices.Path+"/unlink", form); got.Status != http.StatusSeeOther {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if got := o.Post(notices.Path+"/unlink", form); got.Status != http.StatusConflict || !got.Has("уже отвязан") {
		t.Errorf("the second click: %d", got.Status)
	}
	if got := o.Get(notices.Path); !got.Has("отвязан на рабочем месте") {
		t.Errorf("%s", got.Body)
	}
}

func TestSettingsAreKeptAndRefused(t *testing.T) {
	o := newOffice(t)
	seen := regexp.MustCompile(`name="seen" value="(\w+)"`).FindStringSubmatch(o.Get(notices.Path).Body)
	if seen == nil {
		t.Fatal("the form does not say what it has seen")
	}
	form := url.Values{"seen": {seen[1]}, "quiet": {"1"}, "from": {"20:00"}, "to": {"09:00"}, "digest": {"08:00"}}
	if got := o.Post(notices.Path+"/settings", form); got.Status != http.StatusUnprocessableEntity || !got.Has("тихие часы") || !got.Has(`value="20:00"`) {
		t.Errorf("a digest in quiet hours: %d", got.Status)
	}
	form.Set("digest", "утром")
	if got := o.Post(notices.Path+"/settings", form); got.Status != http.StatusUnprocessableEntity || !got.Has("08:30") {
		t.Errorf("no time: %d", got.Status)
	}
	form.Set("digest", "09:15")
	if got := o.Post(notices.Path+"/settings", form); got.Status != http.StatusSeeOther {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	set, err := o.store.StaffSettings(t.Context(), o.anna.ID)
	if err != nil || set != (domain.StaffSettings{QuietFrom: 1200, QuietTo: 540, Digest: 555}) {
		t.Errorf("%+v, %v", set, err)
	}
	if got := o.Post(notices.Path+"/settings", form); got.Status != http.StatusConflict {
		t.Errorf("an old page: %d", got.Status)
	}
}

func TestWithoutAKeyOrABotNothingIsLinked(t *testing.T) {
	o := newOffice(t)
	o.pages.Hash = nil
	if got := o.Get(notices.Path); !got.Has("Привязать чат пока нельзя") {
		t.Errorf("%s", got.Body)
	}
	if got := o.Post(notices.Path+"/code", nil); got.Status != http.StatusConflict {
		t.Errorf("%d", got.Status)
	}
}
