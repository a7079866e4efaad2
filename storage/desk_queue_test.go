package storage_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func queue(t *testing.T, s *storage.Store, f domain.QueueFilter) []domain.QueueItem {
	t.Helper()
	items, err := s.Queue(t.Context(), analyst(), f, noon(), 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func ids(items []domain.QueueItem) string {
	out := ""
	for _, it := range items {
		out += fmt.Sprintf("%s%d ", string(it.Object[:1]), it.ID)
	}
	return out
}

// reviewed commits a post that a person must look at.
func reviewed(t *testing.T, s *storage.Store, n int, urgent bool) int64 {
	t.Helper()
	src := addSource(t, s, fmt.Sprint("-", 8000+n))
	j := judgedAs(post(n, fmt.Sprint("Непонятное ", n)), 0)
	j.Verdict.Kind = domain.Other
	b, judged := batchOf(src, "", j)
	_, err := s.Commit(t.Context(), noon(), b, judged, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		return domain.Decision{Action: domain.ActionReview, Reason: "faults", Words: "нужен человек", Urgent: urgent}
	})
	if err != nil {
		t.Fatal(err)
	}
	items, err := s.ReviewItems(t.Context(), region, 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if it.Post == post(n, "").ID {
			return it.ID
		}
	}
	t.Fatal("the review item is not there")
	return 0
}

func TestQueueOrder(t *testing.T) {
	s := storagetest.New(t)
	late := moderatedAt(t, s, 1, noon())
	wide := moderatedAt(t, s, 1000, noon()) // the same term, seen by more
	soon := moderatedAt(t, s, 2, noon().Add(-8*24*time.Hour))
	danger := moderatedAt(t, s, 3, noon())
	yes := true
	if _, err := s.ChangeCase(t.Context(), analyst(), domain.CaseChange{CaseID: danger.ID, Version: 1, Who: "x", At: noon(), Urgent: &yes}); err != nil {
		t.Fatal(err)
	}
	review, alarm := reviewed(t, s, 50, false), reviewed(t, s, 51, true)
	want := fmt.Sprintf("r%d c%d r%d c%d c%d c%d ", alarm, danger.ID, review, soon.ID, wide.ID, late.ID)
	items := queue(t, s, domain.QueueFilter{})
	if got := ids(items); got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	if it := items[5]; it.Case.Number != late.Number || it.Text != "Яма номер 1" || it.Kind != domain.Problem || it.Case.Place.Street == "" {
		t.Errorf("line %+v", it)
	}
	page, err := s.Queue(t.Context(), analyst(), domain.QueueFilter{}, noon(), 2, 3)
	if err != nil || ids(page) != fmt.Sprintf("c%d c%d ", soon.ID, wide.ID) {
		t.Errorf("second page %s, %v", ids(page), err)
	}
	n, err := s.CountQueue(t.Context(), analyst(), domain.QueueFilter{}, "anna", noon())
	if err != nil || n != (domain.QueueCount{Total: 6}) {
		t.Errorf("count %+v, %v", n, err)
	}
	for name, f := range map[string]struct {
		f    domain.QueueFilter
		want int
	}{
		"urgent":    {domain.QueueFilter{Urgent: true}, 2},
		"undecided": {domain.QueueFilter{Undecided: true}, 2},
		"place":     {domain.QueueFilter{Municipality: "khabarovsk-city"}, 6},
		"elsewhere": {domain.QueueFilter{Municipality: "moon"}, 0},
		"source":    {domain.QueueFilter{SourceID: late.SourceID}, 1},
		"row":       {domain.QueueFilter{Subject: &domain.Subject{Row: 3}}, 4},
		"topic":     {domain.QueueFilter{Subject: &domain.Subject{Topic: "roads.potholes"}}, 2},
		"doubtful":  {domain.QueueFilter{Doubtful: 0.5}, 0},
		"returned":  {domain.QueueFilter{Returned: true}, 0},
		"none":      {domain.QueueFilter{Undecided: true, Returned: true}, 0},
	} {
		if got := queue(t, s, f.f); len(got) != f.want {
			t.Errorf("%s: %s, want %d", name, ids(got), f.want)
		}
		if n, err := s.CountQueue(t.Context(), analyst(), f.f, "", noon()); err != nil || n.Total != f.want {
			t.Errorf("%s: counted %+v, %v", name, n, err)
		}
	}
	if got, err := s.Queue(t.Context(), domain.Scope{}, domain.QueueFilter{}, noon(), 50, 0); err != nil || len(got) != 0 {
		t.Errorf("nobody sees %s, %v", ids(got), err)
	}
}

func TestPutAsideComesBack(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	ch, err := domain.PutAside(c, noon().Add(24*time.Hour), by("anna"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeCase(t.Context(), analyst(), ch); err != nil {
		t.Fatal(err)
	}
	item := reviewed(t, s, 50, false)
	if _, err := s.AsideReview(t.Context(), analyst(), asSeen(t, s, item), noon().Add(24*time.Hour), by("anna")); err != nil {
		t.Fatal(err)
	}
	if got := queue(t, s, domain.QueueFilter{}); len(got) != 0 {
		t.Errorf("still there: %s", ids(got))
	}
	if got := queue(t, s, domain.QueueFilter{Aside: true}); len(got) != 2 {
		t.Errorf("put aside: %s", ids(got))
	}
	if got, err := s.Queue(t.Context(), analyst(), domain.QueueFilter{}, noon().Add(25*time.Hour), 50, 0); err != nil || len(got) != 2 {
		t.Errorf("the next day: %s, %v", ids(got), err)
	}
}

func TestLeasesPassNobodyTheSame(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	for n := range 6 {
		moderated(t, s, n+1)
	}
	var refs []domain.Ref
	for _, it := range queue(t, s, domain.QueueFilter{}) {
		refs = append(refs, it.Ref)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[domain.Ref]string{}
	for i := range 6 {
		wg.Go(func() {
			l, err := s.TakeFirst(t.Context(), analyst(), refs, fmt.Sprint("user", i), time.Minute)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || l.ID == 0 || got[l.Ref] != "" {
				t.Errorf("user%d got %+v, as did %q: %v", i, l, got[l.Ref], err)
			}
			got[l.Ref] = l.Who
		})
	}
	wg.Wait()
	if l, err := s.TakeFirst(t.Context(), analyst(), refs, "seventh", time.Minute); err != nil || l.ID != 0 {
		t.Errorf("when all are taken: %+v, %v", l, err)
	}
	mine := refs[0]
	who := got[mine]
	var taken *domain.Taken
	if _, err := s.TakeLease(t.Context(), analyst(), mine, "seventh", time.Minute); !errors.As(err, &taken) || taken.Who != who {
		t.Errorf("a case of %s: %v", who, err)
	}
	if _, err := s.TakeLease(t.Context(), analyst(), mine, who, time.Minute); err != nil {
		t.Errorf("renewing: %v", err)
	}
	if n, err := s.CountQueue(t.Context(), analyst(), domain.QueueFilter{}, who, noon()); err != nil || n.Taken != 5 {
		t.Errorf("count %+v, %v", n, err)
	}
	if _, err := conn.Exec(t.Context(), "UPDATE desk_leases SET until = clock_timestamp() - interval '1 second' WHERE who = $1", who); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeLease(t.Context(), analyst(), mine, "seventh", time.Minute); err != nil {
		t.Errorf("a lease that lapsed: %v", err)
	}
	if err := s.ReleaseDesk(t.Context(), mine, who); err != nil {
		t.Fatal(err)
	}
	if list, err := s.DeskLeases(t.Context(), analyst()); err != nil || len(list) != 6 {
		t.Errorf("another's lease was given back: %+v, %v", list, err)
	}
	if err := s.ReleaseLeases(t.Context(), "seventh", time.Now()); err != nil { // a page left late: the next has renewed it
		t.Fatal(err)
	}
	if list, err := s.DeskLeases(t.Context(), analyst()); err != nil || len(list) != 6 {
		t.Errorf("what was taken again since went: %+v, %v", list, err)
	}
	if err := s.ReleaseLeases(t.Context(), "seventh", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var events int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM events WHERE kind IN ('lease_taken', 'lease_released')").Scan(&events); err != nil || events != 8 {
		t.Errorf("%d events of leases, want 6 taken, 1 taken over, 1 released (%v)", events, err)
	}
}
