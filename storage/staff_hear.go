package storage

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

const (
	staffPerMinute = 20 // messages heard in a linked chat
	staffFreeTries = 5  // codes and foreign buttons of a chat before pauses begin
)

// HearStaff hears a private message that may be somebody's of the desk: a code, a
// pressed button, words that were asked for. What follows is done in one
// transaction with the note that it was heard, under the desk's rules of access.
// false: it is nothing of the desk's; that is told beside an error too.
func (s *Store) HearStaff(ctx context.Context, region string, p *domain.Post, now time.Time, desk domain.StaffDesk) (domain.StaffOutcome, bool, error) {
	if p.Private == nil || len(p.Private.ChatKeys) == 0 || len(p.Private.UpdateKeys) == 0 {
		return "", false, nil
	}
	h := &staffHearing{}
	err := s.inTxRaw(ctx, "hear somebody of the desk", func(tx pgx.Tx, q *db.Queries) error {
		h = &staffHearing{tx: tx, q: q, region: region, post: p, p: p.Private, now: now, desk: desk}
		return h.hear(ctx)
	})
	return h.outcome, h.heard, err
}

// staffHearing is one message under way.
type staffHearing struct {
	tx     pgx.Tx
	q      *db.Queries
	region string
	post   *domain.Post
	p      *domain.Private
	now    time.Time
	desk   domain.StaffDesk

	link    *domain.StaffLink // nil: the chat is nobody's
	heard   bool
	outcome domain.StaffOutcome
}

func (h *staffHearing) hear(ctx context.Context) error {
	known, err := h.q.StaffUpdateHeard(ctx, h.p.UpdateKeys)
	if err != nil || known {
		h.heard, h.outcome = known, domain.StaffSilent
		return wrap("look an update up", err)
	}
	if err := h.find(ctx); err != nil {
		return err
	}
	ask := h.desk.Read(h.now, h.link, h.post)
	switch ask.Kind {
	case "":
		return nil
	case domain.StaffAskStopped: // the citizens' part of the bot must hear it too
		return wrap("mark the link", h.q.BreakStaffLink(ctx, "бот заблокирован", stamp(h.now), h.link.ID))
	}
	h.heard = true
	result, err := h.answer(ctx, ask)
	if err != nil {
		return err
	}
	h.outcome = result.Outcome
	if err := h.say(ctx, h.desk.Say(h.now, result)); err != nil {
		return err
	}
	if err := h.save(ctx); err != nil {
		return err
	}
	return wrap("note an update", h.q.PutStaffUpdate(ctx, db.PutStaffUpdateParams{UpdateKey: h.p.UpdateKeys[0], Region: h.region, At: stamp(h.now), Outcome: string(h.outcome)}))
}

func (h *staffHearing) find(ctx context.Context) error {
	r, err := h.q.StaffLinkOf(ctx, string(h.post.ID.Platform), h.post.ID.Owner, h.p.ChatKeys)
	if noRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the link: %w", err)
	}
	if err := h.q.EndTwinLinks(ctx, db.EndTwinLinksParams{At: stamp(h.now), Why: "чат привязан заново", Platform: r.Platform, Owner: r.Owner,
		ChatKeys: h.p.ChatKeys, ID: r.ID}); err != nil {
		return fmt.Errorf("end an earlier link of the chat: %w", err)
	}
	if err := renameChat(ctx, h.q, 0, r.ChatKey, h.p.ChatKeys[0]); err != nil { // save keeps the newest
		return err
	}
	h.link = &domain.StaffLink{ID: r.ID, UserID: r.UserID, Region: r.Region, Platform: domain.Platform(r.Platform), Owner: r.Owner,
		LinkedAt: moment(r.LinkedAt), Expects: domain.StaffExpect(r.Expects), About: r.About.Int64, Reason: r.Reason, AskedAt: moment(r.AskedAt),
		WindowAt: moment(r.WindowAt), Heard: int(r.Heard)}
	return nil
}

// save keeps a link as it is now; that it writes means that it works.
func (h *staffHearing) save(ctx context.Context) error {
	l := h.link
	if l == nil {
		return nil
	}
	return wrap("keep the link", h.q.SaveStaffLink(ctx, db.SaveStaffLinkParams{ID: l.ID, Expects: string(l.Expects), About: l.About, Reason: clean(l.Reason),
		AskedAt: stamp(l.AskedAt), WindowAt: stamp(l.WindowAt), Heard: small(l.Heard), ChatKey: h.p.ChatKeys[0]}))
}

func (h *staffHearing) say(ctx context.Context, words []domain.Word) error {
	for i, word := range words {
		w := staffWord{inHand: h.link == nil, key: fmt.Sprintf("staff:%s:%d", hex.EncodeToString(h.p.UpdateKeys[0][:12]), i), region: h.region, why: string(h.outcome),
			platform: h.post.ID.Platform, owner: h.post.ID.Owner, chat: chatName(h.p.ChatKeys[0]), thread: chatName(h.p.ChatKeys[0]), at: h.now}
		if h.link != nil {
			w.link = h.link.ID
		}
		if err := w.put(ctx, h.q, word); err != nil {
			return err
		}
	}
	return nil
}

func result(o domain.StaffOutcome) domain.StaffResult { return domain.StaffResult{Outcome: o} }

func (h *staffHearing) answer(ctx context.Context, ask domain.StaffAsk) (domain.StaffResult, error) {
	if h.link == nil {
		return h.fromStranger(ctx, ask)
	}
	if r, flooded := h.flood(); flooded {
		return r, nil
	}
	switch ask.Kind {
	case domain.StaffAskCode:
		return h.linkByCode(ctx, ask.Code)
	case domain.StaffAskHelp:
		return result(domain.StaffHelped), nil
	case domain.StaffAskUnlink:
		return h.unlink(ctx)
	case domain.StaffAskCancel:
		h.forget()
		return result(domain.StaffCancelled), nil
	case domain.StaffAskAccept, domain.StaffAskBack:
		return h.ofLetter(ctx, ask)
	case domain.StaffAskReason, domain.StaffAskBody, domain.StaffAskChosen:
		return h.sendingBack(ctx, ask)
	}
	return result(domain.StaffOldButton), nil
}

// forget lets go what was asked for.
func (h *staffHearing) forget() {
	h.link.Expects, h.link.About, h.link.Reason = "", 0, ""
}

// fromStranger: a code, or the button of somebody whose link has ended. Both are
// counted by chat, so that nobody can guess.
func (h *staffHearing) fromStranger(ctx context.Context, ask domain.StaffAsk) (domain.StaffResult, error) {
	if ask.Kind == domain.StaffAskCode {
		return h.linkByCode(ctx, ask.Code)
	}
	free, err := h.counted(ctx)
	if err != nil || !free {
		return result(domain.StaffTooMany), err
	}
	return result(domain.StaffNotLinked), nil
}

func (h *staffHearing) triesKey() []string {
	return []string{"staff:" + hex.EncodeToString(h.p.ChatKeys[0][:16])}
}

// counted counts a try before it is looked at.
func (h *staffHearing) counted(ctx context.Context) (bool, error) {
	key := h.triesKey()
	if err := h.q.LockLoginKeys(ctx, key); err != nil {
		return false, fmt.Errorf("lock the count of tries: %w", err)
	}
	wait, err := h.q.LoginWait(ctx, key)
	if err != nil || wait > 0 {
		return false, wrap("look at the count of tries", err)
	}
	return true, wrap("count a try", h.q.CountLogin(ctx, key, []int32{staffFreeTries}))
}

func (h *staffHearing) linkByCode(ctx context.Context, code string) (domain.StaffResult, error) {
	free, err := h.counted(ctx)
	if err != nil || !free {
		return result(domain.StaffTooMany), err
	}
	user, err := h.q.TakeStaffCode(ctx, h.desk.CodeKeys(code), h.region)
	if noRows(err) {
		return result(domain.StaffWrongCode), nil
	}
	if err != nil {
		return domain.StaffResult{}, fmt.Errorf("spend a code: %w", err)
	}
	if err := h.q.ForgiveLogin(ctx, h.triesKey()); err != nil {
		return domain.StaffResult{}, fmt.Errorf("forgive tries: %w", err)
	}
	u, err := person(ctx, h.q, user, h.now)
	if err != nil {
		return domain.StaffResult{}, fmt.Errorf("read the person: %w", err)
	}
	return domain.StaffResult{Outcome: domain.StaffLinked, Name: u.Name}, h.tie(ctx, u)
}

// tie links the chat to a person: a chat is one person's, and a person has one
// chat in a bot.
func (h *staffHearing) tie(ctx context.Context, u domain.User) error {
	if h.link != nil {
		if _, err := h.q.EndStaffLink(ctx, stamp(h.now), "чат привязан заново", h.link.ID); err != nil {
			return fmt.Errorf("end the link of before: %w", err)
		}
	}
	platform, owner := string(h.post.ID.Platform), h.post.ID.Owner
	if err := h.q.EndOtherStaffLinks(ctx, db.EndOtherStaffLinksParams{At: stamp(h.now), Why: "привязан другой чат", UserID: u.ID,
		Platform: platform, Owner: owner}); err != nil {
		return fmt.Errorf("end the other link: %w", err)
	}
	id, err := h.q.InsertStaffLink(ctx, db.InsertStaffLinkParams{UserID: u.ID, Region: h.region, Platform: platform, Owner: owner,
		ChatKey: h.p.ChatKeys[0], Chat: h.p.Chat, At: stamp(h.now)})
	if err != nil {
		return fmt.Errorf("link the chat: %w", err)
	}
	h.link = &domain.StaffLink{ID: id, UserID: u.ID}
	return journal(ctx, h.q, userEntry(domain.Doer{Login: u.Login, At: h.now}, u.Region, "notices_linked", u.Login, "привязан чат для уведомлений"))
}

func (h *staffHearing) unlink(ctx context.Context) (domain.StaffResult, error) {
	if _, err := h.q.EndStaffLink(ctx, stamp(h.now), "отвязан в чате", h.link.ID); err != nil {
		return domain.StaffResult{}, fmt.Errorf("end the link: %w", err)
	}
	u, err := person(ctx, h.q, h.link.UserID, h.now)
	if err != nil {
		return domain.StaffResult{}, fmt.Errorf("read the person: %w", err)
	}
	h.link = nil
	return result(domain.StaffUnlinked), journal(ctx, h.q, userEntry(domain.Doer{Login: u.Login, At: h.now}, u.Region, "notices_unlinked", u.Login, "чат для уведомлений отвязан"))
}

// flood counts messages by the minute; whoever writes more is told once.
func (h *staffHearing) flood() (domain.StaffResult, bool) {
	l := h.link
	if h.now.Sub(l.WindowAt) >= time.Minute || h.now.Before(l.WindowAt) {
		l.WindowAt, l.Heard = h.now, 0
	}
	l.Heard++
	switch {
	case l.Heard <= staffPerMinute:
		return domain.StaffResult{}, false
	case l.Heard == staffPerMinute+1:
		return result(domain.StaffTooFast), true
	}
	return result(domain.StaffSilent), true
}
