package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
)

// outages keeps the log readable while PostgreSQL does not answer. Every loop of
// the process then fails several times a second; their lines, told by
// domain.ErrUnavailable among the attributes, become one when it begins, one a
// minute, and one when it ends. At level debug they are written as they came.
type outages struct {
	out  slog.Handler // as the process logs otherwise
	ping func(ctx context.Context) error
	now  func() time.Time

	mu     sync.Mutex
	state  domain.Outage
	failed time.Time // when the last line was held back
	held   int       // lines held back since the last one written
}

const (
	outageLook = time.Second
	outagePing = 5 * time.Second // a server that takes longer does not answer
	// outageCalm is how long nothing may have failed before a ping that works is
	// believed: a server that is starting answers some and refuses others.
	outageCalm = 2 * time.Second
)

func newOutages(log *slog.Logger, ping func(ctx context.Context) error) *outages {
	return &outages{out: log.Handler(), ping: ping, now: time.Now}
}

// watch tells of the end of an outage, and every minute of one that lasts.
func (o *outages) watch(ctx context.Context) error {
	t := time.NewTicker(outageLook)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			o.look(ctx)
		}
	}
}

func (o *outages) look(ctx context.Context) {
	o.mu.Lock()
	on, calm := o.state.On(), o.now().Sub(o.failed) >= outageCalm
	o.mu.Unlock()
	if !on {
		return
	}
	limited, cancel := context.WithTimeout(ctx, outagePing)
	defer cancel()
	err := o.ping(limited)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		o.fails(ctx, err, 0)
	case calm:
		o.ends(ctx)
	}
}

// fails notes a failure, and says so when there is something new to say.
func (o *outages) fails(ctx context.Context, err error, lines int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	o.failed = now
	o.held += lines
	switch news, length := o.state.Failed(now); news {
	case domain.OutageBegins:
		o.say(ctx, slog.LevelError, "PostgreSQL does not answer: nothing is acknowledged, posts wait on their platforms", slog.Any("err", err))
	case domain.OutageLasts:
		o.say(ctx, slog.LevelError, "PostgreSQL still does not answer", slog.Duration("for", length.Round(time.Second)), slog.Any("err", err))
	case domain.OutageSilent, domain.OutageEnds:
	}
}

func (o *outages) ends(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if news, length := o.state.Answered(o.now()); news == domain.OutageEnds {
		o.say(ctx, slog.LevelInfo, "PostgreSQL answers again", slog.Duration("after", length.Round(time.Second)))
	}
}

// say writes a line with the number of those it stands for. The lock is held.
func (o *outages) say(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	r := slog.NewRecord(time.Now(), level, msg, 0)
	r.AddAttrs(attrs...)
	if o.held > 1 {
		r.AddAttrs(slog.Int("lines", o.held))
	}
	o.held = 0
	if o.out.Enabled(ctx, level) {
		_ = o.out.Handle(ctx, r) // a log that cannot be written has nobody to tell
	}
}

// logger is the log of the process with the lines of an outage held back.
func (o *outages) logger() *slog.Logger { return slog.New(calmHandler{Handler: o.out, outages: o}) }

// calmHandler hands everything on but the lines of an outage.
type calmHandler struct {
	slog.Handler
	outages *outages
}

// Handle implements slog.Handler.
func (h calmHandler) Handle(ctx context.Context, r slog.Record) error {
	if err := unavailable(r); err != nil && r.Level >= slog.LevelWarn {
		h.outages.fails(ctx, err, 1)
		if !h.Enabled(ctx, slog.LevelDebug) {
			return nil
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h calmHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return calmHandler{Handler: h.Handler.WithAttrs(attrs), outages: h.outages}
}

// WithGroup implements slog.Handler.
func (h calmHandler) WithGroup(name string) slog.Handler {
	return calmHandler{Handler: h.Handler.WithGroup(name), outages: h.outages}
}

// unavailable is the error of a line that says that the store does not answer.
func unavailable(r slog.Record) (found error) {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && errors.Is(err, domain.ErrUnavailable) {
			found = err
		}
		return found == nil
	})
	return found
}
