package tgfake

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Fault makes calls go wrong. The first one that fits a call is used up by it.
type Fault struct {
	Method     string        // "getUpdates", "sendMessage", "preview", …; "" = any call
	Times      int           // how many calls; 0 = one
	Status     int           // answer with this code …
	Text       string        // … and this description (Bot API) or body (preview)
	RetryAfter int           // seconds, with 429
	Raw        bool          // Text is the whole body, not JSON
	Location   string        // of a redirect
	CutAfter   int           // bytes of the true answer before the connection breaks; 0 = no cut
	Delay      time.Duration // before anything, scaled
	Silent     bool          // no answer at all: the connection breaks at once, after the call took effect
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

// before lets a fault act before the call does; true = it answered.
func (f Fault) before(w *World, rw http.ResponseWriter, r *http.Request, api bool) bool {
	if f.Delay > 0 {
		select {
		case <-time.After(w.scaled(f.Delay)):
		case <-r.Context().Done():
		case <-w.closed:
		}
	}
	if f.Status == 0 {
		return false
	}
	if f.Location != "" {
		rw.Header().Set("Location", f.Location)
	}
	if f.RetryAfter > 0 && !api {
		rw.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Raw || !api {
		rw.WriteHeader(f.Status)
		_, _ = rw.Write([]byte(f.Text))
		return true
	}
	_ = write(rw, r, Fault{}, f.Status, errorBody(f.Status, f.Text, f.RetryAfter, 0))
	return true
}

// errorBody is an error answer of the Bot API.
func errorBody(code int, text string, retryAfter int, migrateTo int64) []byte {
	o := object{"ok": false, "error_code": code, "description": text}
	params := object{}
	if retryAfter > 0 {
		params["retry_after"] = retryAfter
	}
	if migrateTo != 0 {
		params["migrate_to_chat_id"] = migrateTo
	}
	if len(params) > 0 {
		o["parameters"] = params
	}
	body, _ := json.Marshal(o)
	return body
}

// write sends an answer, or as much of it as the fault lets through. It reports
// whether the whole of it left; a broken connection does not come back.
func write(rw http.ResponseWriter, r *http.Request, f Fault, status int, body []byte) bool {
	rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if f.Silent {
		panic(http.ErrAbortHandler)
	}
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
