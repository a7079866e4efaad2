package tgfake

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestPushesKeepTheirManners(t *testing.T) {
	b := newBench(t, Options{Scale: 0.01})
	var mu sync.Mutex
	var pushes []string
	status, after := 500, ""
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		pushes = append(pushes, r.Header.Get("X-Telegram-Bot-Api-Secret-Token")+" "+string(body[:bytes.IndexByte(body, ',')]))
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(func() { b.w.Close(); hook.Close() })
	set := func(s int, a string) {
		mu.Lock()
		defer mu.Unlock()
		status, after = s, a
	}
	seen := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(pushes)
	}
	count := func() int { return len(seen()) }
	if r := b.call("setWebhook", "url="+hook.URL, "secret_token=пароль"); r.ErrorCode != 400 {
		t.Errorf("a secret of any letters was taken: %+v", r)
	}
	if r := b.call("setWebhook", "url="+hook.URL, "secret_token=s3cret"); !r.OK {
		t.Fatal(r)
	}
	one, two := b.w.Channel(-1001000000001, "dvor", "Двор"), b.w.Channel(-1001000000002, "dvor2", "Двор 2")
	one.Post(Draft{Text: "раз"})
	time.Sleep(200 * time.Millisecond) // tries at 0, 10, 30, 70, 150 ms
	if n := count(); n < 3 || n > 6 {
		t.Errorf("%d tries with doubling pauses, want about 5", n)
	}
	two.Post(Draft{Text: "другой чат"}) // does not wait for the first chat's pause
	time.Sleep(20 * time.Millisecond)
	if s := strings.Join(seen(), ";"); !strings.Contains(s, `{"update_id":1001`) {
		t.Errorf("a chat waited for another: %s", s)
	}
	set(429, "3600") // 36 s here
	time.Sleep(500 * time.Millisecond)
	n := count()
	set(200, "")
	time.Sleep(100 * time.Millisecond)
	if count() != n {
		t.Error("Retry-After was not kept")
	}
	if !strings.HasPrefix(seen()[0], "s3cret ") {
		t.Errorf("secret: %s", seen()[0])
	}
}

func TestGoneWebhookIsRemoved(t *testing.T) {
	b := newBench(t, Options{Scale: 0.001})
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	t.Cleanup(func() { b.w.Close(); hook.Close() })
	b.call("setWebhook", "url="+hook.URL)
	b.w.Channel(-1001000000001, "dvor", "Двор").Post(Draft{Text: "яма"})
	time.Sleep(20 * time.Millisecond)
	b.add(23*time.Hour + time.Minute)
	deadline := time.Now().Add(5 * time.Second)
	for strings.Contains(string(b.call("getWebhookInfo").Result), hook.URL) {
		if time.Now().After(deadline) {
			t.Fatal("23 hours of 410 did not remove the webhook")
		}
		time.Sleep(5 * time.Millisecond)
	}
}
