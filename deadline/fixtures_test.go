package deadline_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // zones of the regions on machines that have none

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/deadline"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// handClock shows what it is told.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// world is a database with the jobs of both regions over it.
type world struct {
	t     *testing.T
	dsn   string
	store *storage.Store
	clock *handClock
	posts int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dsn: storagetest.DSN(t), clock: &handClock{now: at("2026-11-23T06:42:00Z")}}
	w.store = storagetest.Open(t, w.dsn, storage.Options{Clock: w.clock})
	return w
}

// at reads an instant in UTC.
func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// regions are those of the packs, with their schedules.
func regions() []deadline.Region {
	return []deadline.Region{
		{ID: "khabarovsk", Zone: zone("Asia/Vladivostok"), Deadlines: "*/10 * * * *", Digest: "30 8 * * MON-FRI", SatisfactionDays: 7},
		{ID: "kaliningrad", Zone: zone("Europe/Kaliningrad"), Deadlines: "*/10 * * * *", Digest: "30 8 * * MON-FRI", SatisfactionDays: 7},
	}
}

// runner does the jobs on a store, as one of the workers would.
func (w *world) runner(store deadline.Store) *deadline.Runner {
	return &deadline.Runner{Store: store, Regions: regions, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Every: time.Second}
}

// walk moves the clock in steps and lets the jobs look twice at each.
func (w *world) walk(r *deadline.Runner, from, to string, step time.Duration) {
	w.t.Helper()
	for now := at(from); !now.After(at(to)); now = now.Add(step) {
		w.clock.set(now)
		for range 2 {
			if err := r.Tick(w.t.Context()); err != nil {
				w.t.Fatalf("at %s: %v", now, err)
			}
		}
	}
}

// almanac counts in a region's zone by a calendar with the New Year holidays of
// 2027 and 31 December 2026 off.
func almanac(region string) domain.Almanac {
	holidays := []domain.Date{}
	for day := 1; day <= 8; day++ {
		holidays = append(holidays, domain.Date{Year: 2027, Month: time.January, Day: day})
	}
	cal := domain.NewCalendar(map[int]domain.Year{
		2026: {DaysOff: []domain.Date{{Year: 2026, Month: time.December, Day: 31}}},
		2027: {DaysOff: holidays},
	})
	zones := map[string]string{"khabarovsk": "Asia/Vladivostok", "kaliningrad": "Europe/Kaliningrad"}
	return domain.Almanac{Zone: zone(zones[region]), Calendar: cal}
}

// open stores a case of ten days registered at the clock's time; without a body
// it waits in moderation.
func (w *world) open(region, agency string) domain.Case {
	w.t.Helper()
	w.posts++
	registered := w.clock.Now()
	term, err := almanac(region).Deadline(registered, domain.Term{Days: 10, NonWorking: domain.NonWorkingKeep, Cite: "строка 3 Перечня"})
	if err != nil {
		w.t.Fatal(err)
	}
	src, err := w.store.AddSource(w.t.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: fmt.Sprintf("-%d", w.posts)})
	if err != nil {
		w.t.Fatal(err)
	}
	src.Epoch = 0
	post := domain.Post{ID: domain.NewPostID(domain.VK, src.Address, "1"), Region: region, SourceID: src.ID, Text: "яма", PublishedAt: registered}
	judged := domain.Judged{Post: post, Verdict: domain.Verdict{Kind: domain.Problem, Row: 3, PackHash: "test"}}
	batch := domain.Batch{Source: src, Posts: []domain.Post{post}, State: domain.SourceActive}
	decision := domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: agency, Deadline: term,
		Reason: "assigned_unseen", Words: "назначено", RegisteredAt: registered}
	if agency == "" {
		decision.State = domain.Moderation
	}
	decide := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision { return decision }
	res, err := w.store.Commit(w.t.Context(), registered, batch, []domain.Judged{judged}, decide)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.reload(res.CaseIDs[0])
}

func (w *world) reload(id int64) domain.Case {
	w.t.Helper()
	file, err := w.store.CaseFile(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return file.Case
}

// said lists a region's notices, oldest first, as "time kind role".
func (w *world) said(region string) []string {
	w.t.Helper()
	list := w.notices(region)
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprintf("%s %s %s", n.At.Format("2006-01-02T15:04"), n.Kind, n.ToRole)
	}
	return out
}

func (w *world) notices(region string) []domain.Notice {
	w.t.Helper()
	list, err := w.store.Notices(w.t.Context(), region, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// sql changes what no method of the store changes yet.
func (w *world) sql(query string, args ...any) {
	w.t.Helper()
	w.scan(nil, query, args...)
}

// scan reads one row, or only executes when there is nothing to read into.
func (w *world) scan(into any, query string, args ...any) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(w.t.Context())
	if into == nil {
		_, err = conn.Exec(w.t.Context(), query, args...)
	} else {
		err = conn.QueryRow(w.t.Context(), query, args...).Scan(into)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// runs counts the rows of a job's runs.
func (w *world) runs(job, region string) (n int) {
	w.t.Helper()
	w.scan(&n, "SELECT count(*) FROM job_runs WHERE job = $1 AND region = $2", job, region)
	return n
}
