package tgingest

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
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// hookBench serves our webhook and registers it with the fake.
func hookBench(t *testing.T) (*bench, string) {
	t.Helper()
	b := newBench(t)
	b.store.src = domain.Source{ID: 2, Region: "kaliningrad", Kind: domain.TelegramWebhook, Address: b.world.BotID()}
	var log bytes.Buffer
	h := &Webhook{
		Clock:   domain.SystemClock{},
		Sources: b.store, Sink: b.store, Secrets: map[string]string{b.world.BotID(): b.client.WebhookSecret()},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	mux := http.NewServeMux()
	mux.Handle("POST /telegram/{bot}", h)
	srv := httptest.NewServer(mux)
	t.Cleanup(func() { b.world.Close(); srv.Close() })
	address := srv.URL + "/telegram/" + b.world.BotID()
	if err := b.client.SetWebhook(t.Context(), address, b.client.WebhookSecret()); err != nil {
		t.Fatal(err)
	}
	return b, address
}

// settle waits until the fake has delivered everything.
func (b *bench) settle() {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); b.world.Queued() > 0; {
		if time.Now().After(deadline) {
			b.t.Fatalf("%d updates were never delivered", b.world.Queued())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestWebhookStoresBeforeItAcknowledges(t *testing.T) {
	b, _ := hookBench(t)
	ch := b.world.Channel(chanID, "dvor_kld", "Двор")
	b.store.mu.Lock()
	b.store.down = errors.New("database is down")
	b.store.mu.Unlock()
	m := ch.Post(tgfake.Draft{Text: "Упало дерево на Шестой"})
	time.Sleep(100 * time.Millisecond) // some tries and their doubling pauses
	if b.store.has(m) || b.world.Queued() != 1 || len(b.ledger.ServedIDs()) != 0 {
		t.Fatalf("acknowledged what was not stored: queued %d", b.world.Queued())
	}
	b.store.mu.Lock()
	b.store.down = nil
	b.store.mu.Unlock()
	b.settle()
	p := b.store.get(t, m)
	if p.Region != "kaliningrad" || p.SourceID != 2 || p.Text == "" {
		t.Errorf("stored %+v", p)
	}
	if got := b.store.last; got.State != domain.SourceActive || got.Reason == "" || !got.Activity.LastPostAt.Equal(p.PublishedAt) {
		t.Errorf("the source after a push: %s «%s» %+v", got.State, got.Reason, got.Activity)
	}
	info, err := b.client.WebhookInfo(t.Context())
	if err != nil || !strings.Contains(info.LastErrorMessage, "503") {
		t.Errorf("telegram saw %q, %v", info.LastErrorMessage, err)
	}
}

// A paused source takes nothing; Telegram need not repeat what is not wanted.
func TestPushToAPausedSourceIsDropped(t *testing.T) {
	src := domain.Source{ID: 2, Region: "kaliningrad", Kind: domain.TelegramWebhook, Address: "77", State: domain.SourcePaused}
	st := &pausedStore{src: src}
	skips := map[Skip]int{}
	h := &Webhook{Clock: domain.SystemClock{}, Sources: st, Sink: st, Secrets: map[string]string{"77": "s"}, Log: slog.New(slog.DiscardHandler),
		Count: func(_ domain.Source, why Skip, n int) { skips[why] += n }}
	body := []byte(`{"update_id":1,"channel_post":{"message_id":5,"date":1795424400,"chat":{"id":-1001,"type":"channel","title":"Двор"},"text":"яма"}}`)
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
	st := &pausedStore{src: domain.Source{ID: 2, Region: "kaliningrad", Kind: domain.TelegramWebhook, Address: "77", State: domain.SourceActive}}
	skips := map[Skip]int{}
	h := &Webhook{Clock: domain.SystemClock{}, Sources: st, Sink: st, Secrets: map[string]string{"77": "s"}, Log: slog.New(slog.DiscardHandler), Policy: func(domain.Source) string { return why },
		Count: func(_ domain.Source, why Skip, n int) { skips[why] += n }}
	body := []byte(`{"update_id":1,"channel_post":{"message_id":5,"date":1795424400,"chat":{"id":-1001,"type":"channel","title":"Двор"},"text":"яма"}}`)
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
	b, _ := hookBench(t)
	ch := b.world.Channel(chanID, "dvor_kld", "Двор")
	b.world.LosePushAnswers(3)
	m := ch.Post(tgfake.Draft{Text: "Нет света"})
	b.settle()
	b.store.get(t, m)
	if len(b.store.posts) != 1 || b.store.takes != 4 {
		t.Errorf("%d posts after %d pushes", len(b.store.posts), b.store.takes)
	}
}

func TestEditNeverOvertakesItsMessage(t *testing.T) {
	b, _ := hookBench(t)
	ch := b.world.Channel(chanID, "dvor_kld", "Двор")
	b.world.LosePushAnswers(2)
	m := ch.Post(tgfake.Draft{Text: "первая"})
	for i := range 5 {
		b.clock.add(time.Second)
		m.EditText(time.Time{}, fmt.Sprint("правка ", i))
	}
	b.settle()
	if p := b.store.get(t, m); p.Text != "правка 4" {
		t.Errorf("latest text %q", p.Text)
	}
}

func TestWebhookRemembersCopiesBetweenPushes(t *testing.T) {
	b, _ := hookBench(t)
	ch, talk := b.world.Channel(chanID, "dvor_kld", "Двор"), b.world.Supergroup(groupID, "", "Обсуждение")
	ch.Link(talk)
	post := ch.Post(tgfake.Draft{Text: "Что с дорогой?"})
	b.settle()
	direct := post.Comment(tgfake.Draft{From: anna, Text: "Разбита"})
	nested := post.Comment(tgfake.Draft{From: boris, Text: "Давно", ReplyTo: direct})
	b.settle()
	if p := b.store.get(t, nested); p.Thread != post.PostID() {
		t.Errorf("thread %s", p.Thread)
	}
}

func TestWebhookRefusals(t *testing.T) {
	b, address := hookBench(t)
	good := `{"update_id":1,"channel_post":{"message_id":5,"date":1773100000,"chat":{"id":-1001000000001,"type":"channel","title":"Двор"},"text":"яма"}}`
	cases := []struct {
		name, address, secret, body string
		want                        int
	}{
		{"wrong secret", address, "nonsense", good, http.StatusForbidden},
		{"no secret", address, "", good, http.StatusForbidden},
		{"another bot", strings.Replace(address, b.world.BotID(), "42", 1), b.client.WebhookSecret(), good, http.StatusForbidden},
		{"not JSON", address, b.client.WebhookSecret(), "<html>", http.StatusBadRequest},
		{"no update_id", address, b.client.WebhookSecret(), `{"message":{}}`, http.StatusBadRequest},
		{"unknown update", address, b.client.WebhookSecret(), `{"update_id":2,"of_tomorrow":{}}`, http.StatusOK},
		{"huge", address, b.client.WebhookSecret(), strings.Repeat(" ", ingest.MaxPush+1), http.StatusRequestEntityTooLarge},
	}
	for _, c := range cases {
		req, _ := http.NewRequest(http.MethodPost, c.address, strings.NewReader(c.body))
		req.Header.Set(SecretHeader, c.secret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(c.name, err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, resp.StatusCode, c.want)
		}
	}
	if len(b.store.posts) != 0 {
		t.Errorf("stored %d posts of refused pushes", len(b.store.posts))
	}
}
