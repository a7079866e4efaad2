package vkingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

const callbackSecret = "callback-secret"

// hookStore is a Sink and SourceFinder in memory.
type hookStore struct {
	mu     sync.Mutex
	store  *store
	fails  int // pushes that are to fail
	pushes int
	lost   bool // the source is unknown
	state  domain.SourceState

	reason, refusal string // of the source; of its pack
	last            domain.Batch
}

func (h *hookStore) Push(_ context.Context, b domain.Batch) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pushes++
	h.last = b
	if h.fails > 0 {
		h.fails--
		return errors.New("store is down")
	}
	return h.store.commit(b)
}

func (h *hookStore) SourceByAddress(_ context.Context, kind domain.SourceKind, address string) (domain.Source, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost {
		return domain.Source{}, domain.ErrNotFound
	}
	return domain.Source{ID: 9, Region: "khabarovsk", Kind: kind, Address: address, State: h.state, Reason: h.reason}, nil
}

// callbackBench has a handler behind a server; the fake pushes to it.
func callbackBench(t *testing.T) (*bench, *hookStore, *httptest.Server) {
	b := newBench(t, domain.VKCallback, fmt.Sprint(group), "")
	hs := &hookStore{store: b.store}
	h := Callback{
		Deps: b.deps(), Finder: hs, Sink: hs, Policy: func(domain.Source) string { return hs.refusal },
		Keys: map[int64]CallbackKeys{group: {Secret: callbackSecret, Confirmation: "c0nf1rm"}},
	}
	var mu sync.Mutex // counts are a plain map
	h.Events = func(kind string, o Outcome) {
		mu.Lock()
		defer mu.Unlock()
		b.counts[kind+" "+string(o)]++
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return b, hs, srv
}

func post(t *testing.T, url, body string) (int, string, http.Header) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(raw)), resp.Header
}

func event(kind, secret, object string) string {
	return fmt.Sprintf(`{"type":%q,"event_id":"e1","v":"5.131","group_id":%d,"secret":%q,"object":%s}`, kind, group, secret, object)
}

func TestCallbackConfirmation(t *testing.T) {
	t.Parallel()
	b, _, srv := callbackBench(t)
	hook := vkfake.Hook{URL: srv.URL, Confirmation: "c0nf1rm"}
	if err := b.fake.Confirm(context.Background(), group, hook); err != nil {
		t.Error(err)
	}
	hook.Secret = "wrong"
	if err := b.fake.Confirm(context.Background(), group, hook); err == nil {
		t.Error("a wrong secret was confirmed")
	}
}

// A community without a secret can be confirmed and takes no event: anybody could send
// one. Without a confirmation it answers nothing.
func TestCallbackWithoutKeys(t *testing.T) {
	t.Parallel()
	b, hs, _ := callbackBench(t)
	h := Callback{Deps: b.deps(), Finder: hs, Sink: hs, Keys: map[int64]CallbackKeys{group: {Confirmation: "c0nf1rm"}}}
	srv := httptest.NewServer(&h)
	t.Cleanup(srv.Close)
	confirmation := fmt.Sprintf(`{"type":"confirmation","group_id":%d}`, group)
	if status, body, _ := post(t, srv.URL, confirmation); status != http.StatusOK || body != "c0nf1rm" {
		t.Errorf("confirmation without a secret: %d %q", status, body)
	}
	object := `{"id":5,"owner_id":-101,"from_id":1,"date":1795424400,"text":"яма"}`
	for name, secret := range map[string]string{"no secret": "", "some secret": "guess"} {
		if status, _, _ := post(t, srv.URL, event("wall_post_new", secret, object)); status != http.StatusForbidden {
			t.Errorf("an event with %s to a community that has none: %d", name, status)
		}
	}
	none := fmt.Sprintf(`{"type":"wall_post_new","event_id":"e1","v":"5.131","group_id":%d,"object":%s}`, group, object)
	if status, _, _ := post(t, srv.URL, none); status != http.StatusForbidden || hs.pushes != 0 {
		t.Errorf("an event that names no secret: %d, %d pushes", status, hs.pushes)
	}
	h.Keys = map[int64]CallbackKeys{group: {Secret: callbackSecret}}
	if status, body, _ := post(t, srv.URL, confirmation); status != http.StatusForbidden {
		t.Errorf("confirmed with nothing: %d %q", status, body)
	}
}

// An event dated in the future does not become the newest that is known.
func TestCallbackFromTheFuture(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	object := fmt.Sprintf(`{"id":5,"owner_id":%d,"from_id":1,"date":4102444800,"text":"яма"}`, wallOwner)
	if status, _, _ := post(t, srv.URL, event("wall_post_new", callbackSecret, object)); status != http.StatusOK || hs.pushes != 1 {
		t.Fatalf("%d, %d pushes", status, hs.pushes)
	}
	if at := hs.last.Activity.LastPostAt; at.IsZero() || at.After(b.clock.Now()) {
		t.Errorf("the newest post is of %s", at)
	}
}

// A paused source takes nothing; VK need not repeat what is not wanted.
func TestCallbackOfAPausedSourceIsDropped(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	comment := event("wall_reply_new", callbackSecret, `{"id":5,"from_id":1,"date":1795424400,"text":"яма","post_owner_id":-101,"post_id":1}`)
	hs.state = domain.SourcePaused
	if status, body, _ := post(t, srv.URL, comment); status != http.StatusOK || body != "ok" {
		t.Errorf("answered %d %q", status, body)
	}
	if hs.pushes != 0 || b.counts["wall_reply_new paused"] != 1 {
		t.Errorf("%d pushes stored, counts %v", hs.pushes, b.counts)
	}
	hs.state = domain.SourceActive
	if _, _, _ = post(t, srv.URL, comment); hs.pushes != 1 {
		t.Errorf("%d pushes stored once it goes on", hs.pushes)
	}
}

// What a pack does not let be read is acknowledged like that, and the source says
// why, once.
func TestCallbackOfARefusedSourceIsDropped(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	comment := event("wall_reply_new", callbackSecret, `{"id":5,"from_id":1,"date":1795424400,"text":"яма","post_owner_id":-101,"post_id":1}`)
	hs.refusal = "пакет не разрешает"
	for i := range 2 {
		if status, body, _ := post(t, srv.URL, comment); status != http.StatusOK || body != "ok" {
			t.Errorf("answered %d %q", status, body)
		}
		if hs.pushes != 1 || hs.last.State != domain.SourceParked || hs.last.Reason != "пакет не разрешает" || len(hs.last.Posts) != 0 || hs.last.Cursor != nil {
			t.Errorf("event %d: %d commits, the last one %+v", i+1, hs.pushes, hs.last)
		}
		hs.state, hs.reason = hs.last.State, hs.last.Reason
	}
	if b.counts["wall_reply_new refused"] != 2 {
		t.Errorf("counts %v", b.counts)
	}
	hs.refusal = ""
	if _, _, _ = post(t, srv.URL, comment); hs.pushes != 2 || len(hs.last.Posts) != 1 || hs.last.State != domain.SourceActive {
		t.Errorf("once it may be read: %d commits, the last one %+v", hs.pushes, hs.last)
	}
	hs.refusal, hs.fails, hs.reason = "пакет не разрешает", 1, ""
	if status, _, _ := post(t, srv.URL, comment); status != http.StatusServiceUnavailable {
		t.Errorf("answered %d with the store away", status)
	}
}

func TestCallbackRefusals(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	comment := `{"id":5,"from_id":1,"date":1795424400,"text":"яма","post_owner_id":-101,"post_id":1}`
	cases := []struct {
		name, body string
		status     int
	}{
		{"wrong secret", event("wall_reply_new", "wrong", comment), 403},
		{"no secret", event("wall_reply_new", "", comment), 403},
		{"unknown community", strings.Replace(event("wall_reply_new", callbackSecret, comment), "101,", "404,", 1), 403},
		{"no JSON", "<html>", 400},
		{"absurd body", `{"type":"` + strings.Repeat("x", maxEvent), 413},
	}
	for _, c := range cases {
		if status, _, _ := post(t, srv.URL, c.body); status != c.status {
			t.Errorf("%s: %d, want %d", c.name, status, c.status)
		}
	}
	resp, err := http.Get(srv.URL)
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v %v", resp, err)
	}
	if hs.pushes != 0 || len(b.store.posts) != 0 {
		t.Errorf("%d pushes, %d posts", hs.pushes, len(b.store.posts))
	}
}

func TestCallbackAcknowledgesOnlyWhatIsStored(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	hs.fails = 1
	body := event("wall_reply_new", callbackSecret, `{"id":5,"from_id":1,"date":1795424400,"text":"яма","post_owner_id":-101,"post_id":1}`)
	status, text, header := post(t, srv.URL, body)
	if status != http.StatusServiceUnavailable || text == "ok" || header.Get("Retry-After") == "" {
		t.Fatalf("%d %q", status, text)
	}
	if status, text, _ = post(t, srv.URL, body); status != 200 || text != "ok" {
		t.Fatalf("%d %q", status, text)
	}
	b.has(commentID(wallOwner, 1, 5), "яма")

	hs.lost = true
	if status, _, _ = post(t, srv.URL, body); status != http.StatusServiceUnavailable {
		t.Fatalf("a community without a source: %d", status)
	}
}

func TestCallbackUnknownAndUnusableEventsAreAcknowledgedAndCounted(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	for kind, object := range map[string]string{"hologram_new": `{"x":1}`, "group_join": `{}`, "wall_reply_new": `[1,2]`, "message_new": `null`} {
		if status, text, _ := post(t, srv.URL, event(kind, callbackSecret, object)); status != 200 || text != "ok" {
			t.Errorf("%s: %d %q", kind, status, text)
		}
	}
	for _, c := range []string{"hologram_new unknown", "group_join ignored", "wall_reply_new unusable", "message_new unusable"} {
		if b.counts[c] != 1 {
			t.Errorf("%q was not counted: %v", c, b.counts)
		}
	}
	if hs.pushes != 0 {
		t.Errorf("%d pushes", hs.pushes)
	}
}

func TestCallbackRepeatedAndRetriedEventsArriveOnce(t *testing.T) {
	t.Parallel()
	b, hs, srv := callbackBench(t)
	hs.fails = 5
	b.fake.AddHook(group, vkfake.Hook{URL: srv.URL, Secret: callbackSecret, RepeatEvery: 2, RetryAfter: time.Millisecond, MaxPause: 20 * time.Millisecond})
	var want []domain.PostID
	for i := range 20 {
		id := b.add(0, fmt.Sprint("запись ", i))
		want = append(want, id, b.comment(id, 0, "ответ"))
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.fake.Run(ctx) }()
	waitFor(t, func() bool { return b.fake.Waiting() == 0 })
	cancel()
	<-done
	if len(b.store.posts) != len(want) {
		t.Errorf("%d posts, want %d", len(b.store.posts), len(want))
	}
	repeated := 0
	for _, id := range want {
		if p := b.store.posts[id]; p == nil {
			t.Errorf("%s is missing", id)
		} else if p.times > 1 {
			repeated++
		}
	}
	if repeated != 20 {
		t.Errorf("%d events came twice, want 20", repeated)
	}
	if n := len(b.ledger.ServedIDs()); n != len(want) {
		t.Errorf("%d in the ledger, want %d", n, len(want))
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}

func TestCallbackBadInputIsStoredOrNamed(t *testing.T) {
	t.Parallel()
	b, _, srv := callbackBench(t)
	texts := map[string]string{
		"empty": "", "emoji": "😀😀", "nul": "я\x00ма", "marks": "я" + strings.Repeat("\u0301", 3000), "megabyte": strings.Repeat("яма ", 1<<18),
	}
	n := 10
	for name, text := range texts {
		n++
		object, err := json.Marshal(map[string]any{"id": n, "from_id": 1, "date": 1795424400, "text": text, "post_owner_id": wallOwner, "post_id": 1})
		if err != nil {
			t.Fatal(err)
		}
		if status, _, _ := post(t, srv.URL, event("wall_reply_new", callbackSecret, string(object))); status != 200 {
			t.Errorf("%s: %d", name, status)
		}
		if b.store.posts[commentID(wallOwner, 1, int64(n))] == nil {
			t.Errorf("%s was lost", name)
		}
	}
	broken := bytes.ReplaceAll([]byte(event("wall_reply_new", callbackSecret, `{"id":99,"date":1795424400,"text":"яма X","post_owner_id":-101,"post_id":1}`)), []byte("X"), []byte{0xff})
	if status, _, _ := post(t, srv.URL, string(broken)); status != 200 {
		t.Errorf("broken UTF-8: %d", status)
	}
	p := b.store.posts[commentID(wallOwner, 1, 99)]
	if p == nil || len(p.post.Faults) == 0 || p.post.Faults[0].Code != domain.FaultInvalidUTF8 {
		t.Errorf("broken UTF-8: %+v", p)
	}
}
