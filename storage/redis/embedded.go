package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// tick is how often the embedded server's clock is moved: its keys do not expire
// by themselves.
const tick = 50 * time.Millisecond

// recordName is the file in the state folder that tells other processes of the
// same user where the embedded server is.
const recordName = "redis.json"

// Server is a Redis inside this process, on loopback with a password, so that
// other local processes of the same user may share it.
type Server struct {
	mini *miniredis.Miniredis
	url  string
	dir  string
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

type serverRecord struct {
	URL string `json:"url"`
	PID int    `json:"pid"`
}

// Embedded starts a server. Its address is written into the state folder dir
// for Find; "" keeps it to this process.
func Embedded(dir string) (*Server, error) {
	m := miniredis.NewMiniRedis()
	password := rand.Text()
	m.RequireAuth(password)
	if err := m.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	s := &Server{mini: m, url: "redis://:" + password + "@" + m.Addr(), dir: dir,
		stop: make(chan struct{}), done: make(chan struct{})}
	go s.tick()
	if err := s.record(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// URL is the address with the password.
func (s *Server) URL() string { return s.url }

// Close stops the server. It may be called more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		if s.dir != "" {
			_ = os.Remove(filepath.Join(s.dir, recordName))
		}
		close(s.stop)
		<-s.done
		s.mini.Close()
	})
}

func (s *Server) tick() {
	defer close(s.done)
	t := time.NewTicker(tick)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-s.stop:
			return
		case now := <-t.C:
			s.mini.FastForward(now.Sub(last))
			last = now
		}
	}
}

func (s *Server) record() error {
	if s.dir == "" {
		return nil
	}
	b, err := json.Marshal(serverRecord{URL: s.url, PID: os.Getpid()})
	if err != nil {
		return fmt.Errorf("encode %s: %w", recordName, err)
	}
	tmp := filepath.Join(s.dir, recordName+".new")
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", recordName, err)
	}
	if err := os.Rename(tmp, filepath.Join(s.dir, recordName)); err != nil {
		return fmt.Errorf("write %s: %w", recordName, err)
	}
	return nil
}

// Find gives the address of the embedded server another process runs on the
// state folder, when it answers.
func Find(ctx context.Context, dir string) (url string, ok bool) {
	b, err := os.ReadFile(filepath.Join(dir, recordName))
	if err != nil {
		return "", false
	}
	var r serverRecord
	if json.Unmarshal(b, &r) != nil {
		return "", false
	}
	return r.URL, answers(ctx, r.URL)
}

// answers reports whether that very server is there: a killed process leaves
// its file behind, and its port may have gone to another.
func answers(ctx context.Context, address string) bool {
	c, err := Open(address, nil)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return c.Ping(ctx) == nil
}
