package storage

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
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

// apart splits the private messages that somebody answers off a batch.
func apart(talk domain.Talk, judged []domain.Judged) (rest []domain.Judged, private []*domain.Judged) {
	if talk == nil {
		return judged, nil
	}
	for i := range judged {
		if p := judged[i].Post.Private; p != nil && len(p.ChatKeys) > 0 && len(p.UpdateKeys) > 0 {
			private = append(private, &judged[i])
			continue
		}
		rest = append(rest, judged[i])
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

	reason string // of the turn that took an album
}

func (t *talking) hear(ctx context.Context) error {
	if err := t.lock(ctx); err != nil {
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
		return t.again(ctx)
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

// again is a message that is a post already: a replay, or an edit. Without
// consent (withdrawn, or never asked for) nothing new of it is kept.
func (t *talking) again(ctx context.Context) error {
	if t.row.Consent == "" {
		t.res.Unchanged++
		return nil
	}
	if err := t.wave(ctx, []*item{t.it}); err != nil || t.it.fate != fateChanged {
		return err
	}
	words, err := t.receipt(ctx, domain.Receipt{Edited: true, CaseID: t.it.caseID()})
	if err != nil {
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
	turn := t.talk.Hear(t.now, d, &t.it.j.Post)
	for _, deed := range turn.Deeds {
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
	if err := t.wave(ctx, []*item{t.it}); err != nil {
		return nil, err
	}
	if err := t.q.PutDialogPost(ctx, t.it.postID, t.row.ID, turn.Reason); err != nil {
		return nil, fmt.Errorf("tie a post to its dialog: %w", err)
	}
	if err := t.follow(ctx, t.row.ID, t.it.landed); err != nil {
		return nil, err
	}
	if turn.Into != 0 && t.it.j.Pending { // told apart when the album is whole
		turn.Dialog.LastCase, turn.Dialog.LastAt = turn.Into, t.now
		return nil, nil
	}
	if turn.Into != 0 {
		if err := t.answered(ctx, t.it.landed); err != nil {
			return nil, fmt.Errorf("close the question: %w", err)
		}
	}
	if t.it.landed != 0 {
		turn.Dialog.LastCase, turn.Dialog.LastAt = t.it.landed, t.now
	}
	return t.receipt(ctx, domain.Receipt{Reason: turn.Reason, CaseID: t.it.landed, Action: t.it.action, Kind: t.it.j.Verdict.Kind, Pending: t.it.j.Pending})
}

// answered closes a question that the author's message answers: the case goes
// back where it came from.
func (t *talking) answered(ctx context.Context, caseID int64) error {
	row, err := t.q.LockCase(ctx, caseID)
	if err != nil {
		return err
	}
	w := &work{q: t.q}
	if w.c, err = toCase(row); err != nil || w.c.State != domain.Clarifying {
		return err
	}
	n, err := t.q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "answered", Answer: t.it.j.Post.Text, AnswerPost: t.it.postID,
		At: stamp(t.now), ClosedBy: author, CaseID: caseID})
	if err != nil || n == 0 {
		return err
	}
	w.change = domain.CaseChange{CaseID: caseID, Version: w.c.Version, Who: author, At: t.now, To: w.c.CameFrom, Why: "автор ответил новым сообщением"}
	w.notify(domain.NoticeAnswered, fmt.Sprintf("Инцидент %s: автор ответил на вопрос, поручение снова в работе.", w.c.Number))
	_, err = changeCase(ctx, t.q, domain.Scope{Region: w.c.Region, Whole: true, Restricted: true}, w.change)
	return err
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
		return t.q.DropSubscriptions(ctx, t.row.ID, deed.Place)
	case domain.DeedSatisfied:
		return t.change(ctx, deed.CaseID, func(k domain.Case, by domain.By) (domain.CaseChange, error) {
			by.Why = "автор доволен ответом"
			return domain.Close(k, domain.AuthorSatisfied, by)
		})
	case domain.DeedObject:
		return t.change(ctx, deed.CaseID, t.reopen)
	}
	return t.consent(ctx, deed)
}

// reopen begins a new round and tells the controller. What the author says stays
// with the post, so that it can be erased.
func (t *talking) reopen(k domain.Case, by domain.By) (domain.CaseChange, error) {
	by.Why = "автор не согласен с ответом: его слова — в последнем сообщении инцидента"
	ch, err := domain.Reopen(k, t.talk.Redue(k, t.now), by)
	ch.Notices = []domain.Notice{{
		Key: fmt.Sprintf("objected:case:%d:round:%d", k.ID, k.Round), Kind: domain.NoticeObjected, Region: k.Region, CaseID: k.ID,
		ToRole: string(domain.RoleController), At: t.now,
		Text: fmt.Sprintf("Инцидент %s: автор не согласен с ответом, начат круг %d. Решите, кому его отдать.", k.Number, k.Round+1),
	}}
	return ch, err
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
	_, err = changeCase(ctx, t.q, domain.Scope{Region: k.Region, Whole: true, Restricted: true}, ch)
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
	if err := t.q.DropSubscriptions(ctx, t.row.ID, ""); err != nil {
		return fmt.Errorf("end subscriptions: %w", err)
	}
	if err := t.q.CancelWords(ctx, stamp(t.now), t.row.ID); err != nil {
		return fmt.Errorf("take words back: %w", err)
	}
	if err := t.recallReplies(ctx); err != nil {
		return fmt.Errorf("take answers back: %w", err)
	}
	if deed.Kind != domain.DeedErase {
		return nil
	}
	return t.erase(ctx)
}

// erase takes out what an author wrote and who they are. Cases, their numbers and
// terms stay: they are the bodies' own.
func (t *talking) erase(ctx context.Context) error {
	ids, err := t.q.ErasePosts(ctx, t.row.ID)
	if err != nil {
		return fmt.Errorf("erase posts: %w", err)
	}
	for _, step := range []func(context.Context, []int64) error{t.q.EraseIDs, t.q.EraseVersions, t.q.EraseVerdicts, t.q.EraseAnswers} {
		if err := step(ctx, ids); err != nil {
			return fmt.Errorf("erase what belongs to posts: %w", err)
		}
	}
	if err := t.q.EraseKeys(ctx, t.row.ID, "dialog:"+t.row.Chat.String+":"); err != nil {
		return fmt.Errorf("erase attach keys: %w", err)
	}
	for _, step := range []func(context.Context, int64) error{t.q.EraseDeliveries, t.q.ErasePlans, t.q.EraseAlbums} {
		if err := step(ctx, t.row.ID); err != nil {
			return fmt.Errorf("erase where answers went: %w", err)
		}
	}
	return wrap("erase the dialog's cases", t.q.EraseDialogCases(ctx, t.row.ID))
}
