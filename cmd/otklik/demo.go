package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/demo/citizen"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

type demoCmd struct {
	Once bool `help:"Обработать ленту, напечатать итог и закончить."`
	JSON bool `help:"Последней строкой — итог в JSON."`
	Keep bool `help:"Сохранить базу между запусками; без этого каждый раз новая."`

	Citizen string `default:"127.0.0.1:8090" help:"Адрес страницы жителя: там пишут на поддельные площадки и видят ответ. Если он занят, страница будет на свободном порту."`
}

// The demonstration's clock starts twelve days back, so that ten-day deadlines
// pass before one's eyes, and catches up within a minute.
const (
	demoBack    = 12 * 24 * time.Hour
	demoCatchUp = 50 * time.Second
	demoLimit   = 170 * time.Second // --once ends within three minutes
	// A first poll looks back as far as the feed goes: on a busy machine it comes
	// days of the clock late.
	demoFirstDays = 30
)

// Run implements the command.
func (c demoCmd) Run(p *program) error {
	cfg := p.cfg
	if cfg.LogLevel == "info" {
		cfg.LogLevel = "error" // the table is the answer; trouble still shows
	}
	log, err := newLog(cfg, p.stderr)
	if err != nil {
		return err
	}
	p.warn()
	if err := errors.Join(cfg.regionFaults()...); err != nil {
		return err
	}
	d := &demonstration{cmd: c, p: p, log: log, clock: demo.NewClock(demoBack, demoCatchUp, time.Now)}
	return d.run(p.ctx, cfg)
}

// demonstration is one run of the demo.
type demonstration struct {
	cmd    demoCmd
	p      *program
	log    *slog.Logger
	clock  *demo.Clock
	feed   demo.Feed
	fakes  *demo.Fakes
	infra  *infra
	server *server
	stop   context.CancelFunc

	citizen string // address of the page where one writes as a citizen
}

func (d *demonstration) run(ctx context.Context, cfg Config) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d.stop = stop
	var err error
	if d.feed, err = demo.Builtin(); err != nil {
		return err
	}
	claim, err := claimState(cfg.StateDir, "demo")
	if err != nil {
		return err
	}
	defer func() { _ = claim.Close() }() // the end of the process would do
	cfg = d.isolate(ctx, cfg)
	fmt.Fprintln(d.p.stdout, "Отклик, показ: частная база, поддельные VK, Telegram и MAX, встроенная лента. Ctrl-C — конец.")
	if d.infra, err = openInfra(ctx, cfg, infraOptions{serve: true, ephemeral: !d.cmd.Keep, clock: d.clock}, d.log); err != nil {
		return err
	}
	defer d.infra.close()
	if cfg.SecretKey, err = demoKey(cfg.StateDir, d.cmd.Keep); err != nil {
		return err
	}
	kept, err := d.goOn(ctx)
	if err != nil {
		return err
	}
	book := ledger.New(io.Discard, d.clock.Now)
	if d.fakes, err = demo.StartFakes(ctx, d.feed, d.clock, book, demo.Listen{}); err != nil {
		return err
	}
	defer d.fakes.Close()
	packs, player, err := d.prepare(cfg.Regions, kept, book)
	if err != nil {
		return err
	}
	running, err := d.serve(ctx, cfg, packs)
	if err != nil {
		return err
	}
	closeCitizen, err := d.openCitizen(ctx, cfg)
	if err != nil {
		stop()
		return errors.Join(err, running.wait())
	}
	defer closeCitizen()
	err = d.play(ctx, player)
	if err == nil {
		bodies := d.bodies(ctx)
		err = d.watch(ctx, player)
		stop()
		<-bodies
	}
	stop()
	return errors.Join(err, running.wait())
}

// isolate keeps the demonstration away from whatever this machine has: its own
// database, no real platform, ports that are free.
func (d *demonstration) isolate(ctx context.Context, cfg Config) Config {
	cfg.DatabaseURL, cfg.MigrateURL, cfg.RedisURL = "", "", ""
	cfg.Regions = rules.EmbeddedRegions()
	cfg.VKProxy, cfg.TelegramProxy, cfg.MAXProxy, cfg.VKCommunities = "", "", "", nil
	cfg.SecretKey, cfg.DeskURL, cfg.OIDCIssuer = "", "", ""
	cfg.HooksListen, cfg.MetricsListen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.SendPerDay = withoutSendLimits() // twelve days pass in a minute of one
	if !portFree(ctx, cfg.DeskListen) {
		fmt.Fprintf(d.p.stdout, "Адрес %s (OTKLIK_DESK_LISTEN) занят другой программой, страница будет на свободном порту.\n", cfg.DeskListen)
		cfg.DeskListen = "127.0.0.1:0"
	}
	cfg.StateDir = filepath.Join(cfg.StateDir, demoFolder)
	return cfg
}

// goOn looks at the database. On a kept one the clock goes on from where that
// one stands; nothing has read the clock yet.
func (d *demonstration) goOn(ctx context.Context) (storage.Kept, error) {
	kept, err := d.infra.store.Kept(ctx, citizen.Authors)
	if kept.Began.IsZero() {
		kept.Began = d.clock.Start()
	}
	d.clock.GoOn(kept.Latest)
	return kept, err
}

// prepare makes the packs and the player; on a kept database the fakes hold
// again what they held.
func (d *demonstration) prepare(regions []string, kept storage.Kept, book *ledger.Ledger) (map[string]rules.Files, *demo.Player, error) {
	packs, zones := map[string]rules.Files{}, map[string]*time.Location{}
	for _, region := range regions {
		files, err := rules.Embedded(region)
		if err != nil {
			return nil, nil, err
		}
		if files, err = demo.NameOperator(files, region); err != nil {
			return nil, nil, err
		}
		if packs[region], err = demo.AllowTelegram(files, region); err != nil {
			return nil, nil, err
		}
		if zones[region], err = demo.Zone(files, region); err != nil {
			return nil, nil, err
		}
	}
	player := demo.NewPlayer(d.feed, d.fakes, zones, kept.Began, d.clock, d.log)
	if !kept.Latest.IsZero() {
		if err := player.Restore(kept.Answers); err != nil {
			return nil, nil, err
		}
	}
	player.Served = book.WasServed
	return packs, player, nil
}

// serve starts the same server as the command serve, with other base URLs,
// another clock and another channel policy.
func (d *demonstration) serve(ctx context.Context, cfg Config, packs map[string]rules.Files) (*running, error) {
	cfg.VKURL, cfg.TelegramURL, cfg.TelegramPreview = d.fakes.VKURL, d.fakes.TelegramURL, d.fakes.PreviewURL
	cfg.VKTokens, cfg.VKCommunities, cfg.TelegramTokens = d.fakes.VKTokens, d.fakes.VKOwn, nil
	cfg.MAXURL, cfg.MAXTokens = d.fakes.MAXURL, d.fakes.MAXTokens("")
	for _, region := range cfg.Regions {
		cfg.TelegramTokens = append(cfg.TelegramTokens, d.fakes.BotToken[region])
	}
	d.server = &server{cfg: cfg, clock: d.clock, infra: d.infra, log: d.log, packs: packs,
		roles:    allRoles(),
		environ:  d.p.environ,
		deskOpts: deskOptions{demo: true, notice: demoNotice, hint: demoLogins}}
	running, err := d.server.start(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(d.addPeople(ctx), d.addAccounts(ctx)); err != nil {
		d.stop()
		return nil, errors.Join(err, running.wait())
	}
	return running, nil
}

// play adds the sources and begins to play the feed into the fakes.
func (d *demonstration) play(ctx context.Context, player *demo.Player) error {
	for _, src := range d.feed.SourcesOf(d.fakes, demoFirstDays) {
		_, err := d.infra.store.AddSource(ctx, src)
		if err != nil && !errors.Is(err, storage.ErrExists) { // --keep: it was there
			return err
		}
	}
	d.infra.wakeAll(ctx)
	d.clock.Begin()
	go func() {
		if err := player.Run(ctx); err != nil {
			d.log.Error("play the feed", "err", err)
		}
	}()
	return nil
}

// watch shows the table until the end: Ctrl-C, or with --once the moment when
// the clock has caught up and everything played has been polled.
func (d *demonstration) watch(ctx context.Context, player *demo.Player) error {
	screen := newScreen(d.p.stdout, d.server, d.citizen)
	began := time.Now()
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	var last domain.Stats
	calm := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		st, err := screen.show(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if st == last && d.settled(ctx, player) {
			calm++
		} else {
			calm = 0
		}
		last = st
		done := calm >= 3
		if !d.cmd.Once || (!done && time.Since(began) < demoLimit) {
			continue
		}
		if !done {
			d.log.Error("the feed was not handled in time", "limit", demoLimit)
		}
		return d.summary(ctx)
	}
}

// settled reports that nothing more can come: all is played, the clock is
// today's, and every source was read since the last record.
func (d *demonstration) settled(ctx context.Context, player *demo.Player) bool {
	select {
	case <-player.Played():
	default:
		return false
	}
	if !d.clock.CaughtUp() {
		return false
	}
	sources, err := d.infra.store.Sources(ctx, "")
	if err != nil {
		return false
	}
	for _, s := range sources {
		if s.LastOKAt.Before(player.Last()) {
			return false
		}
	}
	return true
}

func (d *demonstration) summary(ctx context.Context) error {
	// The watch over deadlines looks every few minutes of real time now; the
	// figures are of this moment.
	for _, pack := range d.server.follower.Packs() {
		if _, err := d.infra.store.MarkOverdue(ctx, pack.Region.ID, d.clock.Now()); err != nil {
			return err
		}
	}
	st, err := d.infra.store.Stats(ctx, "")
	if err != nil {
		return err
	}
	if !d.cmd.JSON {
		return nil
	}
	return json.NewEncoder(d.p.stdout).Encode(struct {
		Fed      int   `json:"fed"`
		Posts    int64 `json:"posts"`
		Problems int64 `json:"problems"`
		Cases    int64 `json:"cases"`
		Assigned int64 `json:"assigned"`
		Review   int64 `json:"review"`
		Overdue  int64 `json:"overdue"`
		Replies  int64 `json:"replies"`
	}{d.feed.Fed(), st.Posts, st.Problems, st.Cases, st.Assigned, st.Review, st.Overdue, st.Replies})
}
