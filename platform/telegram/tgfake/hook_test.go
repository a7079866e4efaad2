package tgfake

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver is a webhook that answers as it is told and notes every push.
type receiver struct {
	mu     sync.Mutex
	status int
	after  string // Retry-After
	pushes []push
}

type push struct {
	secret, update string
	status         int
	at             time.Time
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	r.pushes = append(r.pushes, push{req.Header.Get("X-Telegram-Bot-Api-Secret-Token"), string(body[:bytes.IndexByte(body, ',')]), r.status, time.Now()})
	if r.after != "" {
		w.Header().Set("Retry-After", r.after)
	}
	w.WriteHeader(r.status)
}

func (r *receiver) set(status int, after string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.after = status, after
}

// of lists the pushes of an update, those with a status only unless it is zero.
func (r *receiver) of(update string, status int) []push {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []push
	for _, p := range r.pushes {
		if p.update == update && (status == 0 || p.status == status) {
			list = append(list, p)
		}
	}
	return list
}

// await waits until an update was pushed so often with a status.
func (r *receiver) await(t *testing.T, update string, status, times int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(r.of(update, status)) < times; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: %d pushes with %d, want %d", update, len(r.of(update, status)), status, times)
		}
	}
}

func TestPushesKeepTheirManners(t *testing.T) {
	t.Parallel()
	b := newBench(t, Options{Scale: 0.01})
	r := &receiver{status: http.StatusInternalServerError}
	hook := httptest.NewServer(r)
	t.Cleanup(func() { b.w.Close(); hook.Close() })
	if r := b.call("setWebhook", "url="+hook.URL, "secret_token=пароль"); r.ErrorCode != 400 {
		t.Errorf("a secret of any letters was taken: %+v", r)
	}
	if r := b.call("setWebhook", "url="+hook.URL, "secret_token=s3cret"); !r.OK {
		t.Fatal(r)
	}
	one, two := b.w.Channel(-1001000000001, "dvor", "Двор"), b.w.Channel(-1001000000002, "dvor2", "Двор 2")
	const first, second = `{"update_id":1000`, `{"update_id":1001`
	one.Post(Draft{Text: "раз"})
	r.await(t, first, http.StatusInternalServerError, 4)
	tries := r.of(first, 0)
	for i := range 3 { // at 0, 10, 30, 70 ms, or later on a busy machine
		if pause, least := tries[i+1].at.Sub(tries[i].at), 8*time.Millisecond<<i; pause < least {
			t.Errorf("try %d after %s, want doubling pauses of at least %s", i+2, pause, least)
		}
	}
	if tries[0].secret != "s3cret" {
		t.Errorf("secret: %q", tries[0].secret)
	}
	r.set(http.StatusTooManyRequests, "36000") // six minutes here
	r.await(t, first, http.StatusTooManyRequests, 1)
	two.Post(Draft{Text: "другой чат"}) // does not wait for the first chat's pause
	r.await(t, second, http.StatusTooManyRequests, 1)
	r.set(http.StatusOK, "")
	time.Sleep(300 * time.Millisecond)
	if n := len(r.of(first, 0)) + len(r.of(second, 0)) - len(r.of(first, 500)); n != 2 {
		t.Errorf("%d tries, want one of each chat: Retry-After was not kept", n)
	}
}

func TestGoneWebhookIsRemoved(t *testing.T) {
	b := newBench(t, Options{Scale: 0.001})
	r := &receiver{status: http.StatusGone}
	hook := httptest.NewServer(r)
	t.Cleanup(func() { b.w.Close(); hook.Close() })
	b.call("setWebhook", "url="+hook.URL)
	b.w.Channel(-1001000000001, "dvor", "Двор").Post(Draft{Text: "яма"})
	r.await(t, `{"update_id":1000`, http.StatusGone, 2) // the answer to the first is noted by now
	b.add(23*time.Hour + time.Minute)
	deadline := time.Now().Add(time.Minute)
	for strings.Contains(string(b.call("getWebhookInfo").Result), hook.URL) {
		if time.Now().After(deadline) {
			t.Fatal("23 hours of 410 did not remove the webhook")
		}
		time.Sleep(5 * time.Millisecond)
	}
}
