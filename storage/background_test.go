package storage_test

import (
	"errors"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func begin(t *testing.T, s *storage.Store) int64 {
	t.Helper()
	id, err := s.BeginTask(t.Context(), domain.Background{Region: region, Kind: "dry_run", Subject: "h1", Who: "admin", CreatedAt: noon()})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func latest(t *testing.T, s *storage.Store) domain.Background {
	t.Helper()
	got, err := s.LatestTask(t.Context(), region, "dry_run", "", noon())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestATaskRunsAndKeepsItsResult(t *testing.T) {
	s := storagetest.New(t)
	if _, err := s.LatestTask(t.Context(), region, "dry_run", "", noon()); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before any task: %v", err)
	}
	id := begin(t, s)
	if stop, err := s.TaskProgress(t.Context(), id, 3, 10); err != nil || stop {
		t.Fatalf("progress: stop %v, %v", stop, err)
	}
	if got := latest(t, s); got.Done != 3 || got.Total != 10 || got.State != domain.BackgroundRunning {
		t.Errorf("half-way it is %+v", got)
	}
	if err := s.EndTask(t.Context(), id, domain.BackgroundDone, map[string]int{"changed": 2}, "", noon()); err != nil {
		t.Fatal(err)
	}
	if err := s.EndTask(t.Context(), id, domain.BackgroundFailed, nil, "позже", noon()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Task(t.Context(), region, id)
	if err != nil || got.State != domain.BackgroundDone || string(got.Result) != `{"changed": 2}` || got.Error != "" {
		t.Errorf("ended as %+v, %v: the first end counts", got, err)
	}
	if _, err := s.Task(t.Context(), "kaliningrad", id); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("another region reads it: %v", err)
	}
}

func TestATaskIsStoppedByAPersonOfItsRegion(t *testing.T) {
	s := storagetest.New(t)
	id := begin(t, s)
	if err := s.StopTask(t.Context(), "kaliningrad", id); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("another region stops it: %v", err)
	}
	if err := s.StopTask(t.Context(), region, id); err != nil {
		t.Fatal(err)
	}
	if stop, err := s.TaskProgress(t.Context(), id, 4, 10); err != nil || !stop {
		t.Errorf("after the stop it goes on: %v, %v", stop, err)
	}
}

// A process that died leaves no task that runs for ever.
func TestATaskNobodyHasHeardOfHasFailed(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	id := begin(t, s)
	if got := latest(t, s); got.State != domain.BackgroundRunning {
		t.Fatalf("a fresh task is %s", got.State)
	}
	if _, err := connect(t, dsn).Exec(t.Context(), `UPDATE background_tasks SET heard_at = heard_at - $1::interval`, 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := latest(t, s); got.State != domain.BackgroundFailed || got.Error == "" {
		t.Errorf("a silent task is %+v", got)
	}
	if stop, err := s.TaskProgress(t.Context(), id, 5, 10); err != nil || !stop {
		t.Errorf("the dead one goes on writing: %v, %v", stop, err)
	}
}
