package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/worker"
)

// Sizes of the measurement. A page of VK's wall.get holds a hundred posts; a
// thousand is what a first look back or a re-scan brings together.
const (
	pathWalls  = 8
	pathRounds = 7 // and one before them that does not count
	pathPosts  = 3000

	pathFew  = 3                // rounds that must be
	pathTime = 25 * time.Second // after which no more are begun, for each size of batch
)

func batchSizes() []int { return []int{100, 1000} }

// benchPath alternates the whole way of a post (judge, route, commit of posts,
// verdicts, cases, keys, notices, watches and cursor under a lease) with COPY of
// the same posts into the same table, and compares the medians.
func benchPath(ctx context.Context, o options, r *report) error {
	r.part(fmt.Sprintf("The whole path against COPY: one connection each, durable commits, %d rounds of %d posts", pathRounds, pathPosts))
	l, err := openLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	c, err := newCopier(ctx, l.server.DSN())
	if err != nil {
		return err
	}
	defer c.close(ctx)
	race, err := newRace(ctx, l, c, o.Seed, pathRounds, pathPosts)
	if err != nil {
		return err
	}
	for _, size := range batchSizes() {
		if err := race.run(ctx, size, r); err != nil {
			return fmt.Errorf("batches of %d: %w", size, err)
		}
	}
	race.outcome(r)
	return nil
}

// race is the path and the yardstick, taking turns.
type race struct {
	rounds  int
	posts   int // in a round
	copier  *copier
	mix     *mix
	sources []domain.Source
	worker  *worker.Worker
	commits *timedStore
	seen    *tally
}

func newRace(ctx context.Context, l *lab, c *copier, seed uint64, rounds, posts int) (*race, error) {
	m, err := newMix(l.pack, seed, pathWalls, time.Now())
	if err != nil {
		return nil, err
	}
	sources, err := l.sources(ctx, pathWalls)
	if err != nil {
		return nil, err
	}
	x := &race{rounds: rounds, posts: posts, copier: c, mix: m, sources: sources, commits: &timedStore{Store: l.store}, seen: &tally{}}
	x.worker = l.worker(x.commits, x.seen)
	return x, nil
}

func (x *race) run(ctx context.Context, size int, r *report) error {
	var path, copied, ratio, share []float64
	began := time.Now()
	for round := range x.rounds + 1 {
		if round > pathFew && time.Since(began) > pathTime {
			r.say("batches of %4d: a slow machine, %d rounds of %d", size, round-1, x.rounds)
			break
		}
		x.commits.spent = 0
		p, err := x.path(ctx, x.batches(size))
		if err != nil {
			return err
		}
		y, err := x.copy(ctx, size)
		if err != nil {
			return err
		}
		if round == 0 {
			continue
		}
		path, copied, ratio = append(path, p.rate()), append(copied, y.rate()), append(ratio, p.rate()/y.rate())
		share = append(share, x.commits.spent.Seconds()/p.took.Seconds())
	}
	over := median(path) / median(copied)
	r.say("batches of %4d: path %6.0f posts/s (%2.0f %% of it in the commit), COPY %6.0f posts/s, path/COPY %.3f (rounds %.3f … %.3f)",
		size, median(path), 100*median(share), median(copied), over, least(ratio), most(ratio))
	suffix := ""
	if size != batchSizes()[0] {
		suffix = "_" + itoa(size)
	}
	r.figure("path_over_copy"+suffix, "%.3f", over)
	r.figure("path_posts_per_second"+suffix, "%.0f", median(path))
	r.figure("copy_posts_per_second"+suffix, "%.0f", median(copied))
	return nil
}

// lap is a number of posts and the time they took.
type lap struct {
	posts int
	took  time.Duration
}

func (l lap) rate() float64 { return float64(l.posts) / l.took.Seconds() }

// batches are written before the clock runs.
func (x *race) batches(size int) []domain.Batch {
	out := make([]domain.Batch, 0, x.posts/size)
	for i := range x.posts / size {
		wall := i % len(x.sources)
		out = append(out, batchOf(x.sources[wall], x.mix.posts(wall, size), time.Now()))
	}
	return out
}

// batchOf is what a pull of these posts hands over: wall posts are watched for
// edits and new comments.
func batchOf(src domain.Source, posts []domain.Post, now time.Time) domain.Batch {
	b := domain.Batch{Source: src, Posts: posts, State: domain.SourceActive, Reason: "получены сообщения",
		Cursor: json.RawMessage(`{"newest":` + itoa(int(now.Unix())) + `}`), NextPoll: now.Add(time.Minute),
		Activity: domain.Activity{PostsPerHour: 100, LastPostAt: now}}
	for i := range posts {
		posts[i].Raw = rawOf(&posts[i])
		if posts[i].Kind == domain.WallPost {
			b.Watches = append(b.Watches, domain.Watch{ID: posts[i].ID, Until: now.AddDate(0, 0, 7), NextAt: now.Add(5 * time.Minute)})
		}
	}
	return b
}

func (x *race) path(ctx context.Context, batches []domain.Batch) (l lap, err error) {
	began := time.Now()
	for _, b := range batches {
		fresh, err := x.worker.Take(ctx, b)
		if err != nil {
			return l, err
		}
		if fresh != len(b.Posts) {
			return l, fmt.Errorf("%d of %d posts were new", fresh, len(b.Posts))
		}
		l.posts += fresh
	}
	l.took = time.Since(began)
	return l, nil
}

func (x *race) copy(ctx context.Context, size int) (l lap, err error) {
	pages, err := x.copier.pages(ctx, size)
	if err != nil {
		return l, err
	}
	began := time.Now()
	for _, page := range pages {
		n, err := x.copier.copyPage(ctx, page)
		if err != nil {
			return l, err
		}
		l.posts += int(n)
	}
	l.took = time.Since(began)
	if l.posts != x.posts {
		return l, fmt.Errorf("copied %d posts of %d", l.posts, x.posts)
	}
	return l, nil
}

func (x *race) outcome(r *report) {
	t := x.seen
	r.say("of the posts: %.0f %% problems (%.1f %% urgent); %.0f %% opened a case, %.0f %% joined one, %.0f %% kept, %.1f %% to review",
		t.share(t.problems), t.share(t.urgent), t.share(t.opened), t.share(t.attached), t.share(t.kept), t.share(t.review))
}

// timedStore adds up the time spent in commits.
type timedStore struct {
	worker.Store
	spent time.Duration
}

// Commit implements worker.Store.
func (s *timedStore) Commit(ctx context.Context, now time.Time, b domain.Batch, judged []domain.Judged, decide domain.Decide) (domain.CommitResult, error) {
	began := time.Now()
	defer func() { s.spent += time.Since(began) }()
	return s.Store.Commit(ctx, now, b, judged, decide)
}

// tally counts what became of the posts. It implements worker.Observer.
type tally struct {
	posts, problems, urgent, opened, attached, kept, review int
}

// Judged implements worker.Observer.
func (t *tally) Judged(_ domain.Source, v domain.Verdict) {
	t.posts++
	if v.Kind == domain.Problem {
		t.problems++
	}
	if v.Urgent {
		t.urgent++
	}
}

// Committed implements worker.Observer.
func (t *tally) Committed(_ domain.Source, res domain.CommitResult, _ time.Duration) {
	t.opened += res.Opened
	t.attached += res.Attached
	t.kept += res.Kept
	t.review += res.Review
}

// Refused implements worker.Observer: the mix has no private messages.
func (t *tally) Refused(domain.Source, string, int) {}

// share of all posts, in percent.
func (t *tally) share(n int) float64 { return 100 * float64(n) / float64(max(1, t.posts)) }
