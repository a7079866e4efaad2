package login_test

import (
	"strings"
	"testing"
)

// Requests of one session run side by side: one that changes nothing takes back
// nothing of what another has noted meanwhile, and brings back nothing.
func TestRequestsSideBySideKeepWhatIsNoted(t *testing.T) {
	h := newHouse(t)
	h.user("anna", false, "analyst")
	b := h.browser()
	if got := b.post("/login", "login", "anna", "password", good); got.location != "/" {
		t.Fatalf("login: %+v", got)
	}
	slowly := func(meanwhile func()) {
		t.Helper()
		done := make(chan answer)
		go func() { done <- b.get("/slow") }()
		<-h.slow
		meanwhile()
		h.slow <- struct{}{}
		if got := <-done; got.body != "дождались" {
			t.Fatalf("slow: %+v", got)
		}
	}
	slowly(func() { b.post("/note") })
	slowly(func() {
		if got := b.get("/noted"); !strings.Contains(got.body, "Сохранено") {
			t.Errorf("what was noted beside another request is gone: %q", got.body)
		}
	})
	if got := b.get("/noted"); strings.Contains(got.body, "Сохранено") {
		t.Errorf("what was shown has come back: %q", got.body)
	}
}
