package inbox_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

var seenMark = regexp.MustCompile(`data-watch="(\d+|all)" data-at="([^"]+)" data-seen="([0-9a-f]+)"`)

// asks is what the script of an open page asks: whether it has changed.
func (o *office) asks(login string, a pagetest.Answer) string {
	o.t.Helper()
	m := seenMark.FindStringSubmatch(a.Body)
	if m == nil {
		o.t.Fatalf("the page is not watched: %s", text(a.Body))
	}
	r := httptest.NewRequest(http.MethodGet, html.UnescapeString(m[2]), nil)
	r.Header.Set("Desk-Seen", m[3])
	got := o.as(login).Do(r)
	if got.Status != 204 {
		o.t.Fatalf("the answer to the page's question: %d %s", got.Status, text(got.Body))
	}
	return got.Header.Get("Desk-Changed")
}

func TestOpenListAndTaskLearnThatTheyHaveChanged(t *testing.T) {
	o := newOffice(t)
	c := o.open("Яма")
	list, task := o.as("coord").Get("/inbox"), o.as("coord").Get(taskPath(c))
	mine := o.as("exec").Get("/inbox?tab=draft")
	for name, a := range map[string]pagetest.Answer{"list": list, "task": task} {
		if got := o.asks("coord", a); got != "no" {
			t.Errorf("%s: nothing has happened, yet %q", name, got)
		}
	}
	o.ok(o.do("head", c.ID, domain.StepDistribute, "person", fmt.Sprint(o.users["exec"].ID)))
	for name, a := range map[string]pagetest.Answer{"list": list, "task": task} {
		if got := o.asks("coord", a); got != "yes" {
			t.Errorf("%s: somebody else has given it out, yet %q", name, got)
		}
	}
	if got := o.asks("exec", mine); got != "yes" {
		t.Errorf("an empty list got a task, yet %q", got)
	}
	// What is typed into a form that was refused is no change.
	a := o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", "")
	if a.Status != 422 {
		t.Fatalf("%d", a.Status)
	}
	if got := o.asks("exec", a); got != "no" {
		t.Errorf("a form shown again: %q", got)
	}
	o.ok(o.do("exec", c.ID, domain.StepDraft, "kind", "final", "text", "Заделаем"))
	if got := o.asks("exec", a); got != "yes" {
		t.Errorf("a draft was saved: %q", got)
	}
}
