package redis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/otklik/otklik/storage/localpg/child"
	"github.com/otklik/otklik/storage/redis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// backend is a Redis a test may empty and stop.
type backend struct {
	url   string
	stop  func()
	start func() // again, empty, under the same address
}

// backends are the embedded server and a real one; `make test` installs the latter.
func backends(t *testing.T, test func(t *testing.T, b backend)) {
	t.Run("embedded", func(t *testing.T) {
		s, err := redis.Embedded("")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		test(t, backend{url: s.URL(), stop: s.Close})
	})
	t.Run("redis-server", func(t *testing.T) { test(t, realServer(t)) })
}

func realServer(t *testing.T) backend {
	t.Helper()
	exe, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatalf("redis-server is needed (apt-get install redis-server): %v", err)
	}
	dir, err := os.MkdirTemp("/tmp", "redis-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	b := backend{url: "unix://" + socket}
	var cmd *exec.Cmd
	b.start = func() {
		cmd = exec.Command(exe, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", dir, "--daemonize", "no")
		if err := child.Start(cmd, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		waitFor(t, b.url)
	}
	b.stop = func() {
		if cmd != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			cmd = nil
		}
	}
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	c := open(t, url, nil)
	for range 3000 {
		if c.Ping(t.Context()) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("redis-server does not answer")
}

func open(t *testing.T, url string, log *slog.Logger) *redis.Client {
	t.Helper()
	c, err := redis.Open(url, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// take makes n calls from each of several limiters and returns how long it took.
func take(t *testing.T, limiters []*redis.Limiter, n int, perSecond float64) time.Duration {
	t.Helper()
	began := time.Now()
	var wg sync.WaitGroup
	for _, l := range limiters {
		wg.Go(func() {
			for range n {
				if err := l.Wait(t.Context(), "token", perSecond); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

func TestLimiterIsSharedByProcesses(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		var limiters []*redis.Limiter
		for range 4 {
			limiters = append(limiters, redis.NewLimiter(open(t, b.url, nil)))
		}
		// 20 calls at 40 a second: the first at once, 19 steps of 25 ms.
		took := take(t, limiters, 5, 40)
		if took < 470*time.Millisecond || took > 900*time.Millisecond {
			t.Errorf("20 calls at 40/s took %v", took)
		}
	})
}

func TestLimiterKeysAreApartAndHidden(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		l := redis.NewLimiter(open(t, b.url, nil))
		began := time.Now()
		for i := range 5 {
			if err := l.Wait(t.Context(), fmt.Sprint("secret-token-", i), 1); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("five keys waited for each other: %v", took)
		}
		opts, err := goredis.ParseURL(b.url)
		if err != nil {
			t.Fatal(err)
		}
		rdb := goredis.NewClient(opts)
		defer rdb.Close()
		keys, err := rdb.Keys(t.Context(), "*").Result()
		if err != nil || len(keys) != 5 || strings.Contains(strings.Join(keys, " "), "secret") {
			t.Errorf("keys = %v, %v", keys, err)
		}
	})
}

func TestLimiterForgetsAfterSilence(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		l := redis.NewLimiter(open(t, b.url, nil))
		if err := l.Wait(t.Context(), "k", 20); err != nil {
			t.Fatal(err)
		}
		opts, err := goredis.ParseURL(b.url)
		if err != nil {
			t.Fatal(err)
		}
		rdb := goredis.NewClient(opts)
		defer rdb.Close()
		for range 1200 {
			if n, err := rdb.DBSize(t.Context()).Result(); err == nil && n == 0 {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error("the key of a limit never expires")
	})
}

func TestLimiterObeysItsContext(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		l := redis.NewLimiter(open(t, b.url, nil))
		if err := l.Wait(t.Context(), "k", 0.01); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := l.Wait(ctx, "k", 0.01); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v", err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("returned after %v", took)
		}
	})
}

func TestLimiterGoesOnAloneAtHalfTheRateAndSaysSoOnce(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		var said syncBuffer
		l := redis.NewLimiter(open(t, b.url, slog.New(slog.NewTextHandler(&said, nil))))
		if err := l.Wait(t.Context(), "token", 100); err != nil {
			t.Fatal(err)
		}
		b.stop()
		if err := l.Wait(t.Context(), "token", 100); err != nil { // finds out
			t.Fatal(err)
		}
		// 10 calls at half of 40 a second: 10 steps of 50 ms after the one above.
		took := take(t, []*redis.Limiter{l}, 10, 40)
		if took < 400*time.Millisecond || took > 20*time.Second {
			t.Errorf("10 calls at 20/s took %v", took)
		}
		if n := strings.Count(said.String(), "half the rate"); n != 1 {
			t.Errorf("said %d times: %s", n, said.String())
		}
	})
}

func TestLimiterReturnsToRedis(t *testing.T) {
	b := realServer(t)
	var said syncBuffer
	l := redis.NewLimiter(open(t, b.url, slog.New(slog.NewTextHandler(&said, nil))))
	b.stop()
	if err := l.Wait(t.Context(), "k", 1000); err != nil {
		t.Fatal(err)
	}
	b.start()
	for range 600 {
		time.Sleep(100 * time.Millisecond)
		if err := l.Wait(t.Context(), "k", 1000); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said.String(), "answers again") {
			return
		}
	}
	t.Errorf("never went back to Redis: %s", said.String())
}

func TestWakesReachOtherProcessesAndCoalesce(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		ctx, cancel := context.WithCancel(t.Context())
		wakes := open(t, b.url, nil).Wakes(ctx, redis.TopicSources)
		receive(t, wakes) // the subscription itself
		sender := open(t, b.url, nil)
		for range 10 {
			sender.Wake(ctx, redis.TopicSources)
		}
		sender.Wake(ctx, redis.TopicPacks) // another topic
		receive(t, wakes)
		cancel()
		for range wakes { // closed at last
		}
	})
}

func TestEventsCarryPayloads(t *testing.T) {
	backends(t, func(t *testing.T, b backend) {
		ctx, cancel := context.WithCancel(t.Context())
		c := open(t, b.url, nil)
		events := c.Events(ctx, "cases")
		for range 1500 { // until the subscription is there
			c.Publish(ctx, "cases", "случай 12")
			select {
			case got := <-events:
				if got != "случай 12" {
					t.Errorf("event = %q", got)
				}
				cancel()
				for range events {
				}
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
		cancel()
		t.Error("no event came")
	})
}

func TestWakesSurviveARestart(t *testing.T) {
	b := realServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wakes := open(t, b.url, nil).Wakes(ctx, redis.TopicSources)
	receive(t, wakes)
	b.stop()
	open(t, b.url, nil).Wake(ctx, redis.TopicSources) // lost, and harmless
	b.start()
	receive(t, wakes) // the new subscription
	cancel()
	for range wakes {
	}
}

func receive(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case _, ok := <-c:
		if !ok {
			t.Fatal("channel closed")
		}
	case <-time.After(time.Minute):
		t.Fatal("no wake-up came")
	}
}

func TestFindEmbeddedServerOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	s, err := redis.Embedded(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	url, ok := redis.Find(t.Context(), dir)
	if !ok || url != s.URL() {
		t.Errorf("Find = %q %v", url, ok)
	}
	noPassword := open(t, "redis://"+url[strings.LastIndex(url, "@")+1:], nil)
	if err := noPassword.Ping(t.Context()); err == nil {
		t.Error("the embedded server answers without its password")
	}
	s.Close()
	if _, ok := redis.Find(t.Context(), dir); ok {
		t.Error("found after Close")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	if _, err := redis.Open("localhost:6379", nil); err == nil {
		t.Error("an address without scheme was taken")
	}
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
