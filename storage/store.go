// Package storage keeps everything in PostgreSQL: posts, verdicts, cases,
// leases and cursors, notices, packs. SQL lives in queries/ and migrations/;
// db/ is generated from it. One exported method is one transaction.
//
// Times handed in as now are business time (domain.Clock); leases and claims use
// the database's own clock, so that workers need not agree on theirs.
package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Options of a store. The zero value is good for a small installation.
type Options struct {
	// Regions limits leases, albums and notices to those of some regions; empty: all.
	Regions []string
	// Clock is business time where an interface hands none in (DueWatches).
	Clock domain.Clock
	// MachineClock counts the platforms' quota days.
	MachineClock domain.Clock
	// SendPerDay is the most messages an account sends in a day in a way, 0 for any
	// number; nil: domain.SendPerDay.
	SendPerDay func(domain.Platform, domain.Way) int64
	// Mail: people of the desk who no chat reaches get letters by mail.
	Mail bool
	// MaxConns of the pool; 16 when 0.
	MaxConns int32
	// AppName is what the database's administrator sees; "otklik" when empty.
	AppName string
	// AlbumSettle is how long after its last part an album is taken for whole;
	// 3 s when 0.
	AlbumSettle time.Duration
	// Tracer is told of every statement; may be nil.
	Tracer pgx.QueryTracer
}

// Limits of one connection. They end a session whose process was frozen inside
// a transaction, so that its locks do not hold up the others.
const (
	statementTimeout = 30 * time.Second
	idleInTxTimeout  = 10 * time.Second
	lockTimeout      = 10 * time.Second
	connectTimeout   = 5 * time.Second
	defaultMaxConns  = 16
	defaultSettle    = 3 * time.Second
)

// Store is the database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	opts Options
}

// Open connects and checks that the server answers. It does not look at the
// schema: see CheckSchema. Limits and pool_max_conns given in the address win
// over ours. A pooler in between must pool sessions, because time limits are set
// when a session begins.
func Open(ctx context.Context, dsn string, opts Options) (*Store, error) {
	cfg, err := poolConfig(dsn, &opts)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{pool: pool, opts: opts}
	if err := s.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func poolConfig(dsn string, opts *Options) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err) // pgx leaves the password out
	}
	if opts.Clock == nil {
		opts.Clock = domain.SystemClock{}
	}
	if opts.MachineClock == nil {
		opts.MachineClock = domain.SystemClock{}
	}
	if opts.AppName == "" {
		opts.AppName = "otklik"
	}
	if opts.AlbumSettle <= 0 {
		opts.AlbumSettle = defaultSettle
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		cfg.MaxConns = defaultMaxConns
	}
	if opts.MaxConns > 0 {
		cfg.MaxConns = opts.MaxConns
	}
	cfg.ConnConfig.Tracer = opts.Tracer
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnLifetimeJitter = 10 * time.Minute
	cfg.MaxConnIdleTime = 10 * time.Minute
	cfg.HealthCheckPeriod = 15 * time.Second
	cfg.ConnConfig.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"application_name":                    opts.AppName,
		"timezone":                            "UTC",
		"statement_timeout":                   milliseconds(statementTimeout),
		"idle_in_transaction_session_timeout": milliseconds(idleInTxTimeout),
		"lock_timeout":                        milliseconds(lockTimeout),
	} {
		if _, given := cfg.ConnConfig.RuntimeParams[name]; !given {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	return cfg, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// Close ends all connections after their transactions.
func (s *Store) Close() { s.pool.Close() }

// Ping asks the server for an answer; domain.ErrUnavailable when there is none.
func (s *Store) Ping(ctx context.Context) error {
	return named("reach the database", s.pool.Ping(ctx))
}

// queries are for a single statement, which is its own transaction.
func (s *Store) queries() *db.Queries { return db.New(s.pool) }

// maxTries bounds the repeats of a transaction that lost a deadlock or a
// serialisation race.
const maxTries = 4

// inTx runs fn in one READ COMMITTED transaction. fn may run again when the
// database asks for it, so it must begin from scratch each time.
func (s *Store) inTx(ctx context.Context, doing string, fn func(q *db.Queries) error) error {
	return s.inTxRaw(ctx, doing, func(_ pgx.Tx, q *db.Queries) error { return fn(q) })
}

// inTxRaw is inTx for composed queries.
func (s *Store) inTxRaw(ctx context.Context, doing string, fn func(tx pgx.Tx, q *db.Queries) error) error {
	for try := 1; ; try++ {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return fn(tx, db.New(tx)) })
		if err == nil {
			return nil
		}
		if try == maxTries || !worthRepeating(err) || rest(ctx, try) != nil {
			return named(doing, err)
		}
	}
}

// worthRepeating: serialization_failure and deadlock_detected.
func worthRepeating(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

func rest(ctx context.Context, try int) error {
	t := time.NewTimer(time.Duration(try) * time.Duration(5+rand.IntN(20)) * time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
