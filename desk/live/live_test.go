package live_test

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/desk/live"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMain(m *testing.M) { storagetest.Main(m) }

// office is a hub over a real database, and a connection that makes things happen.
type office struct {
	t      *testing.T
	conn   *pgx.Conn
	url    string
	signed atomic.Bool
	region atomic.Value
	stop   context.CancelFunc
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dsn := storagetest.DSN(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	o := &office{t: t, conn: conn}
	o.signed.Store(true)
	o.region.Store("khabarovsk")
	wake := make(chan struct{}, 1)
	hub := &live.Hub{Store: storagetest.Open(t, dsn, storage.Options{}), Clock: domain.SystemClock{},
		Log: slog.New(slog.DiscardHandler), Every: 20 * time.Millisecond, Wake: wake}
	ctx, stop := context.WithCancel(t.Context())
	o.stop = stop
	go func() { _ = hub.Run(ctx) }()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := hub.Serve(w, r, func(context.Context) (domain.Scope, bool) {
			return domain.Scope{Region: o.region.Load().(string), Whole: true}, o.signed.Load()
		})
		if err != nil {
			t.Errorf("serve: %v", err)
		}
	}))
	t.Cleanup(func() { stop(); srv.Close() })
	o.url = srv.URL
	return o
}

func (o *office) happens(kinds ...string) {
	o.t.Helper()
	for _, k := range kinds {
		_, err := o.conn.Exec(o.t.Context(), `INSERT INTO events (at, region, kind, details) VALUES (now(), 'khabarovsk', $1, '{"who":"А. П."}')`, k)
		if err != nil {
			o.t.Fatal(err)
		}
	}
}

// browser reads a stream; id is its Last-Event-ID.
type browser struct {
	t    *testing.T
	in   *bufio.Scanner
	id   string
	gone func()
}

func (o *office) browse(lastID, query string) *browser {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url+query, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { cancel(); _ = resp.Body.Close() })
	return &browser{t: o.t, in: bufio.NewScanner(resp.Body), gone: func() { cancel(); _ = resp.Body.Close() }}
}

// await reads until an event of a kind and gives its data; "" when the stream ended.
func (b *browser) await(kind string) string {
	b.t.Helper()
	event := ""
	for b.in.Scan() {
		line := b.in.Text()
		switch {
		case strings.HasPrefix(line, "id: "):
			b.id = line[4:]
		case strings.HasPrefix(line, "event: "):
			event = line[7:]
		case strings.HasPrefix(line, "data: ") && event == kind:
			return line[6:]
		}
	}
	b.t.Fatalf("the stream ended before %q", kind)
	return ""
}

func TestStreamTellsWhatHappensAndTheCounters(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.browse("", "")
	if got := b.await("counters"); got != `{"queue":0,"urgent":0,"tasks":0,"overdue":0}` {
		t.Errorf("counters %s", got)
	}
	o.happens("case_opened", "lease_taken")
	if got := b.await("case_opened"); strings.Contains(got, "А. П.") {
		t.Errorf("what changed in a case goes out: %s", got)
	}
	if got := b.await("lease_taken"); !strings.Contains(got, "А. П.") {
		t.Errorf("who took it is not told: %s", got)
	}
}

// A browser that was away hears what it missed, once, and in order.
func TestStreamGoesOnFromTheLastEventSeen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.browse("", "")
	b.await("counters")
	o.happens("first")
	b.await("first")
	b.gone()
	o.happens("second", "third")
	again := o.browse(b.id, "")
	if got := again.next(); got != "second" {
		t.Errorf("after the break the first event is %q, want second", got)
	}
	if got := again.next(); got != "third" {
		t.Errorf("then %q, want third", got)
	}
	drawn := o.browse("", "?after="+b.id)
	if got := drawn.next(); got != "second" {
		t.Errorf("a page drawn before hears %q first, want second", got)
	}
}

// next is the kind of the next event but counters.
func (b *browser) next() string {
	b.t.Helper()
	for b.in.Scan() {
		if kind, is := strings.CutPrefix(b.in.Text(), "event: "); is && kind != "counters" {
			return kind
		}
	}
	b.t.Fatal("the stream ended")
	return ""
}

func TestStreamAsksToDrawAnewWhenEventsAreGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, id := range map[string]string{"pruned": "1-1", "garbage": "никогда"} {
		o.happens("old")
		if got := o.browse(id, "").next(); got != "reload" {
			t.Errorf("%s: first comes %q, want reload", name, got)
		}
	}
}

func TestStreamEndsWithTheSession(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.browse("", "")
	b.await("counters")
	o.signed.Store(false)
	o.happens("secret")
	if got := b.next(); got != "signed-out" {
		t.Errorf("after the end of the session comes %q", got)
	}
	rest := ""
	for b.in.Scan() {
		rest += b.in.Text()
	}
	if strings.Contains(rest, "event:") {
		t.Errorf("the stream goes on: %q", rest)
	}
}

func TestStreamOfAnotherRegionHearsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.region.Store("kaliningrad")
	b := o.browse("", "")
	b.await("counters")
	o.happens("theirs")
	time.Sleep(200 * time.Millisecond)
	o.signed.Store(false)
	o.happens("more")
	if got := b.next(); got != "signed-out" {
		t.Errorf("heard %q of another region", got)
	}
}

func TestStreamEndsWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.browse("", "")
	b.await("counters")
	o.stop()
	for b.in.Scan() {
	}
	if err := b.in.Err(); err != nil {
		t.Errorf("the stream broke instead of ending: %v", err)
	}
}
