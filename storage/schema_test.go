package storage_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func TestMigrateFromNothingTwiceAtOnce(t *testing.T) {
	dsn := storagetest.EmptyDSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	if err := s.CheckSchema(t.Context()); !errors.Is(err, storage.ErrSchema) || !strings.Contains(err.Error(), "otklik migrate") {
		t.Errorf("empty database: %v", err)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := storage.Migrate(context.Background(), dsn); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	list, err := storage.Status(t.Context(), dsn)
	if err != nil || len(list) == 0 {
		t.Fatalf("status = %+v, %v", list, err)
	}
	newest, err := storage.CurrentSchema()
	if err != nil || list[len(list)-1].Version != newest || list[len(list)-1].AppliedAt.IsZero() {
		t.Errorf("newest = %d (%v), status = %+v", newest, err, list[len(list)-1])
	}
}

func TestSchemaVersions(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	steps := []struct {
		name, sql string
		fits      bool
	}{
		{"a newer one that still fits", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, true)", true},
		{"one that has left us behind", "UPDATE schema_compat SET oldest_supported = 9000", false},
		{"one too old", "UPDATE schema_compat SET oldest_supported = 1; DELETE FROM goose_db_version WHERE version_id > 1", false},
	}
	for _, st := range steps {
		if _, err := conn.Exec(t.Context(), st.sql); err != nil {
			t.Fatal(err)
		}
		if err := s.CheckSchema(t.Context()); (err == nil) != st.fits || (err != nil && !errors.Is(err, storage.ErrSchema)) {
			t.Errorf("%s: %v", st.name, err)
		}
	}
}

func TestPartitionsAreMadeAheadAndHeal(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, s, owner)
	far := time.Date(2031, 5, 31, 23, 30, 0, 0, time.UTC)
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма"), 3, "a"))
	_, err := s.Commit(t.Context(), far, b, judged, func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
		d := route(j, k, o)
		d.Deadline.Due, d.Deadline.Control = far.AddDate(0, 0, 10), far.AddDate(0, 0, 10)
		return d
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.DefaultPartitionRows(t.Context()); err != nil || n != 2 { // the post and its verdict
		t.Errorf("rows in default partitions: %d, %v", n, err)
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := s.EnsurePartitions(t.Context(), far); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n, err := s.EnsurePartitions(t.Context(), far); err != nil || n != 0 {
		t.Errorf("made %d again, %v", n, err)
	}
	if n, err := s.DefaultPartitionRows(t.Context()); err != nil || n != 0 {
		t.Errorf("rows left in default partitions: %d, %v", n, err)
	}
	var home string
	conn := connect(t, dsn)
	if err := conn.QueryRow(t.Context(), "SELECT tableoid::regclass::text FROM posts").Scan(&home); err != nil || home != "posts_2031_05" {
		t.Errorf("the post lives in %s, %v", home, err)
	}
	var months int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_inherits WHERE inhparent = 'posts'::regclass AND inhrelid::regclass::text LIKE 'posts_2031%'").Scan(&months); err != nil || months != 5 {
		t.Errorf("%d months made, %v", months, err) // April to August
	}
	if p, err := s.Post(t.Context(), judged[0].Post.ID); err != nil || len(p.Verdicts) != 1 {
		t.Errorf("post after the move: %+v, %v", p, err)
	}
	res := commit(t, s, b, judged)
	if res.Unchanged != 1 {
		t.Errorf("replay after the move: %+v", res)
	}
}

func TestUnreachableDatabaseIsNamed(t *testing.T) {
	_, err := storage.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", storage.Options{})
	if !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("error = %v", err)
	}
}

func TestAKilledConnectionIsUnavailable(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "1", judgedAs(post(1, "Яма"), 3, "a"))
	_, err := s.Commit(t.Context(), noon(), b, judged, func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
		_, err := conn.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'otklik'")
		if err != nil {
			t.Error(err)
		}
		return route(j, k, o)
	})
	if !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("error = %v", err)
	}
	if res := commit(t, s, b, judged); res.Stored != 1 || res.Opened != 1 {
		t.Errorf("again = %+v", res)
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	dsn := storagetest.DSN(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stats(t.Context(), region); err != nil {
		t.Error(err)
	}
	s.Close()
}

// A worker frozen inside a commit must not hold the others up: the server ends
// its session, and the locks with it. (The limit is shortened by the address.)
func TestAFrozenCommitLetsOthersPass(t *testing.T) {
	dsn := storagetest.DSN(t)
	frozen := storagetest.Open(t, dsn+"&idle_in_transaction_session_timeout=200", storage.Options{})
	s := storagetest.Open(t, dsn, storage.Options{})
	src, other := addSource(t, s, owner), addSource(t, s, "-200")
	holding, release := make(chan struct{}), make(chan struct{})
	failed := make(chan error)
	go func() {
		b, judged := batchOf(src, "1", judgedAs(post(1, "Яма"), 3, "a"))
		_, err := frozen.Commit(context.Background(), noon(), b, judged, func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
			close(holding)
			<-release
			return route(j, k, o)
		})
		failed <- err
	}()
	<-holding
	b, judged := batchOf(other, "1", judgedAs(post(2, "Та же яма"), 3, "a"))
	res := commit(t, s, b, judged)
	close(release)
	if err := <-failed; !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("the frozen commit: %v", err)
	}
	if st := stats(t, s); res.Opened != 1 || st.Posts != 1 || st.Cases != 1 {
		t.Errorf("result = %+v, stats = %+v", res, st)
	}
}
