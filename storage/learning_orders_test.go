package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func order(kind, label string, waiting bool) domain.Background {
	return domain.Background{Region: region, Kind: kind, Subject: label, Who: "admin", CreatedAt: noon(), Waiting: waiting}
}

func takeLearning(t *testing.T, s *storage.Store) (domain.Background, bool) {
	t.Helper()
	got, ok, err := s.TakeLearning(t.Context(), region, noon())
	if err != nil {
		t.Fatal(err)
	}
	return got, ok
}

// One learns in a region, whoever has begun it; orders wait for their turn.
func TestOneLearnsAtATime(t *testing.T) {
	s := storagetest.New(t)
	ctx := t.Context()
	dry, err := s.OrderLearning(ctx, order(domain.TaskTrainDryRun, "row", true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.OrderLearning(ctx, order(domain.TaskTrainDryRun, "row", true)); !errors.Is(err, domain.ErrUnderWay) {
		t.Errorf("the same is ordered twice: %v", err)
	}
	kinds, err := s.OrderLearning(ctx, order(domain.TaskTrain, "kind", true))
	if err != nil {
		t.Fatal(err)
	}
	got, ok := takeLearning(t, s)
	if !ok || got.ID != dry || got.Waiting {
		t.Fatalf("taken %v, %+v", ok, got)
	}
	if _, ok := takeLearning(t, s); ok {
		t.Error("two learn in one region")
	}
	if _, err := s.OrderLearning(ctx, order(domain.TaskTrain, "row", false)); !errors.Is(err, domain.ErrUnderWay) {
		t.Errorf("a command learns beside it: %v", err)
	}
	other := order(domain.TaskTrain, "row", false)
	other.Region = "kaliningrad"
	if _, err := s.OrderLearning(ctx, other); err != nil {
		t.Errorf("another region waits: %v", err)
	}
	under, err := s.LearningUnderWay(ctx, region, noon())
	if err != nil || len(under) != 2 || under[0].ID != dry || under[1].ID != kinds || !under[1].Waiting {
		t.Errorf("under way: %+v, %v", under, err)
	}
	// The process is told to stop: the order is begun anew, before the later one.
	first := got.Hold()
	if back, err := s.ReturnLearning(ctx, first); err != nil || !back {
		t.Fatal(back, err)
	}
	if err := s.EndLearning(ctx, first, domain.BackgroundFailed, nil, "умер", noon()); err != nil {
		t.Fatal(err)
	}
	again, ok := takeLearning(t, s)
	if !ok || again.ID != dry || again.Hold() == first {
		t.Errorf("after it went back: %v, %+v", ok, again)
	}
	// What the one before says no longer counts: it is told to stop, ends nothing and
	// gives nothing back.
	if stop, err := s.LearningProgress(ctx, first, 50, 100); err != nil || !stop {
		t.Errorf("the one before goes on: %v, %v", stop, err)
	}
	if err := s.EndLearning(ctx, first, domain.BackgroundFailed, nil, "умер", noon()); err != nil {
		t.Fatal(err)
	}
	if back, err := s.ReturnLearning(ctx, first); err != nil || back {
		t.Errorf("the one before gives it back: %v, %v", back, err)
	}
	if stop, err := s.LearningProgress(ctx, again.Hold(), 1, 100); err != nil || stop {
		t.Errorf("the one at work is to stop: %v, %v", stop, err)
	}
	if now, err := s.Task(ctx, region, dry); err != nil || now.State != domain.BackgroundRunning || now.Waiting || now.Done != 1 {
		t.Errorf("at work: %+v, %v", now, err)
	}
	if err := s.EndLearning(ctx, again.Hold(), domain.BackgroundDone, map[string]int{}, "", noon()); err != nil {
		t.Fatal(err)
	}
	// What nobody has taken ends when a person says so.
	if err := s.StopTask(ctx, region, kinds); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Task(ctx, region, kinds); err != nil || got.State != domain.BackgroundStopped || got.Waiting {
		t.Errorf("stopped: %+v, %v", got, err)
	}
	if _, ok := takeLearning(t, s); ok {
		t.Error("what was stopped is taken")
	}
}

func TestManyProcessesTakeOneOrder(t *testing.T) {
	s := storagetest.New(t)
	for _, label := range []string{"row", "kind"} {
		if _, err := s.OrderLearning(t.Context(), order(domain.TaskTrain, label, true)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	var taken atomic.Int32
	for range 8 {
		wg.Go(func() {
			_, ok, err := s.TakeLearning(t.Context(), region, noon())
			if err != nil {
				t.Error(err)
			}
			if ok {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if n := taken.Load(); n != 1 {
		t.Errorf("%d processes learn at once", n)
	}
}

// A run that died is named as such, and does not stand in the way.
func TestADeadTrainingIsNamedAndMakesWay(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	dead, err := s.OrderLearning(t.Context(), order(domain.TaskTrain, "row", false))
	if err != nil {
		t.Fatal(err)
	}
	waits, err := s.OrderLearning(t.Context(), order(domain.TaskTrain, "kind", true))
	if err != nil {
		t.Fatal(err)
	}
	exec(t, connect(t, dsn), "UPDATE background_tasks SET heard_at = heard_at - $1::interval", 2*time.Minute)
	if got, ok := takeLearning(t, s); !ok || got.ID != waits {
		t.Fatalf("an order that waits does not grow old: %v, %+v", ok, got)
	}
	if got, err := s.Task(t.Context(), region, dead); err != nil || got.State != domain.BackgroundFailed || got.Error == "" {
		t.Errorf("the dead one is %+v, %v", got, err)
	}
}

// Old versions go: the newest ten stay, the one in force and the one before it.
func TestOldModelsAreDropped(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	by := domain.Doer{Region: region, Login: "admin", At: noon()}
	seen := ""
	for i := range 16 {
		hash := fmt.Sprintf("%064d", i)
		ref := domain.ModelRef{Label: "row", Hash: hash}
		if _, err := s.SaveModel(t.Context(), domain.ModelVersion{ModelRef: ref, Region: region, Examples: 1, Report: []byte("{}"), Comparison: []byte("{}"), CreatedAt: noon(), CreatedBy: "admin"}, []byte("file")); err != nil {
			t.Fatal(err)
		}
		if i < 3 { // 2 is in force, 1 before it, 0 before that
			if err := s.ActivateModel(t.Context(), storage.ModelSwitch{ModelRef: ref, Seen: seen, Comparison: []byte("{}"), Reason: "лучше"}, by); err != nil {
				t.Fatal(err)
			}
			seen = hash
		}
	}
	dropped, err := s.DropOldModels(t.Context(), "row", 10, by)
	if err != nil || len(dropped) != 4 {
		t.Fatalf("dropped %v, %v", dropped, err)
	}
	left, err := s.Models(t.Context(), region)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, v := range left {
		numbers = append(numbers, v.Hash[62:])
	}
	if want := []string{"15", "14", "13", "12", "11", "10", "09", "08", "07", "06", "02", "01"}; !slices.Equal(numbers, want) {
		t.Errorf("left %v", numbers)
	}
	conn := connect(t, dsn)
	var parts int
	var words string
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM model_parts").Scan(&parts); err != nil || parts != 12 {
		t.Errorf("%d files, %v", parts, err)
	}
	if err := conn.QueryRow(t.Context(), "SELECT words FROM journal WHERE action = 'models_dropped'").Scan(&words); err != nil || words == "" {
		t.Errorf("the journal: %q, %v", words, err)
	}
	if to, err := s.RollbackModel(t.Context(), "row", "", by); err != nil || to.Hash[62:] != "01" {
		t.Errorf("back to %+v, %v", to, err)
	}
	if again, err := s.DropOldModels(t.Context(), "kind", 10, by); err != nil || len(again) != 0 {
		t.Errorf("another label: %v, %v", again, err)
	}
}
