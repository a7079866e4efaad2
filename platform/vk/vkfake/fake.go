package vkfake

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
)

// MethodPath is the path below which the API methods are served; a client's base
// URL is the server's address with it appended.
const MethodPath = "/method/"

const longPollPath = "/longpoll/"

// maxForm bounds what a caller may send.
const maxForm = 4 << 20

// Options of a fake. Only Clock is needed.
type Options struct {
	Clock  domain.Clock
	Ledger *ledger.Ledger // nil: nothing is noted
	Limits Limits
	// Service are the service tokens that may read.
	Service []string
	// Hidden says which posts the search never shows; nil hides every tenth.
	Hidden func(owner, post int64) bool
	// MaxWait caps a long poll's wait in real time; 0: what was asked for, at most 90 s.
	MaxWait time.Duration
	// Callback is the client events are pushed with; nil: a plain one.
	Callback *http.Client
}

// Server is the fake. It is an http.Handler and safe for concurrent use.
type Server struct {
	clock    domain.Clock
	ledger   *ledger.Ledger
	hidden   func(owner, post int64) bool
	maxWait  time.Duration
	callback *http.Client

	mu      sync.Mutex
	service map[string]bool
	walls   map[int64]*wall
	groups  map[int64]*community
	limits  *meter
	faults  faults
	agenda  agenda
	sent    sent
	calls   map[string]int
	changed chan struct{} // closed and replaced whenever an event is queued
}

// New makes a fake with an empty world.
func New(o Options) *Server {
	if o.Ledger == nil {
		o.Ledger = ledger.New(io.Discard, o.Clock.Now)
	}
	if o.Hidden == nil {
		o.Hidden = func(_, post int64) bool { return post%10 == 0 }
	}
	if o.Callback == nil {
		o.Callback = &http.Client{Timeout: 10 * time.Second}
	}
	s := &Server{
		clock: o.Clock, ledger: o.Ledger, hidden: o.Hidden, maxWait: o.MaxWait, callback: o.Callback,
		service: map[string]bool{}, walls: map[int64]*wall{}, groups: map[int64]*community{},
		limits: newMeter(o.Limits), sent: newSent(), calls: map[string]int{}, changed: make(chan struct{}),
	}
	for _, t := range o.Service {
		s.service[t] = true
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Advance()
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, MethodPath):
		s.serveMethod(w, r, strings.TrimPrefix(r.URL.Path, MethodPath))
	case strings.HasPrefix(r.URL.Path, longPollPath):
		s.serveLongPoll(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Calls tells how often a method was called, refused calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// call is one call of a method on its way to an answer.
type call struct {
	method string
	form   url.Values
	token  string
	group  int64  // whose community token it is; 0 for a service token
	host   string // under which the caller reached us
	served []domain.PostID
	reply  func() // notes a reply once the call has had its effect
}

func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request, method string) {
	c := &call{method: method, form: r.Form, token: tokenOf(r), host: r.Host}
	f := s.takeFault(method, c.token)
	if f != nil && !f.before(w, r, c) {
		return
	}
	s.mu.Lock()
	s.calls[method]++
	answer, fail := s.handle(c)
	s.mu.Unlock()
	if c.reply != nil {
		c.reply()
	}
	body := c.body(answer, fail)
	if f != nil && f.spoil(w, body) {
		return
	}
	if send(w, r, body) {
		for _, id := range c.served {
			s.ledger.Served(id)
		}
	}
}

func tokenOf(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	return r.Form.Get("access_token")
}

// handle answers one call. The lock is held.
func (s *Server) handle(c *call) (any, *apiError) {
	if fail := s.authorise(c); fail != nil {
		return nil, fail
	}
	if fail := s.limits.take(c, s.clock.Now()); fail != nil {
		return nil, fail
	}
	switch c.method {
	case "wall.get":
		return s.wallGet(c)
	case "wall.getById":
		return s.wallGetByID(c)
	case "wall.getComments":
		return s.wallGetComments(c)
	case "newsfeed.search":
		return s.newsfeedSearch(c)
	case "groups.getById":
		return s.groupsGetByID(c)
	case "groups.getLongPollServer":
		return s.longPollServer(c)
	case "wall.createComment":
		return s.createComment(c)
	case "messages.send":
		return s.messagesSend(c)
	case "messages.getConversations":
		return s.conversations(c)
	case "messages.getHistory":
		return s.history(c)
	}
	return nil, &apiError{code: 3, msg: "Unknown method passed"}
}

// authorise finds out whose token it is and whether it fits the method.
func (s *Server) authorise(c *call) *apiError {
	if c.form.Get("v") == "" {
		return &apiError{code: 8, msg: "Invalid request: v is required"}
	}
	for id, g := range s.groups {
		if g.Token != "" && g.Token == c.token {
			c.group = id
		}
	}
	if c.group == 0 && !s.service[c.token] {
		return &apiError{code: 5, msg: "User authorization failed: invalid access_token (4)."}
	}
	reads := strings.HasPrefix(c.method, "wall.get") || c.method == "newsfeed.search"
	writes := c.method == "wall.createComment" || strings.HasPrefix(c.method, "messages.") || c.method == "groups.getLongPollServer"
	if c.group != 0 && reads {
		return &apiError{code: 27, msg: "Group authorization failed: method is unavailable with group auth."}
	}
	if c.group == 0 && writes {
		return &apiError{code: 28, msg: "Application authorization failed: method is unavailable with service token."}
	}
	return nil
}
