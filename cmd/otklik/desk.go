package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/live"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage/redis"
)

// deskOptions are what the demonstration does otherwise.
type deskOptions struct {
	demo   bool
	notice string          // a line on every page
	hint   func() []string // on the login page
}

// liveLook is how soon desks hear of what another process has done when Redis
// does not wake this one.
const liveLook = time.Second

// passwordsAtOnce bounds the memory of password checks: 64 MiB each.
const passwordsAtOnce = 2

// desk is the web workplace of this process.
func (s *server) desk(intake context.Context, pl *platforms, m *metrics, g *group) (http.Handler, error) {
	kit, err := s.deskKit(intake, pl, m, g)
	if err != nil {
		return nil, err
	}
	return kit.Handler()
}

func (s *server) deskKit(intake context.Context, pl *platforms, m *metrics, g *group) (*page.Kit, error) {
	sessions, section, err := s.login(m)
	if err != nil {
		return nil, err
	}
	sections, err := s.sections(intake, pl, g)
	if err != nil {
		return nil, err
	}
	hub := &live.Hub{Store: s.infra.store, Clock: s.clock, Log: s.log, Every: liveLook, Wake: s.infra.redis.Wakes(intake, redis.TopicEvents)}
	g.run("live events", func() error { return hub.Run(intake) })
	sections = append(sections, section, hub.Section())
	return page.New(page.Options{Sessions: sessions, Regions: s.deskRegions, Clock: s.clock, Log: s.log, Note: s.infra.store.Note,
		Address: s.visitor, Insecure: s.plainHTTP(), Notice: s.deskOpts.notice, Live: hub.Address,
		Changed: func(ctx context.Context) { s.infra.redis.Wake(ctx, redis.TopicEvents) }}, sections...)
}

func (s *server) login(m *metrics) (*login.Sessions, page.Section, error) {
	seal, err := s.seal()
	if err != nil {
		return nil, page.Section{}, err
	}
	if !seal.Ready() {
		s.log.Warn("OTKLIK_SECRET_KEY is not set: administrators cannot set up their second factor and cannot work")
	}
	hasher, err := s.hasher()
	if err != nil {
		return nil, page.Section{}, err
	}
	sessions := login.NewSessions(s.infra.store, s.clock, login.SessionOptions{Idle: s.cfg.SessionIdle, Max: s.cfg.SessionMax,
		Plain: s.plainHTTP(), FactorRequired: !s.deskOpts.demo, Address: s.visitor}, s.log)
	l := &login.Login{Store: s.infra.store, Sessions: sessions, Hasher: hasher, Seal: seal, Provider: s.provider(), Clock: s.clock,
		RealClock: domain.SystemClock{}, Observe: m.login, Hint: s.deskOpts.hint}
	return sessions, l.Section(), nil
}

// seal encrypts what is secret in the database. Without a key it can do nothing.
func (s *server) seal() (*login.Seal, error) {
	key, err := s.secretKey()
	if err != nil {
		return nil, err
	}
	seal, err := login.NewSeal(key)
	if err != nil {
		return nil, fmt.Errorf("OTKLIK_SECRET_KEY: %w", err)
	}
	return seal, nil
}

func (s *server) secretKey() (string, error) {
	if s.cfg.SecretKey != "" || s.cfg.DatabaseURL != "" {
		return s.cfg.SecretKey, nil
	}
	return ownSecretKey(s.cfg.StateDir, s.log)
}

func (s *server) hasher() (*login.Hasher, error) {
	if s.deskOpts.demo {
		return login.NewCheapHasher() // known passwords need no protection
	}
	return login.NewHasher(passwordsAtOnce)
}

func (s *server) provider() *login.Provider {
	if s.cfg.OIDCIssuer == "" {
		return nil
	}
	return &login.Provider{Issuer: s.cfg.OIDCIssuer, ClientID: s.cfg.OIDCClientID, Secret: s.cfg.OIDCClientSecret, Title: s.cfg.OIDCTitle,
		Back: strings.TrimSuffix(s.cfg.DeskURL, "/") + "/login/provider/back", Client: &http.Client{Timeout: providerWithin}}
}

const providerWithin = 8 * time.Second

// plainHTTP: browsers reach the desk without TLS, so its cookie cannot insist on
// it. A loopback address is as good as TLS to browsers, except in the demo,
// whose visitors come as they like.
func (s *server) plainHTTP() bool {
	return s.deskOpts.demo || strings.HasPrefix(s.cfg.DeskURL, "http://")
}

// visitor is the network address of a browser: past the proxies we trust, the
// last one they have not added themselves.
func (s *server) visitor(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().String()
	}
	return host
}

func (s *server) trusted(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, text := range s.cfg.DeskProxies {
		if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

func (s *server) deskRegions() []page.Region {
	var out []page.Region
	for _, p := range s.follower.Packs() {
		out = append(out, pageRegion(p))
	}
	return out
}

func pageRegion(p *rules.Pack) page.Region {
	agencies := make([]domain.Agency, len(p.Agencies))
	for i := range p.Agencies {
		a := &p.Agencies[i]
		agencies[i] = domain.Agency{ID: a.ID, Name: a.Name, Short: a.ShortName(), Parent: a.Parent}
	}
	var restricted []int
	for i := range p.Categories {
		if c := &p.Categories[i]; c.Restricted != "" {
			restricted = append(restricted, c.Row)
		}
	}
	return page.Region{ID: p.Region.ID, RestrictedRows: restricted, Name: p.Region.Name, Zone: p.Region.Location, Calendar: p.Calendar, Agencies: agencies,
		Tree: domain.NewTree(agencies), Agency: agencyNames(p), Category: categoryWords(p)}
}

// keepSessions forgets expired sessions until ctx ends.
func (s *server) keepSessions(ctx context.Context) error {
	life := s.lives.Begin("expired sessions", "", sessionSilence)
	defer life.End()
	every(ctx, sessionLook, func() {
		life.Beat()
		if _, err := s.infra.store.PruneSessions(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("forget expired sessions", "err", err)
		}
	})
	return nil
}

const sessionLook = 10 * time.Minute

// ownSecretKey is the key of an installation on the private database: made once,
// kept beside it.
func ownSecretKey(dir string, log *slog.Logger) (string, error) {
	return secretKeyIn(dir, func(path string) {
		log.Info("OTKLIK_SECRET_KEY is not set: a key was made and is kept beside the private database", "file", path)
	})
}
