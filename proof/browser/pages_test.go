package browser

import (
	"strings"
	"testing"

	"github.com/otklik/otklik/demo"
)

// Every page of every role: no serious fault of accessibility in light and dark,
// nothing wider than a phone, no complaint of the browser.
func TestPages(t *testing.T) {
	s := open(t)
	s.publish(t, wire("В Советской Гавани", "Ленина", 11), wire("В Советской Гавани", "Ленина", 14),
		"Хабаровск: во дворе Пушкина 54 третью неделю не вывозят мусор, контейнеры переполнены")
	visitors := map[string]*visitor{}
	shown := 0
	for _, p := range Pages() {
		v := visitors[p.As]
		if v == nil {
			v = s.enter(t, p.As)
			visitors[p.As] = v
		}
		v.must(v.Dress(Office()))
		found, err := v.Open(p)
		v.must(err)
		if !found {
			t.Logf("%s: no such link on %s here", p.Name, p.From)
			continue
		}
		shown++
		if at := read[string](v, "location.pathname"); !fits(p.Pattern(), at) {
			t.Errorf("%s is at %s, which is no %s", p.Name, at, p.Pattern())
		}
		v.examine(p)
	}
	if shown < 47 {
		t.Errorf("%d pages were seen", shown)
	}
}

// fits reports whether a path is one of a route.
func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if w != got[i] && !strings.HasPrefix(w, "{") {
			return false
		}
	}
	return true
}

// enter lets somebody of a role in; administrators need a second factor.
func (s *stand) enter(t *testing.T, role string) *visitor {
	t.Helper()
	v := s.visit(t, Office())
	v.Expect("status of 404")
	v.Expect("status of 403")
	v.Expect("status of 401") // a wrong password
	v.Expect("status of 422")
	if role == "admin" { // another test of the stand may have left one
		s.exec(t, "UPDATE users SET totp_secret = NULL WHERE login = 'admin27'")
	}
	if role != "" {
		v.must(v.Login(role+"27", demo.Password))
	}
	if role == "admin" {
		v.must(v.At("/account/second-factor"), v.Enroll())
	}
	return v
}

func (v *visitor) examine(p Page) {
	v.t.Helper()
	dark := Office()
	dark.Dark = true
	found, err := v.Axe()
	v.must(err, v.Dress(dark))
	more, err := v.Axe("color-contrast", "link-in-text-block")
	v.must(err)
	for look, list := range map[string][]Finding{"light": Grave(found), "dark": Grave(more)} {
		for _, f := range list {
			v.t.Errorf("%s, %s: %s", p.Name, look, f)
		}
	}
	v.must(v.Dress(Phone()))
	wide, err := v.Overflow()
	v.must(err)
	if wide != "" {
		v.t.Errorf("%s runs out of a phone's screen: %s", p.Name, wide)
	}
}
