package maxfake

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Fault makes calls go wrong. The first one that fits a call is used up by it.
type Fault struct {
	Method     string        // "GET /updates", "POST /messages", …; "" = any call
	Times      int           // how many calls; 0 = one
	Status     int           // answer with this status …
	Code, Text string        // … and this code and message
	Raw        bool          // Text is the whole body, not JSON
	RetryAfter int           // seconds, as a header
	Done       bool          // the call takes effect before Status is answered
	CutAfter   int           // bytes of the true answer before the connection breaks; 0 = no cut
	Silent     bool          // no answer at all: the connection breaks, after the call took effect
	Delay      time.Duration // before the call takes effect, scaled
	Late       time.Duration // between effect and answer, scaled
}

// Fail scripts a fault.
func (w *World) Fail(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	w.faults = append(w.faults, &f)
}

// Heal forgets all faults.
func (w *World) Heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
}

func (w *World) fault(method string) Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.faults {
		if f.Times > 0 && (f.Method == "" || f.Method == method) {
			f.Times--
			return *f
		}
	}
	return Fault{}
}

// answer is the fault's own, in place of the true one.
func (f Fault) answer(rw http.ResponseWriter) reply {
	if f.RetryAfter > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Raw {
		return reply{status: f.Status, raw: []byte(f.Text)}
	}
	return reply{status: f.Status, code: f.Code, text: f.Text}
}

// pause waits on this side; a caller that hangs up ends it.
func (w *World) pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(w.scaled(d)):
	case <-r.Context().Done():
	case <-w.closed:
	}
}

// write sends an answer, or as much of it as the fault lets through. It reports
// whether the whole of it left; a broken connection does not come back.
func write(rw http.ResponseWriter, r *http.Request, f Fault, p reply) bool {
	status, body := p.render()
	if f.Silent {
		panic(http.ErrAbortHandler)
	}
	if p.raw == nil {
		rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	rw.WriteHeader(status)
	if f.CutAfter > 0 && f.CutAfter < len(body) {
		_, _ = rw.Write(body[:f.CutAfter])
		_ = http.NewResponseController(rw).Flush()
		panic(http.ErrAbortHandler)
	}
	if _, err := rw.Write(body); err != nil {
		return false
	}
	return http.NewResponseController(rw).Flush() == nil && r.Context().Err() == nil
}

// reply is what a method answers: a result, or an error with a code.
type reply struct {
	status int // 0 = 200
	result any
	code   string
	text   string
	raw    []byte
	after  func() // runs when the whole answer was written
}

func (p reply) render() (int, []byte) {
	switch {
	case p.raw != nil:
		return p.status, p.raw
	case p.status != 0 && p.status != http.StatusOK:
		return p.status, marshal(object{"code": p.code, "message": p.text})
	}
	return http.StatusOK, marshal(p.result)
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("maxfake: own answer: " + err.Error())
	}
	return b
}

func failed(status int, code, text string) reply {
	return reply{status: status, code: code, text: text}
}

func succeeded() reply { return reply{result: object{"success": true}} }
