package storage

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// author is who did it when the citizen did.
const author = "автор"

// Outcomes of updates.
const (
	outcomeHeld    = "held"  // before consent; may be recalled when it comes
	outcomeSaid    = "said"  // answered, no post
	outcomeTaken   = "taken" // a post like any other
	outcomeRefused = "refused"
)

// recallWithin is how far back consent reaches: what was written earlier is not
// read again.
const recallWithin = 24 * time.Hour

// apart splits the private messages that somebody answers off a batch. One that
// nobody answers, or that has no keys to be named by, is not kept: its author was
// not asked.
func apart(talk domain.Talk, judged []domain.Judged) (rest []domain.Judged, private []*domain.Judged) {
	if !slices.ContainsFunc(judged, func(j domain.Judged) bool { return j.Post.Private != nil }) {
		return judged, nil
	}
	for i := range judged {
		p := judged[i].Post.Private
		switch {
		case p == nil:
			rest = append(rest, judged[i])
		case talk != nil && len(p.ChatKeys) > 0 && len(p.UpdateKeys) > 0:
			private = append(private, &judged[i])
		}
	}
	return rest, private
}

// dialogs hears private messages one by one: each may change what the next means.
func (c *commit) dialogs(ctx context.Context, talk domain.Talk, private []*domain.Judged) error {
	for _, j := range private {
		t := &talking{commit: c, talk: talk, it: newItem(j), p: j.Post.Private}
		if err := t.hear(ctx); err != nil {
			return fmt.Errorf("hear an update of a dialog: %w", err) // its identity names the chat
		}
	}
	return nil
}

// talking is one update of a dialog under way.
type talking struct {
	*commit
	talk domain.Talk
	it   *item
	p    *domain.Private
	row  db.Dialog

	cases  []domain.DialogCase // of the author, before this update
	reason string              // of the turn that took an album
}

func (t *talking) hear(ctx context.Context) error {
	if err := t.lock(ctx); err != nil {
		return err
	}
	if err := t.join(ctx); err != nil {
		return err
	}
	if err := t.rekey(ctx); err != nil {
		return err
	}
	outcome, err := t.q.UpdateHeard(ctx, t.p.UpdateKeys)
	if err != nil {
		return fmt.Errorf("look an update up: %w", err)
	}
	known, err := t.lockedIDs(ctx, []domain.PostID{t.it.id})
	switch {
	case err != nil:
		return err
	case len(known) > 0:
		return t.again(ctx, known[t.it.id])
	case outcome == outcomeHeld && t.row.Consent != "", outcome == "":
		return t.answer(ctx)
	}
	t.res.Unchanged++ // a replay
	return nil
}

func (t *talking) lock(ctx context.Context) error {
	id := t.it.id
	var err error
	if t.row, err = t.q.LockDialog(ctx, string(id.Platform), id.Owner, t.p.ChatKeys); err == nil || !noRows(err) {
		return wrap("find the dialog", err)
	}
	if err := t.q.InsertDialog(ctx, db.InsertDialogParams{Region: t.region, Platform: string(id.Platform), Owner: id.Owner,
		ChatKey: t.p.ChatKeys[0], At: stamp(t.now)}); err != nil {
		return fmt.Errorf("begin a dialog: %w", err)
	}
	t.row, err = t.q.LockDialog(ctx, string(id.Platform), id.Owner, t.p.ChatKeys)
	return wrap("find the new dialog", err)
}

// rekey moves a dialog found under an earlier secret key to the newest, before
// anything else is done in it.
func (t *talking) rekey(ctx context.Context) error {
	old, fresh := t.row.ChatKey, t.p.ChatKeys[0]
	if bytes.Equal(old, fresh) {
		return nil
	}
	if _, err := t.q.MoveDialog(ctx, fresh, t.row.ID); err != nil {
		return fmt.Errorf("move the dialog to the newest key: %w", err)
	}
	t.row.ChatKey = fresh
	return renameChat(ctx, t.q, t.row.ID, old, fresh)
}

// again is a message that is a post already: a replay, or an edit. Without
// consent (withdrawn, or never asked for) nothing new of it is kept, and edits are
// counted like new messages.
func (t *talking) again(ctx context.Context, row db.PostID) error {
	if t.row.Consent == "" {
		t.res.Unchanged++
		return nil
	}
	t.p.Numbered = true // as when it was taken: promised a case, and named by its number
	if fateOf(row, t.it) != fateChanged {
		return t.wave(ctx, []*item{t.it})
	}
	d, err := t.dialog(ctx)
	if err != nil {
		return err
	}
	turn := t.talk.Edit(t.now, d)
	words := turn.Say
	if turn.Take {
		if err := t.wave(ctx, []*item{t.it}); err != nil {
			return err
		}
	}
	if turn.Take && t.it.fate == fateChanged {
		more, err := t.receipt(ctx, domain.Receipt{Edited: true, CaseID: t.it.caseID()})
		if err != nil {
			return err
		}
		words = append(words, more...)
	}
	if err := t.save(ctx, turn.Dialog); err != nil {
		return err
	}
	return t.put(ctx, t.row.ID, "edited:"+hex.EncodeToString(t.it.hash[:4]), words)
}

// answer asks the engine and does what it says.
func (t *talking) answer(ctx context.Context) error {
	d, err := t.dialog(ctx)
	if err != nil {
		return err
	}
	t.cases = d.Cases
	t.p.Tells = t.it.j.Verdict.Kind == domain.Problem || t.it.j.Verdict.Urgent
	turn := t.talk.Hear(t.now, d, &t.it.j.Post)
	for _, deed := range turn.Deeds {
		if deed.Kind == domain.DeedObject && turn.Take && !t.it.j.Pending {
			continue // when it is known that the words speak of the case
		}
		if err := t.do(ctx, deed); err != nil {
			return fmt.Errorf("do what follows (%s): %w", deed.Kind, err)
		}
	}
	words := turn.Say
	if turn.Take {
		more, err := t.take(ctx, &turn)
		if err != nil {
			return err
		}
		words = append(words, more...)
	}
	if err := t.save(ctx, turn.Dialog); err != nil {
		return err
	}
	if err := t.heard(ctx, turn); err != nil {
		return err
	}
	return t.put(ctx, t.row.ID, turn.Reason, words)
}

func (t *talking) heard(ctx context.Context, turn domain.Turn) error {
	outcome := outcomeSaid
	switch {
	case turn.Take:
		outcome = outcomeTaken
	case turn.Held:
		outcome = outcomeHeld
	}
	return wrap("note an update", t.q.PutUpdate(ctx, db.PutUpdateParams{UpdateKey: t.p.UpdateKeys[0], DialogID: t.row.ID, At: stamp(t.now), Outcome: outcome}))
}

// take lets the message go the way of any other post, and ties it to the dialog.
func (t *talking) take(ctx context.Context, turn *domain.Turn) ([]domain.Word, error) {
	t.p.Numbered, t.it.into = true, turn.Into
	about := t.about(turn.Into)
	t.it.spoken = spokenOf(about, turn.Asked)
	if err := t.wave(ctx, []*item{t.it}); err != nil {
		return nil, err
	}
	if turn.Into != 0 && !t.it.j.Pending && t.it.landed != turn.Into { // it speaks of something else
		turn.Reason = reasonProblem
	}
	if err := t.q.PutDialogPost(ctx, t.it.postID, t.row.ID, turn.Reason); err != nil {
		return nil, fmt.Errorf("tie a post to its dialog: %w", err)
	}
	if err := t.follow(ctx, t.row.ID, t.it.landed); err != nil {
		return nil, err
	}
	if turn.Reason != reasonAddition {
		turn.Dialog.LastSaid = turn.Reason
	}
	if turn.Into != 0 && t.it.j.Pending { // told apart when the album is whole
		turn.Dialog.LastCase, turn.Dialog.LastAt = turn.Into, t.now
		return nil, nil
	}
	if err := t.spoke(ctx, turn); err != nil {
		return nil, err
	}
	if t.it.landed != 0 {
		turn.Dialog.LastCase, turn.Dialog.LastAt = t.it.landed, t.now
	}
	r := domain.Receipt{Reason: turn.Reason, CaseID: t.it.landed, Action: t.it.action, Kind: t.it.j.Verdict.Kind, Pending: t.it.j.Pending}
	if turn.Reason == reasonProblem && turn.Into != 0 {
		r.Beside, r.Heard = about, t.it.answers == turn.Into
	}
	return t.receipt(ctx, r)
}

// spoke does what the words mean for the case that they speak of.
func (t *talking) spoke(ctx context.Context, turn *domain.Turn) error {
	switch turn.Reason {
	case reasonAnswer:
		_, err := t.answered(ctx, t.it.landed)
		return wrap("close the question", err)
	case reasonObjection:
		for _, deed := range turn.Deeds {
			if err := t.do(ctx, deed); err != nil {
				return fmt.Errorf("do what follows (%s): %w", deed.Kind, err)
			}
		}
	}
	return nil
}

// about is what the dialog knows of a case.
func (t *talking) about(id int64) domain.DialogCase {
	for _, c := range t.cases {
		if c.ID == id {
			return c
		}
	}
	return domain.DialogCase{}
}

// spokenOf is what the router is told of a case that a message is taken to speak of.
func spokenOf(c domain.DialogCase, asked bool) *domain.OurWords {
	return &domain.OurWords{Dialog: true, Author: true, Direct: asked, Question: c.State == domain.Clarifying, ClosedAt: c.ClosedAt}
}

// answered closes a question that the author's message answers; false when none waits.
func (t *talking) answered(ctx context.Context, caseID int64) (bool, error) {
	row, err := t.q.LockCase(ctx, caseID)
	if err != nil {
		return false, err
	}
	k, err := toCase(row)
	if err != nil || k.State != domain.Clarifying {
		return false, err
	}
	return true, answeredBy(ctx, t.q, k, t.it, t.now)
}

// follow lets an author hear of a case from now on.
func (c *commit) follow(ctx context.Context, dialogID, caseID int64) error {
	if caseID == 0 {
		return nil
	}
	return wrap("tie a case to a dialog", c.q.PutDialogCase(ctx, dialogID, caseID, stamp(c.now)))
}

func (t *talking) receipt(ctx context.Context, r domain.Receipt) ([]domain.Word, error) {
	if r.CaseID != 0 {
		number, err := t.q.CaseNumber(ctx, r.CaseID)
		if err != nil {
			return nil, fmt.Errorf("read the number: %w", err)
		}
		r.Number = number
	}
	return t.talk.Receipt(t.now, domain.Dialog{ID: t.row.ID}, r), nil
}

// do carries out one deed of an author.
func (t *talking) do(ctx context.Context, deed domain.Deed) error {
	switch deed.Kind {
	case domain.DeedSubscribe:
		return t.q.PutSubscription(ctx, t.row.ID, deed.Place, stamp(t.now))
	case domain.DeedUnsubscribe:
		if err := t.q.DropSubscriptions(ctx, t.row.ID, deed.Place); err != nil {
			return err
		}
		return t.q.CancelUnsubscribed(ctx, stamp(t.now), t.row.ID)
	case domain.DeedSatisfied:
		return t.satisfied(ctx, deed)
	case domain.DeedUnsolved, domain.DeedCancelled:
		return t.unsolved(ctx, deed)
	case domain.DeedObject:
		return t.change(ctx, deed.CaseID, func(k domain.Case, by domain.By) (domain.CaseChange, error) {
			from := domain.RegisteredFrom(t.now, &t.it.j.Post)
			if from.Before(k.RegisteredAt) { // a clock that is wrong
				from = t.now
			}
			ch, err := objected(k, t.talk.Redue(k, from), by)
			ch.RegisteredAt = &from
			return ch, err
		})
	}
	return t.consent(ctx, deed)
}

// satisfied notes that this author is content, and closes the case when nobody else
// who was asked may still speak. Somebody may have been quicker: then nothing is left
// to do.
func (t *talking) satisfied(ctx context.Context, deed domain.Deed) error {
	row, err := t.q.LockCase(ctx, deed.CaseID)
	if err != nil {
		return fmt.Errorf("lock case %d: %w", deed.CaseID, err)
	}
	k, err := toCase(row)
	if err != nil || k.State != domain.Satisfaction {
		return err
	}
	if err := t.q.SolvedInDialog(ctx, round(k), k.ID, t.row.ID); err != nil {
		return fmt.Errorf("note what the author said: %w", err)
	}
	if deed.Closes {
		if err := t.q.EndTold(ctx, round(k), k.ID, t.row.ID); err != nil {
			return fmt.Errorf("note what the author was told: %w", err)
		}
	}
	_, err = solved(ctx, t.q, k, domain.By{Who: author, At: t.now})
	return err
}

// unsolved notes that this author pressed «Не решено», or took it back.
func (t *talking) unsolved(ctx context.Context, deed domain.Deed) error {
	row, err := t.q.LockCase(ctx, deed.CaseID)
	if err != nil {
		return fmt.Errorf("lock case %d: %w", deed.CaseID, err)
	}
	at := row.Round
	if deed.Kind == domain.DeedCancelled {
		at = 0
	}
	if err := t.q.UnsolvedInDialog(ctx, at, deed.CaseID, t.row.ID); err != nil {
		return fmt.Errorf("note what the author pressed: %w", err)
	}
	k, err := toCase(row)
	if err != nil || k.State != domain.Done {
		return err
	}
	return t.unsolvedAfterEnd(ctx, k, at != 0)
}

// change lets the author move a case on. Somebody may have been quicker: then
// nothing is left to do.
func (t *talking) change(ctx context.Context, caseID int64, how func(domain.Case, domain.By) (domain.CaseChange, error)) error {
	row, err := t.q.LockCase(ctx, caseID)
	if err != nil {
		return fmt.Errorf("lock case %d: %w", caseID, err)
	}
	k, err := toCase(row)
	if err != nil {
		return err
	}
	ch, err := how(k, domain.By{Who: author, At: t.now})
	if errors.Is(err, domain.ErrNoMove) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = changeCase(ctx, t.q, wholeScope(k), ch)
	return err
}

// consent notes what an author answered, and what follows.
func (t *talking) consent(ctx context.Context, deed domain.Deed) error {
	if err := t.q.InsertConsent(ctx, db.InsertConsentParams{DialogID: t.row.ID, Version: deed.Version, What: string(deed.Kind), At: stamp(t.now)}); err != nil {
		return fmt.Errorf("note consent: %w", err)
	}
	if deed.Kind == domain.DeedConsent {
		return nil
	}
	if err := t.q.DropHeld(ctx, t.row.ID); err != nil || deed.Kind == domain.DeedRefuse {
		return wrap("forget what came before consent", err)
	}
	return t.withdrawn(ctx, deed.Kind)
}

// withdrawn takes back what was on its way, and what an author wants erased.
func (t *talking) withdrawn(ctx context.Context, kind domain.DeedKind) error {
	if err := t.q.DropSubscriptions(ctx, t.row.ID, ""); err != nil {
		return fmt.Errorf("end subscriptions: %w", err)
	}
	if err := t.q.CancelWords(ctx, stamp(t.now), t.row.ID); err != nil {
		return fmt.Errorf("take words back: %w", err)
	}
	if err := t.recallReplies(ctx); err != nil {
		return fmt.Errorf("take answers back: %w", err)
	}
	if kind != domain.DeedErase {
		return nil
	}
	return t.erase(ctx)
}
