package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Viewer tells what the person behind a stream may see. It is asked again and
// again, because rights change and sessions end; false ends the stream.
type Viewer func(ctx context.Context) (domain.Scope, bool)

const (
	pageSize     = 200
	beat         = 15 * time.Second // a proxy drops a silent connection
	writeWithin  = 10 * time.Second // a browser that does not read is gone
	retryAfterMS = 3000             // the browser's pause before it connects again
)

// errGone: the browser has left; there is nobody to tell.
var errGone = errors.New("the reader is gone")

// Serve streams until the browser leaves, the viewer's session ends or the hub
// stops. It goes on from the browser's Last-Event-ID, else from the parameter
// after (the point at which the page was drawn), else from now.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, viewer Viewer) error {
	s := &stream{hub: h, w: w, out: http.NewResponseController(w), viewer: viewer}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep the events to itself
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.URL.Query().Get("after")
	}
	err := s.begin(r.Context(), from)
	if err == nil {
		err = s.follow(r.Context())
	}
	if errors.Is(err, errGone) || r.Context().Err() != nil {
		return nil //nolint:nilerr // nobody is there to be told
	}
	return err
}

// stream is one browser.
type stream struct {
	hub     *Hub
	w       http.ResponseWriter
	out     *http.ResponseController
	viewer  Viewer
	at      domain.EventPoint
	counted bool
	shown   domain.Counters
}

// begin finds where to go on from.
func (s *stream) begin(ctx context.Context, from string) error {
	at, kept := s.resume(ctx, from)
	hello := fmt.Sprintf("retry: %d\n\n", retryAfterMS)
	if !kept {
		var err error
		if at, err = s.hub.Store.LastEvent(ctx); err != nil {
			return err
		}
		if from != "" {
			hello += message("reload", at, struct{}{}) // what was missed is gone: draw the page anew
		}
	}
	s.at = at
	return s.write(hello)
}

// resume reads the point a browser asks for; false when it cannot be gone on from.
func (s *stream) resume(ctx context.Context, from string) (domain.EventPoint, bool) {
	at, err := domain.ParseEventPoint(from)
	if err != nil {
		return at, false
	}
	kept, err := s.hub.Store.EventsKept(ctx, at)
	return at, err == nil && kept
}

func (s *stream) follow(ctx context.Context) error {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		next, more := s.hub.next() // before reading: what comes meanwhile is news
		if !more {
			return nil
		}
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-next:
		case <-t.C:
			if err := s.write(": \n\n"); err != nil {
				return err
			}
		}
	}
}

// catchUp sends what is new and may be seen.
func (s *stream) catchUp(ctx context.Context) error {
	scope, ok := s.viewer(ctx)
	if !ok {
		if err := s.write(message("signed-out", s.at, struct{}{})); err != nil {
			return err
		}
		return errGone
	}
	// All up to here can be read now, so what is not given is not for this viewer.
	last, err := s.hub.Store.LastEvent(ctx)
	if err != nil {
		return err
	}
	news, err := s.events(ctx, scope)
	if err != nil {
		return err
	}
	s.at = later(s.at, last)
	if s.counted && !news {
		return nil
	}
	return s.counters(ctx, scope)
}

func (s *stream) events(ctx context.Context, scope domain.Scope) (news bool, err error) {
	for {
		events, err := s.hub.Store.EventsAfter(ctx, scope, s.at, pageSize)
		if err != nil {
			return news, err
		}
		var text strings.Builder
		for _, e := range events {
			s.at = e.Point
			text.WriteString(message(e.Kind, e.Point, payload{Case: e.CaseID, Agency: e.AgencyID, Details: e.Details}))
		}
		if len(events) > 0 {
			news = true
			if err := s.write(text.String()); err != nil {
				return news, err
			}
		}
		if len(events) < pageSize {
			return news, nil
		}
	}
}

func later(a, b domain.EventPoint) domain.EventPoint {
	if a.Transaction > b.Transaction || a.Transaction == b.Transaction && a.ID > b.ID {
		return a
	}
	return b
}

type payload struct {
	Case    int64           `json:"case,omitempty"`
	Agency  string          `json:"agency,omitempty"`
	Details json.RawMessage `json:"details,omitempty"`
}

// counters sends the numbers of the menu when they are not what was sent last.
func (s *stream) counters(ctx context.Context, scope domain.Scope) error {
	now, err := s.hub.Store.DeskCounters(ctx, scope, s.hub.Clock.Now())
	if err != nil {
		return err
	}
	if s.counted && now == s.shown {
		return nil
	}
	s.counted, s.shown = true, now
	return s.write(message("counters", s.at, now))
}

func (s *stream) write(text string) error {
	err := s.out.SetWriteDeadline(time.Now().Add(writeWithin))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}

// message is one server-sent event; JSON holds no line breaks.
func message(kind string, at domain.EventPoint, data any) string {
	body, err := json.Marshal(data)
	if err != nil {
		body = []byte("{}")
	}
	return fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", at, kind, body)
}
