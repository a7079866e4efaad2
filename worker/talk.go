package worker

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// talk finds who answers the private messages of a batch. Where nobody does, what
// happened to a dialog without words is no post and left out.
func (w *Worker) talk(b *domain.Batch) error {
	if !slices.ContainsFunc(b.Posts, func(p domain.Post) bool { return p.Private != nil }) {
		return nil
	}
	var talk domain.Talk
	if w.Talks != nil {
		talk = w.Talks.Talk(b.Source)
	}
	if talk == nil {
		b.Posts = slices.DeleteFunc(slices.Clone(b.Posts), func(p domain.Post) bool { return p.Private != nil && p.Private.Event != "" })
		return nil
	}
	b.Posts = slices.Clone(b.Posts)
	for i := range b.Posts {
		if err := w.Talks.Mark(&b.Posts[i]); err != nil {
			return fmt.Errorf("prepare a private message: %w", err)
		}
	}
	b.Talk = safeTalk{Talk: talk, log: w.Log}
	return nil
}

// safeTalk keeps a panic in the bot from stopping the batch: with consent the
// message is a post like any other, without it nothing is kept.
type safeTalk struct {
	domain.Talk
	log *slog.Logger
}

// Hear implements domain.Talk.
func (s safeTalk) Hear(now time.Time, d domain.Dialog, p *domain.Post) (t domain.Turn) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("panic while answering", "dialog", d.ID, "panic", r, "stack", string(debug.Stack()))
			t = domain.Turn{Reason: "panic", Dialog: d, Take: d.Consent != "", Held: d.Consent == ""}
		}
	}()
	return s.Talk.Hear(now, d, p)
}
