package login_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
)

func TestLoginAndLogout(t *testing.T) {
	h := newHouse(t)
	h.user("anna", false, domain.RoleAnalyst)
	b := h.browser()
	if got := b.get("/login"); got.status != 200 || !got.has("Войти") {
		t.Fatalf("%+v", got)
	}
	if got := b.post("/login", "login", " ANNA ", "password", good, "to", "/users"); got.status != http.StatusSeeOther || got.location != "/users" {
		t.Fatalf("%+v", got)
	}
	if !b.inside() {
		t.Fatal("not inside")
	}
	token := b.cookie()
	if got := b.post("/logout"); got.location != "/login?out=1" {
		t.Errorf("%+v", got)
	}
	if b.inside() {
		t.Error("still inside after the logout")
	}
	// Somebody who kept the cookie.
	r, _ := http.NewRequest(http.MethodGet, h.server.URL+"/users", nil)
	r.AddCookie(&http.Cookie{Name: "otklik", Value: token})
	if got := h.browser().do(r, nil); got.has("здравствуйте") {
		t.Error("the token outlives the logout")
	}
	if got := h.outcomes(); !slices.Equal(got, []login.Outcome{login.OutcomeOK}) {
		t.Errorf("observed %v", got)
	}
	lines, err := h.store.Journal(context.Background(), domain.Scope{Region: "khabarovsk", Whole: true}, domain.JournalFilter{Who: "anna"})
	if err != nil || len(lines) != 2 || lines[0].Action != "logout" || lines[1].Action != "login" || lines[1].Address != "192.0.2.7" {
		t.Errorf("journal %+v, %v", lines, err)
	}
}

func TestTokenIsRenewedAtLogin(t *testing.T) {
	h := newHouse(t)
	h.user("anna", false, domain.RoleAnalyst)
	b := h.browser()
	b.post("/login", "login", "anna", "password", good)
	first := b.cookie()
	b.post("/logout")
	if got := b.get("/login?ended=1&to=%2Finbox%2Ftask%2F7"); !strings.Contains(got.body, `value="/inbox/task/7"`) || !strings.Contains(got.body, "на ту же страницу") {
		t.Errorf("after an ended session: %s", got.body)
	}
	b.post("/login", "login", "anna", "password", good)
	if second := b.cookie(); first == "" || second == "" || first == second {
		t.Errorf("tokens %q and %q", first, second)
	}
}

// Every refusal reads the same: who has an account is nobody's business.
func TestRefusalsDoNotTellWhy(t *testing.T) {
	h := newHouse(t)
	h.user("root", false, domain.RoleAdministrator)
	off := h.user("off", false, domain.RoleAnalyst)
	if err := h.store.SetUserActive(context.Background(), "khabarovsk", off.ID, false, domain.Doer{Login: "root", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	h.user("anna", false, domain.RoleAnalyst)
	for name, try := range map[string][2]string{"wrong": {"anna", "не тот пароль"}, "unknown": {"nobody", good}, "off": {"off", good},
		"no login": {"", good}, "strange": {"'; DROP TABLE users", good}, "long": {"anna", strings.Repeat("я", 300)}, "empty": {"anna", ""}} {
		got := h.browser().post("/login", "login", try[0], "password", try[1])
		if got.status != http.StatusUnprocessableEntity || !got.has("Логин или пароль не подошли") {
			t.Errorf("%s: %d", name, got.status)
		}
	}
}

func TestManyTriesArePaused(t *testing.T) {
	h := newHouse(t)
	h.user("anna", false, domain.RoleAnalyst)
	h.user("boris", false, domain.RoleAnalyst)
	b := h.browser()
	for range 5 {
		b.post("/login", "login", "anna", "password", "не тот")
	}
	got := b.post("/login", "login", "anna", "password", good)
	if got.status != http.StatusTooManyRequests || !got.has("Следующая возможна через") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.post("/login", "login", "boris", "password", good); got.status != http.StatusSeeOther {
		t.Errorf("somebody else is paused too: %d", got.status)
	}
	if !slices.Contains(h.outcomes(), login.OutcomePaused) {
		t.Errorf("observed %v", h.outcomes())
	}
}

func TestFirstPasswordMustBeChanged(t *testing.T) {
	h := newHouse(t)
	h.user("anna", true, domain.RoleAnalyst)
	b, other := h.browser(), h.browser()
	b.post("/login", "login", "anna", "password", good)
	other.post("/login", "login", "anna", "password", good)
	if got := b.get("/users"); got.location != "/account/password" {
		t.Fatalf("%+v", got)
	}
	for name, try := range map[string][3]string{"old wrong": {"не тот", "совсем новый пароль", "совсем новый пароль"},
		"short": {good, "кратко", "кратко"}, "same": {good, good, good}, "twice": {good, "совсем новый пароль", "совсем иной пароль"},
		"own login": {good, "anna-anna-anna", "anna-anna-anna"}} {
		if got := b.post("/account/password", "password", try[0], "new", try[1], "twice", try[2]); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got := b.post("/account/password", "password", good, "new", "совсем новый пароль", "twice", "совсем новый пароль"); got.location != "/" {
		t.Fatalf("%+v", got)
	}
	if !b.inside() {
		t.Error("who changed the password is thrown out")
	}
	if other.get("/users").location != "/login?to=%2Fusers" {
		t.Error("the other session goes on")
	}
	if got := h.browser().post("/login", "login", "anna", "password", good); got.status != http.StatusUnprocessableEntity {
		t.Errorf("the old password works: %d", got.status)
	}
}

func TestSessionEndsByTimeAndByOrder(t *testing.T) {
	h := newHouse(t, func(_ *login.Login, o *login.SessionOptions) { o.Idle = 5 * time.Second })
	h.user("anna", false, domain.RoleAnalyst)
	b := h.browser()
	b.post("/login", "login", "anna", "password", good)
	if !b.inside() {
		t.Fatal("not inside")
	}
	time.Sleep(5200 * time.Millisecond)
	if b.inside() {
		t.Error("an idle session goes on")
	}
	one, two := h.browser(), h.browser()
	one.post("/login", "login", "anna", "password", good)
	two.post("/login", "login", "anna", "password", good)
	if got := one.post("/account/sessions/end"); got.location != "/account" {
		t.Errorf("%+v", got)
	}
	if !one.inside() || two.inside() {
		t.Errorf("after ending the others: own %v, other %v", one.inside(), two.inside())
	}
}

func TestOneOfOnesSessionsEnds(t *testing.T) {
	h := newHouse(t)
	h.user("anna", false, domain.RoleAnalyst)
	one, two := h.browser(), h.browser()
	one.post("/login", "login", "anna", "password", good)
	two.post("/login", "login", "anna", "password", good)
	page := one.get("/account")
	keys := regexp.MustCompile(`name="session" value="([0-9a-f]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(keys) != 1 || !page.has("этот сеанс") {
		t.Fatalf("one's own session is not told from the other: %v", keys)
	}
	if got := one.post("/account/sessions/end-one", "session", keys[0][1]); got.location != "/account" {
		t.Errorf("%+v", got)
	}
	if !one.inside() || two.inside() {
		t.Errorf("own %v, other %v", one.inside(), two.inside())
	}
	if got := one.post("/account/sessions/end-one", "session", keys[0][1]); got.status != http.StatusConflict || !got.has("уже закончился") {
		t.Errorf("a second press: %d", got.status)
	}
	three := h.browser()
	three.post("/login", "login", "anna", "password", good)
	own := regexp.MustCompile(`name="session" value="([0-9a-f]+)"`).FindStringSubmatch(three.get("/account").body)[1] // the first browser's
	if got := one.post("/account/sessions/end-one", "session", own); got.location != "/login" || one.inside() || !three.inside() {
		t.Errorf("ending the session one is in: %+v", got)
	}
}

func TestSwitchedOffIsOutAtOnce(t *testing.T) {
	h := newHouse(t)
	h.user("root", false, domain.RoleAdministrator)
	u := h.user("anna", false, domain.RoleAnalyst)
	b := h.browser()
	b.post("/login", "login", "anna", "password", good)
	if err := h.store.SetUserActive(context.Background(), "khabarovsk", u.ID, false, domain.Doer{Login: "root", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if b.inside() {
		t.Error("still inside")
	}
}

// enrol goes through the page of the second factor and gives secret and codes.
func enrol(t *testing.T, h *house, b *browser) (secret string, codes []string) {
	t.Helper()
	got := b.get("/account/second-factor")
	_, rest, _ := strings.Cut(got.body, `<p class="codes">`)
	secret, _, _ = strings.Cut(rest, "</p>")
	secret = strings.ReplaceAll(secret, " ", "")
	if got.status != 200 || secret == "" || !got.has("<svg") {
		t.Fatalf("%+v", got)
	}
	if got := b.post("/account/second-factor", "code", "000000"); got.status != http.StatusUnprocessableEntity || !got.has(secret[:4]) {
		t.Errorf("a wrong code: %d", got.status)
	}
	code, err := totp.GenerateCode(secret, h.clock.T)
	if err != nil {
		t.Fatal(err)
	}
	got = b.post("/account/second-factor", "code", code)
	_, rest, _ = strings.Cut(got.body, `<pre class="note codes">`)
	list, _, _ := strings.Cut(rest, "</pre>")
	codes = strings.Fields(list)
	if got.status != 200 || len(codes) != 10 {
		t.Fatalf("%d codes: %+v", len(codes), got)
	}
	return secret, codes
}

func TestSecondFactorOfAdministrators(t *testing.T) {
	h := newHouse(t)
	u := h.user("root", false, domain.RoleAdministrator)
	b := h.browser()
	b.post("/login", "login", "root", "password", good)
	if got := b.get("/users"); got.location != "/account/second-factor" {
		t.Fatalf("an administrator without a second factor gets in: %+v", got)
	}
	secret, codes := enrol(t, h, b)
	if !b.inside() {
		t.Fatal("enrolled, yet not inside")
	}

	step := func(b *browser, code string) answer {
		if got := b.post("/login", "login", "root", "password", good, "to", "/users"); got.location != "/login/code" {
			t.Fatalf("%+v", got)
		}
		if b.inside() {
			t.Fatal("inside with the password alone")
		}
		return b.post("/login/code", "code", code)
	}
	code := func() string { c, _ := totp.GenerateCode(secret, h.clock.T); return c }
	if got := step(h.browser(), code()); got.status != http.StatusUnprocessableEntity {
		t.Errorf("the code of enrolling works again: %d", got.status)
	}
	h.clock.T = h.clock.T.Add(time.Minute)
	fresh := h.browser()
	if got := step(fresh, code()); got.location != "/users" || !fresh.inside() {
		t.Errorf("%+v", got)
	}
	if got := step(h.browser(), code()); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a code works twice: %d", got.status)
	}
	if got := step(h.browser(), strings.ToUpper(codes[0])); got.location != "/users" {
		t.Errorf("a recovery code: %+v", got)
	}
	if got := step(h.browser(), codes[0]); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a recovery code works twice: %d", got.status)
	}
	// A password is good for five minutes.
	late := h.browser()
	late.post("/login", "login", "root", "password", good)
	h.clock.T = h.clock.T.Add(6 * time.Minute)
	if got := late.post("/login/code", "code", code()); got.location != "/login?ended=1" {
		t.Errorf("an old password: %+v", got)
	}
	c, err := h.store.CredentialsOf(context.Background(), u.ID)
	if err != nil || strings.Contains(string(c.TOTPSecret), secret) {
		t.Errorf("the secret is stored in the clear, %v", err)
	}
}

func TestWrongCodesArePaused(t *testing.T) {
	h := newHouse(t)
	h.user("root", false, domain.RoleAdministrator)
	b := h.browser()
	b.post("/login", "login", "root", "password", good)
	enrol(t, h, b)
	b = h.browser()
	b.post("/login", "login", "root", "password", good)
	for range 5 {
		b.post("/login/code", "code", "000000")
	}
	if got := b.post("/login/code", "code", "000000"); got.status != http.StatusTooManyRequests {
		t.Errorf("%d", got.status)
	}
}

func TestKeysAreRotated(t *testing.T) {
	h := newHouse(t)
	u := h.user("root", false, domain.RoleAdministrator)
	b := h.browser()
	b.post("/login", "login", "root", "password", good)
	secret, _ := enrol(t, h, b)
	before, _ := h.store.CredentialsOf(context.Background(), u.ID)
	rotated, err := login.NewSeal(olderKey + "," + secretKey)
	if err != nil {
		t.Fatal(err)
	}
	h.login.Seal = rotated
	h.clock.T = h.clock.T.Add(time.Minute)
	code, _ := totp.GenerateCode(secret, h.clock.T)
	b = h.browser()
	b.post("/login", "login", "root", "password", good)
	b.post("/login/code", "code", code)
	if !b.inside() {
		t.Fatal("the second key of the list does not open")
	}
	after, _ := h.store.CredentialsOf(context.Background(), u.ID)
	if string(after.TOTPSecret) == string(before.TOTPSecret) {
		t.Error("the secret stays under the old key")
	}
	newest, _ := login.NewSeal(olderKey)
	if plain, stale, err := newest.Open(after.TOTPSecret, "totp:1"); err != nil || stale || string(plain) != secret {
		t.Errorf("under the new key alone: %v, %v", stale, err)
	}
	if _, _, err := newest.Open(after.TOTPSecret, "totp:2"); err == nil {
		t.Error("somebody else's row opens")
	}
}

func TestWithoutKeyAdministratorsAreTold(t *testing.T) {
	h := newHouse(t, func(l *login.Login, _ *login.SessionOptions) { l.Seal = &login.Seal{} })
	h.user("root", false, domain.RoleAdministrator)
	b := h.browser()
	b.post("/login", "login", "root", "password", good)
	if got := b.get("/account/second-factor"); !got.has("OTKLIK_SECRET_KEY") {
		t.Errorf("%+v", got)
	}
}

func TestWeakPasswords(t *testing.T) {
	for _, p := range []string{"", "короткий", "aaaaaaaaaaaa", "1234567890", "password12", "мойлогинanna", strings.Repeat("длинный ", 40), "ab\x00cdefghijkl"} {
		if login.Weak(p, "anna", "Анна Кузнецова") == "" {
			t.Errorf("%q passes", p)
		}
	}
	for _, p := range []string{good, "Zelenyj-slon-7", login.NewPassword()} {
		if why := login.Weak(p, "anna", "Анна Кузнецова"); why != "" {
			t.Errorf("%q: %s", p, why)
		}
	}
}
