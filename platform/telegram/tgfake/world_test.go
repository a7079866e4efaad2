package tgfake

import (
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

type bench struct {
	t      *testing.T
	w      *World
	url    string
	mu     sync.Mutex
	now    time.Time
	ledger *ledger.Ledger
}

func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)}
	o.Now = b.clock
	b.ledger = ledger.New(io.Discard, b.clock)
	o.Ledger = b.ledger
	b.w = New(o)
	srv := httptest.NewServer(b.w.Handler())
	t.Cleanup(func() { b.w.Close(); srv.Close() })
	b.url = srv.URL
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) add(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

type result struct {
	OK          bool
	ErrorCode   int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter      int   `json:"retry_after"`
		MigrateToChatID int64 `json:"migrate_to_chat_id"`
	}
	Result json.RawMessage
}

// call asks a method with arguments "k=v".
func (b *bench) call(method string, args ...string) result {
	b.t.Helper()
	form := url.Values{}
	for _, a := range args {
		k, v, _ := strings.Cut(a, "=")
		form.Set(k, v)
	}
	resp, err := http.PostForm(b.url+"/bot"+b.w.Token()+"/"+method, form)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var r result
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		b.t.Fatal(err)
	}
	if r.OK != (resp.StatusCode == http.StatusOK) || !r.OK && r.ErrorCode != resp.StatusCode {
		b.t.Errorf("%s: status %d with %+v", method, resp.StatusCode, r)
	}
	return r
}

// ids asks for updates and returns their ids.
func (b *bench) ids(args ...string) string {
	b.t.Helper()
	r := b.call("getUpdates", args...)
	var ups []struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(r.Result, &ups); err != nil {
		b.t.Fatalf("%v: %+v", err, r)
	}
	ids := []int64{}
	for _, u := range ups {
		ids = append(ids, u.ID)
	}
	return fmt.Sprint(ids)
}

func TestOffsetAcknowledges(t *testing.T) {
	b := newBench(t, Options{Scale: 0.01})
	ch := b.w.Channel(-1001000000001, "dvor", "Двор")
	for range 4 {
		ch.Post(Draft{Text: "яма"})
	}
	for _, c := range []struct{ args, want string }{
		{"limit=2", "[1000 1001]"},
		{"offset=1001&limit=1", "[1001]"},
		{"offset=0", "[1001 1002 1003]"}, // what lay below is forgotten
		{"offset=-1", "[1003]"},          // counted from the end, and forgets the rest
		{"offset=5000", "[1003]"},        // from the future: ignored
		{"offset=1004&timeout=1", "[]"},
	} {
		if got := b.ids(strings.Split(c.args, "&")...); got != c.want {
			t.Errorf("%s: %s, want %s", c.args, got, c.want)
		}
	}
}

func TestAllowedUpdatesStay(t *testing.T) {
	b := newBench(t, Options{Scale: 0.01})
	ch, talk := b.w.Channel(-1001000000001, "dvor", "Двор"), b.w.Supergroup(-1001000000002, "", "Чат")
	b.w.RawUpdate("message_reaction", object{}) // never unasked
	b.ids(`allowed_updates=["message"]`)
	ch.Post(Draft{Text: "не для нас"})
	talk.Post(Draft{Text: "для нас"})
	if got := b.ids("offset=999"); got != "[1000]" {
		t.Errorf("with a list of one type: %s", got)
	}
	b.ids(`allowed_updates=[]`)
	ch.Post(Draft{Text: "теперь и это"})
	if got := b.ids("offset=1000"); got != "[1000 1001]" {
		t.Errorf("after an empty list: %s", got)
	}
}

func TestSameOffsetAgainIsBraked(t *testing.T) {
	t.Parallel()
	b := newBench(t, Options{})
	ch := b.w.Channel(-1001000000001, "dvor", "Двор")
	ch.Post(Draft{Text: "раз"})
	ch.Post(Draft{Text: "два"})
	if got := b.ids("offset=1000"); got != "[1000 1001]" {
		t.Fatal(got)
	}
	if got := b.ids("offset=1000"); got != "[1000]" { // at once: one
		t.Errorf("at once again: %s", got)
	}
	time.Sleep(600 * time.Millisecond)
	if got := b.ids("offset=1000"); got != "[1000 1001]" { // after half a second: all
		t.Errorf("later again: %s", got)
	}
	b.ids("offset=1002")
	began := time.Now()
	if b.ids("offset=1002"); time.Since(began) < 2500*time.Millisecond {
		t.Errorf("an empty queue asked again in a hurry answered after %s, want 3 s", time.Since(began))
	}
}

func TestLongPollWakesUp(t *testing.T) {
	b := newBench(t, Options{})
	ch := b.w.Channel(-1001000000001, "dvor", "Двор")
	ch.Post(Draft{At: b.clock().Add(time.Hour), Text: "по расписанию"})
	got := make(chan string, 1)
	go func() { got <- b.ids("timeout=50") }()
	time.Sleep(30 * time.Millisecond)
	if b.w.Pending() != 1 {
		t.Fatal("it happened before its time")
	}
	b.add(time.Hour) // the clock alone wakes it
	select {
	case s := <-got:
		if s != "[1000]" {
			t.Error(s)
		}
	case <-time.After(time.Minute):
		t.Fatal("the long poll slept on")
	}
}

func TestSecondConflictIsLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, Options{}) // the late one takes 3 s
	answers := make(chan result, 4)
	took := make(chan time.Duration, 4)
	ask := func() {
		began := time.Now()
		r := b.call("getUpdates", "timeout=50")
		took <- time.Since(began)
		answers <- r
	}
	for range 3 {
		go ask()
		time.Sleep(300 * time.Millisecond)
	}
	b.w.Channel(-1001000000001, "dvor", "Двор").Post(Draft{Text: "яма"})
	conflicts, slow := 0, 0
	for range 3 {
		if r := <-answers; r.ErrorCode == 409 && r.Description == conflictPoll {
			conflicts++
		}
		if <-took > 2500*time.Millisecond {
			slow++
		}
	}
	if conflicts != 2 || slow != 1 {
		t.Errorf("%d conflicts, %d of them late; want 2 and 1", conflicts, slow)
	}
}

func TestAnswersStopAtFourMegabytes(t *testing.T) {
	b := newBench(t, Options{})
	ch := b.w.Channel(-1001000000001, "dvor", "Двор")
	for range 5 {
		ch.Post(Draft{Text: strings.Repeat("я", 500_000)}) // a megabyte each
	}
	if got := b.ids(); got != "[1000 1001 1002 1003]" {
		t.Errorf("one answer held %s", got)
	}
	if got := b.ids("offset=1004"); got != "[1004]" {
		t.Errorf("the next held %s", got)
	}
}

func TestWrongTokensAndMethods(t *testing.T) {
	b := newBench(t, Options{})
	for path, want := range map[string]string{
		"/bot1:WRONG/getMe":               `{"description":"Unauthorized","error_code":401,"ok":false}`,
		"/botnonsense/getMe":              `{"description":"Not Found","error_code":404,"ok":false}`,
		"/bot" + b.w.Token() + "/getNone": `{"description":"Not Found","error_code":404,"ok":false}`,
	} {
		resp, err := http.Get(b.url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != want {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestTooManyMessages(t *testing.T) {
	t.Parallel()
	b := newBench(t, Options{SendLimits: true})
	b.w.Supergroup(-1001000000002, "", "Чат")
	if r := b.call("sendMessage", "chat_id=-1001000000002", "text=раз"); !r.OK {
		t.Fatal(r)
	}
	r := b.call("sendMessage", "chat_id=-1001000000002", "text=два")
	if r.ErrorCode != 429 || r.Parameters.RetryAfter != 1 || r.Description != "Too Many Requests: retry after 1" {
		t.Errorf("%+v", r)
	}
	time.Sleep(1100 * time.Millisecond)
	if r := b.call("sendMessage", "chat_id=-1001000000002", "text=три"); !r.OK {
		t.Errorf("%+v", r)
	}
}

func (b *bench) get(path string) (int, string) {
	b.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(b.url + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestPreviewPaging(t *testing.T) {
	b := newBench(t, Options{PageSize: 5})
	ch := b.w.Channel(-1001000000001, "Dvor", "Двор")
	for range 7 {
		ch.Post(Draft{Text: "яма"})
	}
	ch.Album(Draft{}, Draft{}, Draft{Text: "альбом"}) // ids 8, 9, 10
	ch.Post(Draft{Text: "последнее"})
	status, page := b.get("/s/dvor")
	if status != 200 || !strings.Contains(page, `data-before="7"`) || !strings.Contains(page, `rel="prev" href="/s/Dvor?before=7"`) {
		t.Errorf("%d\n%s", status, page)
	}
	if strings.Count(page, "js-widget_message_wrap\"") != 3 || !strings.Contains(page, `data-post="Dvor/8"`) || strings.Contains(page, `data-post="Dvor/9"`) {
		t.Errorf("an album is not one wrap:\n%s", page)
	}
	_, last := b.get("/s/dvor?before=3")
	if strings.Contains(last, "data-before") || strings.Count(last, "data-post=") != 2 {
		t.Errorf("the oldest page:\n%s", last)
	}
	if _, none := b.get("/s/dvor?before=1"); !strings.Contains(none, "tme_no_messages_found") {
		t.Error("a page before everything must say so")
	}
	if n := b.served(5); n != 5 {
		t.Errorf("the ledger holds %d posts, want the 5 shown", n)
	}
	ch.SetPreview(false)
	if status, _ := b.get("/s/dvor"); status != http.StatusFound {
		t.Errorf("a channel with the preview off answered %d", status)
	}
	if status, page := b.get("/dvor"); status != 200 || !strings.Contains(page, "subscribers") {
		t.Errorf("landing page: %d", status)
	}
}

func TestLedgerKnowsOnlyWhatLeftWhole(t *testing.T) {
	b := newBench(t, Options{Scale: 0.01})
	talk := b.w.Supergroup(-1001000000002, "", "Чат")
	talk.Post(Draft{Text: "яма"})
	talk.Post(Draft{Service: "new_chat_members"})
	b.w.Fail(Fault{Method: "getUpdates", CutAfter: 30})
	if _, err := http.Get(b.url + "/bot" + b.w.Token() + "/getUpdates"); err == nil {
		resp, _ := http.Get(b.url + "/bot" + b.w.Token() + "/getMe")
		resp.Body.Close()
	}
	if n := len(b.ledger.ServedIDs()); n != 0 {
		t.Errorf("a cut answer is in the ledger: %d", n)
	}
	b.ids()
	if n := b.served(1); n != 1 {
		t.Errorf("the ledger holds %d posts, want 1: service messages are none", n)
	}
}

// served is how many posts the ledger holds: it writes them down when the answer has
// left, so the one who asked may be quicker.
func (b *bench) served(want int) (n int) {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if n = len(b.ledger.ServedIDs()); n >= want || time.Now().After(end) {
			return n
		}
	}
}

func TestMigratedGroupTellsItsNewID(t *testing.T) {
	b := newBench(t, Options{})
	b.w.Group(-555, "Чат").Migrate(-1001000000009)
	r := b.call("sendMessage", "chat_id=-555", "text=а")
	if r.ErrorCode != 400 || r.Parameters.MigrateToChatID != -1001000000009 {
		t.Errorf("%+v", r)
	}
}
