package browser

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// Without a Chromium the tests fail and say what to install.
func TestMissingChromiumIsSaid(t *testing.T) {
	_, err := find(func(string) (string, error) { return "", exec.ErrNotFound })
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "install") {
		t.Errorf("no Chromium: %v", err)
	}
}

// The watch must see what it watches for, or every other test says nothing.
func TestFaultsAreSeen(t *testing.T) {
	s := open(t)
	tab, err := s.chromium.Visit(s.base, Office())
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if err := tab.Go("/login"); err != nil {
		t.Fatal(err)
	}
	for what, script := range map[string]string{
		"an error of the console":   "console.error('spoken')",
		"an exception":              "setTimeout(() => { throw new Error('thrown') })",
		"an inline script":          "document.head.appendChild(Object.assign(document.createElement('script'), {textContent: 'window.bad = 1'}))",
		"a picture of somebody":     "new Image().src = 'http://192.0.2.1/spy.gif'",
		"a style of another server": "document.head.appendChild(Object.assign(document.createElement('link'), {rel: 'stylesheet', href: 'http://192.0.2.1/x.css'}))",
	} {
		before := len(tab.Faults())
		if _, err := Evaluate[bool](tab, "(() => {"+script+"; return true })()"); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := s.await("the watch to see "+what, func() (bool, error) { return len(tab.Faults()) > before, nil }); err != nil {
			t.Error(err)
		}
	}
	if read, _ := Evaluate[bool](tab, "window.bad === 1"); read {
		t.Error("an inline script ran")
	}
}

// Accessibility: what the tests of pages rely on finds what is wrong.
func TestAxeFinds(t *testing.T) {
	s := open(t)
	tab, err := s.chromium.Visit(s.base, Office())
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if err := tab.Go("/login"); err != nil {
		t.Fatal(err)
	}
	if _, err := Evaluate[bool](tab, "(() => { const i = document.createElement('input'); i.name = 'nameless'; document.querySelector('main').append(i); return true })()"); err != nil {
		t.Fatal(err)
	}
	found, err := tab.Axe()
	if err != nil {
		t.Fatal(err)
	}
	if len(Grave(found)) == 0 {
		t.Error("a field without a label is no finding")
	}
}

func TestLogin(t *testing.T) {
	s := open(t)
	v := s.visit(t, Office())
	v.Expect("status of 401")
	v.Expect("status of 422")
	v.must(v.Go("/queue"), v.At("/login"))
	v.login("analyst27", "wrong")
	v.must(v.There("#fault"))
	v.must(v.Await("the login kept and the password asked for", // the focus comes after the words
		"document.activeElement.name === 'password' && document.querySelector('input[name=login]').value === 'analyst27'"))
	v.login("analyst27", "demo")
	v.must(v.At("/queue"), v.There("nav a[aria-current=page]"))
	v.must(v.Click("details.me summary"), v.Click("button.link", "Выйти"), v.At("/login"))
	v.must(v.Go("/queue"), v.At("/login"))
}
