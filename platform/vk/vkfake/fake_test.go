package vkfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/platform/ledger"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type rig struct {
	t     *testing.T
	fake  *Server
	clock *clock
	notes *bytes.Buffer
	url   string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}, notes: &bytes.Buffer{}}
	r.fake = New(Options{Clock: r.clock, Ledger: ledger.New(r.notes, r.clock.Now), Limits: NoLimits(), Service: []string{"s"}})
	srv := httptest.NewServer(r.fake)
	t.Cleanup(srv.Close)
	r.url = srv.URL
	return r
}

// answer is what the tests look at in an answer.
type answer struct {
	Response struct {
		Count    int64            `json:"count"`
		Level    int64            `json:"current_level_count"`
		Items    []map[string]any `json:"items"`
		NextFrom string           `json:"next_from"`
	} `json:"response"`
	Error struct {
		Code int `json:"error_code"`
	} `json:"error"`
}

func (r *rig) call(method string, params ...string) answer {
	r.t.Helper()
	form := url.Values{"v": {"5.131"}, "access_token": {"s"}}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	resp, err := http.PostForm(r.url+MethodPath+method, form)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		r.t.Fatalf("%s: %d %s", method, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		r.t.Fatalf("%s: %v in %s", method, err, raw)
	}
	return a
}

func (a answer) ids() string {
	var ids []string
	for _, it := range a.Response.Items {
		ids = append(ids, fmt.Sprint(it["id"]))
	}
	return strings.Join(ids, " ")
}

func TestPinnedIsFirstAndOffsetsShift(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 5 {
		r.fake.AddPost(Post{Owner: -1, Date: r.clock.Now().Add(time.Duration(i-10) * time.Hour), Text: "т"})
	}
	if err := r.fake.Pin(-1, 2); err != nil {
		t.Fatal(err)
	}
	if got := r.call("wall.get", "owner_id", "-1", "count", "3").ids(); got != "2 5 4" {
		t.Errorf("first page %s", got)
	}
	r.fake.AddPost(Post{Owner: -1, Text: "новая"})
	if got := r.call("wall.get", "owner_id", "-1", "count", "3", "offset", "3").ids(); got != "4 3 1" {
		t.Errorf("second page %s", got)
	}
}

func TestFuturePostsAppearInTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.AddPost(Post{Owner: -1, Text: "сейчас"})
	r.fake.AddPost(Post{Owner: -1, Date: r.clock.Now().Add(time.Hour), Text: "потом"})
	r.fake.At(r.clock.Now().Add(2*time.Hour), func() {
		if err := r.fake.EditPost(-1, 1, "исправлено"); err != nil {
			t.Error(err)
		}
	})
	for _, want := range []struct {
		count int64
		text  string
	}{{1, "сейчас"}, {2, "сейчас"}, {2, "исправлено"}} {
		a := r.call("wall.get", "owner_id", "-1")
		items := a.Response.Items
		if a.Response.Count != want.count || items[len(items)-1]["text"] != want.text {
			t.Errorf("%d posts, last %v; want %+v", a.Response.Count, items[len(items)-1], want)
		}
		r.clock.add(time.Hour)
	}
	if items := r.fake.Items(-1); len(items) != 2 || items[0].Text != "исправлено" {
		t.Errorf("%+v", items)
	}
	if walls := r.fake.Walls(); len(walls) != 1 || walls[0] != -1 {
		t.Errorf("%v", walls)
	}
}

func TestLedgerHoldsOnlyWhatWasServedWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.fake.AddPost(Post{Owner: -1, Text: "т"})
	r.fake.AddFault(Fault{Cut: true})
	form := url.Values{"v": {"5.131"}, "access_token": {"s"}, "owner_id": {"-1"}}
	resp, err := http.PostForm(r.url+MethodPath+"wall.get", form)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
	}
	if err == nil {
		t.Fatal("the line did not break")
	}
	if r.notes.Len() != 0 {
		t.Fatalf("served too early: %s", r.notes)
	}
	r.call("wall.get", "owner_id", "-1")
	r.call("wall.get", "owner_id", "-1")
	if n := strings.Count(r.notes.String(), `"what":"served"`); n != 1 || !strings.Contains(r.notes.String(), `"owner":"`+id.Owner) {
		t.Fatalf("ledger: %s", r.notes)
	}
}

func TestDeletedCommentsAreEmptyPlaces(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.AddPost(Post{Owner: -1, Text: "т"})
	for _, c := range []Comment{{Text: "корень"}, {Text: "ответ", ReplyTo: 2}, {Text: "один"}} {
		c.Owner, c.Post, c.From = -1, 1, 9
		if _, err := r.fake.AddComment(c); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{2, 4} {
		if err := r.fake.DeleteComment(-1, 1, id); err != nil {
			t.Fatal(err)
		}
	}
	a := r.call("wall.getComments", "owner_id", "-1", "post_id", "1", "thread_items_count", "10")
	if a.ids() != "2" || a.Response.Count != 1 || a.Response.Level != 1 {
		t.Fatalf("%+v", a.Response)
	}
	place := a.Response.Items[0]
	if place["deleted"] != true || place["from_id"] != nil || place["text"] != nil {
		t.Errorf("%v", place)
	}
	if got := r.call("wall.getComments", "owner_id", "-1", "post_id", "1", "comment_id", "2").ids(); got != "3" {
		t.Errorf("thread %s", got)
	}
}

func TestSearchShowsTheNewestThousand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 1300 {
		r.fake.AddPost(Post{Owner: -1, Date: r.clock.Now().Add(-time.Duration(i) * time.Second), Text: "Нет СВЕТА"})
	}
	from, seen := "", 0
	for {
		a := r.call("newsfeed.search", "q", "света", "count", "200", "start_from", from)
		seen += len(a.Response.Items)
		if from = a.Response.NextFrom; from == "" {
			break
		}
	}
	if seen != 1000 {
		t.Errorf("%d posts", seen)
	}
}

func TestErrorsOfTheFake(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.AddCommunity(Community{ID: 1, Token: "g"})
	r.fake.SetPerDay("wall.get", 1)
	cases := []struct {
		code   int
		method string
		params []string
	}{
		{5, "wall.get", []string{"access_token", "nobody's"}},
		{8, "wall.get", []string{"v", ""}},
		{27, "wall.get", []string{"access_token", "g"}},
		{28, "wall.createComment", nil},
		{3, "wall.fly", nil},
		{100, "wall.get", []string{"owner_id", "-1", "count", "101"}}, // this takes the day's only call
		{29, "wall.get", []string{"owner_id", "-1"}},
		{100, "wall.getComments", []string{"owner_id", "-1", "thread_items_count", "11"}},
		{15, "wall.getComments", []string{"owner_id", "-1", "post_id", "5"}},
		{100, "groups.getById", []string{"group_id", "nobody"}},
	}
	for _, c := range cases {
		if a := r.call(c.method, c.params...); a.Error.Code != c.code {
			t.Errorf("%s %v: code %d, want %d", c.method, c.params, a.Error.Code, c.code)
		}
	}
	r.clock.add(24 * time.Hour)
	if a := r.call("wall.get", "owner_id", "-1"); a.Error.Code != 0 {
		t.Errorf("the next day: %d", a.Error.Code)
	}
}

func TestRunPushesAndKeepsTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var mu sync.Mutex
	var counters []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		counters = append(counters, req.Header.Get("X-Retry-Counter"))
		if len(counters) < 3 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(hook.Close)
	r.fake.AddCommunity(Community{ID: 1, Token: "g"})
	r.fake.AddHook(1, Hook{URL: hook.URL, Secret: "x", RetryAfter: time.Millisecond})
	r.fake.AddPost(Post{Owner: -1, Date: r.clock.Now().Add(time.Hour), Text: "потом"})
	go r.fake.Run(t.Context())
	r.clock.add(2 * time.Hour)
	for range 6000 {
		if strings.Contains(r.noted(), "served") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(counters, ","); got != ",1,2" {
		t.Errorf("retry counters %q", got)
	}
}

// noted reads the ledger without racing its writer.
func (r *rig) noted() string {
	if len(r.fake.ledger.ServedIDs()) > 0 {
		return "served"
	}
	return ""
}
