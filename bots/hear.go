package bots

import (
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Reasons of turns.
const (
	Group          = "group"
	Stopped        = "stopped"
	TooFast        = "too_fast"
	TooMany        = "too_many"
	AskedConsent   = "asked_consent"
	ConsentWaits   = "consent_waits"
	ConsentGiven   = "consent_given"
	ConsentRefused = "consent_refused"
	OldButton      = "old_button"
	Command        = "command"
	NotWords       = "not_words"
	TooShort       = "too_short"
	Answer         = "answer"
	Objection      = "objection"
	Addition       = "addition"
	Problem        = "problem"
	PlaceAsked     = "place_asked"
	AskedAgain     = "asked_again"
	Edited         = "edited"
)

const (
	askAgain   = 10 * time.Minute // consent is not asked for more often
	perMinute  = 20               // messages heard
	perHour    = 30               // posts taken
	minLetters = 3
)

// Bot talks for one region. It is immutable and implements domain.Talk.
type Bot struct{ facts Facts }

// New makes the bot of a region.
func New(f Facts) *Bot { return &Bot{facts: f} }

// Redue implements domain.Talk.
func (b *Bot) Redue(c domain.Case, registered time.Time) domain.Deadline {
	return b.facts.Redue(c, registered)
}

// hearing is one turn under way.
type hearing struct {
	*Bot
	now  time.Time
	d    domain.Dialog
	post *domain.Post
	p    domain.Private
}

// Hear implements domain.Talk.
func (b *Bot) Hear(now time.Time, d domain.Dialog, post *domain.Post) domain.Turn {
	h := &hearing{Bot: b, now: now, d: d, post: post}
	if post.Private != nil {
		h.p = *post.Private
	}
	if h.p.Event == domain.DialogStopped {
		h.d.Stopped = true
		return h.turn(Stopped)
	}
	h.d.Stopped = false
	if t, flooded := h.flood(); flooded {
		return t
	}
	switch {
	case h.p.Group:
		return h.group()
	case d.Consent != ConsentVersion:
		return h.withoutConsent()
	}
	return h.withConsent()
}

// Edit implements domain.Talk: whoever changes a message again and again is no
// quieter than who writes new ones.
func (b *Bot) Edit(now time.Time, d domain.Dialog) domain.Turn {
	h := &hearing{Bot: b, now: now, d: d}
	if t, flooded := h.flood(); flooded {
		return t
	}
	if t, flooded := h.hour(); flooded {
		return t
	}
	t := h.turn(Edited)
	t.Take = true
	return t
}

func (h *hearing) turn(reason string, words ...domain.Word) domain.Turn {
	return domain.Turn{Reason: reason, Dialog: h.d, Say: words}
}

// flood counts messages by the minute; whoever writes more is told once.
func (h *hearing) flood() (domain.Turn, bool) {
	return h.tooMany(&h.d.WindowAt, &h.d.Heard, time.Minute, perMinute, TooFast, wordsTooFast)
}

// tooMany counts one more since a moment; the first that is too many is answered.
func (h *hearing) tooMany(since *time.Time, n *int, within time.Duration, most int, reason, words string) (domain.Turn, bool) {
	if h.now.Sub(*since) >= within || h.now.Before(*since) {
		*since, *n = h.now, 0
	}
	*n++
	switch {
	case *n <= most:
		return domain.Turn{}, false
	case *n == most+1:
		return h.turn(reason, say(words)), true
	}
	return h.turn(reason), true
}

// group: a chat of several people is no dialog, and gets one hint.
func (h *hearing) group() domain.Turn {
	if h.now.Sub(h.d.AskedAt) < 24*time.Hour {
		return h.turn(Group)
	}
	h.d.AskedAt = h.now
	return h.turn(Group, say(wordsGroup))
}

func (h *hearing) press() string {
	if h.p.Press != "" {
		return h.p.Press
	}
	if h.p.Event == domain.DialogStarted {
		return pressStart
	}
	press, _ := typed(h.post.Text)
	if press == pressUnsub && strings.HasPrefix(domain.Plain(h.post.Text), "отписк") && slices.ContainsFunc(h.d.Cases, h.mayObject) {
		return "" // an empty answer is called so, too
	}
	return press
}

// withoutConsent asks for it, hears the answer, and keeps nothing else.
func (h *hearing) withoutConsent() domain.Turn {
	press := h.p.Press
	if press == "" {
		press, _ = agrees(h.post.Text)
	}
	switch name, value := said(press); {
	case name == pressYes && value == ConsentVersion:
		return h.agreed()
	case name == pressNo:
		h.d.AskedAt = time.Time{}
		t := h.turn(ConsentRefused, domain.Word{Text: wordsRefused, Buttons: row(Button(labelAgree, pressYes+ConsentVersion))})
		t.Deeds = []domain.Deed{{Kind: domain.DeedRefuse, Version: ConsentVersion}}
		return t
	}
	if t, ok := h.gone(); ok {
		return t
	}
	t := h.turn(ConsentWaits)
	if h.now.Sub(h.d.AskedAt) >= askAgain || h.now.Before(h.d.AskedAt) {
		h.d.AskedAt = h.now
		t = h.turn(AskedConsent, h.facts.hello(), h.facts.consent())
	} else if h.press() == pressHelp {
		t.Say = []domain.Word{say(wordsConsentAgain)}
	}
	t.Held = h.p.Press == "" && h.p.Event == "" && !isCommand(h.post.Text)
	return t
}

// gone hears who has withdrawn, or never agreed, and wants their data deleted: that
// is theirs to ask for at any time (152-ФЗ ст. 14, 20, 21).
func (h *hearing) gone() (domain.Turn, bool) {
	switch name, value := said(h.press()); {
	case name == pressErase:
		return h.turn(Command, h.eraseSure()), true
	case name == pressSure && value == pressErase:
		return h.leave(value), true
	case h.d.Consent != "" && name == pressWithdraw: // to an earlier edition
		return h.turn(Command, sure(wordsWithdrawSure, labelYesDo, pressWithdraw)), true
	case h.d.Consent != "" && name == pressSure && value == pressWithdraw:
		return h.leave(value), true
	case name == pressWithdraw, name == pressSure && value == pressWithdraw:
		return h.turn(Command, domain.Word{Text: wordsNoConsent, Buttons: row(Button(labelErase, pressErase))}), true
	case name == pressCancel:
		return h.turn(Command, say(wordsCancelled)), true
	}
	return domain.Turn{}, false
}

func isCommand(text string) bool { _, ok := typed(text); return ok }

func (h *hearing) agreed() domain.Turn {
	words := wordsThanksWrite
	if h.d.Held > 0 {
		words = wordsThanksRepeat
		if h.p.Recalled {
			words = wordsThanksRead
		}
	}
	h.d.Consent, h.d.ConsentAt = ConsentVersion, h.now
	t := h.turn(ConsentGiven, menu(words))
	t.Deeds = []domain.Deed{{Kind: domain.DeedConsent, Version: ConsentVersion}}
	return t
}

func (h *hearing) withConsent() domain.Turn {
	h.expire()
	if press := h.press(); press != "" {
		return h.pressed(press)
	}
	if h.d.Expects == domain.ExpectPlace {
		if t, ok := h.placeNamed(); ok {
			return t
		}
	}
	if _, ok := agrees(h.post.Text); ok {
		return h.turn(Command, menu(wordsAgreed))
	}
	return h.words()
}

// words is a message in the author's own words.
func (h *hearing) words() domain.Turn {
	if w, ok := h.unreadable(); ok {
		return h.turn(NotWords, w)
	}
	c, reason := h.where()
	asked := reason != Objection || h.awaited(c)
	switch {
	case h.thanksFor(reason) != "":
		return h.rate(pressGood, h.thanksFor(reason))
	case reason == Problem && !h.tells():
		return h.turn(TooShort, menu(wordsShort))
	case reason == Objection && h.solvedAfterAll(c):
		return h.turn(AskedAgain, reallySolved(c))
	case (reason == Answer || reason == Objection) && domain.SaysNothing(h.post.Text):
		return h.sayMore(c)
	}
	t := h.take(reason, c.ID)
	t.Asked = asked
	return t
}

// hour counts the posts of an hour.
func (h *hearing) hour() (domain.Turn, bool) {
	return h.tooMany(&h.d.HourAt, &h.d.Taken, time.Hour, perHour, TooMany, wordsTooMany)
}

// take lets the message go the way of any other post.
func (h *hearing) take(reason string, into int64) domain.Turn {
	if t, flooded := h.hour(); flooded {
		return t
	}
	h.d.Expects, h.d.About = "", 0
	t := h.turn(reason)
	t.Take, t.Into = true, into
	if reason == Objection {
		t.Deeds = []domain.Deed{{Kind: domain.DeedObject, CaseID: into}}
	}
	return t
}
