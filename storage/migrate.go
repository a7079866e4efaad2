package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver goose speaks to
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/otklik/otklik/storage/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// MinSchema is the oldest schema this code works with. It rises one release
// after the code has stopped using the old shape.
const MinSchema int64 = 66

// ErrSchema: the database's schema is older than MinSchema, or so new that this
// code no longer fits it.
var ErrSchema = errors.New("database schema does not fit this version")

// Migration is one step of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero when it is still to be applied
}

// Migrate brings the schema up to date and makes the partitions around now. Two
// processes may call it at once: the second waits.
func Migrate(ctx context.Context, dsn string) error {
	return withProvider(ctx, dsn, func(conn *sql.DB, p *goose.Provider) error {
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate the schema: %w", err)
		}
		_, err := conn.ExecContext(ctx, "SELECT otklik_ensure_partitions(now(), $1)", monthsAhead)
		if err != nil {
			return fmt.Errorf("make partitions: %w", err)
		}
		return nil
	})
}

// Status lists every migration this code knows, applied or not.
func Status(ctx context.Context, dsn string) ([]Migration, error) {
	var out []Migration
	err := withProvider(ctx, dsn, func(_ *sql.DB, p *goose.Provider) error {
		list, err := p.Status(ctx)
		if err != nil {
			return fmt.Errorf("read the schema's state: %w", err)
		}
		for _, m := range list {
			out = append(out, Migration{Version: m.Source.Version, Name: m.Source.Path, AppliedAt: m.AppliedAt})
		}
		return nil
	})
	return out, err
}

func withProvider(ctx context.Context, dsn string, fn func(*sql.DB, *goose.Provider) error) error {
	conn, err := sql.Open("pgx", dsn)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.PingContext(ctx); err != nil {
		return named("reach the database", err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the embedded migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("prepare the migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, conn, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	return fn(conn, p)
}

// SchemaError says how a schema and this program differ; it is an ErrSchema.
type SchemaError struct {
	Have   int64 // the database's version; 0: it is empty
	Needed int64
	Known  int64 // by a program that is too old; 0: the schema is
}

// Error implements error.
func (e *SchemaError) Error() string {
	switch {
	case e.Known != 0:
		return fmt.Sprintf("%s: this program knows version %d, the database needs one that knows %d; update the program", ErrSchema, e.Known, e.Needed)
	case e.Have == 0:
		return fmt.Sprintf("%s: the database is empty; run: otklik migrate", ErrSchema)
	}
	return fmt.Sprintf("%s: version %d, at least %d is needed; run: otklik migrate", ErrSchema, e.Have, e.Needed)
}

// Unwrap makes it an ErrSchema.
func (e *SchemaError) Unwrap() error { return ErrSchema }

// CurrentSchema is the newest schema this code knows.
func CurrentSchema() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("read the embedded migrations: %w", err)
	}
	return goose.NumericComponent(names[len(names)-1]) // Glob sorts
}

// CheckSchema refuses a schema below MinSchema, and one whose contracting
// migrations have left this code behind; a newer one that still fits is taken.
func (s *Store) CheckSchema(ctx context.Context) error {
	var have int64
	err := s.pool.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&have)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // undefined_table
		return &SchemaError{}
	}
	if err != nil {
		return named("read the schema's version", err)
	}
	if have < MinSchema {
		return &SchemaError{Have: have, Needed: MinSchema}
	}
	oldest, err := db.New(s.pool).OldestSupported(ctx)
	if err != nil {
		return named("read what the schema supports", err)
	}
	known, err := CurrentSchema()
	if err != nil {
		return err
	}
	if known < oldest {
		return &SchemaError{Have: have, Needed: oldest, Known: known}
	}
	return nil
}
