package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
)

// The desk must not grow slower with its archive: every page is timed with so
// many cases and with a hundred times more.
const (
	deskSmall = 10_000
	deskLarge = 1_000_000
)

// deskWithin is how long filling and measuring may take together.
const deskWithin = 7*time.Minute + 15*time.Second

// archive is a database filled with cases.
type archive struct {
	dsn   string
	store *storage.Store
	cases int
	now   time.Time
	zone  *time.Location
	ids   []int64 // of cases to open as cards
	desk  *visit
}

// benchDesk prints how many times longer the pages of the large archive take.
func benchDesk(ctx context.Context, o options, r *report) error {
	until := time.Now().Add(deskWithin)
	r.part(fmt.Sprintf("desk: %d cases against %d", o.DeskCases, deskSmall))
	server, err := localpg.Start(ctx, localpg.Options{Ephemeral: true, Unsafe: true, Settings: map[string]string{
		"shared_buffers": "1GB", "max_wal_size": "16GB", "wal_level": "minimal", "max_wal_senders": "0",
		"checkpoint_timeout": "30min", "autovacuum": "off"}}) // the filling vacuums by itself
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	built, err := newServing()
	if err != nil {
		return err
	}
	defer built.remove()
	program, err := buildOtklik(ctx, built.dir)
	if err != nil {
		return err
	}
	var archives []*archive
	for _, cases := range []int{deskSmall, o.DeskCases} {
		began := time.Now()
		a, err := newArchive(ctx, server.DSN(), cases)
		if err != nil {
			return fmt.Errorf("fill with %d cases: %w", cases, err)
		}
		defer a.store.Close()
		archives = append(archives, a)
		r.say("%d cases with posts and counters filled in %.0f s", cases, time.Since(began).Seconds())
	}
	for _, a := range archives {
		if a.desk, err = openDesk(ctx, program, a.dsn); err != nil {
			return err
		}
		defer a.desk.close()
	}
	return compareArchives(ctx, r, archives[0], archives[1], until)
}

// newArchive makes a database and fills it.
func newArchive(ctx context.Context, dsn string, cases int) (*archive, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	name := fmt.Sprintf("desk_%d", cases)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("create database: %w", err)
	}
	a := &archive{cases: cases, dsn: withDatabase(dsn, conn.Config().Database, name), now: time.Now().UTC().Truncate(time.Microsecond)}
	if err := storage.Migrate(ctx, a.dsn); err != nil {
		return nil, err
	}
	if a.store, err = storage.Open(ctx, a.dsn, storage.Options{}); err != nil {
		return nil, err
	}
	if err := a.prepare(ctx); err != nil {
		a.store.Close()
		return nil, err
	}
	return a, nil
}

// prepare stores the pack and the people, and fills the tables.
func (a *archive) prepare(ctx context.Context) error {
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		return err
	}
	a.zone = pack.Region.Location
	files, err := rules.Embedded(region)
	if err != nil {
		return err
	}
	err = a.store.SavePackVersion(ctx, storage.PackVersion{Region: region, Code: pack.Region.Code, Zone: pack.Region.Zone, Hash: pack.Hash, Files: files,
		CreatedAt: a.now, CreatedBy: "bench"})
	if err != nil {
		return err
	}
	if err := a.store.ActivatePack(ctx, region, pack.Hash, "bench", a.now); err != nil {
		return err
	}
	if err := addPeople(ctx, a.store, a.now); err != nil {
		return err
	}
	f := &filler{archive: a, pack: pack}
	if err := f.fill(ctx); err != nil {
		return err
	}
	if err := a.rest(ctx); err != nil {
		return err
	}
	a.ids, err = a.someCases(ctx)
	return err
}

// rest has the day's walk over old posts done: it comes once a day, and would
// come when the desk starts.
func (a *archive) rest(ctx context.Context) error {
	for _, served := range rules.EmbeddedRegions() {
		for day := range 2 { // the measuring may pass midnight
			tick := a.now.Truncate(24*time.Hour).AddDate(0, 0, day)
			if _, err := a.store.ClaimRun(ctx, "retention", served, tick); err != nil {
				return err
			}
			if err := a.store.FinishRun(ctx, "retention", served, tick, "bench"); err != nil {
				return err
			}
		}
	}
	return nil
}

// someCases are ids of cases from all times.
func (a *archive) someCases(ctx context.Context) ([]int64, error) {
	conn, err := pgx.Connect(ctx, a.dsn)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, "SELECT id FROM cases WHERE NOT restricted ORDER BY hashint8(id) LIMIT 200")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// page is what a person asks for; says is in it when it has what it is for.
type page struct {
	figure, words string
	role          domain.Role
	path          func(a *archive, n int) string
	says          string
	unlike        bool // it shows more in the large archive, so that the limit says nothing of it
}

func deskPages() []page {
	fixed := func(path string) func(*archive, int) string { return func(*archive, int) string { return path } }
	pages := []page{
		{figure: "queue", words: "Очередь", role: domain.RoleAnalyst, path: fixed("/queue"), says: "Всего"},
		{figure: "card", words: "Карточка", role: domain.RoleAnalyst, path: func(a *archive, n int) string { return fmt.Sprintf("/case/%d", a.ids[n%len(a.ids)]) }, says: "27-20"},
		{figure: "deadlines", words: "Сроки", role: domain.RoleController, path: fixed("/terms"), says: "Открыто"},
	}
	for _, w := range searchWords() {
		pages = append(pages, page{figure: w.figure, words: "поиск, " + w.words, role: domain.RoleAnalyst, path: fixed("/search?q=" + url.QueryEscape(w.word)),
			says: "Найдено", unlike: w.figure != "search"})
	}
	return pages
}

// searchWord is a word and how often it is said.
type searchWord struct{ figure, word, words string }

// searchWords: of the last one there is one hit in the small archive and a page
// full in the large one. What it costs to show a page is seen by it, no growth.
func searchWords() []searchWord {
	return []searchWord{{"search", "дорога", "в 30 сообщениях из 100"}, {"search", "светофор", "в одном из 100"},
		{"search", "дирижабль", "в двенадцати на архив"}, {"search_one_hit_against_fifty", "аэростат", "в одном из 10 000"}}
}

// deskLimit is how many times longer a page of the large archive may take.
const deskLimit = 1.5

// Rounds of a page, the first of which only warm up.
const (
	deskWarm   = 8
	deskRounds = 150
	deskLeast  = 40
)

// compareArchives asks for each page by turns of both, so that what else the
// machine does befalls both, and prints the worst ratio of medians of its name. It
// fails for pages over the limit.
func compareArchives(ctx context.Context, r *report, small, large *archive, until time.Time) error {
	worst := map[string]float64{}
	var order []string
	var ratios []measured
	pages := deskPages()
	for i, p := range pages {
		share := time.Until(until) / time.Duration(len(pages)-i)
		ms, err := p.byTurns(ctx, small, large, time.Now().Add(share))
		if err != nil {
			return err
		}
		ratio := median(ms[1]) / median(ms[0])
		r.say("%s: %.1f ms with %d, %.1f ms with %d cases: %.2f (%d rounds)", p.words, median(ms[0]), small.cases, median(ms[1]), large.cases, ratio, len(ms[0]))
		if !slices.Contains(order, p.figure) {
			order = append(order, p.figure)
		}
		worst[p.figure] = max(worst[p.figure], ratio)
		ratios = append(ratios, measured{p, ratio})
	}
	for _, name := range order {
		r.figure(name+"_1m_over_10k", "%.2f", worst[name])
	}
	return slower(ratios)
}

// measured is a page and how many times longer it takes of the large archive.
type measured struct {
	page  page
	ratio float64
}

// slower names the pages over the limit.
func slower(list []measured) error {
	var over []string
	for _, m := range list {
		if m.ratio > deskLimit && !m.page.unlike {
			over = append(over, fmt.Sprintf("%s (%.2f)", m.page.words, m.ratio))
		}
	}
	if len(over) == 0 {
		return nil
	}
	return fmt.Errorf("more than %.1f times slower in the large archive: %s", deskLimit, strings.Join(over, ", "))
}

// byTurns gives the milliseconds of a page in both archives, who is first by turns.
func (p page) byTurns(ctx context.Context, small, large *archive, until time.Time) (ms [2][]float64, err error) {
	archives := [2]*archive{small, large}
	for n := range deskWarm + deskRounds {
		if n >= deskWarm+deskLeast && time.Now().After(until) {
			break
		}
		for turn := range archives {
			i := (turn + n) % 2
			took, err := p.once(ctx, archives[i], n)
			if err != nil {
				return ms, err
			}
			if n >= deskWarm {
				ms[i] = append(ms[i], float64(took.Microseconds())/1000)
			}
		}
	}
	return ms, nil
}

func (p page) once(ctx context.Context, a *archive, n int) (time.Duration, error) {
	path := p.path(a, n)
	began := time.Now()
	body, err := a.desk.get(ctx, p.role, path)
	took := time.Since(began)
	if err == nil && !strings.Contains(body, p.says) {
		err = fmt.Errorf("%s does not say %q", path, p.says)
	}
	if err != nil {
		return 0, fmt.Errorf("%s with %d cases: %w", p.words, a.cases, err)
	}
	return took, nil
}
