package login

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Keys of a session's values. All values are texts.
const (
	keyUser    = "user"    // id of who is logged in
	keyEpoch   = "epoch"   // of that user, at login
	keyPending = "pending" // id of who has given a password and owes a code
	keyUntil   = "until"   // of pending
	keyTo      = "to"      // where to after the login
	keyHow     = "how"     // how the pending one came
	keySecret  = "secret"  // of a second factor that is being set up, encrypted
	keyOIDC    = "oidc"    // state, nonce and verifier of a login at the provider
)

// SessionOptions are limits of sessions.
type SessionOptions struct {
	Idle  time.Duration // ends after so long without a request
	Max   time.Duration // ends after so long whatever happens
	Plain bool          // over plain HTTP: the cookie cannot be Secure
	// FactorRequired: administrators must have a second factor.
	FactorRequired bool
	// Address is where a request came from.
	Address func(*http.Request) string
}

// Sessions implements page.Sessions over scs: the cookie holds a random token,
// the database its hash and the data.
type Sessions struct {
	store   Store
	clock   domain.Clock
	opts    SessionOptions
	manager *scs.SessionManager
}

// NewSessions makes the sessions of a desk. A database that fails is a 503.
func NewSessions(store Store, clock domain.Clock, opts SessionOptions, log *slog.Logger) *Sessions {
	m := scs.New()
	m.Store = sessionStore{store}
	m.Codec = jsonCodec{}
	m.HashTokenInStore = true
	m.IdleTimeout, m.Lifetime = opts.Idle, opts.Max
	m.Cookie.Name, m.Cookie.Path, m.Cookie.HttpOnly, m.Cookie.SameSite = "__Host-otklik", "/", true, http.SameSiteLaxMode
	m.Cookie.Persist = false // a closed browser is a logout
	m.Cookie.Secure = true
	if opts.Plain {
		m.Cookie.Name, m.Cookie.Secure = "otklik", false
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		if errors.Is(err, context.Canceled) {
			return
		}
		log.Error("session", "path", r.URL.Path, "err", err)
		w.Header().Set("Retry-After", "10")
		http.Error(w, "База данных не отвечает. Обновите страницу через несколько секунд.", http.StatusServiceUnavailable)
	}
	return &Sessions{store: store, clock: clock, opts: opts, manager: m}
}

type visitorKey struct{}

// visitor is where a session is used from, and what was in it when the request
// came. Only what the request has changed may be written back: of two requests
// side by side the one that changes nothing would take back what the other noted.
type visitor struct {
	address, agent string
	hash           string
	found          []byte
}

const maxAgent = 200

// Load implements page.Sessions.
func (s *Sessions) Load(next http.Handler) http.Handler {
	inner := s.manager.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent := r.UserAgent()
		v := &visitor{address: s.opts.Address(r), agent: agent[:min(len(agent), maxAgent)]}
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, v)))
	})
}

// User implements page.Sessions. That the session still counts (not expired, not
// ended, its user active) was decided when it was found.
func (s *Sessions) User(ctx context.Context) (domain.User, error) {
	id, ok := s.id(ctx, keyUser)
	if !ok {
		return domain.User{}, page.ErrNobody
	}
	u, err := s.store.Person(ctx, id, s.clock.Now())
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return u, page.ErrNobody
	case err != nil:
		return u, err
	case !u.Active:
		return u, page.ErrNobody
	}
	u.MustEnroll = s.opts.FactorRequired && !u.SecondFactor && u.HasOwn(domain.RoleAdministrator)
	return u, nil
}

// againWithin bounds the question whether a session still counts.
const againWithin = 5 * time.Second

// Again implements page.Sessions: the session is read anew, in a context that
// does not hold it yet, and its idle time is not prolonged.
func (s *Sessions) Again(ctx context.Context) (domain.User, error) {
	fresh, cancel := context.WithTimeout(context.Background(), againWithin)
	defer cancel()
	fresh, err := s.manager.Load(fresh, s.manager.Token(ctx))
	if err != nil {
		return domain.User{}, fmt.Errorf("read the session again: %w", err)
	}
	return s.User(fresh)
}

// Put implements page.Sessions.
func (s *Sessions) Put(ctx context.Context, key, text string) { s.manager.Put(ctx, key, text) }

// Pop implements page.Sessions.
func (s *Sessions) Pop(ctx context.Context, key string) string { return s.manager.PopString(ctx, key) }

func (s *Sessions) get(ctx context.Context, key string) string { return s.manager.GetString(ctx, key) }

func (s *Sessions) id(ctx context.Context, key string) (int64, bool) {
	id, err := strconv.ParseInt(s.get(ctx, key), 10, 64)
	return id, err == nil && id > 0
}

// Begin logs somebody in under a new token, so that a token known before is
// worth nothing.
func (s *Sessions) Begin(ctx context.Context, id, epoch int64) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew the session's token: %w", err)
	}
	for _, key := range []string{keyPending, keyUntil, keyHow, keyTo, keySecret, keyOIDC} {
		s.manager.Remove(ctx, key)
	}
	s.manager.Put(ctx, keyUser, strconv.FormatInt(id, 10))
	s.manager.Put(ctx, keyEpoch, strconv.FormatInt(epoch, 10))
	return nil
}

// here names the session of a request as the store lists it.
func (s *Sessions) here(ctx context.Context) domain.SessionInfo {
	hash := sha256.Sum256([]byte(s.manager.Token(ctx))) // as scs keeps it
	return domain.SessionInfo{ID: base64.RawURLEncoding.EncodeToString(hash[:])}
}

// End logs out.
func (s *Sessions) End(ctx context.Context) error {
	if err := s.manager.Destroy(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	return nil
}

// sessionStore is scs's store over ours.
type sessionStore struct{ Store }

// FindCtx implements scs.CtxStore.
func (s sessionStore) FindCtx(ctx context.Context, hash string) ([]byte, bool, error) {
	data, ok, err := s.FindSession(ctx, hash)
	if v, here := ctx.Value(visitorKey{}).(*visitor); here && ok {
		v.hash, v.found = hash, data
	}
	return data, ok, err
}

// CommitCtx implements scs.CtxStore.
func (s sessionStore) CommitCtx(ctx context.Context, hash string, data []byte, expiry time.Time) error {
	v, _ := ctx.Value(visitorKey{}).(*visitor)
	if v == nil {
		v = &visitor{}
	}
	if v.hash == hash && bytes.Equal(v.found, data) {
		return s.SeeSession(ctx, domain.SessionRow{Hash: hash, Address: v.address, Agent: v.agent, ExpiresAt: expiry})
	}
	_, values, err := jsonCodec{}.Decode(data)
	if err != nil {
		return err
	}
	number := func(key string) int64 {
		text, _ := values[key].(string)
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	return s.SaveSession(ctx, domain.SessionRow{Hash: hash, UserID: number(keyUser), Epoch: number(keyEpoch), Data: data,
		Address: v.address, Agent: v.agent, ExpiresAt: expiry})
}

// DeleteCtx implements scs.CtxStore.
func (s sessionStore) DeleteCtx(ctx context.Context, hash string) error {
	return s.DeleteSession(ctx, hash)
}

var errNoContext = errors.New("sessions need a context")

// Find implements scs.Store; scs calls FindCtx.
func (s sessionStore) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit implements scs.Store; scs calls CommitCtx.
func (s sessionStore) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete implements scs.Store; scs calls DeleteCtx.
func (s sessionStore) Delete(string) error { return errNoContext }

// jsonCodec keeps a session readable for the store, which needs its user.
type jsonCodec struct{}

type sessionJSON struct {
	Deadline time.Time      `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode implements scs.Codec.
func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	b, err := json.Marshal(sessionJSON{deadline, values})
	if err != nil {
		return nil, fmt.Errorf("encode a session: %w", err)
	}
	return b, nil
}

// Decode implements scs.Codec.
func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var s sessionJSON
	if err := json.Unmarshal(b, &s); err != nil {
		return time.Time{}, nil, fmt.Errorf("decode a session: %w", err)
	}
	if s.Values == nil {
		s.Values = map[string]any{}
	}
	return s.Deadline, s.Values, nil
}
