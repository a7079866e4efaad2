// Package worker holds the way of a post, in one function: take a batch, judge
// it, let the router decide inside the commit, commit posts, verdicts, cases,
// notices and the source's cursor together.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// Judge says what a post is. It is pure.
type Judge interface {
	Judge(p *domain.Post) domain.Verdict
}

// Router decides what becomes of a judged post. It is pure.
type Router interface {
	Keys(j domain.Judged) []string
	Decide(now time.Time, j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision
}

// Snapshot is the immutable pair that judges one batch.
type Snapshot struct {
	Hash   string // of the pack
	Judge  Judge
	Router Router
}

// Rules gives the active snapshot of a region.
type Rules interface {
	Snapshot(region string) (Snapshot, error)
}

// Store is what the worker needs of storage: one transaction per call.
type Store interface {
	Commit(ctx context.Context, now time.Time, b domain.Batch, judged []domain.Judged, decide domain.Decide) (domain.CommitResult, error)
}

// Talks answers private messages to bots.
type Talks interface {
	// Talk gives who answers the private messages of a source; nil when nobody
	// does, and nothing of them may be kept.
	Talk(src domain.Source) domain.Talk
	// Mark fills in under which keys a private message's chat and identity are stored.
	Mark(p *domain.Post)
	// Answered tells of private messages that are heard and committed: words that name
	// no chat may wait for the address, which is known while they are in hand.
	Answered(ctx context.Context, posts []domain.Post) error
}

// Staff hears people of the desk who write to the bot.
type Staff interface {
	// Hears reports whether people of the desk may write to a source.
	Hears(src domain.Source) bool
	// Hear tells whether a private message was theirs, and does what it asks for.
	Hear(ctx context.Context, src domain.Source, p *domain.Post) (bool, error)
}

// Observer is told of every verdict, commit and refusal, for metrics.
type Observer interface {
	Judged(src domain.Source, v domain.Verdict)
	Committed(src domain.Source, r domain.CommitResult, took time.Duration)
	// Refused tells of private messages that were not let in, and why.
	Refused(src domain.Source, why string, n int)
}

// Worker takes batches. It is safe for concurrent use.
type Worker struct {
	Store    Store
	Rules    Rules
	Clock    domain.Clock
	Log      *slog.Logger
	Observer Observer // may be nil
	// Ours tells what our own accounts wrote: an answer under somebody's words comes
	// back with the next poll, and is nobody's problem. nil: nothing.
	Ours  func(p *domain.Post) bool
	Talks Talks // nil: private messages are refused
	Staff Staff // may be nil; needs Talks
}

// Take judges a batch and commits it. A batch that the store refuses is halved
// until the post at fault is found; that post goes to review with the fault
// named and the rest goes on. It returns how many posts were new or changed.
func (w *Worker) Take(ctx context.Context, b domain.Batch) (int, error) {
	snap, err := w.Rules.Snapshot(b.Source.Region)
	if err != nil {
		return 0, fmt.Errorf("rules of region %q: %w", b.Source.Region, err)
	}
	if err := w.talk(ctx, &b); err != nil {
		return 0, err
	}
	judged := w.judge(snap, b)
	n, err := w.commit(ctx, snap, b, judged)
	if err != nil || b.Talk == nil {
		return n, err
	}
	return n, w.answered(ctx, b.Posts)
}

// answered hands addresses on. Where it fails the update comes again: a replay, whose
// words wait still.
func (w *Worker) answered(ctx context.Context, posts []domain.Post) error {
	if err := w.Talks.Answered(ctx, posts); err != nil {
		return fmt.Errorf("hand the address of a chat on: %w", err)
	}
	return nil
}

// Push implements ingest.Sink.
func (w *Worker) Push(ctx context.Context, b domain.Batch) error {
	_, err := w.Take(ctx, b)
	return err
}

func (w *Worker) judge(snap Snapshot, b domain.Batch) []domain.Judged {
	judged := make([]domain.Judged, 0, len(b.Posts))
	for i := range b.Posts {
		p := b.Posts[i]
		p.Region, p.SourceID = b.Source.Region, b.Source.ID
		if p.Home == "" {
			p.Home = b.Source.Home
		}
		j := domain.Judged{Post: p, Pending: p.Album != ""}
		if !j.Pending {
			w.judgeOne(snap, &j)
			if w.Observer != nil {
				w.Observer.Judged(b.Source, j.Verdict)
			}
		}
		judged = append(judged, j)
	}
	return judged
}

// judgeOne fills verdict and keys. A panic in a rule must not stop the batch:
// the post goes to review with the fault named.
func (w *Worker) judgeOne(snap Snapshot, j *domain.Judged) {
	defer func() {
		if r := recover(); r != nil {
			w.Log.Error("panic while judging", "post", j.Post.ID.LogName(), "panic", r, "stack", string(debug.Stack()))
			j.Verdict = domain.Verdict{Kind: domain.Other, PackHash: snap.Hash, Reason: "разбор сообщения не удался, нужен человек",
				Faults: []domain.Fault{{Code: domain.FaultPanic, Detail: fmt.Sprint(r)}}}
			j.Keys = nil
		}
	}()
	if w.Ours != nil && w.Ours(&j.Post) {
		j.Verdict = domain.Verdict{Kind: domain.Own, Confidence: 1, PackHash: snap.Hash, Reason: "наш собственный ответ", Faults: j.Post.Faults}
		return
	}
	j.Verdict = snap.Judge.Judge(&j.Post)
	j.Verdict.Faults = append(j.Verdict.Faults, j.Post.Faults...)
	j.Keys = snap.Router.Keys(*j)
}

// commit stores what was judged. The cursor rides with the last piece only, so
// a crash between two halves replays both.
func (w *Worker) commit(ctx context.Context, snap Snapshot, b domain.Batch, judged []domain.Judged) (int, error) {
	began := time.Now()
	now := w.Clock.Now()
	decide := func(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
		return w.decide(snap, now, j, known, open)
	}
	res, err := w.Store.Commit(ctx, now, b, judged, decide)
	switch {
	case err == nil:
		w.report(b.Source, res, time.Since(began))
		return res.Stored + res.Changed, nil
	case !errors.Is(err, domain.ErrRefused):
		return 0, err
	case len(judged) > 1:
		return w.halve(ctx, snap, b, judged)
	case len(judged) == 1 && !refusedBefore(judged[0]):
		w.Log.Error("post refused by the store", "post", judged[0].Post.ID.LogName(), "err", err)
		return w.commit(ctx, snap, b, []domain.Judged{strip(judged[0], err)})
	default:
		return 0, err
	}
}

// halve commits the first half without moving the cursor, then the second. The
// deletions of its own posts go with the first half too: a post that is deleted
// already must not open a case there. The second tells all of them, which is
// harmless of those that are marked.
func (w *Worker) halve(ctx context.Context, snap Snapshot, b domain.Batch, judged []domain.Judged) (int, error) {
	mid := len(judged) / 2
	first := b
	first.Cursor, first.Deletions, first.Watches = b.Source.Cursor, deletionsOf(judged[:mid], b.Deletions), nil
	first.NextPoll, first.More = w.Clock.Now(), true
	n, err := w.commit(ctx, snap, first, judged[:mid])
	if err != nil {
		return n, err
	}
	m, err := w.commit(ctx, snap, b, judged[mid:])
	return n + m, err
}

func deletionsOf(judged []domain.Judged, all []domain.Deletion) (own []domain.Deletion) {
	for _, d := range all {
		if slices.ContainsFunc(judged, func(j domain.Judged) bool { return j.Post.ID == d.ID }) {
			own = append(own, d)
		}
	}
	return own
}

func (w *Worker) decide(snap Snapshot, now time.Time, j domain.Judged, known *domain.Known, open []domain.OpenCase) (d domain.Decision) {
	defer func() {
		if r := recover(); r != nil {
			w.Log.Error("panic while routing", "post", j.Post.ID.LogName(), "panic", r, "stack", string(debug.Stack()))
			d = domain.Decision{Action: domain.ActionReview, Reason: "panic", Words: "маршрут не определён: сбой правил, нужен человек"}
		}
	}()
	return snap.Router.Decide(now, j, known, open)
}

func (w *Worker) report(src domain.Source, res domain.CommitResult, took time.Duration) {
	if w.Observer != nil {
		w.Observer.Committed(src, res, took)
	}
	if res.Stored+res.Changed > 0 {
		w.Log.Debug("committed", "source", src.ID, "stored", res.Stored, "changed", res.Changed, "opened", res.Opened, "attached", res.Attached)
	}
}

func refusedBefore(j domain.Judged) bool {
	for _, f := range j.Post.Faults {
		if f.Code == domain.FaultRefused {
			return true
		}
	}
	return false
}

// strip keeps of a refused post its identity, time, address and the fault: it
// will be in review, and a person can open the original.
func strip(j domain.Judged, err error) domain.Judged {
	p := j.Post
	fault := domain.Fault{Code: domain.FaultRefused, Detail: err.Error()}
	clean := domain.Post{ID: p.ID, Region: p.Region, SourceID: p.SourceID, Kind: p.Kind, URL: p.URL, Private: p.Private,
		PublishedAt: p.PublishedAt, EditedAt: p.EditedAt, Home: p.Home, Faults: append(p.Faults, fault)}
	return domain.Judged{Post: clean, Verdict: domain.Verdict{Kind: domain.Other, PackHash: j.Verdict.PackHash,
		Reason: "хранилище не приняло текст, нужен человек", Faults: clean.Faults}}
}
