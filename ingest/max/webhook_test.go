package maxingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// hookBench serves our webhook and registers it with the fake.
func hookBench(t *testing.T) (*bench, string, *bytes.Buffer) {
	t.Helper()
	b := newBench(t)
	b.store.src = domain.Source{ID: 2, Region: "kaliningrad", Kind: domain.MAXWebhook, Address: b.bot.ID()}
	var log bytes.Buffer
	h := &Webhook{Sources: b.store, Sink: b.store, Bots: b.bots, Clock: b.clock, Log: slog.New(slog.NewTextHandler(&log, nil))}
	mux := http.NewServeMux()
	mux.Handle("POST /max/{bot}", h)
	srv := httptest.NewServer(mux)
	t.Cleanup(func() { b.world.Close(); srv.Close() })
	address := srv.URL + "/max/" + b.bot.ID()
	if err := b.client.Subscribe(t.Context(), address, b.client.WebhookSecret(b.bot.ID())); err != nil {
		t.Fatal(err)
	}
	return b, address, &log
}

func (b *bench) setDown(err error) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.store.down = err
}

// settle waits until the fake has delivered everything.
func (b *bench) settle() {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); b.bot.Queued() > 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%d updates were never delivered", b.bot.Queued())
		}
	}
}

func TestWebhookStoresBeforeItAcknowledges(t *testing.T) {
	b, _, _ := hookBench(t)
	group := b.group()
	b.settle() // that the bot was let in
	b.setDown(errors.New("database is down"))
	m := group.Post(maxfake.Draft{From: anna, Text: "Упало дерево на Шестой"})
	time.Sleep(60 * time.Millisecond) // a try and another after 30 ms
	if b.bot.Queued() != 1 || len(b.ledger.ServedIDs()) != 0 {
		t.Fatalf("acknowledged what was not stored: queued %d", b.bot.Queued())
	}
	b.setDown(nil)
	b.settle()
	p := b.store.get(t, m.PostID(b.bot))
	if p.Region != "kaliningrad" || p.SourceID != 2 || p.Text == "" {
		t.Errorf("stored %+v", p.Post)
	}
	if got := b.store.last; got.State != domain.SourceActive || got.Reason == "" || !got.Activity.LastPostAt.Equal(p.PublishedAt) {
		t.Errorf("the source after a push: %s «%s» %+v", got.State, got.Reason, got.Activity)
	}
}

// A paused source takes nothing; MAX need not repeat what is not wanted.
func TestPushToAPausedSourceIsDropped(t *testing.T) {
	b := newBench(t)
	src := domain.Source{ID: 2, Region: "kaliningrad", Kind: domain.MAXWebhook, Address: "77", State: domain.SourcePaused}
	st := &pausedStore{src: src}
	skips := map[Skip]int{}
	h := &Webhook{Sources: st, Sink: st, Clock: b.clock, Log: slog.New(slog.DiscardHandler),
		Count: func(_ domain.Source, why Skip, n int) { skips[why] += n }}
	body := []byte(`{"update_type":"message_removed","timestamp":1795424400000,"message_id":"mid.1","chat_id":-5,"user_id":7}`)
	if status, err := h.take(t.Context(), "77", body); status != http.StatusOK || err != nil || st.pushes != 0 || skips[SkipPaused] != 1 {
		t.Errorf("answered %d, %v; %d stored, skipped %v", status, err, st.pushes, skips)
	}
	st.src.State = domain.SourceActive
	if status, err := h.take(t.Context(), "77", body); status != http.StatusOK || err != nil || st.pushes != 1 {
		t.Errorf("once it goes on: answered %d, %v; %d stored", status, err, st.pushes)
	}
}

// What a pack does not let be read is acknowledged like that, and the source says
// why, once.
func TestPushToARefusedSourceIsDropped(t *testing.T) {
	why := "пакет не разрешает"
	st := &pausedStore{src: domain.Source{ID: 2, Region: "kaliningrad", Kind: domain.MAXWebhook, Address: "77", State: domain.SourceActive}}
	skips := map[Skip]int{}
	h := &Webhook{Sources: st, Sink: st, Clock: newBench(t).clock, Log: slog.New(slog.DiscardHandler), Policy: func(domain.Source) string { return why },
		Count: func(_ domain.Source, why Skip, n int) { skips[why] += n }}
	body := []byte(`{"update_type":"message_removed","timestamp":1795424400000,"message_id":"mid.1","chat_id":-5,"user_id":7}`)
	for i := range 2 {
		if status, err := h.take(t.Context(), "77", body); status != http.StatusOK || err != nil {
			t.Errorf("answered %d, %v", status, err)
		}
		if b := st.last; st.pushes != 1 || b.State != domain.SourceParked || b.Reason != why || len(b.Posts)+len(b.Deletions) != 0 || b.Cursor != nil {
			t.Errorf("push %d: %d commits, the last one %+v", i+1, st.pushes, b)
		}
		st.src.State, st.src.Reason = st.last.State, st.last.Reason
	}
	if skips[SkipRefused] != 2 {
		t.Errorf("skipped %v", skips)
	}
	why = ""
	if status, err := h.take(t.Context(), "77", body); status != http.StatusOK || err != nil || st.pushes != 2 || st.last.State != domain.SourceActive {
		t.Errorf("once it may be read: answered %d, %v; %d commits, the last one %+v", status, err, st.pushes, st.last)
	}
	why, st.src.Reason, st.err = "пакет не разрешает", "", errors.New("away")
	if status, err := h.take(t.Context(), "77", body); status != http.StatusServiceUnavailable || err == nil {
		t.Errorf("answered %d, %v with the store away", status, err)
	}
}

// pausedStore counts what is stored of one source.
type pausedStore struct {
	src    domain.Source
	pushes int
	last   domain.Batch
	err    error
}

func (s *pausedStore) SourceByAddress(context.Context, domain.SourceKind, string) (domain.Source, error) {
	return s.src, nil
}

func (s *pausedStore) Push(_ context.Context, b domain.Batch) error {
	s.pushes++
	s.last = b
	return s.err
}

func TestRepeatedPushIsHarmless(t *testing.T) {
	b, _, _ := hookBench(t)
	group := b.group()
	b.settle()
	b.bot.LosePushAnswers(3)
	m := group.Post(maxfake.Draft{From: anna, Text: "Нет света"})
	b.settle()
	b.store.get(t, m.PostID(b.bot))
	if len(b.store.posts) != 1 || b.store.takes < 2 {
		t.Errorf("%d posts after %d pushes", len(b.store.posts), b.store.takes)
	}
}

// TestEditAndRemovalOvertakeTheirMessage: the push of a message fails, its edit
// and the removal of another pass it.
func TestEditAndRemovalOvertakeTheirMessage(t *testing.T) {
	b, _, _ := hookBench(t)
	group := b.group()
	b.settle()
	b.setDown(errors.New("down"))
	edited, gone := group.Post(maxfake.Draft{From: anna, Text: "первая"}), group.Post(maxfake.Draft{From: anna, Text: "лишняя"})
	time.Sleep(15 * time.Millisecond) // both have failed and wait
	b.setDown(nil)
	b.clock.add(time.Second)
	edited.EditText(time.Time{}, "вторая")
	gone.Delete(time.Time{})
	b.settle()
	if p := b.store.get(t, edited.PostID(b.bot)); p.Text != "вторая" {
		t.Errorf("an old push undid an edit: %q", p.Text)
	}
	if p := b.store.get(t, gone.PostID(b.bot)); !p.dead {
		t.Error("a removal that came first was forgotten")
	}
}

func TestWebhookRefusals(t *testing.T) {
	b, address, log := hookBench(t)
	good := fmt.Sprintf(`{"update_type":"message_created","timestamp":1773109800000,"message":{"recipient":{"chat_id":%d,"chat_type":"chat"},"timestamp":1773109800000,"sender":{"user_id":77,"first_name":"Секретная Фамилия"},"body":{"mid":"mid.5","seq":5,"text":"яма личная"}}}`, groupID)
	secret := b.client.WebhookSecret("700")
	push := func(address, secret, body string) int {
		req, _ := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
		req.Header.Set(SecretHeader, secret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	other := strings.Replace(address, "/700", "/701", 1)
	for _, c := range []struct {
		name, address, secret, body string
		want                        int
	}{
		{"wrong secret", address, "nonsense", good, http.StatusForbidden},
		{"no secret", address, "", good, http.StatusForbidden},
		{"another bot with ours", other, secret, good, http.StatusForbidden},
		{"somebody else's token", address, max.WebhookSecret("other", "700"), good, http.StatusForbidden},
		{"a bot that has no source", other, b.client.WebhookSecret("701"), good, http.StatusServiceUnavailable},
		{"not JSON", address, secret, "<html>", http.StatusBadRequest},
		{"no type", address, secret, `{"message":{}}`, http.StatusBadRequest},
		{"unknown update", address, secret, `{"update_type":"of_tomorrow"}`, http.StatusOK},
		{"garbage of a message", address, secret, `{"update_type":"message_created","message":[]}`, http.StatusOK},
		{"huge", address, secret, strings.Repeat(" ", ingest.MaxPush+1), http.StatusRequestEntityTooLarge},
	} {
		if got := push(c.address, c.secret, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if len(b.store.posts) != 0 {
		t.Errorf("%d forged posts were stored", len(b.store.posts))
	}
	b.setDown(errors.New("down"))
	if got := push(address, secret, good); got != http.StatusServiceUnavailable {
		t.Errorf("%d", got)
	}
	if strings.Contains(log.String(), "Фамилия") || strings.Contains(log.String(), "личная") || strings.Contains(log.String(), secret) {
		t.Errorf("the log holds what it must not:\n%s", log)
	}
}

// A push that only tells of the bot's own seat is stored too.
func TestWebhookTellsOfALostChat(t *testing.T) {
	b, _, _ := hookBench(t)
	group := b.group()
	b.settle()
	group.Kick(b.bot)
	b.settle()
	if s := b.store.seats; len(s) != 2 || !s[0].In || s[1].In {
		t.Fatalf("%+v", s)
	}
}
