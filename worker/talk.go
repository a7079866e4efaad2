package worker

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// Why private messages are refused: nobody could ask their authors for consent, so
// nothing of them may be kept (152-ФЗ ст. 9).
const (
	RefusedNoKey     = "no_secret_key" // OTKLIK_SECRET_KEY is not set: no bot
	RefusedDialogOff = "dialog_off"    // the region's pack keeps the dialog closed
)

// talk finds who answers the private messages of a batch. Where nobody does they
// are refused and counted, whatever the source lets in.
func (w *Worker) talk(ctx context.Context, b *domain.Batch) error {
	if !slices.ContainsFunc(b.Posts, private) {
		return nil
	}
	if w.Talks == nil {
		w.refuse(b, RefusedNoKey, private)
		return nil
	}
	talk := w.Talks.Talk(b.Source)
	if err := w.staff(ctx, b); err != nil {
		return err
	}
	if talk == nil {
		w.refuse(b, RefusedDialogOff, private)
		return nil
	}
	w.refuse(b, RefusedDialogOff, func(p domain.Post) bool { return private(p) && p.Private == nil })
	b.Posts = slices.Clone(b.Posts)
	for i := range b.Posts {
		w.Talks.Mark(&b.Posts[i])
	}
	b.Talk = safeTalk{Talk: talk, log: w.Log}
	return nil
}

// private reports a post that is part of a correspondence. One in which no bot can
// answer (messages to a channel of Telegram) has nobody who would ask for consent.
func private(p domain.Post) bool { return p.Private != nil || p.Kind == domain.Message }

// refuse leaves out the posts of a kind. Nothing of them is logged but their number.
func (w *Worker) refuse(b *domain.Batch, why string, which func(domain.Post) bool) {
	before := len(b.Posts)
	b.Posts = slices.DeleteFunc(slices.Clone(b.Posts), which)
	n := before - len(b.Posts)
	if n == 0 {
		return
	}
	w.Log.Info("private messages refused", "source", b.Source.ID, "reason", why, "n", n)
	if w.Observer != nil {
		w.Observer.Refused(b.Source, why, n)
	}
}

// staff lets people of the desk be heard first: what is theirs is no post.
func (w *Worker) staff(ctx context.Context, b *domain.Batch) error {
	if w.Staff == nil {
		return nil
	}
	if !w.Staff.Hears(b.Source) {
		return nil
	}
	rest := make([]domain.Post, 0, len(b.Posts))
	for i := range b.Posts {
		p := b.Posts[i]
		theirs, err := w.hearStaff(ctx, b.Source, p)
		if err != nil {
			return err
		}
		if !theirs {
			rest = append(rest, p)
		}
	}
	b.Posts = rest
	return nil
}

// hearStaff: a fault in one message must not stop the batch for ever. What the
// store will never take of theirs is left out, what may be a citizen's goes on,
// and nothing of it is logged.
func (w *Worker) hearStaff(ctx context.Context, src domain.Source, p domain.Post) (theirs bool, err error) {
	if p.Private == nil {
		return false, nil
	}
	defer func() {
		if r := recover(); r != nil {
			w.Log.Error("panic while hearing somebody of the desk", "source", src.ID, "panic", r, "stack", string(debug.Stack()))
			theirs, err = false, nil
		}
	}()
	private := *p.Private // marks are for the copy
	p.Private = &private
	w.Talks.Mark(&p)
	theirs, err = w.Staff.Hear(ctx, src, &p)
	if err == nil && theirs {
		return true, w.answered(ctx, []domain.Post{p})
	}
	if err == nil || ctx.Err() != nil || errors.Is(err, domain.ErrUnavailable) {
		return theirs, err
	}
	w.Log.Error("somebody of the desk was not heard", "source", src.ID, "err", err)
	return theirs, nil
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
