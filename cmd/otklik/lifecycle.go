package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// stops runs named clean-ups in reverse order of their registration.
type stops struct {
	log   *slog.Logger
	steps []stop
}

type stop struct {
	name string
	run  func(ctx context.Context) error
}

func (s *stops) add(name string, run func(ctx context.Context) error) {
	s.steps = append(s.steps, stop{name, run})
}

// all stops everything within the context; one that fails does not keep the
// others from stopping.
func (s *stops) all(ctx context.Context) {
	for i := len(s.steps) - 1; i >= 0; i-- {
		if err := s.steps[i].run(ctx); err != nil {
			s.log.Warn("stop", "what", s.steps[i].name, "err", err)
		}
	}
	s.steps = nil
}

// group runs long-lived parts; the first that fails ends them all.
type group struct {
	wg     sync.WaitGroup
	cancel context.CancelCauseFunc
}

func newGroup(ctx context.Context) (*group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &group{cancel: cancel}, ctx
}

func (g *group) run(name string, f func() error) {
	g.wg.Go(func() {
		if err := f(); err != nil {
			g.cancel(fmt.Errorf("%s: %w", name, err))
		}
	})
}

// listen opens a TCP listener and serves h on it until stopped. The address in
// force is returned: ":0" asks for a free port. variable gave the address.
func listen(ctx context.Context, s *stops, g *group, name, variable, addr string, h http.Handler) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", worded{listenWords(variable, err), err}
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	g.run(name, func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	s.add(name+" listener", func(ctx context.Context) error {
		if err := srv.Shutdown(ctx); err != nil {
			return errors.Join(err, srv.Close())
		}
		return nil
	})
	return l.Addr().String(), nil
}
