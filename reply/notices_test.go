package reply_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// handClock shows what it is told.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func morning() *handClock {
	return &handClock{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
}

// sink remembers what was delivered, and does what the test wants before.
type sink struct {
	mu     sync.Mutex
	got    []string
	before func(ctx context.Context, n domain.Notice) error
}

func (s *sink) Deliver(ctx context.Context, n domain.Notice) error {
	if s.before != nil {
		if err := s.before(ctx, n); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, n.Key)
	return nil
}

func (s *sink) keys() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.got, " ")
}

func put(t *testing.T, store *storage.Store, clock domain.Clock, kind domain.NoticeKind, keys ...string) {
	t.Helper()
	var list []domain.Notice
	for _, key := range keys {
		list = append(list, domain.Notice{Key: key, Kind: kind, Region: "khabarovsk", ToRole: "controller", Text: "Слова", At: clock.Now()})
	}
	if n, err := store.PutNotices(t.Context(), list); err != nil || n != len(keys) {
		t.Fatalf("put %d notices: %d, %v", len(keys), n, err)
	}
}

func sender(outbox reply.Outbox, s reply.Sink, clock domain.Clock) *reply.Sender {
	return &reply.Sender{Outbox: outbox, Sink: s, Clock: clock, Log: slog.New(slog.DiscardHandler), Every: time.Hour}
}

func drain(t *testing.T, s *reply.Sender) {
	t.Helper()
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// row is how a notice stands in the outbox.
func row(t *testing.T, dsn, key string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var state, fault string
	var attempts int
	err = conn.QueryRow(t.Context(), "SELECT state, attempts, last_error FROM notices WHERE key = $1", key).Scan(&state, &attempts, &fault)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", state, attempts, fault))
}

func TestSeveralSendersDeliverEachNoticeOnce(t *testing.T) {
	dsn, clock, out := storagetest.DSN(t), morning(), &sink{}
	store := storagetest.Open(t, dsn, storage.Options{})
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprintf("overdue:case:%d", i))
	}
	put(t, store, clock, domain.NoticeOverdue, keys...)
	var group sync.WaitGroup
	for range 4 {
		own := sender(storagetest.Open(t, dsn, storage.Options{MaxConns: 3}), out, clock)
		group.Go(func() {
			if err := own.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	seen := map[string]int{}
	for _, key := range out.got {
		seen[key]++
	}
	for _, key := range keys {
		if seen[key] != 1 {
			t.Errorf("%s was delivered %d times", key, seen[key])
		}
	}
	if waiting, failed, err := store.NoticeBacklog(t.Context()); err != nil || waiting+failed != 0 {
		t.Errorf("%d wait, %d failed, %v", waiting, failed, err)
	}
}

// One that cannot be delivered waits longer and longer; the others go on.
func TestFailedTryIsCountedAndMadeLater(t *testing.T) {
	dsn, clock := storagetest.DSN(t), morning()
	store := storagetest.Open(t, dsn, storage.Options{})
	broken := true
	out := &sink{before: func(_ context.Context, n domain.Notice) error {
		if n.Key == "b" && broken {
			return errors.New("адресат недоступен")
		}
		return nil
	}}
	s := sender(store, out, clock)
	put(t, store, clock, domain.NoticeOverdue, "a", "b", "c")
	drain(t, s)
	if out.keys() != "a c" || row(t, dsn, "b") != "waiting 1 адресат недоступен" || row(t, dsn, "c") != "sent 1" {
		t.Fatalf("delivered %q, b is %q, c is %q", out.keys(), row(t, dsn, "b"), row(t, dsn, "c"))
	}
	clock.pass(29 * time.Second)
	drain(t, s)
	if got := row(t, dsn, "b"); got != "waiting 1 адресат недоступен" {
		t.Errorf("tried before its pause of 30 s: %q", got)
	}
	clock.pass(time.Second)
	drain(t, s)
	if got := row(t, dsn, "b"); got != "waiting 2 адресат недоступен" {
		t.Errorf("not tried after 30 s: %q", got)
	}
	broken = false
	clock.pass(59 * time.Second)
	drain(t, s)
	if out.keys() != "a c" {
		t.Errorf("the second pause is not longer than the first: %q", out.keys())
	}
	clock.pass(time.Second)
	drain(t, s)
	if out.keys() != "a c b" || row(t, dsn, "b") != "sent 3" {
		t.Errorf("delivered %q, b is %q", out.keys(), row(t, dsn, "b"))
	}
}

func TestHopelessNoticeIsGivenUpAndCounted(t *testing.T) {
	dsn, clock := storagetest.DSN(t), morning()
	store := storagetest.Open(t, dsn, storage.Options{})
	s := sender(store, &sink{before: func(context.Context, domain.Notice) error { return errors.New("нет такого адреса") }}, clock)
	put(t, store, clock, domain.NoticeOverdue, "a")
	for range 20 {
		drain(t, s)
		clock.pass(time.Hour)
	}
	waiting, failed, err := store.NoticeBacklog(t.Context())
	if err != nil || waiting != 0 || failed != 1 {
		t.Errorf("%d wait, %d failed, %v", waiting, failed, err)
	}
	if got := row(t, dsn, "a"); got != "failed 12 нет такого адреса" {
		t.Errorf("it is %q", got)
	}
}

// A sender that dies between the claim and the note leaves a row that another
// one tries after the pause.
func TestNoticeOfADeadSenderIsTriedAgain(t *testing.T) {
	store, clock, out := storagetest.New(t), morning(), &sink{}
	put(t, store, clock, domain.NoticeUrgent, "a")
	if claimed, err := store.ClaimNotices(t.Context(), clock.Now(), 10); err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	s := sender(store, out, clock)
	drain(t, s)
	if out.keys() != "" {
		t.Fatal("it was taken out of another sender's hands")
	}
	clock.pass(30 * time.Second)
	drain(t, s)
	if out.keys() != "a" {
		t.Errorf("delivered %q", out.keys())
	}
}

func TestDangerToLifeLeavesFirst(t *testing.T) {
	store, clock, out := storagetest.New(t), morning(), &sink{}
	put(t, store, clock, domain.NoticeOverdue, "a", "b")
	put(t, store, clock, domain.NoticeUrgent, "gas")
	drain(t, sender(store, out, clock))
	if !strings.HasPrefix(out.keys(), "gas ") || len(out.got) != 3 {
		t.Errorf("delivered %q", out.keys())
	}
}

func TestUrgentNoticeLeavesWithinEveryLook(t *testing.T) {
	store, out := storagetest.New(t), &sink{}
	s := sender(store, out, domain.SystemClock{})
	s.Every = 50 * time.Millisecond
	stop := running(t, s)
	time.Sleep(3 * s.Every) // the outbox was empty at the first look
	put(t, store, domain.SystemClock{}, domain.NoticeUrgent, "gas")
	await(t, out, "gas")
	stop()
}

func TestWakeDoesNotWaitForTheNextLook(t *testing.T) {
	store, out, wake := storagetest.New(t), &sink{}, make(chan struct{})
	s := sender(store, out, domain.SystemClock{})
	s.Wake = wake
	stop := running(t, s)
	put(t, store, domain.SystemClock{}, domain.NoticeUrgent, "gas")
	wake <- struct{}{}
	await(t, out, "gas")
	stop()
}

// running runs a sender; the returned function ends it and waits.
func running(t *testing.T, s *reply.Sender) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("stopped with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("it does not stop")
		}
	}
}

func await(t *testing.T, out *sink, want string) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); out.keys() != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("delivered %q, want %q", out.keys(), want)
		}
	}
}

// What has left while the process was being stopped is noted, and does not
// leave again.
func TestDeliveryDuringAStopIsNoted(t *testing.T) {
	dsn, clock := storagetest.DSN(t), morning()
	store := storagetest.Open(t, dsn, storage.Options{})
	put(t, store, clock, domain.NoticeOverdue, "a", "b")
	ctx, stop := context.WithCancel(t.Context())
	out := &sink{before: func(context.Context, domain.Notice) error { stop(); return nil }}
	if err := sender(store, out, clock).Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped with %v", err)
	}
	if out.keys() != "a" || row(t, dsn, "a") != "sent 1" || row(t, dsn, "b") != "waiting 1" {
		t.Errorf("delivered %q, a is %q, b is %q", out.keys(), row(t, dsn, "a"), row(t, dsn, "b"))
	}
}

// A channel that hangs costs its own notice a try, not the others theirs.
func TestHangingSinkIsCutOff(t *testing.T) {
	dsn, clock := storagetest.DSN(t), morning()
	store := storagetest.Open(t, dsn, storage.Options{})
	put(t, store, clock, domain.NoticeOverdue, "a", "b")
	out := &sink{before: func(ctx context.Context, n domain.Notice) error {
		if n.Key == "b" {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}}
	s := sender(store, out, clock)
	s.Within = 30 * time.Millisecond
	drain(t, s)
	if out.keys() != "b" || row(t, dsn, "a") != "waiting 1 context deadline exceeded" {
		t.Errorf("delivered %q, a is %q", out.keys(), row(t, dsn, "a"))
	}
}

// awayOnce is an outbox whose database is away at the first look.
type awayOnce struct {
	reply.Outbox
	mu   sync.Mutex
	away bool
}

func (a *awayOnce) ClaimNotices(ctx context.Context, now time.Time, limit int) ([]domain.QueuedNotice, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.away {
		a.away = true
		return nil, domain.ErrUnavailable
	}
	return a.Outbox.ClaimNotices(ctx, now, limit)
}

func TestSenderOutlivesADatabaseThatIsAway(t *testing.T) {
	store, out := storagetest.New(t), &sink{}
	put(t, store, domain.SystemClock{}, domain.NoticeUrgent, "gas")
	s := sender(&awayOnce{Outbox: store}, out, domain.SystemClock{})
	s.Every = 20 * time.Millisecond
	if err := s.Drain(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Fatalf("the fault is hidden: %v", err)
	}
	s.Outbox = &awayOnce{Outbox: store}
	stop := running(t, s)
	await(t, out, "gas")
	stop()
}
