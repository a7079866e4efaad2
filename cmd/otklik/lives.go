package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otklik/otklik/domain"
)

// Loops that look seldom may be silent for longer than others.
const (
	keeperSilence  = 6 * time.Hour // the first day of a shorter term drops millions of posts
	sessionSilence = time.Hour
	maxSilence     = time.Hour // each bot with a webhook may take half a minute
)

// lifeWatch forgives the loops a silence that is not theirs: while PostgreSQL does
// not answer, and when the process itself stood still (a suspended machine, a paused
// container). A restart would mend neither.
type lifeWatch struct {
	lives *domain.Lives
	ping  func(ctx context.Context) error
	now   func() time.Time

	last time.Time // look
}

const (
	lifeLook  = time.Second
	lifePing  = 5 * time.Second  // a server that takes longer does not answer
	lifeStood = 30 * time.Second // between two looks: far more than a busy machine makes of a second and a ping
	lifeDoubt = 0.5              // share of its silence from which a loop is looked into
)

func (w *lifeWatch) run(ctx context.Context) error {
	t := time.NewTicker(lifeLook)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			w.look(ctx)
		}
	}
}

func (w *lifeWatch) look(ctx context.Context) {
	now := w.now()
	stood := !w.last.IsZero() && now.Sub(w.last) > lifeStood
	w.last = now
	if stood || w.doubts() && !w.answers(ctx) {
		w.lives.Forgive()
	}
}

func (w *lifeWatch) doubts() bool {
	for _, share := range w.lives.Silent() {
		if share > lifeDoubt {
			return true
		}
	}
	return false
}

func (w *lifeWatch) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lifePing)
	defer cancel()
	return w.ping(ctx) == nil
}

// lifeGauges show how silent the loops are, at each scrape.
type lifeGauges struct {
	lives *domain.Lives
	desc  *prometheus.Desc
}

func newLifeGauges(lives *domain.Lives) *lifeGauges {
	return &lifeGauges{lives: lives, desc: prometheus.NewDesc("otklik_loop_silence_ratio",
		"Time since the last life sign of a loop of this process over what is allowed; above 1 it hangs.", []string{"loop"}, nil)}
}

// Describe implements prometheus.Collector.
func (g *lifeGauges) Describe(ch chan<- *prometheus.Desc) { ch <- g.desc }

// Collect implements prometheus.Collector.
func (g *lifeGauges) Collect(ch chan<- prometheus.Metric) {
	for loop, share := range g.lives.Silent() {
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, share, loop)
	}
}

// readyWithin bounds the answer about readiness: whoever asks has a limit too.
const readyWithin = 3 * time.Second

// ready reports whether this process can work: the database answers, its schema fits
// this program still, and the pack of every region is loaded.
func (s *server) ready(ctx context.Context, regions []string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	if err := s.infra.store.CheckSchema(ctx); err != nil {
		return err
	}
	for _, region := range regions {
		if s.follower.Pack(region) == nil {
			return fmt.Errorf("the pack of region %s is not loaded", region)
		}
	}
	return nil
}

// every does something at once and then again after each pause, until ctx ends.
func every(ctx context.Context, pause time.Duration, do func()) {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
