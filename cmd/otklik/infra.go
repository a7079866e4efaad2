package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
	"github.com/otklik/otklik/storage/redis"
)

// infra is the store and what coordinates workers: real servers where the
// configuration names them, private ones where it does not.
type infra struct {
	store   *storage.Store
	dsn     string // of the store, for processes of its own
	redis   *redis.Client
	limiter *redis.Limiter
	stops   stops
}

// infraOptions tell a process that serves from a command that visits.
type infraOptions struct {
	serve     bool // be the one server of the state folder
	ephemeral bool // the private database is thrown away at the end
	clock     domain.Clock
	regions   []string // leases, albums and notices of these only
}

// openInfra connects, or starts what the configuration leaves out. The private
// database is migrated by itself; a real one by «otklik migrate».
func openInfra(ctx context.Context, cfg Config, opts infraOptions, log *slog.Logger) (*infra, error) {
	in := &infra{stops: stops{log: log}}
	if err := in.open(ctx, cfg, opts, log); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (in *infra) open(ctx context.Context, cfg Config, opts infraOptions, log *slog.Logger) error {
	dsn, err := in.database(ctx, cfg, opts, log)
	if err != nil {
		return err
	}
	in.dsn = dsn
	in.store, err = storage.Open(ctx, dsn, storage.Options{Regions: opts.regions, Clock: opts.clock, SendPerDay: cfg.sendPerDay, Mail: cfg.SMTPURL != ""})
	if err != nil {
		return err
	}
	in.stops.add("database pool", func(context.Context) error { in.store.Close(); return nil })
	return in.openRedis(ctx, cfg, opts, log)
}

// demoFolder is where, in the state folder, the demonstration lives.
const demoFolder = "demo"

// visited is the state folder a visiting command looks into: that of a running
// demonstration when there is one and nothing else runs.
func visited(ctx context.Context, cfg Config) string {
	demo := filepath.Join(cfg.StateDir, demoFolder)
	if _, serving := localpg.Running(ctx, cfg.StateDir); serving {
		return cfg.StateDir
	}
	if _, showing := localpg.Running(ctx, demo); showing {
		return demo
	}
	return cfg.StateDir
}

// database gives the connection string, starting the private server if need be.
func (in *infra) database(ctx context.Context, cfg Config, opts infraOptions, log *slog.Logger) (string, error) {
	if cfg.DatabaseURL != "" {
		return cfg.DatabaseURL, nil
	}
	start := localpg.Open
	if opts.serve {
		start = localpg.Start
	}
	local := localpg.Options{Dir: cfg.StateDir, Ephemeral: opts.ephemeral, Log: log}
	srv, err := start(ctx, local)
	if err != nil {
		return "", stateFault(cfg.StateDir, err)
	}
	in.stops.add("private PostgreSQL", func(context.Context) error { return srv.Stop() })
	if srv.Owned() {
		if err := storage.Migrate(ctx, srv.DSN()); err != nil {
			return "", err
		}
	}
	return srv.DSN(), nil
}

// claimState makes this process the only serve or demo of a state folder, as
// long as it keeps a database or a Redis of its own there.
func claimState(dir, command string) (io.Closer, error) {
	claim, err := localpg.Claim(dir, command)
	if err != nil {
		return nil, stateFault(dir, err)
	}
	return claim, nil
}

// stateFault words what is wrong with the state folder itself.
func stateFault(dir string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return worded{fmt.Sprintf("папка состояния %s недоступна: %s: %s. Задайте другую в OTKLIK_STATE_DIR или свои серверы в DATABASE_URL и REDIS_URL",
			dir, path.Path, systemWords(path.Err)), err}
	}
	return err
}

// openRedis connects to REDIS_URL, or to the one inside the serving process of
// the state folder, or starts one inside this process.
func (in *infra) openRedis(ctx context.Context, cfg Config, opts infraOptions, log *slog.Logger) error {
	address := cfg.RedisURL
	if address == "" && !opts.serve {
		address, _ = redis.Find(ctx, cfg.StateDir)
	}
	if address == "" {
		dir := ""
		if opts.serve && !opts.ephemeral {
			dir = cfg.StateDir // other commands find it there
		}
		embedded, err := redis.Embedded(dir)
		if err != nil {
			return fmt.Errorf("start Redis inside the process: %w", stateFault(cfg.StateDir, err))
		}
		in.stops.add("embedded Redis", func(context.Context) error { embedded.Close(); return nil })
		address = embedded.URL()
	}
	client, err := redis.Open(address, log)
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	in.redis, in.limiter = client, redis.NewLimiter(client)
	in.stops.add("Redis client", func(context.Context) error { return client.Close() })
	return nil
}

const closeWithin = 20 * time.Second

func (in *infra) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	in.stops.all(ctx)
}

// wakeTopic tells pollers that a source was added or resumed. Losing it costs
// the pause of an idle poll loop, nothing more.
const wakeTopic = "poll"

func (in *infra) wake(ctx context.Context) <-chan struct{} { return in.redis.Wakes(ctx, wakeTopic) }

func (in *infra) wakeAll(ctx context.Context) { in.redis.Wake(ctx, wakeTopic) }

// withStore runs a visiting command: it connects, and closes at the end.
func withStore(p *program, f func(ctx context.Context, in *infra, log *slog.Logger) error) error {
	quiet := p.cfg
	if quiet.LogLevel == "info" {
		quiet.LogLevel = "warn" // a command's answer is its output, not its log
	}
	log, err := newLog(quiet, p.stderr)
	if err != nil {
		return err
	}
	cfg := p.cfg
	cfg.StateDir = visited(p.ctx, cfg)
	in, err := openInfra(p.ctx, cfg, infraOptions{}, log)
	if err != nil {
		return err
	}
	defer in.close()
	if err := in.schema(p.ctx, cfg); err != nil {
		return err
	}
	return f(p.ctx, in, log)
}

// firstStart is how long the first start of a private server may take.
const firstStart = 30 * time.Second

// schema looks at the schema. A private server that another process has just
// started is still being brought up: that is waited for.
func (in *infra) schema(ctx context.Context, cfg Config) error {
	for limit := time.Now().Add(firstStart); ; {
		err := in.store.CheckSchema(ctx)
		if cfg.DatabaseURL != "" || !errors.Is(err, storage.ErrSchema) || time.Now().After(limit) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

type migrateCmd struct {
	Status bool `help:"Только показать состояние схемы."`
}

// Run implements the command.
func (c migrateCmd) Run(p *program) error {
	dsn := p.cfg.MigrateURL
	if dsn == "" {
		dsn = p.cfg.DatabaseURL
	}
	if dsn == "" {
		srv, err := localpg.Open(p.ctx, localpg.Options{Dir: p.cfg.StateDir})
		if err != nil {
			return stateFault(p.cfg.StateDir, err)
		}
		defer func() { _ = srv.Stop() }()
		dsn = srv.DSN()
	}
	if !c.Status {
		if err := storage.Migrate(p.ctx, dsn); err != nil {
			return err
		}
	}
	list, err := storage.Status(p.ctx, dsn)
	if err != nil {
		return err
	}
	for _, m := range list {
		when := "не применена"
		if !m.AppliedAt.IsZero() {
			when = "применена " + m.AppliedAt.UTC().Format("02.01.2006 15:04:05") + " UTC"
		}
		fmt.Fprintf(p.stdout, "%05d  %-30s %s\n", m.Version, m.Name, when)
	}
	return nil
}
