package main

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

func testMix(t *testing.T, seed uint64, walls int) *mix {
	t.Helper()
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMix(pack, seed, walls, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSameSeedWritesTheSamePosts(t *testing.T) {
	first, again, other := testMix(t, 5, 2).posts(1, 300), testMix(t, 5, 2).posts(1, 300), testMix(t, 6, 2).posts(1, 300)
	if !reflect.DeepEqual(first, again) {
		t.Error("the same seed wrote other posts")
	}
	if reflect.DeepEqual(first, other) {
		t.Error("another seed wrote the same posts")
	}
}

func TestMixIsWhatItPromises(t *testing.T) {
	const walls, each = 4, 1500
	m := testMix(t, 1, walls)
	ids := map[domain.PostID]bool{}
	texts := map[string]map[string]bool{} // text → walls
	var all, comments, reposts, photos int
	for range each / 100 {
		for wall := range walls {
			for _, p := range m.posts(wall, 100) {
				all++
				if ids[p.ID] {
					t.Fatalf("%s was written twice", p.ID)
				}
				ids[p.ID] = true
				if texts[p.Text] == nil {
					texts[p.Text] = map[string]bool{}
				}
				texts[p.Text][p.ID.Owner] = true
				if p.Kind == domain.Comment {
					comments++
					if !p.ID.IsComment() || !ids[p.Thread] || p.ID.Root() != p.Thread {
						t.Fatalf("comment %s stands under %s", p.ID, p.Thread)
					}
				}
				if !p.Origin.IsZero() {
					reposts++
				}
				if len(p.Attachments) > 0 {
					photos++
				}
			}
		}
	}
	elsewhere := 0
	for _, on := range texts {
		if len(on) > 1 {
			elsewhere++
		}
	}
	roots := all - comments
	within(t, "comments", comments, all, shareComments)
	within(t, "reposts", reposts, roots, shareReposts)
	within(t, "posts with photos", photos, roots, sharePhotos)
	if elsewhere < roots*shareCopies/300 {
		t.Errorf("%d of %d texts stand on several walls, too few for copies and reposts", elsewhere, len(texts))
	}
}

// within: n of all is the share in percent, give or take three.
func within(t *testing.T, what string, n, all, percent int) {
	t.Helper()
	if got := 100 * float64(n) / float64(all); got < float64(percent)-3 || got > float64(percent)+3 {
		t.Errorf("%s: %.1f %%, want %d %%", what, got, percent)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v = %v, want %v", c.values, got, c.want)
		}
	}
}

// The desk's bench fails for pages over the limit, by their names, and not for the
// one that shows more.
func TestSlowPagesFailByName(t *testing.T) {
	pages := map[string]page{}
	for _, p := range deskPages() {
		pages[p.words] = p
	}
	just := []measured{{pages["Очередь"], deskLimit}, {pages["поиск, в одном из 10 000"], 9}}
	if err := slower(just); err != nil {
		t.Errorf("within the limit: %v", err)
	}
	err := slower(append(just, measured{pages["Сроки"], 1.51}, measured{pages["поиск, в одном из 100"], 2}))
	if err == nil || err.Error() != "more than 1.5 times slower in the large archive: Сроки (1.51), поиск, в одном из 100 (2.00)" {
		t.Errorf("over the limit: %v", err)
	}
}

func TestParseStatus(t *testing.T) {
	m, err := parseStatus("Name:\totklik\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nThreads:\t9\n")
	if err != nil || m.now != 100 || m.peak != 200 {
		t.Errorf("memory = %+v, %v", m, err)
	}
	for _, bad := range []string{"", "Name:\tzombie\n", "VmHWM:\tmany kB\nVmRSS:\t1 kB\n"} {
		if m, err := parseStatus(bad); err == nil {
			t.Errorf("%q was read as %+v", bad, m)
		}
	}
}

func TestLatelyIsTheMostOfTheLastFifth(t *testing.T) {
	w := watcher{seen: []float64{900, 1, 1, 1, 1, 1, 1, 5, 4, 3}}
	if got := w.lately(); got != 5 {
		t.Errorf("lately = %v, want 5", got)
	}
}

func TestFiguresAreOneLineEach(t *testing.T) {
	var out bytes.Buffer
	r := &report{w: &out}
	r.say("for people")
	r.figure("path_over_copy", "%.3f", 0.1234)
	r.figure("worker_rss_mb", "%.0f", 99.6)
	if err := r.figures(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "\nfigure path_over_copy 0.123\nfigure worker_rss_mb 100\n") {
		t.Errorf("printed %q", out.String())
	}
}

// The yardstick must store the same rows as the path, or it measures something else.
func TestCopyStoresWhatThePathStored(t *testing.T) {
	ctx := t.Context()
	l, err := openLab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	c, err := newCopier(ctx, l.server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(ctx) })
	race, err := newRace(ctx, l, c, 1, 1, 300)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := &report{w: &out}
	if err := race.run(ctx, 100, r); err != nil {
		t.Fatal(err)
	}
	var stored, same int
	err = c.conn.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE to_jsonb(p) - '{id,stored_at}'::text[] = to_jsonb(c) - '{id,stored_at}'::text[])
		FROM posts p LEFT JOIN posts c ON c.id = p.id + $1 WHERE p.id < $1`, copies).Scan(&stored, &same)
	if err != nil {
		t.Fatal(err)
	}
	if stored != 600 || same != stored {
		t.Errorf("%d posts stored by the path, %d copied the same, want 600 of both", stored, same)
	}
	if race.seen.posts != stored || race.seen.opened == 0 || race.seen.attached == 0 || race.seen.kept == 0 {
		t.Errorf("what became of the posts: %+v", *race.seen)
	}
	if len(r.lines) != 3 {
		t.Errorf("figures: %v", r.lines)
	}
}

func TestMemoryOfARealServe(t *testing.T) {
	var out bytes.Buffer
	r := &report{w: &out}
	o := options{Posts: 600, Seed: 1, deadline: time.Now().Add(30 * time.Minute)}
	if err := benchMemory(t.Context(), o, r); err != nil {
		t.Fatal(err)
	}
	if len(r.lines) != 3 || strings.Contains(out.String(), "time was up") {
		t.Errorf("figures %v, said %s", r.lines, out.String())
	}
}
