package storage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// SearchPosts finds posts by words, newest first, month by month: each month is
// a partition with its own index, and planning a query over all of them costs
// more than running it over one. A month in which more match than are counted is
// walked from its newest post back, because its list in the index is long; a
// word that common is soon met. So neither grows with the archive. The count
// stops at q.CountUpTo.
func (s *Store) SearchPosts(ctx context.Context, scope domain.Scope, q domain.PostQuery) (domain.PostHits, error) {
	var out domain.PostHits
	if scope.Region == "" {
		return out, nil
	}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// New posts wait in a list beside the index, and the planner shuns it then.
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return err
		}
		f := &finder{tx: tx, q: db.New(tx), scope: narrowed(scope, q.Agencies), query: q}
		return f.search(ctx, &out)
	})
	return out, named("search posts", err)
}

func (f *finder) search(ctx context.Context, out *domain.PostHits) error {
	words, err := f.q.SearchWords(ctx, clean(f.query.Text))
	if err != nil || !words.Findable {
		return err
	}
	out.Words = words.Words
	months, err := f.months(ctx)
	if err != nil {
		return fmt.Errorf("list the months of posts: %w", err)
	}
	for _, m := range months {
		if err := f.month(ctx, m, out); err != nil {
			return err
		}
		if len(f.found) >= f.query.Limit && out.Count > f.query.CountUpTo {
			break
		}
	}
	if out.More = out.Count > f.query.CountUpTo; out.More {
		out.Count = f.query.CountUpTo
	}
	if out.Hits, err = f.read(ctx); err != nil {
		return err
	}
	return f.hitCases(ctx, out.Hits)
}

// months lists the partitions that may hold posts of the query's time, newest
// first, by the end of their names: "2026_11", "default".
func (f *finder) months(ctx context.Context) ([]string, error) {
	rows, err := f.tx.Query(ctx, `SELECT substr(c.relname, 7) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'posts'::regclass ORDER BY c.relname DESC`) // sqlc does not know the catalog
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	from, to := f.query.From, f.query.To
	return slices.DeleteFunc(names, func(name string) bool {
		month, err := time.Parse("2006_01", name)
		if err != nil {
			return false // the default one, which holds any month
		}
		return !from.IsZero() && !month.AddDate(0, 1, 0).After(from) || !to.IsZero() && !month.Before(to)
	}), nil
}

type finder struct {
	tx    pgx.Tx
	q     *db.Queries
	scope domain.Scope
	query domain.PostQuery
	found []foundPost // newest first
}

// foundPost is a match.
type foundPost struct {
	id     int64
	stored pgtype.Timestamptz
	month  string
}

// month adds what a month has: its part of the count, and the newest posts as
// long as some are wanted.
func (f *finder) month(ctx context.Context, month string, out *domain.PostHits) error {
	found, err := f.matches(ctx, month, f.query.CountUpTo+1)
	if err != nil {
		return err
	}
	capped := len(found) > f.query.CountUpTo
	out.Count += len(found)
	want := f.query.Limit - len(f.found)
	if want <= 0 || len(found) == 0 {
		return nil
	}
	if capped {
		if found, err = f.newest(ctx, month, want); err != nil {
			return err
		}
	}
	slices.SortFunc(found, func(a, b foundPost) int {
		return cmp.Or(b.stored.Time.Compare(a.stored.Time), cmp.Compare(b.id, a.id))
	})
	f.found = append(f.found, found[:min(want, len(found))]...)
	return nil
}

// visible restricts posts p of a month to the scope and the filter, and returns
// the joins that takes: who sees the whole region and filters by nothing of a
// case is spared looking for it. Rows of the decree that are restricted are so
// before they are a case, too.
func (f *finder) visible(c *clauses, month string) string {
	c.add("p.region = ?", f.scope.Region)
	if !f.query.From.IsZero() {
		c.add("p.stored_at >= ?", stamp(f.query.From))
	}
	if !f.query.To.IsZero() {
		c.add("p.stored_at < ?", stamp(f.query.To))
	}
	if f.query.Source != 0 {
		c.add("p.source_id = ?", f.query.Source)
	}
	switch {
	case !f.scope.Whole || f.query.Category != "" || f.query.Municipality != "":
		f.ofCase(c)
		return around(month)
	case !f.scope.Restricted:
		return f.unrestricted(c, month)
	}
	return ""
}

// ofCase restricts by what the case k says, or the verdict v where there is none.
func (f *finder) ofCase(c *clauses) {
	if !f.scope.Whole {
		c.add("k.agency_id = ANY (?)", orNone(f.scope.Agencies))
	}
	if !f.scope.Restricted {
		c.add("NOT coalesce(k.restricted, v.decree_row = ANY (?), false)", rows32(f.query.RestrictedRows))
	}
	if f.query.Category != "" {
		row, topic := categoryOf(f.query.Category)
		c.add("coalesce(k.decree_row, v.decree_row) = ?", row)
		if row == 0 {
			c.add("coalesce(k.topic, v.topic) = ?", topic)
		}
	}
	if f.query.Municipality != "" {
		c.add("coalesce(k.municipality, v.municipality, '') = ?", strings.TrimSuffix(f.query.Municipality, "-"))
	}
}

// unrestricted leaves out what is restricted: of cases there are few, in an index
// of their own. OFFSET 0 keeps the planner from reading all of them first.
func (f *finder) unrestricted(c *clauses, month string) string {
	c.add("CASE WHEN t.case_id IS NOT NULL THEN NOT EXISTS (SELECT FROM cases x WHERE x.id = t.case_id AND x.restricted OFFSET 0)"+
		" ELSE NOT EXISTS (SELECT FROM verdicts_"+month+" w WHERE w.post_id = p.id AND w.stored_at = p.stored_at AND w.latest AND w.decree_row = ANY (?) OFFSET 0) END",
		rows32(f.query.RestrictedRows))
	return " LEFT JOIN LATERAL (SELECT cp.case_id FROM case_posts cp WHERE cp.post_id = p.id LIMIT 1) AS t ON true"
}

const searchQuery = "websearch_to_tsquery('pg_catalog.russian'::regconfig, translate(?::text, 'ёЁ', 'еЕ'))"

// around joins a post with its case, or, when it has none, with its verdict,
// which lives in the same month; each is looked up by itself.
func around(month string) string {
	return fmt.Sprintf(` LEFT JOIN LATERAL (SELECT x.id, x.agency_id, x.restricted, x.decree_row, x.topic, x.municipality
         FROM case_posts cp JOIN cases x ON x.id = cp.case_id WHERE cp.post_id = p.id LIMIT 1) AS k ON true
  LEFT JOIN LATERAL (SELECT w.decree_row, w.topic, w.municipality, w.place FROM verdicts_%s w
       WHERE k.id IS NULL AND w.post_id = p.id AND w.stored_at = p.stored_at AND w.latest LIMIT 1) AS v ON true`, month)
}

// matches gives any matches of a month, at most so many, found by the index.
// OFFSET 0 keeps the planner from walking by time instead because of the LIMIT.
func (f *finder) matches(ctx context.Context, month string, most int) ([]foundPost, error) {
	own, all := &clauses{}, &clauses{}
	own.add("s.search @@ "+searchQuery, clean(f.query.Text))
	all.args = own.args
	joins := f.visible(all, month)
	sql := fmt.Sprintf("SELECT p.id, p.stored_at FROM (SELECT s.id, s.stored_at, s.region, s.source_id FROM posts_%s s WHERE %s OFFSET 0) AS p%s WHERE %s LIMIT %s",
		month, own, joins, all, all.arg(most))
	return f.run(ctx, month, sql, all.args)
}

// newest walks a month back from its newest post. OFFSET 0 keeps the planner
// from sorting everything the index finds.
func (f *finder) newest(ctx context.Context, month string, most int) ([]foundPost, error) {
	own, all := &clauses{}, &clauses{}
	own.add("s.region = ?", f.scope.Region)
	all.args = own.args
	joins := f.visible(all, month)
	all.add("p.search @@ "+searchQuery, clean(f.query.Text))
	sql := fmt.Sprintf("SELECT p.id, p.stored_at FROM (SELECT s.id, s.stored_at, s.region, s.source_id, s.search FROM posts_%s s WHERE %s ORDER BY s.stored_at DESC, s.id DESC OFFSET 0) AS p%s WHERE %s LIMIT %s",
		month, own, joins, all, all.arg(most))
	return f.run(ctx, month, sql, all.args)
}

func (f *finder) run(ctx context.Context, month, sql string, args []any) ([]foundPost, error) {
	rows, err := f.tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (p foundPost, err error) {
		p.month = month
		err = r.Scan(&p.id, &p.stored)
		return p, err
	})
}

// hitColumns: the marked text has the runes of the text, one for one, between
// marks that are private use characters; signs that make the parser see markup
// are others there. The verdict's words are for posts without a case.
const hitColumns = `coalesce(v.decree_row, 0), coalesce(v.topic, ''), v.place, coalesce(k.id, 0), p.id, p.platform, p.owner, p.post, p.comment, p.source_id, p.kind, p.author_name, p.text, p.published_at, p.url,
       ts_headline('pg_catalog.russian'::regconfig, translate(left(p.text, 4000), U&'ёЁ<&\E000\E001', 'еЕ‹＆  '), %s,
                   U&'HighlightAll=true, StartSel=\E000, StopSel=\E001')`

// read gives the found posts whole, in one statement over their months.
func (f *finder) read(ctx context.Context) ([]domain.PostHit, error) {
	if len(f.found) == 0 {
		return nil, nil
	}
	months := map[string][]int64{}
	for _, p := range f.found {
		months[p.month] = append(months[p.month], p.id)
	}
	c := &clauses{}
	columns := fmt.Sprintf(hitColumns, strings.Replace(searchQuery, "?", c.arg(clean(f.query.Text)), 1))
	var parts []string
	for _, month := range slices.Sorted(maps.Keys(months)) {
		parts = append(parts, fmt.Sprintf("SELECT %s FROM posts_%s p%s WHERE p.id = ANY (%s)", columns, month, around(month), c.arg(months[month])))
	}
	rows, err := f.tx.Query(ctx, strings.Join(parts, " UNION ALL "), c.args...)
	if err != nil {
		return nil, err
	}
	byID := map[int64]domain.PostHit{}
	for rows.Next() {
		id, h, err := f.hit(rows)
		if err != nil {
			rows.Close()
			return nil, err
		}
		byID[id] = h
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return convertAll(f.found, func(p foundPost) (domain.PostHit, error) {
		h := byID[p.id]
		h.StoredAt = moment(p.stored)
		return h, nil
	})
}

func (f *finder) hit(r pgx.Rows) (id int64, h domain.PostHit, err error) {
	var marked, platform, kind, topic string
	var row int
	var place []byte
	var published pgtype.Timestamptz
	p := &h.Post
	err = r.Scan(&row, &topic, &place, &h.Case.ID, &id, &platform, &p.ID.Owner, &p.ID.Post, &p.ID.Comment, &p.SourceID, &kind, &p.Author.Name, &p.Text, &published, &p.URL, &marked)
	if err != nil {
		return id, h, err
	}
	p.Region, p.ID.Platform, p.Kind, p.PublishedAt = f.scope.Region, domain.Platform(platform), domain.PostKind(kind), moment(published)
	h.Marks, h.Category = marksOf(marked), category(row, topic)
	return id, h, fromJSON("place", place, &h.Place)
}

// hitCases fills in the cases of hits: what is said of them is what people have
// made of the verdict.
func (f *finder) hitCases(ctx context.Context, hits []domain.PostHit) error {
	lines := make([]domain.TermLine, len(hits))
	for i := range hits {
		lines[i].Case.ID = hits[i].Case.ID
	}
	lines, err := withCases(ctx, f.q, lines)
	if err != nil {
		return err
	}
	byID := map[int64]domain.Case{}
	for _, l := range lines {
		byID[l.Case.ID] = l.Case
	}
	for i := range hits {
		if c, ok := byID[hits[i].Case.ID]; ok {
			hits[i].Case, hits[i].Category, hits[i].Place = c, category(c.Row, c.Topic), c.Place
		}
	}
	return nil
}

// Marks of found words in a text, private use characters.
const (
	markBegin = '\ue000'
	markEnd   = '\ue001'
)

// marksOf turns marks into rune ranges of the text without them.
func marksOf(marked string) [][2]int {
	var out [][2]int
	at, begin := 0, -1
	for _, r := range marked {
		switch r {
		case markBegin:
			begin = at
		case markEnd:
			if begin >= 0 {
				out = append(out, [2]int{begin, at})
			}
			begin = -1
		default:
			at++
		}
	}
	return out
}

// categoryOf is the way back from a key.
func categoryOf(key string) (row int32, topic string) {
	if topic, ok := strings.CutPrefix(key, "topic:"); ok {
		return 0, topic
	}
	n := 0
	if _, err := fmt.Sscanf(key, "row:%d", &n); err != nil {
		return -1, "" // finds nothing
	}
	return small(n), ""
}

func rows32(rows []int) []int32 {
	out := make([]int32, len(rows))
	for i, r := range rows {
		out[i] = small(r)
	}
	return out
}
