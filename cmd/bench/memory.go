package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

const (
	memoryWalls  = 60
	memoryTokens = 30 // each gives three calls a second: the platform must not be the brake
	memoryLook   = time.Second
)

// benchMemory lets a real «otklik serve», in a process of its own, read walls of
// a fake VK over loopback HTTP as fast as it can, and reads what memory the
// kernel says that process has. PostgreSQL and the fake are other processes.
func benchMemory(ctx context.Context, o options, r *report) error {
	r.part(fmt.Sprintf("Memory of «otklik serve» over %d posts of %d walls, as fast as they go", o.Posts, memoryWalls))
	l, err := openLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	vk, err := servedWalls(ctx, l, o)
	if err != nil {
		return err
	}
	defer vk.close()
	for i := range memoryWalls {
		_, err := l.store.AddSource(ctx, domain.Source{Region: region, Kind: domain.VKWall, Address: fmt.Sprint(wallOwner(i)), Home: "khabarovsk-city"})
		if err != nil {
			return err
		}
	}
	p, err := startServe(ctx, l.server.DSN(), vk)
	if err != nil {
		return err
	}
	defer p.kill()
	return watch(ctx, l.server.DSN(), p, o, r)
}

// watch follows the worker until all posts are stored or time is up.
func watch(ctx context.Context, dsn string, p *serving, o options, r *report) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	w := &watcher{conn: conn, p: p, began: time.Now(), step: max(1, o.Posts/reports)}
	tick := time.NewTicker(memoryLook)
	defer tick.Stop()
	for w.posts < o.Posts && time.Now().Before(o.deadline) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.done:
			return fmt.Errorf("serve ended: %w\n%s", p.err, p.log.tail())
		case <-tick.C:
		}
		if err := w.look(ctx, r); err != nil {
			return err
		}
	}
	if w.posts < o.Posts {
		r.say("time was up: the figures are those after %d posts, not %d (--within)", w.posts, o.Posts)
	}
	r.figure("worker_rss_mb", "%.0f", w.lately())
	r.figure("worker_peak_mb", "%.0f", w.peak)
	r.figure("worker_posts_per_second", "%.0f", w.rate())
	return nil
}

// reports is how many lines are printed on the way.
const reports = 5

// watcher keeps what was seen of a worker.
type watcher struct {
	conn  *pgx.Conn
	p     *serving
	began time.Time
	took  time.Duration
	step  int       // posts between two lines
	posts int       // stored so far
	told  int       // posts at the last line
	seen  []float64 // resident memory at each look, MB
	peak  float64   // by the kernel, MB
}

func (w *watcher) look(ctx context.Context, r *report) error {
	if err := w.conn.QueryRow(ctx, "SELECT count(*) FROM post_ids").Scan(&w.posts); err != nil {
		return fmt.Errorf("count posts: %w", err)
	}
	m, err := memoryOf(w.p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	w.took, w.peak = time.Since(w.began), m.peak
	w.seen = append(w.seen, m.now)
	if w.posts/w.step > w.told/w.step {
		w.told = w.posts
		r.say("%6d posts after %3.0f s (%5.0f posts/s): %3.0f MB, peak so far %3.0f MB", w.posts, w.took.Seconds(), w.rate(), m.now, m.peak)
	}
	return nil
}

func (w *watcher) rate() float64 { return float64(w.posts) / w.took.Seconds() }

// lately is the most memory seen over the last fifth of the time: a single look
// may fall just behind a garbage collection.
func (w *watcher) lately() float64 {
	if len(w.seen) == 0 {
		return 0
	}
	return most(w.seen[len(w.seen)-1-len(w.seen)/reports:])
}

// fakeVK is a fake VK with full walls, on loopback.
type fakeVK struct {
	url    string
	tokens []string
	server *http.Server
}

func servedWalls(ctx context.Context, l *lab, o options) (*fakeVK, error) {
	v := &fakeVK{}
	for i := range memoryTokens {
		v.tokens = append(v.tokens, "service-token-of-the-fake-"+itoa(i))
	}
	fake := vkfake.New(vkfake.Options{Clock: domain.SystemClock{}, Service: v.tokens})
	if err := fill(fake, l, o); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the fake VK: %w", err)
	}
	v.url = "http://" + listener.Addr().String() + vkfake.MethodPath
	v.server = &http.Server{Handler: fake, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = v.server.Serve(listener) }() // ends with close
	return v, nil
}

func (v *fakeVK) close() { _ = v.server.Close() } // its only client has been killed

// fill writes the mix onto the walls, comments as posts, because a page of
// comments costs VK's quota and not the worker's memory. All are of the last
// hours, as the first look back of a source expects.
func fill(fake *vkfake.Server, l *lab, o options) error {
	m, err := newMix(l.pack, o.Seed+2, memoryWalls, time.Now())
	if err != nil {
		return err
	}
	each := (o.Posts + memoryWalls - 1) / memoryWalls
	for wall := range memoryWalls {
		at := time.Now().Add(-20 * time.Hour)
		for i, p := range m.posts(wall, each) {
			fake.AddPost(vkfake.Post{Owner: wallOwner(wall), From: int64(1 + i%400_000), Text: p.Text, Views: p.Views,
				Date: at.Add(time.Duration(i) * 19 * time.Hour / time.Duration(each))})
		}
	}
	return nil
}

func (v *fakeVK) environment() []string {
	return []string{"OTKLIK_VK_URL=" + v.url, "OTKLIK_VK_TOKENS=" + strings.Join(v.tokens, ",")}
}
