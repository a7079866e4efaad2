package storage

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// dialog is what the engine must know of a dialog.
func (t *talking) dialog(ctx context.Context) (domain.Dialog, error) {
	r := &t.row
	d := domain.Dialog{ID: r.ID, Region: r.Region, Platform: domain.Platform(r.Platform), Owner: r.Owner, Chat: r.Chat.String,
		Consent: r.Consent, ConsentAt: moment(r.ConsentAt), AskedAt: moment(r.AskedAt), Stopped: r.Stopped, Expects: domain.Expect(r.Expects),
		About: r.About.Int64, WindowAt: moment(r.WindowAt), Heard: int(r.Heard), HourAt: moment(r.HourAt), Taken: int(r.Taken),
		ExpectsAt: moment(r.ExpectsAt), LastCase: r.LastCase.Int64, LastAt: moment(r.LastAt), LastSaid: r.LastSaid}
	held, err := t.q.HeldUpdates(ctx, r.ID, stamp(t.now.Add(-recallWithin)))
	if err != nil {
		return d, fmt.Errorf("count what came before consent: %w", err)
	}
	d.Held = int(held)
	if d.Subscribed, err = t.q.SubscriptionsOf(ctx, r.ID); err != nil {
		return d, fmt.Errorf("read subscriptions: %w", err)
	}
	rows, err := t.q.DialogCases(ctx, r.ID)
	if err != nil {
		return d, fmt.Errorf("read the cases of a dialog: %w", err)
	}
	for _, c := range rows {
		d.Cases = append(d.Cases, domain.DialogCase{ID: c.ID, Number: c.Number, State: domain.State(c.State), CameFrom: domain.State(c.CameFrom),
			AgencyID: c.AgencyID, Due: moment(c.DueAt), Round: int(c.Round), ClosedAt: moment(c.ClosedAt), Closing: domain.ClosingReason(c.ClosingReason),
			Question: c.Question, QuestionID: c.QuestionID, AskedAt: moment(c.AskedAt), DueAnswer: moment(c.AnswerUntil), Solved: c.Solved, Unsolved: c.Unsolved, Waits: c.Waits})
	}
	return d, nil
}

// save keeps a dialog as the engine left it. Its chat is known while there is consent.
func (t *talking) save(ctx context.Context, d domain.Dialog) error {
	chat := ""
	if d.Consent != "" {
		chat = t.p.Chat
	}
	err := t.q.SaveDialog(ctx, db.SaveDialogParams{ID: t.row.ID, ChatKey: t.p.ChatKeys[0], Chat: chat, Consent: d.Consent,
		ConsentAt: stamp(d.ConsentAt), AskedAt: stamp(d.AskedAt), Stopped: d.Stopped, Expects: string(d.Expects), About: d.About,
		WindowAt: stamp(d.WindowAt), Heard: small(d.Heard), HourAt: stamp(d.HourAt), Taken: small(d.Taken),
		LastCase: d.LastCase, LastAt: stamp(d.LastAt), LastSaid: d.LastSaid, ExpectsAt: stamp(d.ExpectsAt), Now: stamp(t.now)})
	if err != nil {
		return fmt.Errorf("keep the dialog: %w", err)
	}
	if t.row.Consent == "" && d.Consent != "" { // the chat is known from now on
		if err := t.q.AskedAnew(ctx, stamp(t.now), t.row.ID, askingConsent()); err != nil {
			return fmt.Errorf("end the question about consent: %w", err)
		}
		if err := t.q.OutOfHand(ctx, t.row.ID); err != nil {
			return fmt.Errorf("let words find their chat: %w", err)
		}
	}
	t.row.Consent = d.Consent
	return nil
}

// Reasons of turns that ask for consent (package bots).
const (
	reasonAskedConsent = "asked_consent"
	reasonConsentWaits = "consent_waits"
)

func askingConsent() []string { return []string{reasonAskedConsent, reasonConsentWaits} }

// put writes the bot's words of this update into the outbox, once. Without consent they
// name no chat: whoever has the update in hand says them. A question about consent takes
// the place of one that is on its way still.
func (t *talking) put(ctx context.Context, dialogID int64, reason string, words []domain.Word) error {
	to := wordsTo{dialogID: dialogID, chatKey: t.p.ChatKeys[0], region: t.region, platform: t.it.id.Platform, owner: t.it.id.Owner, at: t.now}
	if t.row.Consent == "" {
		to.inHand = true
	}
	if to.inHand && reason == reasonAskedConsent {
		if err := t.q.AskedAnew(ctx, stamp(t.now), t.row.ID, askingConsent()); err != nil {
			return fmt.Errorf("end an earlier question about consent: %w", err)
		}
	}
	return to.put(ctx, t.q, hex.EncodeToString(t.p.UpdateKeys[0][:8])+":"+reason, reason, words)
}

// wordsTo is a dialog that the bot speaks in.
type wordsTo struct {
	dialogID int64
	chatKey  []byte
	region   string
	platform domain.Platform
	owner    string
	inHand   bool  // the chat is not known
	question int64 // that the words put; 0: none
	at       time.Time
}

// chatGap is the least time between two messages in a chat (Telegram: 1 a second;
// the others allow more).
const chatGap = time.Second

// chatName is a private chat in the outbox, without saying which it is: one pace and
// one order for all that an account says there, whoever the words are from.
func chatName(key []byte) string { return fmt.Sprintf("chat:%x", key[:8]) }

func (to wordsTo) put(ctx context.Context, q *db.Queries, key, why string, words []domain.Word) error {
	for i, w := range words {
		buttons, err := listJSON("buttons", w.Buttons)
		if err != nil {
			return err
		}
		p := db.PutWordParams{Key: fmt.Sprintf("bot:%d:%s:%d", to.dialogID, key, i), Region: to.region, DialogID: to.dialogID,
			Platform: string(to.platform), Account: account(to.owner), Owner: to.owner, Chat: chatName(to.chatKey), GapMs: int32(chatGap.Milliseconds()),
			Text: clean(w.Text), Buttons: buttons, InHand: to.inHand, Why: why, At: stamp(to.at), QuestionID: to.question}
		if err := q.PutWord(ctx, p); err != nil {
			return fmt.Errorf("put words into the outbox: %w", err)
		}
	}
	return nil
}

// account is the number of a community without its sign, or of a bot.
func account(owner string) string {
	if len(owner) > 1 && owner[0] == '-' {
		return owner[1:]
	}
	return owner
}

// TellDialogs lets the authors of a region hear what became of their cases. It
// returns how many it looked at. Who blocked the bot or withdrew is left alone. Who
// cannot be told stops no other, and is looked at again in an hour.
func (s *Store) TellDialogs(ctx context.Context, region string, now time.Time, tell domain.Tell) (int, error) {
	n := 0
	var faults []error
	err := s.inTxRaw(ctx, "tell authors", func(tx pgx.Tx, q *db.Queries) error {
		faults = nil
		rows, err := q.DialogsToTell(ctx, stamp(now), region, domain.TellAtOnce)
		if err != nil {
			return fmt.Errorf("find what to tell: %w", err)
		}
		n = len(rows)
		for _, r := range rows {
			err := inSavepoint(ctx, tx, func(q *db.Queries) error { return tellOne(ctx, q, r, region, now, tell) })
			if endsAll(ctx, tx, err) {
				return err
			}
			if err == nil {
				continue
			}
			faults = append(faults, fmt.Errorf("dialog %d, case %d: %w", r.DialogID, r.CaseID, err))
			if err := q.NoteTold(ctx, db.NoteToldParams{Told: r.Told, LookAt: stamp(now.Add(tellAgain)), DialogID: r.DialogID, CaseID: r.CaseID}); err != nil {
				return fmt.Errorf("put it off: %w", err)
			}
		}
		return nil
	})
	return n, errors.Join(append(faults, err)...)
}

// tellAgain is when somebody is looked at again who could not be told.
const tellAgain = time.Hour

func tellOne(ctx context.Context, q *db.Queries, r db.DialogsToTellRow, region string, now time.Time, tell domain.Tell) error {
	var told domain.Told
	if err := fromJSON("what was told", r.Told, &told); err != nil {
		return err
	}
	if r.Consent == "" || r.Stopped {
		return note(ctx, q, r, told, time.Time{})
	}
	if r.JoinedTo.Valid { // the case that has the posts now is theirs too
		if err := q.PutDialogCase(ctx, r.DialogID, r.JoinedTo.Int64, stamp(now)); err != nil {
			return fmt.Errorf("follow a joined case: %w", err)
		}
	}
	c := domain.DialogCase{ID: r.CaseID, Number: r.Number, State: domain.State(r.State), CameFrom: domain.State(r.CameFrom), AgencyID: r.AgencyID,
		Due: moment(r.DueAt), Round: int(r.Round), ClosedAt: moment(r.ClosedAt), Closing: domain.ClosingReason(r.ClosingReason),
		Question: r.Question, QuestionID: r.QuestionID, AskedAt: moment(r.AskedAt), DueAnswer: moment(r.AnswerUntil), Answer: domain.DeliveryState(r.Answer), Solved: r.Solved, Unsolved: r.Unsolved,
		Notice: domain.DeliveryState(r.Notice)}
	if r.NoticeUntil.Valid {
		c.NoticeUntil = toDate(r.NoticeUntil)
	}
	words, after, next := tell(now, c, told)
	to := wordsTo{dialogID: r.DialogID, chatKey: r.ChatKey, region: region, platform: domain.Platform(r.Platform), owner: r.Owner, at: now}
	if after.Question != told.Question {
		to.question = after.Question
	}
	key := fmt.Sprintf("case:%d:%d:%d:%d:%d:%d", r.CaseID, after.Accepted, after.Question, after.Reminded, after.Surveyed, after.Ended)
	if after.Moved > 0 {
		key += fmt.Sprintf(":%d", after.Moved)
	}
	if err := to.put(ctx, q, key, "case", words); err != nil {
		return err
	}
	return note(ctx, q, r, after, next)
}

func note(ctx context.Context, q *db.Queries, r db.DialogsToTellRow, told domain.Told, next time.Time) error {
	raw, err := toJSON("what was told", told)
	if err != nil {
		return err
	}
	return wrap("note what was told", q.NoteTold(ctx, db.NoteToldParams{Told: raw, LookAt: stamp(next), DialogID: r.DialogID, CaseID: r.CaseID}))
}

// WordAddress is where a word of the bot goes.
type WordAddress struct {
	Platform domain.Platform
	Owner    string
	Chat     string // "" before consent
	Buttons  [][]domain.Button
	SpeakID  int64 // the account kept here that speaks; 0: one of the environment
}

// AddressOf finds where a delivery of the bot goes and what buttons it has.
func (s *Store) AddressOf(ctx context.Context, delivery int64) (WordAddress, error) {
	r, err := s.queries().WordAddress(ctx, delivery)
	if err != nil {
		return WordAddress{}, named("find where words go", err)
	}
	a := WordAddress{Platform: domain.Platform(r.Platform), Owner: r.Owner, Chat: r.Chat, SpeakID: r.AccountID}
	return a, fromJSON("buttons", r.Buttons, &a.Buttons)
}

// ForgetUpdates drops what was heard before a moment: no platform replays so old
// an update.
func (s *Store) ForgetUpdates(ctx context.Context, region string, before time.Time) (int64, error) {
	n, err := s.queries().DropUpdates(ctx, region, stamp(before))
	return n, named("forget updates of dialogs", err)
}
