//go:build unix

package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/storage/localpg"
)

// TestDropWhileAutovacuumWorks holds autovacuum in a database (it is told to
// rest a tenth of a second after every page) and drops it all the same.
func TestDropWhileAutovacuumWorks(t *testing.T) {
	pg, err := localpg.Start(t.Context(), localpg.Options{Dir: t.TempDir(), Ephemeral: true, Unsafe: true,
		Settings: map[string]string{
			"autovacuum_naptime": "1s", "autovacuum_vacuum_threshold": "1",
			"autovacuum_vacuum_cost_delay": "100ms", "autovacuum_vacuum_cost_limit": "1",
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pg.Stop() }()
	srv := &server{dsn: pg.DSN()}
	if err := srv.exec("CREATE DATABASE busy"); err != nil {
		t.Fatal(err)
	}
	inside, err := pgx.Connect(t.Context(), withDatabase(srv.dsn, "busy"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inside.Close(context.Background()) }()
	for _, sql := range []string{
		"CREATE TABLE wide AS SELECT g, repeat('a', 500) AS t FROM generate_series(1, 50000) g",
		"DELETE FROM wide WHERE g % 2 = 0",
	} {
		if _, err := inside.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	awaitVacuum(t, inside)
	_ = inside.Close(t.Context())

	if err := srv.drop("busy"); err != nil {
		t.Errorf("drop beside autovacuum: %v", err)
	}
}

// awaitVacuum waits until autovacuum is at work in the database of conn.
func awaitVacuum(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var at bool
		err := conn.QueryRow(t.Context(),
			"SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE datname = current_database())").Scan(&at)
		if err != nil {
			t.Fatal(err)
		}
		if at {
			return
		}
	}
	t.Fatal("autovacuum never came")
}
