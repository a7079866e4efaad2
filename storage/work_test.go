package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// handClock is moved by the test.
type handClock struct{ at atomic.Int64 }

func (c *handClock) Now() time.Time { return time.Unix(c.at.Load(), 0).UTC() }

func (c *handClock) set(t time.Time) { c.at.Store(t.Unix()) }

func TestQuotaIsSharedAndEndsAtMoscowMidnight(t *testing.T) {
	clock := &handClock{}
	clock.set(time.Date(2026, 11, 23, 20, 59, 0, 0, time.UTC)) // 23:59 in Moscow
	s := storagetest.NewWith(t, storage.Options{MachineClock: clock})
	const perDay = 50
	var spent atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				_, err := s.Spend(t.Context(), "token", "wall.get", perDay)
				var platform *domain.PlatformError
				switch {
				case err == nil:
					spent.Add(1)
				case !errors.As(err, &platform) || platform.Reaction != domain.ParkToday || platform.RetryAfter != time.Minute:
					t.Errorf("error = %v", err)
				}
			}
		})
	}
	wg.Wait()
	if spent.Load() != perDay {
		t.Errorf("spent %d of %d", spent.Load(), perDay)
	}
	if left, err := s.Left(t.Context(), "token", "wall.get", perDay); err != nil || left != 0 {
		t.Errorf("left %d, %v", left, err)
	}
	if left, err := s.Spend(t.Context(), "other", "wall.get", perDay); err != nil || left != perDay-1 {
		t.Errorf("another token: %d, %v", left, err)
	}
	clock.set(time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC)) // midnight in Moscow
	if left, err := s.Spend(t.Context(), "token", "wall.get", perDay); err != nil || left != perDay-1 {
		t.Errorf("next day: %d, %v", left, err)
	}
}

func TestParkedMethodWaitsUntilTomorrow(t *testing.T) {
	clock := &handClock{}
	clock.set(noon())
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{MachineClock: clock})
	if err := s.Park(t.Context(), "token", "newsfeed.search", "ошибка 29"); err != nil {
		t.Fatal(err)
	}
	var platform *domain.PlatformError
	if _, err := s.Spend(t.Context(), "token", "newsfeed.search", 1000); !errors.As(err, &platform) {
		t.Errorf("parked: %v", err)
	}
	if _, err := s.Spend(t.Context(), "token", "wall.get", 1000); err != nil {
		t.Errorf("another method: %v", err)
	}
	clock.set(noon().AddDate(0, 0, 1))
	if _, err := s.Spend(t.Context(), "token", "newsfeed.search", 1000); err != nil {
		t.Errorf("tomorrow: %v", err)
	}
	var stored int
	err := connect(t, dsn).QueryRow(t.Context(), "SELECT count(*) FROM quotas WHERE encode(token_hash, 'escape') LIKE '%token%'").Scan(&stored)
	if err != nil || stored != 0 {
		t.Errorf("a token lies open in the database (%v)", err)
	}
	clock.set(noon().AddDate(0, 0, 5))
	if err := s.Prune(t.Context(), noon()); err != nil {
		t.Fatal(err)
	}
	if use, err := s.QuotasToday(t.Context()); err != nil || len(use) != 0 {
		t.Errorf("after pruning: %+v, %v", use, err)
	}
}

func TestAJobRunsOnce(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	if last, err := s.LastRun(t.Context(), "digest", region); err != nil || !last.IsZero() {
		t.Errorf("before any run: %v, %v", last, err)
	}
	var claimed atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if ok, err := s.ClaimRun(t.Context(), "digest", region, noon()); err != nil {
				t.Error(err)
			} else if ok {
				claimed.Add(1)
			}
		})
	}
	wg.Wait()
	if claimed.Load() != 1 {
		t.Errorf("claimed %d times", claimed.Load())
	}
	// Its worker dies: after the grace the tick is to be done again.
	if _, err := connect(t, dsn).Exec(t.Context(), "UPDATE job_runs SET claimed_at = claimed_at - interval '6 minutes'"); err != nil {
		t.Fatal(err)
	}
	if last, err := s.LastRun(t.Context(), "digest", region); err != nil || !last.IsZero() {
		t.Errorf("a dead run counts as done: %v, %v", last, err)
	}
	if ok, err := s.ClaimRun(t.Context(), "digest", region, noon()); err != nil || !ok {
		t.Errorf("dead run not claimed again: %v", err)
	}
	if err := s.FinishRun(t.Context(), "digest", region, noon(), "готово"); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.ClaimRun(t.Context(), "digest", region, noon()); err != nil || ok {
		t.Errorf("finished run claimed again (%v)", err)
	}
	if last, err := s.LastRun(t.Context(), "digest", region); err != nil || !last.Equal(noon()) {
		t.Errorf("last = %v, %v", last, err)
	}
	if ok, err := s.ClaimRun(t.Context(), "digest", "kaliningrad", noon()); err != nil || !ok {
		t.Errorf("another region: %v", err)
	}
}

func notice(key string) domain.Notice {
	return domain.Notice{Key: key, Kind: domain.NoticeDue1, Region: region, ToRole: "controller", Text: "срок", At: noon()}
}

func TestANoticeIsWrittenAndSentOnce(t *testing.T) {
	s := storagetest.New(t)
	var list []domain.Notice
	for i := range 30 {
		list = append(list, notice(fmt.Sprint("k", i)))
	}
	if n, err := s.PutNotices(t.Context(), append(list, notice("k1"))); err != nil || n != 30 {
		t.Fatalf("put %d, %v", n, err)
	}
	if n, err := s.PutNotices(t.Context(), list[:5]); err != nil || n != 0 {
		t.Errorf("put again: %d, %v", n, err)
	}
	var mu sync.Mutex
	got := map[int64]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				claimed, err := s.ClaimNotices(t.Context(), noon(), 3)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, c := range claimed {
					got[c.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range got {
		if n != 1 {
			t.Errorf("notice %d was claimed %d times", id, n)
		}
		if err := s.FinishNotice(t.Context(), id, noon(), nil); err != nil {
			t.Error(err)
		}
	}
	if waiting, failed, err := s.NoticeBacklog(t.Context()); err != nil || len(got) != 30 || waiting+failed != 0 {
		t.Errorf("claimed %d, waiting %d, failed %d, %v", len(got), waiting, failed, err)
	}
}

func TestAFailedNoticeIsTriedAgainAndGivenUp(t *testing.T) {
	s := storagetest.New(t)
	if _, err := s.PutNotices(t.Context(), []domain.Notice{notice("k")}); err != nil {
		t.Fatal(err)
	}
	now := noon()
	for wait, want := range map[time.Duration]int64{0: 0, time.Minute: 0, 2 * time.Minute: 1} {
		if late, err := s.LateNotices(t.Context(), noon().Add(wait)); err != nil || late != want {
			t.Errorf("after %s late %d, want %d, %v", wait, late, want, err)
		}
	}
	for try := 1; try <= 12; try++ {
		claimed, err := s.ClaimNotices(t.Context(), now, 10)
		if err != nil || len(claimed) != 1 || claimed[0].Attempt != try {
			t.Fatalf("try %d: %+v, %v", try, claimed, err)
		}
		// While it is being tried, and until the pause is over, nobody gets it.
		if again, err := s.ClaimNotices(t.Context(), now.Add(29*time.Second), 10); err != nil || len(again) != 0 {
			t.Fatalf("try %d: claimed twice: %+v, %v", try, again, err)
		}
		if err := s.FinishNotice(t.Context(), claimed[0].ID, now, errors.New("сеть\x00")); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	if waiting, failed, err := s.NoticeBacklog(t.Context()); err != nil || waiting != 0 || failed != 1 {
		t.Errorf("waiting %d, failed %d, %v", waiting, failed, err)
	}
}

func TestPacksSwitchAndRollBack(t *testing.T) {
	s := storagetest.New(t)
	if _, err := s.ActivePackHash(t.Context(), region); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before any activation: %v", err)
	}
	for _, hash := range []string{"a", "b", "c", "b"} {
		v := storage.PackVersion{Region: region, Code: "27", Zone: "Asia/Vladivostok", Hash: hash, CreatedBy: "admin",
			Files: map[string][]byte{"region.yaml": []byte("id: " + hash), "model.bin": {0, 1, 0xff}, "empty": nil}}
		if err := s.SavePackVersion(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	for _, hash := range []string{"a", "b", "b", "c"} {
		if err := s.ActivatePack(t.Context(), region, hash, "admin", noon()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ActivatePack(t.Context(), region, "missing", "admin", noon()); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("activating what was never saved: %v", err)
	}
	active, err := s.ActivePack(t.Context(), region)
	if err != nil || active.Hash != "c" || string(active.Files["region.yaml"]) != "id: c" || len(active.Files) != 3 || len(active.Files["model.bin"]) != 3 {
		t.Errorf("active = %+v, %v", active, err)
	}
	for _, want := range []string{"b", "a"} {
		if hash, err := s.RollbackPack(t.Context(), region, "admin", noon()); err != nil || hash != want {
			t.Errorf("rolled back to %q, %v; want %q", hash, err, want)
		}
		if hash, err := s.ActivePackHash(t.Context(), region); err != nil || hash != want {
			t.Errorf("active is %q, %v; want %q", hash, err, want)
		}
	}
	if _, err := s.RollbackPack(t.Context(), region, "admin", noon()); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("rollback beyond the first: %v", err)
	}
	list, err := s.PackVersions(t.Context(), region)
	if err != nil || len(list) != 4 { // and the empty one of the test database
		t.Errorf("versions = %+v, %v", list, err)
	}
}

// Two regions of one subject code would draw the same case numbers: the second is
// refused by name, and by the table whoever writes.
func TestASubjectCodeIsOfOneRegion(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	v := storage.PackVersion{Region: "narnia", Code: "27", Zone: "Asia/Vladivostok", Hash: "n", CreatedBy: "x"}
	var taken *storage.CodeTakenError
	if err := s.SavePackVersion(t.Context(), v); !errors.As(err, &taken) || taken.Other != region || taken.Code != "27" {
		t.Errorf("a second region of code 27: %v", err)
	}
	if v.Code = "28"; s.SavePackVersion(t.Context(), v) != nil {
		t.Error("a code of its own is refused")
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	var pg *pgconn.PgError
	_, err = conn.Exec(t.Context(), "UPDATE regions SET code = '27' WHERE region = 'narnia'")
	if !errors.As(err, &pg) || pg.Code != "23505" {
		t.Errorf("past the check: %v", err)
	}
}

func TestConcurrentActivationsLeaveOneActive(t *testing.T) {
	s := storagetest.New(t)
	var wg sync.WaitGroup
	for i := range 6 {
		hash := fmt.Sprint("h", i)
		if err := s.SavePackVersion(t.Context(), storage.PackVersion{Region: region, Code: "27", Zone: "Asia/Vladivostok", Hash: hash, CreatedBy: "x"}); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := s.ActivatePack(t.Context(), region, hash, "x", noon()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := s.PackVersions(t.Context(), region)
	if err != nil {
		t.Fatal(err)
	}
	active := 0
	for _, v := range list {
		if v.Active {
			active++
		}
	}
	if active != 1 {
		t.Errorf("%d active packs", active)
	}
}
