package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Numbers of the scripted communities: sample i is the wall of walls0+i, the
// comments under the post of talks0+i, and an answer to the long poll of lists0+i.
const (
	walls0 = 10_000
	talks0 = 20_000
	lists0 = 30_000
)

// scripted is a VK and a t.me that answer every question with a sample, until
// they are healed.
type scripted struct {
	url     string
	answers []sample
	pages   []sample
	now     time.Time // of everything in the samples: an answer is the same each time

	mu     sync.Mutex
	healed bool
	heard  map[string]bool // long polls that got their sample
}

func newScripted(t *testing.T, answers, pages []sample) *scripted {
	w := &scripted{answers: answers, pages: pages, now: time.Now().UTC().Add(-time.Hour), heard: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/method/{method}", w.method)
	mux.HandleFunc("/poll/{number}", w.longPoll)
	mux.HandleFunc("/s/{channel}", w.page)
	srv := httptest.NewServer(mux)
	w.url = srv.URL
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	return w
}

// env points the program at the scripted platforms.
func (w *scripted) env() []string {
	communities := []string{"1234:token:secret", "123456789:token:secret"}
	for i := range w.answers {
		communities = append(communities, fmt.Sprintf("%d:token-%d", lists0+i, i))
	}
	var tokens []string // many: a service token may ask three times a second
	for i := range 30 {
		tokens = append(tokens, fmt.Sprint("token-", i))
	}
	return []string{"OTKLIK_POLL_SLOTS=40", "OTKLIK_VK_TOKENS=" + strings.Join(tokens, ","), "OTKLIK_VK_URL=" + w.url + "/method/", "OTKLIK_TELEGRAM_PREVIEW_URL=" + w.url,
		"OTKLIK_VK_COMMUNITIES=" + strings.Join(communities, ",")}
}

// heal makes every wall a good one with a post of today.
func (w *scripted) heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.healed = true
}

func (w *scripted) well() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.healed
}

// method answers a call of the API. A second page of anything is empty.
func (w *scripted) method(rw http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what cannot be read is empty
	method := r.PathValue("method")
	owner, _ := strconv.Atoi(r.Form.Get("owner_id"))
	number := -owner
	more := r.Form.Get("offset") != "" && r.Form.Get("offset") != "0" || r.Form.Get("start_from") != ""
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch {
	case method == "groups.getLongPollServer":
		say(rw, map[string]any{"response": map[string]any{"key": "k", "server": w.url + "/poll/" + r.Form.Get("group_id"), "ts": "1"}})
	case more:
		say(rw, listOf())
	case method == "wall.get" && w.well():
		say(rw, listOf(w.post(number, 2, 0)))
	case method == "wall.get" && number >= talks0 && number < talks0+len(w.answers):
		say(rw, listOf(w.post(number, 1, 3)))
	case method == "wall.get" && number >= walls0 && number < walls0+len(w.answers):
		w.answer(rw, number-walls0)
	case method == "wall.getComments" && number >= talks0 && number < talks0+len(w.answers):
		w.answer(rw, number-talks0)
	case strings.HasPrefix(method, "messages.get") && !w.well():
		if group, _ := strconv.Atoi(r.Form.Get("group_id")); group >= lists0 && group < lists0+len(w.answers) {
			w.answer(rw, group-lists0)
			return
		}
		say(rw, listOf())
	case method == "newsfeed.search" && !w.well():
		_, i, _ := strings.Cut(r.Form.Get("q"), " ")
		n, _ := strconv.Atoi(i)
		w.answer(rw, n)
	default:
		say(rw, listOf())
	}
}

func say(rw http.ResponseWriter, v any) { _, _ = rw.Write(rendered(v)) } // whoever hung up asks again

func (w *scripted) answer(rw http.ResponseWriter, i int) {
	_, _ = rw.Write(fresh(w.answers[i].body, w.now))
}

func listOf(items ...any) map[string]any {
	return map[string]any{"response": map[string]any{"count": len(items), "items": append([]any{}, items...), "profiles": []any{}, "groups": []any{}}}
}

func (w *scripted) post(number, id, comments int) any {
	return map[string]any{"id": id, "owner_id": -number, "from_id": -number, "date": w.now.Unix() + int64(id), "post_type": "post",
		"text": problem(number), "comments": map[string]any{"count": comments}}
}

// longPoll gives each community its sample once, as an answer or as an event of one.
func (w *scripted) longPoll(rw http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	w.mu.Lock()
	first := !w.heard[number]
	w.heard[number] = true
	w.mu.Unlock()
	if !first {
		select {
		case <-time.After(2 * time.Second):
		case <-r.Context().Done():
		}
		say(rw, map[string]any{"ts": "2", "updates": []any{}})
		return
	}
	i, _ := strconv.Atoi(number)
	body := w.answers[i-lists0].body
	if asEvent(body) == nil {
		_, _ = rw.Write(body)
		return
	}
	say(rw, map[string]any{"ts": "2", "updates": []json.RawMessage{fresh(body, w.now)}})
}

// page shows a sample as t.me would: whole pages as they are, single messages
// inside of a page. Older pages are empty.
func (w *scripted) page(rw http.ResponseWriter, r *http.Request) {
	i, _ := strconv.Atoi(path.Base(strings.ReplaceAll(r.PathValue("channel"), "_", "/")))
	body := fresh(w.pages[i].body, w.now)
	if r.URL.Query().Get("before") != "" {
		body = nil
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !bytes.Contains(body, []byte("</html>")) {
		body = fmt.Appendf(nil, `<html><body><section class="tgme_channel_history js-message_history">%s</section></body></html>`, body)
	}
	_, _ = rw.Write(body)
}
