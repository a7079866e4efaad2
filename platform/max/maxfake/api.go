package maxfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// perSecond is what a bot may call in a second.
const perSecond = 30

// call is one call with what it brought.
type call struct {
	w     *World
	bot   *Bot
	r     *http.Request
	query map[string]string
	body  []byte
}

// Handler serves the Bot API, and the pictures' host under /upload.do.
func (w *World) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /upload.do", w.takeUpload)
	mux.HandleFunc("/", w.serveAPI)
	return mux
}

// serveAPI answers one call.
func (w *World) serveAPI(rw http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r, query: map[string]string{}}
	for k, v := range r.URL.Query() {
		c.query[k] = v[0]
	}
	method := methodName(r)
	var err error
	if c.body, err = io.ReadAll(io.LimitReader(r.Body, 8<<20)); err != nil {
		return // whoever sent it is gone
	}
	w.note(Request{Method: method, Query: c.query, Body: string(c.body)})
	f := w.fault(method)
	w.pause(r, f.Delay)
	p := f.answer(rw)
	if f.Status == 0 || f.Done {
		done := w.authorized(c, method)
		if f.Status == 0 {
			p = done
		}
	}
	w.pause(r, f.Late)
	if write(rw, r, f, p) && p.after != nil {
		p.after()
	}
}

// methodName names a call as the client does, a chat's number or a mid left out.
func methodName(r *http.Request) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	name := r.Method + " /" + first
	if rest != "" {
		name += "/{id}"
	}
	return name
}

// authorized checks the token, which comes in a header and nowhere else, and the
// pace.
func (w *World) authorized(c *call, method string) reply {
	w.mu.Lock()
	c.bot = w.bots[c.r.Header.Get("Authorization")]
	fast := c.bot != nil && w.opt.Limits && method != "GET /updates" && c.bot.tooFast()
	w.mu.Unlock()
	switch {
	case c.bot == nil:
		return failed(http.StatusUnauthorized, "verify.token", "Invalid access_token")
	case fast:
		return failed(http.StatusTooManyRequests, "too.many.requests", "Too many requests")
	case method == "GET /updates":
		return c.updates()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.release()
	return c.dispatch(method)
}

func (b *Bot) tooFast() bool {
	now := time.Now()
	for len(b.recent) > 0 && now.Sub(b.recent[0]) >= time.Second {
		b.recent = b.recent[1:]
	}
	if len(b.recent) >= perSecond {
		return true
	}
	b.recent = append(b.recent, now)
	return false
}

func (c *call) dispatch(method string) reply {
	switch method {
	case "GET /me":
		me := c.bot.user().json()
		me["description"] = "поддельный бот"
		return reply{result: me}
	case "GET /subscriptions":
		return c.subscriptions()
	case "POST /subscriptions":
		return c.subscribe()
	case "DELETE /subscriptions":
		return c.unsubscribe()
	case "GET /messages":
		return c.list()
	case "GET /messages/{id}":
		return c.one()
	case "POST /messages":
		return c.send()
	case "PUT /messages":
		return c.edit()
	case "DELETE /messages":
		return c.remove()
	case "POST /answers":
		return c.answer()
	case "POST /uploads":
		return c.uploadPoint()
	case "GET /chats/{id}":
		return c.chatInfo()
	}
	return failed(http.StatusNotFound, "not.found", "Path "+c.r.URL.Path+" is not recognized")
}

func badRequest(format string, args ...any) reply {
	return failed(http.StatusBadRequest, "proto.payload", fmt.Sprintf(format, args...))
}

// number reads a parameter; ok is false when it is there and no number.
func (c *call) number(name string, fallback int64) (n int64, ok bool) {
	s, given := c.query[name]
	if !given {
		return fallback, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// decode reads the body; numbers stay exact.
func (c *call) decode(v any) error {
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.UseNumber()
	return dec.Decode(v)
}

func (c *call) chatInfo() reply {
	id, err := strconv.ParseInt(strings.TrimPrefix(c.r.URL.Path, "/chats/"), 10, 64)
	chat := c.w.chats[id]
	if err != nil || chat == nil {
		return failed(http.StatusNotFound, "chat.not.found", "Chat "+strconv.FormatInt(id, 10)+" not found")
	}
	if _, in := chat.bots[c.bot]; !in {
		return failed(http.StatusForbidden, "chat.denied", "Bot is not a member of the chat")
	}
	o := object{"chat_id": chat.id, "type": chat.kind, "status": "active", "title": nil, "participants_count": 2,
		"is_public": chat.link != "", "last_event_time": c.w.opt.Now().UnixMilli()}
	if chat.title != "" {
		o["title"] = chat.title
	}
	if chat.link != "" {
		o["link"] = chat.link
	}
	return reply{result: o}
}
