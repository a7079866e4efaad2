package main

import (
	"context"
	"embed"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage/localpg"
)

//go:embed fill/*.sql
var fillFiles embed.FS

// archiveMonths is how far back the archive goes, evenly.
const archiveMonths = 24

// filler writes an archive with PostgreSQL's own means: a million cases through
// the whole path would take an hour. Triggers and checks of references rest;
// what they would have written is written too, and tests compare. Two lanes or
// more work side by side, each table in one piece; indexes come last.
type filler struct {
	*archive
	pack *rules.Pack
	pool *pgxpool.Pool
}

func (f *filler) fill(ctx context.Context) (err error) {
	for m := range archiveMonths + 1 {
		if _, err := f.store.EnsurePartitions(ctx, f.now.AddDate(0, -m, 0)); err != nil {
			return err
		}
	}
	if f.pool, err = f.lanes(ctx); err != nil {
		return err
	}
	defer f.pool.Close()
	indexes, err := f.dropIndexes(ctx)
	if err != nil {
		return err
	}
	for _, step := range [][]task{{f.file("lot")}, f.draw(), {f.file("views")}, f.tables(), f.counters(), {f.file("end")}, indexes.children, indexes.parents} {
		if err := f.run(ctx, step); err != nil {
			return err
		}
	}
	vacuum, err := f.vacuum(ctx)
	if err != nil {
		return err
	}
	return f.run(ctx, vacuum)
}

// lanes is a pool whose connections write without triggers and know the names
// the files ask for.
func (f *filler) lanes(ctx context.Context) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(f.dsn)
	if err != nil {
		return nil, fmt.Errorf("read the address: %w", err)
	}
	cfg.ConnConfig.User = localpg.Superuser        // only it may put triggers to rest
	cfg.MaxConns = int32(max(2, runtime.NumCPU())) //nolint:gosec // a handful
	for name, value := range f.settings() {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

func (f *filler) settings() map[string]string {
	var bodies, places, streets, restricted, rows []string
	for i := range f.pack.Agencies {
		bodies = append(bodies, f.pack.Agencies[i].ID)
	}
	for i := range f.pack.Gazetteer.Municipalities {
		places = append(places, f.pack.Gazetteer.Municipalities[i].ID)
	}
	for i := range f.pack.Gazetteer.Streets[:min(200, len(f.pack.Gazetteer.Streets))] { // of a long array an element costs much
		streets = append(streets, f.pack.Gazetteer.Streets[i].Name)
	}
	for i := range f.pack.Categories {
		c := &f.pack.Categories[i]
		rows = append(rows, strconv.Itoa(c.Row))
		if c.Restricted != "" {
			restricted = append(restricted, strconv.Itoa(c.Row))
		}
	}
	return map[string]string{
		"session_replication_role": "replica", "synchronous_commit": "off", "work_mem": "256MB", "maintenance_work_mem": "512MB",
		"max_parallel_workers_per_gather": "0", "max_parallel_maintenance_workers": "0", // the lanes are enough
		"bench.region": region, "bench.code": f.pack.Region.Code, "bench.zone": f.zone.String(), "bench.cases": strconv.Itoa(f.cases),
		"bench.now": f.now.Format(time.RFC3339Nano), "bench.begin": f.begin().Format(time.RFC3339Nano),
		"bench.kept":   f.now.AddDate(0, 0, 1-f.pack.Region.RetentionDays).Format(time.RFC3339Nano),
		"bench.bodies": strings.Join(bodies, ","), "bench.places": strings.Join(places, ","), "bench.streets": strings.Join(streets, "|"),
		"bench.rows": strings.Join(rows, ","), "bench.restricted": strings.Join(restricted, ","),
	}
}

func (f *filler) begin() time.Time { return f.now.AddDate(0, -archiveMonths, 0) }

// task is a statement, or a file of them.
type task struct {
	name, sql string
	args      []any
}

func (f *filler) file(name string, args ...any) task {
	sql, err := fillFiles.ReadFile("fill/" + name + ".sql")
	if err != nil {
		panic(err) // embedded
	}
	return task{name, string(sql), args}
}

// run does the tasks side by side, the first ones first.
func (f *filler) run(ctx context.Context, tasks []task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting := make(chan task, len(tasks))
	for _, t := range tasks {
		waiting <- t
	}
	close(waiting)
	var lanes sync.WaitGroup
	for range f.pool.Config().MaxConns {
		lanes.Go(func() {
			for t := range waiting {
				if err := f.do(ctx, t); err != nil {
					cancel(err)
				}
			}
		})
	}
	lanes.Wait()
	return context.Cause(ctx)
}

func (f *filler) do(ctx context.Context, t task) error {
	if _, err := f.pool.Exec(ctx, t.sql, t.args...); err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

// drawn is in how many parts the lots are drawn: always the same, so that the
// lots are the same on any machine.
const drawn = 4

func (f *filler) draw() []task {
	var out []task
	for i := range drawn {
		out = append(out, f.file("plan", 1+i*f.cases/drawn, (i+1)*f.cases/drawn))
	}
	return out
}

// tables are all that are filled out of the plan, the longest first.
func (f *filler) tables() []task {
	var out []task
	for _, half := range f.halves() {
		out = append(out, f.file("post_rows", half[0], half[1]))
	}
	for _, name := range []string{"cases", "facts", "verdicts", "post_ids", "case_posts", "case_keys", "assignments", "replies", "rest"} {
		out = append(out, f.file(name))
	}
	for i, sql := range strings.Split(f.file("history").sql, ";\n") {
		out = append(out, task{name: fmt.Sprintf("history %d", i+1), sql: sql})
	}
	return out
}

// counters are made of the facts.
func (f *filler) counters() []task {
	out := []task{f.file("weeks", domain.TimesBuckets), f.file("load")}
	for _, dimension := range []string{"pair", "source", "category", "place"} {
		out = append(out, f.file("days", dimension))
	}
	return out
}

// halves of the archive's time; what was written before and after is in them too.
func (f *filler) halves() [2][2]time.Time {
	middle := f.begin().Add(f.now.Sub(f.begin()) / 2)
	return [2][2]time.Time{{f.begin().AddDate(-1, 0, 0), middle}, {middle, f.now.AddDate(1, 0, 0)}}
}

// indexList is how to make indexes again: those of partitions before those of
// their parents, which take them over.
type indexList struct{ children, parents []task }

// dropIndexes takes off the indexes of the tables that are filled, but those of
// keys.
func (f *filler) dropIndexes(ctx context.Context) (indexList, error) {
	var out indexList
	rows, err := f.pool.Query(ctx, `SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), p.relispartition, t.relispartition
  FROM pg_index i JOIN pg_class p ON p.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE n.nspname = current_schema() AND t.relname ~ '^(posts|verdicts|cases|case_posts|case_keys|case_history|assignments|replies|case_facts|case_days)(_\d|_default|$)'
   AND NOT i.indisprimary AND NOT i.indisunique
 ORDER BY pg_get_indexdef(i.indexrelid) LIKE '%USING gin%' DESC, t.relname, i.indexrelid`)
	if err != nil {
		return out, fmt.Errorf("list indexes: %w", err)
	}
	var drop []string
	var name, definition string
	var attached, ofPartition bool
	_, err = pgx.ForEachRow(rows, []any{&name, &definition, &attached, &ofPartition}, func() error {
		if !attached {
			drop = append(drop, name)
		}
		if attached || !ofPartition && !strings.Contains(definition, " ON public.posts ") && !strings.Contains(definition, " ON public.verdicts ") {
			out.children = append(out.children, task{name: name, sql: definition})
		} else {
			out.parents = append(out.parents, task{name: name, sql: definition})
		}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("list indexes: %w", err)
	}
	if len(drop) > 0 {
		_, err = f.pool.Exec(ctx, "DROP INDEX "+strings.Join(drop, ", "))
	}
	return out, err
}

// vacuum tells PostgreSQL what there is, each table by itself.
func (f *filler) vacuum(ctx context.Context) ([]task, error) {
	rows, err := f.pool.Query(ctx, "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relpages DESC, reltuples DESC")
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	out := []task{{name: "analyze posts", sql: "ANALYZE posts"}, {name: "analyze verdicts", sql: "ANALYZE verdicts"}} // as a whole
	for _, name := range names {
		out = append(out, task{name: "vacuum " + name, sql: "VACUUM (ANALYZE) " + name})
	}
	return out, nil
}

// withDatabase is an address with another database.
func withDatabase(dsn, old, name string) string {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		u.Path = "/" + name
		return u.String()
	}
	return strings.Replace(dsn, "dbname="+old, "dbname="+name, 1)
}
