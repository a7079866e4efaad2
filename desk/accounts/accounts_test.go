package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otklik/otklik/desk/accounts"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// platforms take the tokens that begin with «good».
type platforms struct {
	broken string // of the token that is kept
	away   bool
}

func (p *platforms) Check(_ context.Context, a domain.Speaker, token string) (domain.Speaker, error) {
	if !strings.HasPrefix(token, "good") {
		return a, errors.New("токен не принят")
	}
	if a.Address == "" {
		a.Address = strings.TrimPrefix(token, "good-")
	}
	if a.Title == "" {
		a.Title = "Как на площадке"
	}
	return a, nil
}

func (p *platforms) Again(context.Context, domain.Speaker) (title, broken string, err error) {
	if p.away {
		return "", "", errors.New("площадка не ответила")
	}
	return "Как на площадке", p.broken, nil
}

func (p *platforms) Seal(a domain.Speaker, _ string) ([]byte, error) {
	return []byte("a sealed token of the account " + a.Address), nil
}

func (p *platforms) Environment(_ context.Context, region string) []domain.Speaker {
	return []domain.Speaker{{Region: region, Platform: domain.MAX, Address: domain.AnyAddress, Whole: true}}
}

type office struct {
	*pagetest.Desk

	t         *testing.T
	store     *storage.Store
	platforms *platforms
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, platforms: &platforms{}, store: storagetest.New(t)}
	o.Desk = pagetest.New(t, (&accounts.Pages{Store: o.store, Platforms: o.platforms}).Section())
	o.As(pagetest.Person("boss", domain.Office{Role: domain.RoleAdministrator}))
	return o
}

// add keeps an account and gives its number.
func (o *office) add(pairs ...string) int64 {
	o.t.Helper()
	a := o.post("/accounts/new", pairs...)
	id, err := strconv.ParseInt(strings.TrimPrefix(a.Location, "/accounts/"), 10, 64)
	if a.Status != http.StatusSeeOther || err != nil {
		o.t.Fatalf("status %d, %q: %s", a.Status, a.Location, a.Body)
	}
	return id
}

func (o *office) post(path string, pairs ...string) pagetest.Answer {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return o.Post(path, form)
}

func (o *office) use(id int64) domain.AccountUse {
	o.t.Helper()
	a, err := o.store.AccountUse(o.t.Context(), "khabarovsk", id)
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

// journal are the actions noted, the newest first.
func (o *office) journal() []string {
	o.t.Helper()
	lines, err := o.store.Journal(o.t.Context(), domain.Scope{Region: "khabarovsk", Whole: true}, domain.JournalFilter{Object: "account", Limit: 100})
	if err != nil {
		o.t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		if l.Who != "boss" || strings.Contains(l.Words, "good") {
			o.t.Errorf("line %+v", l)
		}
		out = append(out, l.Action)
	}
	return out
}

func TestAccountIsAddedCheckedAndNeverShown(t *testing.T) {
	o := newOffice(t)
	id := o.add("platform", "vk", "address", "https://vk.ru/club700/", "token", "good-secret", "body", "city")
	a := o.use(id)
	if a.Address != "700" || a.Title != "Как на площадке" || !slices.Equal(a.Bodies, []string{"city"}) || a.Whole {
		t.Errorf("%+v", a)
	}
	sealed, err := o.store.AccountToken(t.Context(), id)
	if err != nil || string(sealed.Sealed) != "a sealed token of the account 700" {
		t.Errorf("%q, %v", sealed.Sealed, err)
	}
	bot := o.use(o.add("platform", "telegram", "token", "good-123", "whole", "1"))
	if bot.Address != "123" || !bot.Whole {
		t.Errorf("%+v", bot)
	}
	list := o.Get("/accounts")
	for _, want := range []string{"Как на площадке", "VK · 700", "администрация Хабаровска", "работает", "открытых ответов: 1000 из 1000", "ещё не отвечал", "из настроек программы"} {
		if !list.Has(want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	for _, page := range []pagetest.Answer{list, o.Get("/accounts/" + strconv.FormatInt(id, 10)), o.Get("/accounts/new")} {
		if page.Status != http.StatusOK || page.Has("good-") || page.Has("sealed") {
			t.Errorf("status %d: a token is shown: %s", page.Status, page.Body)
		}
	}
	if got := o.journal(); !slices.Equal(got, []string{"account_added", "account_added"}) {
		t.Errorf("journal %v", got)
	}
}

func TestBadAccountIsNotAdded(t *testing.T) {
	o := newOffice(t)
	o.add("platform", "vk", "address", "700", "token", "good", "whole", "1")
	for name, c := range map[string]struct {
		pairs []string
		words string
	}{
		"no token":     {[]string{"platform", "vk", "address", "1", "whole", "1"}, "Вставьте токен"},
		"refused":      {[]string{"platform", "vk", "address", "1", "whole", "1", "token", "bad-secret"}, "Площадка не приняла токен: токен не принят."},
		"for nobody":   {[]string{"platform", "vk", "address", "1", "token", "good-secret"}, "кто-то должен от имени аккаунта отвечать"},
		"no address":   {[]string{"platform", "vk", "whole", "1", "token", "good-secret"}, "Назовите сообщество"},
		"there":        {[]string{"platform", "vk", "address", "club700", "whole", "1", "token", "good-secret"}, "Такой аккаунт уже есть"},
		"no platform":  {[]string{"platform", "icq", "address", "1", "whole", "1", "token", "good-secret"}, "Выберите площадку"},
		"strange body": {[]string{"platform", "vk", "address", "1", "body", "town", "token", "good-secret"}, "Выберите органы из списка"},
	} {
		a := o.post("/accounts/new", c.pairs...)
		if a.Status != http.StatusUnprocessableEntity || !a.Has(c.words) || a.Has("secret") {
			t.Errorf("%s: status %d: %s", name, a.Status, a.Body)
		}
	}
	if got := o.journal(); len(got) != 1 {
		t.Errorf("journal %v", got)
	}
}

func TestAccountIsChanged(t *testing.T) {
	o := newOffice(t)
	id := o.add("platform", "vk", "address", "700", "token", "good", "whole", "1")
	path := "/accounts/" + strconv.FormatInt(id, 10)
	seen := o.use(id).Mark()
	if a := o.post(path, "title", "Город отвечает", "body", "city", "body", "school", "seen", seen); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	if a := o.use(id); a.Title != "Город отвечает" || a.Whole || len(a.Bodies) != 2 {
		t.Errorf("%+v", a)
	}
	stale := o.post(path, "title", "Иначе", "whole", "1", "seen", seen)
	if stale.Status != http.StatusConflict || !stale.Has("«Город отвечает»; отвечает за: администрация Хабаровска, школа № 1") || !stale.Has(`value="Иначе"`) {
		t.Errorf("status %d: %s", stale.Status, stale.Body)
	}
	if a := o.post(path, "title", "Иначе", "whole", "1", "seen", o.use(id).Mark()); a.Status != http.StatusSeeOther || o.use(id).Title != "Иначе" {
		t.Errorf("the second press, knowingly: %d", a.Status)
	}
	if a := o.post(path, "title", "Ничьё", "seen", o.use(id).Mark()); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("for nobody: %d", a.Status)
	}
}

func TestAccountThatIsNotWell(t *testing.T) {
	o := newOffice(t)
	id := o.add("platform", "vk", "address", "700", "token", "good", "whole", "1")
	path := "/accounts/" + strconv.FormatInt(id, 10)
	says := func(words string) {
		t.Helper()
		if a := o.Get(path); !a.Has(words) {
			t.Errorf("%q is not said: %s", words, a.Body)
		}
	}
	o.platforms.broken = "токен отозван"
	o.post(path + "/check")
	if a := o.use(id); a.Broken != "токен отозван" {
		t.Errorf("%+v", a)
	}
	says("не работает")
	says("выпустите ключ с правами")
	o.platforms.away = true
	if o.post(path + "/check"); o.use(id).Broken != "токен отозван" {
		t.Error("a platform that is away has healed it")
	}
	if a := o.post(path+"/token", "token", "bad"); a.Status != http.StatusUnprocessableEntity || o.use(id).Broken == "" {
		t.Errorf("a bad token: %d", a.Status)
	}
	if o.post(path+"/token", "token", "good-new"); o.use(id).Broken != "" {
		t.Error("a new token does not heal it")
	}
	o.post(path+"/pause", "why", "смена подписи")
	says("смена подписи (Анна Ивановна Кузнецова)")
	if a := o.use(id); a.PauseReason != domain.HeldPerson {
		t.Errorf("%+v", a)
	}
	o.post(path + "/resume")
	says("работает")
	if a := o.post(path + "/resume"); a.Status != http.StatusSeeOther {
		t.Errorf("a second click: %d", a.Status)
	}
	if a := o.post(path + "/retire"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.Status)
	}
	o.post(path+"/retire", "why", "токен украден")
	says("токен украден (Анна Ивановна Кузнецова)")
	o.platforms.away, o.platforms.broken = false, ""
	if o.post(path + "/check"); o.use(id).Broken != "" {
		t.Error("a good check does not heal it")
	}
	if a := o.post(path + "/remove"); a.Location != "/accounts" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	for _, deed := range []string{"", "/check", "/pause", "/resume", "/retire", "/remove", "/token"} {
		if a := o.post(path+deed, "why", "поздно", "whole", "1", "token", "good"); a.Status != http.StatusNotFound {
			t.Errorf("%s of a removed one: %d", deed, a.Status)
		}
	}
	want := []string{"account_removed", "account_checked", "account_retired", "account_resumed", "account_paused", "account_token", "account_checked", "account_added"}
	if got := o.journal(); !slices.Equal(got, want) {
		t.Errorf("journal %v", got)
	}
}

func TestAccountsAreTheAdministratorsOfTheRegion(t *testing.T) {
	o := newOffice(t)
	path := "/accounts/" + strconv.FormatInt(o.add("platform", "vk", "address", "700", "token", "good", "whole", "1"), 10)
	other := pagetest.Person("boss39", domain.Office{Role: domain.RoleAdministrator})
	other.Region = "kaliningrad"
	o.As(other)
	if a := o.Get("/accounts"); a.Has("700") || a.Status != http.StatusOK {
		t.Errorf("another region's: %d %s", a.Status, a.Body)
	}
	for _, deed := range []string{"/check", "/pause", "/retire", "/remove"} {
		if a := o.post(path+deed, "why", "чужое"); a.Status != http.StatusNotFound {
			t.Errorf("%s of another region: %d", deed, a.Status)
		}
	}
	for _, role := range domain.StaffRoles() {
		if role == domain.RoleAdministrator {
			continue
		}
		o.As(pagetest.Person("somebody", domain.Office{Role: role, AgencyID: map[bool]string{true: "", false: "city"}[role == domain.RoleAnalyst]}))
		if a := o.Get("/accounts"); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", role, a.Status)
		}
	}
}
