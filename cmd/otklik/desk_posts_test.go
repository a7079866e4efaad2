package main

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

var (
	articleForm = regexp.MustCompile(`<article class="said post">`)
	markedPost  = regexp.MustCompile(`name="post" value="(\d+)"`)
	nextLink    = regexp.MustCompile(`rel="next" href="([^"]+)"`)
)

func nextOf(a pagetest.Answer) string {
	if m := nextLink.FindStringSubmatch(a.Body); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// A case of many posts shows each of them once, by links alone, and each can be
// split off from where it stands.
func TestAllPostsOfACaseCanBeReached(t *testing.T) {
	const posts = 450
	texts := make([]string, posts)
	for i := range texts {
		texts[i] = garbage
	}
	d := newCasesDesk(t, texts...)
	c := d.only()
	if c.Posts != posts {
		t.Fatalf("the case has %d posts", c.Posts)
	}
	card := fmt.Sprintf("/case/%d", c.ID)
	a := d.Get(card)
	want(t, a, http.StatusOK, "ещё 250\u00a0сообщений")
	seen, last := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		if n := len(articleForm.FindAllString(a.Body, -1)); n != []int{200, 200, 50}[pages] {
			t.Fatalf("%d posts on page %d", n, pages+1)
		}
		for _, m := range markedPost.FindAllStringSubmatch(a.Body, -1) {
			if seen[m[1]] {
				t.Fatalf("post %s stands twice", m[1])
			}
			seen[m[1]], last = true, m[1]
		}
		next := nextOf(a)
		if next == "" {
			break
		}
		a = d.Get(next)
	}
	if len(seen) != posts {
		t.Fatalf("%d of %d posts are shown", len(seen), posts)
	}
	form := version(d.now(c.ID))
	form["post"] = []string{last}
	if a := d.Post(card+"/split", form); a.Status != http.StatusSeeOther || a.Location == card {
		t.Fatalf("split off the last: %d %s", a.Status, a.Body)
	}
	if now := d.now(c.ID); now.Posts != posts-1 {
		t.Errorf("%d posts are left", now.Posts)
	}
	for address, status := range map[string]int{card + "/posts?after=x": 404, card + "/posts?after=9999999999999999-1": 200, card + "/posts": 200, "/case/777/posts": 404} {
		if a := d.Get(address); a.Status != status {
			t.Errorf("%s: %d, want %d", address, a.Status, status)
		}
	}
	d.as("far", domain.Office{Role: domain.RoleExecutor, AgencyID: "min-sport"})
	if a := d.Get(card + "/posts?" + url.Values{"after": {"1-1"}}.Encode()); a.Status != http.StatusNotFound {
		t.Errorf("another body reads the posts: %d", a.Status)
	}
}

var seenMark = regexp.MustCompile(`data-watch="(\d+|all)" data-at="([^"]+)" data-seen="([0-9a-f]+)"`)

// asks is what the script of an open page asks: whether it has changed.
func (d *casesDesk) asks(a pagetest.Answer) string {
	d.t.Helper()
	m := seenMark.FindStringSubmatch(a.Body)
	if m == nil {
		d.t.Fatalf("the page is not watched: %s", a.Body)
	}
	r := httptest.NewRequest(http.MethodGet, html.UnescapeString(m[2]), nil)
	r.Header.Set("Desk-Seen", m[3])
	got := d.Do(r)
	if got.Status != http.StatusNoContent || got.Body != "" {
		d.t.Fatalf("the answer to the page's question: %d %s", got.Status, got.Body)
	}
	return got.Header.Get("Desk-Changed")
}

func TestAnOpenCardLearnsThatItHasChanged(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	card := fmt.Sprintf("/case/%d", c.ID)
	a := d.Get(card)
	if got := d.asks(a); got != "no" {
		t.Errorf("nothing has happened: %q", got)
	}
	d.Post(card+"/note", url.Values{"text": {"Звонили"}})
	if got := d.asks(a); got != "yes" {
		t.Errorf("after a note: %q", got)
	}
	fresh := d.Get(card) // the question has not taken the notice away
	want(t, fresh, http.StatusOK, "Заметка сохранена", "Звонили")
	if got := d.asks(fresh); got != "no" {
		t.Errorf("what one has done oneself is shown already: %q", got)
	}
	marks := version(d.now(c.ID))
	marks.Set("pos", "ПОС-77")
	d.Post(card+"/marks", marks)
	if got := d.asks(fresh); got != "yes" {
		t.Errorf("after a change: %q", got)
	}
}
