package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/deadline"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/worker"
)

// Roles of a process. One process may have all.
const (
	rolePoll     = "poll"
	roleHooks    = "hooks"
	roleDeadline = "deadline"
	roleReply    = "reply"
	roleDesk     = "desk"
)

func allRoles() []string {
	return []string{rolePoll, roleHooks, roleDeadline, roleReply, roleDesk}
}

type serveCmd struct {
	Roles []string `default:"poll,hooks,deadline,reply,desk" enum:"poll,hooks,deadline,reply,desk" help:"Роли этого процесса: ${enum}."`
}

// Run implements the command.
func (c serveCmd) Run(p *program) error {
	log, err := newLog(p.cfg, p.stderr)
	if err != nil {
		return err
	}
	p.warn()
	if err := p.cfg.startFaults(c.Roles); err != nil {
		return err
	}
	if p.cfg.DatabaseURL == "" || p.cfg.RedisURL == "" {
		claim, err := claimState(p.cfg.StateDir, "serve")
		if err != nil {
			return err
		}
		defer func() { _ = claim.Close() }() // the end of the process would do
	}
	infra, err := openInfra(p.ctx, p.cfg, infraOptions{serve: true, clock: domain.SystemClock{}}, log)
	if err != nil {
		return err
	}
	defer infra.close()
	s := server{cfg: p.cfg, clock: domain.SystemClock{}, infra: infra, log: log, roles: c.Roles, manager: managerOf(p.environ, os.Getpid(), log), environ: p.environ}
	return s.run(p.ctx)
}

// newLog is the log of a long-running process. Times are UTC.
func newLog(cfg Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, fmt.Errorf("OTKLIK_LOG_LEVEL: «%s» — ожидается debug, info, warn или error", cfg.LogLevel)
	}
	opts := &slog.HandlerOptions{Level: level}
	switch cfg.LogFormat {
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("OTKLIK_LOG_FORMAT: «%s» — ожидается text или json", cfg.LogFormat)
}

// server is everything serve does; demo runs the same code with other base
// URLs, another clock and another channel policy.
type server struct {
	cfg   Config
	clock domain.Clock
	infra *infra
	log   *slog.Logger
	roles []string
	// packs overrides the files of a region's pack at first start (demo).
	packs    map[string]rules.Files
	deskOpts deskOptions
	manager  *manager // who started the process and watches over it; may be nil
	environ  []string // for processes of its own

	addresses addresses // filled by start
	outages   *outages
	follower  *worker.Follower
	lives     *domain.Lives
	staff     *staffDesk
	who       *speakers
}

// addresses are the listeners in force.
type addresses struct{ desk, hooks, metrics string }

const (
	packLook   = 2 * time.Second
	cronLook   = time.Second
	noticeLook = 2 * time.Second // an urgent notice must leave within a minute
	albumLook  = time.Second
	answerLook = time.Second

	answerSlots = 8 // tries at once
)

// run starts everything, waits for the end of ctx or a failure, and stops in
// two steps: no new intake, then the batches in hand, then give up.
func (s *server) run(ctx context.Context) error {
	running, err := s.start(ctx)
	if err != nil {
		return err
	}
	s.manager.tell(ctx, managerReady)
	return running.wait()
}

// running is a started server.
type running struct {
	s      *server
	group  *group
	stops  *stops
	intake context.Context
	hard   context.CancelFunc
}

// start brings everything up; when it returns, sources are being polled.
func (s *server) start(ctx context.Context) (*running, error) {
	s.outages = newOutages(s.log, s.infra.store.Ping)
	s.log = s.outages.logger()
	s.lives = domain.NewLives(time.Now)
	if err := s.infra.store.CheckSchema(ctx); err != nil {
		return nil, err
	}
	regions, err := preparePacks(ctx, s.cfg, s.infra.store, s.packs, s.clock.Now(), s.log)
	if err != nil {
		return nil, err
	}
	if s.follower, err = worker.NewFollower(ctx, packStore{s.infra.store}, regions, classify.NewSchool(), s.log); err != nil {
		return nil, err
	}
	g, intake := newGroup(ctx)
	hard, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{s: s, group: g, stops: &stops{log: s.log}, intake: intake, hard: giveUp}
	if err := s.parts(intake, hard, regions, r); err != nil {
		g.cancel(err)
		giveUp()
		r.stops.all(context.WithoutCancel(ctx))
		g.wg.Wait()
		return nil, err
	}
	s.log.Info("serving", "roles", strings.Join(s.roles, ","), "regions", strings.Join(regions, ","),
		"desk", s.addresses.desk, "hooks", s.addresses.hooks, "metrics", s.addresses.metrics)
	return r, nil
}

// wait blocks until the context ends or a part fails, then stops in two steps.
func (r *running) wait() error {
	<-r.intake.Done()
	cause := context.Cause(r.intake)
	r.s.manager.tell(context.Background(), managerStopping)
	r.s.log.Info("stopping: no new intake, finishing the batches in hand", "within", r.s.cfg.StopWithin)
	ctx, cancel := context.WithTimeout(context.Background(), r.s.cfg.StopWithin)
	defer cancel()
	r.stops.all(ctx)
	done := make(chan struct{})
	go func() { r.group.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		r.s.log.Warn("batches in hand not finished in time, giving up: they will be replayed")
		r.hard()
		<-done
	}
	r.hard()
	if cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// parts starts the parts the roles ask for. The addresses come first: a process
// that cannot have them ends at once, and must not have taken sources that others
// would then wait for.
func (s *server) parts(intake, hard context.Context, regions []string, r *running) error {
	m := newMetrics()
	l := limits{perSecond: s.infra.limiter, perDay: s.infra.store}
	pl, err := newPlatforms(s.cfg, l, s.log)
	if err != nil {
		return err
	}
	pl.recheckDays, pl.objectionDays, pl.policy = s.recheckDays, s.objectionDays, s.policy
	m.registry.MustRegister(newGauges(s.infra.store, regions, s.clock, pl.quotaLeft, s.log), newReplyGauges(s.infra.store, s.log), newLifeGauges(s.lives))
	seal, err := s.seal()
	if err != nil {
		return err
	}
	who := newSpeakers(s.infra.store, pl, seal, s.follower.Packs)
	s.who = who
	w := &worker.Worker{Store: s.infra.store, Rules: s.follower, Clock: s.clock, Log: s.log, Observer: m, Ours: who.Ours}
	talks, err := s.bots(pl, w, seal)
	if err != nil {
		return err
	}
	letters, err := s.mailClient()
	if err != nil {
		return err
	}
	s.staff = s.newStaffDesk(talks, letters)
	if talks != nil {
		w.Staff = s.staff
	}
	if err := s.listeners(intake, regions, pl, w, m, r); err != nil {
		return err
	}
	r.group.run("outage watch", func() error { return s.outages.watch(intake) })
	watch := &lifeWatch{lives: s.lives, ping: s.infra.store.Ping, now: time.Now}
	r.group.run("life watch", func() error { return watch.run(intake) })
	r.group.run("life signs for the manager", func() error { return s.manager.watch(intake, s.lives) })
	r.group.run("pack follower", func() error { return s.follower.Run(intake, packLook, s.lives) })
	keep := &keeper{store: s.infra.store, packs: s.follower.Packs, clock: s.clock, log: s.log, dropped: m.dropped, lives: s.lives}
	r.group.run("keeper", func() error { return keep.run(intake) })
	if s.has(roleDesk) {
		counters := &folder{store: s.infra.store, packs: s.follower.Packs, log: s.log, lives: s.lives}
		r.group.run("counters of the desk", func() error { return counters.run(intake) })
	}
	if s.has(rolePoll) {
		s.poll(intake, hard, pl, w, m, r.group)
	}
	if talks != nil && (s.has(rolePoll) || s.has(roleHooks)) {
		s.carry(intake, hard, talks.hands, who, r.group)
	}
	if s.has(roleDeadline) {
		jobs := &deadline.Runner{Store: s.infra.store, Regions: s.jobRegions, Clock: s.clock, Log: s.log, Every: cronLook, Lives: s.lives}
		r.group.run("deadline jobs", func() error { return jobs.Run(intake) })
		r.group.run("learning", func() error { return s.trainerOf().run(intake) })
	}
	if s.has(roleReply) {
		sender := &reply.Sender{Outbox: s.infra.store, Sink: s.staff, Clock: s.clock, Log: s.log, Every: noticeLook, Lives: s.lives}
		r.group.run("notices", func() error { return sender.Run(intake) })
		postman := &reply.Postman{Store: botOutbox{s.infra.store}, Couriers: withMail(who.couriers(), letters), Regions: who.Regions, Clock: s.clock, Log: s.log,
			Every: answerLook, Slots: answerSlots, Lives: s.lives}
		r.group.run("letters to staff", func() error { return s.staff.write(intake) })
		r.group.run("answers", func() error { return postman.Run(intake, hard) })
		if talks != nil {
			r.group.run("bot", func() error { return s.tell(intake, talks, s.infra.store) })
		}
	}
	return nil
}

// recheckDays is the active pack's value; 0 when the region is not served here.
func (s *server) recheckDays(region string) int {
	if p := s.follower.Pack(region); p != nil {
		return p.Region.RecheckDays
	}
	return 0
}

// objectionDays is how long after its end authors of a region may object to a case.
func (s *server) objectionDays(region string) int {
	if p := s.follower.Pack(region); p != nil {
		return p.Region.Norms.SatisfactionDays
	}
	return 0
}

// policy is what the active packs let be read. A region that is not served here is
// nobody's business here.
func (s *server) policy(src domain.Source) string {
	if p := s.follower.Pack(src.Region); p != nil {
		return refusal(p, src.Kind)
	}
	return ""
}

func (s *server) has(role string) bool { return slices.Contains(s.roles, role) }

func (s *server) poll(intake, hard context.Context, pl *platforms, w *worker.Worker, m *metrics, g *group) {
	poller := &ingest.Poller{Owner: processName(), Store: s.infra.store, Taker: w, Clock: s.clock, Log: s.log,
		Observer: m, Policy: pl.policy, Lives: s.lives, Slots: s.cfg.PollSlots, Wake: s.infra.wake(intake),
		Pullers: pl.pullers(s.infra.store, s.clock, m, s.log)}
	g.run("poll", func() error { return poller.Run(intake, hard) })
	settler := &worker.Settler{Worker: w, Albums: s.infra.store, Every: albumLook, Lives: s.lives}
	g.run("albums", func() error { return settler.Run(intake) })
}

func (s *server) listeners(intake context.Context, regions []string, pl *platforms, w *worker.Worker, m *metrics, r *running) (err error) {
	probes := m.probes(s.lives, func(ctx context.Context) error { return s.ready(ctx, regions) })
	if s.addresses.metrics, err = listen(intake, r.stops, r.group, "metrics", "OTKLIK_METRICS_LISTEN", s.cfg.MetricsListen, probes); err != nil {
		return err
	}
	if s.has(roleHooks) {
		hooks := pl.hooks(s.infra.store, w, s.clock, m, s.log)
		if s.addresses.hooks, err = listen(intake, r.stops, r.group, "hooks", "OTKLIK_HOOKS_LISTEN", s.cfg.HooksListen, hooks); err != nil {
			return err
		}
		if err := s.keepHooks(intake, pl, r.group); err != nil {
			return err
		}
	}
	if s.has(roleDesk) {
		r.group.run("expired sessions", func() error { return s.keepSessions(intake) })
		handler, err := s.desk(intake, pl, m, r.group)
		if err != nil {
			return err
		}
		if s.addresses.desk, err = listen(intake, r.stops, r.group, "desk", "OTKLIK_DESK_LISTEN", s.cfg.DeskListen, handler); err != nil {
			return err
		}
	}
	return nil
}

// keepHooks looks after what makes platforms push to us.
func (s *server) keepHooks(intake context.Context, pl *platforms, g *group) error {
	hooks := &registrar{bots: pl.bots, public: s.cfg.PublicURL, policy: pl.policy, store: s.infra.store, clock: s.clock,
		wake: s.infra.wake(intake), log: s.log, lives: s.lives}
	pushes := &subscriber{bots: pl.max, public: s.cfg.PublicURL, policy: pl.policy, store: s.infra.store, clock: s.clock,
		wake: s.infra.wake(intake), log: s.log, lives: s.lives}
	if err := errors.Join(hooks.check(intake), pushes.check(intake)); err != nil {
		return err
	}
	g.run("Telegram webhooks", func() error { return hooks.run(intake) })
	g.run("MAX webhooks", func() error { return pushes.run(intake) })
	return nil
}

func (s *server) jobRegions() []deadline.Region {
	var out []deadline.Region
	for _, p := range s.follower.Packs() {
		out = append(out, deadline.Region{ID: p.Region.ID, Zone: p.Region.Location, Calendar: p.Calendar,
			Events: eventTitles(p), Places: placeNames(p), Deadlines: p.Region.Notices.Deadlines, Digest: p.Region.Notices.Digest, Learning: p.Region.Learning.Cron, Labels: p.Region.Learning.All(), SatisfactionDays: p.Region.Norms.SatisfactionDays})
	}
	return out
}

func eventTitles(p *rules.Pack) map[string]string {
	titles := map[string]string{}
	for _, e := range p.Signals.Events {
		titles[e.ID] = e.Title
	}
	return titles
}

func placeNames(p *rules.Pack) map[string]string {
	names := map[string]string{}
	for _, m := range p.Gazetteer.Municipalities {
		names[m.ID] = m.Center
		if m.Center == "" {
			names[m.ID] = m.Name
		}
	}
	return names
}

func agencyNames(p *rules.Pack) func(string) string {
	names := map[string]string{}
	for i := range p.Agencies {
		names[p.Agencies[i].ID] = p.Agencies[i].ShortName()
	}
	return func(id string) string {
		if id == "" {
			return "не назначен"
		}
		if n, ok := names[id]; ok {
			return n
		}
		return id
	}
}

func categoryWords(p *rules.Pack) func(domain.Case) string {
	titles := map[string]string{}
	for _, t := range p.Topics {
		titles[t.ID] = t.Title
	}
	return func(c domain.Case) string {
		if row := p.Row(c.Row); row != nil {
			return fmt.Sprintf("стр. %d %s / %s", c.Row, row.Category, row.Subcategory)
		}
		if t := titles[c.Topic]; t != "" {
			return "обычный порядок: " + t
		}
		return "обычный порядок"
	}
}

// processName is unique among all workers: leases are held under it.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return host + "/" + strconv.Itoa(os.Getpid()) + "/" + strconv.FormatInt(time.Now().UnixNano(), 36)
}
