package vkfake

import (
	"net/http"
	"strconv"
	"time"
)

// Fault is something that goes wrong with calls. Exactly one of the kinds is
// set; Delay may stand alone or come first.
type Fault struct {
	Method string // "" for any; "a_check" for long polls
	Token  string // "" for any; a token with a fault of its own
	Times  int    // how many calls it hits; 0: one

	Code       int           // VK error code
	Redirect   string        // with code 14 or 17: where a person has to go
	Status     int           // HTTP status of a gateway, with an HTML page
	RetryAfter int           // seconds, header beside Status
	Cut        bool          // the line breaks in the middle of the body
	Truncated  bool          // a complete HTTP answer with half of the JSON
	WrongType  bool          // the right JSON labelled text/html
	Delay      time.Duration // real time before the answer
}

type faults struct {
	queue []Fault
	dice  func(method string) *Fault
}

// AddFault puts a fault in line; each method takes its own faults in order.
func (s *Server) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Times = max(1, f.Times)
	s.faults.queue = append(s.faults.queue, f)
}

// Pending is how many calls of a token its faults have still to hit.
func (s *Server) Pending(token string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults.queue {
		if f.Token == token {
			n += f.Times
		}
	}
	return n
}

// SetFaults asks pick before every call whether something goes wrong; nil ends it.
// pick is called under the fake's lock.
func (s *Server) SetFaults(pick func(method string) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.dice = pick
}

// takeFault gives the fault that hits this call, or nil.
func (s *Server) takeFault(method, token string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.faults.queue {
		f := s.faults.queue[i]
		if f.Method != "" && f.Method != method || f.Token != "" && f.Token != token {
			continue
		}
		if s.faults.queue[i].Times--; s.faults.queue[i].Times == 0 {
			s.faults.queue = append(s.faults.queue[:i], s.faults.queue[i+1:]...)
		}
		return &f
	}
	if s.faults.dice != nil {
		return s.faults.dice(method)
	}
	return nil
}

// before does what happens instead of the call or ahead of it, and reports
// whether the call goes on.
func (f *Fault) before(w http.ResponseWriter, r *http.Request, c *call) bool {
	if f.Delay > 0 {
		select {
		case <-r.Context().Done():
			return false
		case <-time.After(f.Delay):
		}
	}
	if f.Status != 0 {
		f.gateway(w)
		return false
	}
	if f.Code != 0 {
		send(w, r, c.body(nil, f.apiError()))
		return false
	}
	return true
}

func (f *Fault) gateway(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte("<html><body>gateway</body></html>"))
}

func (f *Fault) apiError() *apiError {
	e := &apiError{code: f.Code, msg: "scripted fault"}
	if f.Redirect != "" {
		e.more = map[string]any{"redirect_uri": f.Redirect, "captcha_sid": 548747100691, "is_refresh_enabled": true}
	}
	return e
}

// spoil damages a finished answer and reports whether it was sent that way.
// The call has had its effect: a comment whose answer was cut is written.
func (f *Fault) spoil(w http.ResponseWriter, body []byte) bool {
	half := body[:len(body)/2]
	switch {
	case f.Cut:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(half)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the documented way to break a connection
	case f.Truncated:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(half)
	case f.WrongType:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body)
	default:
		return false
	}
	return true
}
