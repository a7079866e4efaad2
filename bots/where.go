package bots

import (
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

const (
	addWithin    = 10 * time.Minute // a message so soon after another adds to it:
	shortText    = 40               // a short one, in runes; after an answer or objection any
	placeWithin  = 15 * time.Minute // a place is waited for
	objectWithin = 24 * time.Hour   // words come before any other question's answer
)

// sent is when the author wrote: what was heard late was not late.
func (h *hearing) sent() time.Time {
	if h.post == nil || h.post.PublishedAt.IsZero() || h.post.PublishedAt.After(h.now) {
		return h.now
	}
	return h.post.PublishedAt
}

// expect notes what was asked for.
func (h *hearing) expect(what domain.Expect, about int64) {
	h.d.Expects, h.d.About, h.d.ExpectsAt = what, about, h.now
}

// expire forgets what was asked for too long ago: somebody who writes then has
// something else in mind.
func (h *hearing) expire() {
	within := map[domain.Expect]time.Duration{domain.ExpectPlace: placeWithin, domain.ExpectObjection: objectWithin}[h.d.Expects]
	if h.sent().Sub(h.d.ExpectsAt) >= within {
		h.d.Expects, h.d.About = "", 0
	}
}

// where finds out what an author speaks of: of cases whose numbers they write, before
// any other.
func (h *hearing) where() (c domain.DialogCase, reason string) {
	only := *h
	only.d.Cases = nil
	for _, c := range h.d.Cases {
		if strings.Contains(h.post.Text, c.Number) {
			only.d.Cases = append(only.d.Cases, c)
		}
	}
	if c, reason := only.spokenOf(); reason == Answer || reason == Objection {
		return c, reason
	}
	return h.spokenOf()
}

func (h *hearing) spokenOf() (c domain.DialogCase, reason string) {
	if c, ok := h.objected(); ok {
		return c, Objection
	}
	if c, ok := h.questioned(); ok {
		return c, Answer
	}
	if c, ok := h.pressedBad(); ok {
		return c, Objection
	}
	if c, ok := h.last(); ok {
		return c, Addition
	}
	return domain.DialogCase{}, Problem
}

// objected: the author was asked what is not solved, or says it without being asked.
func (h *hearing) objected() (domain.DialogCase, bool) {
	if h.d.Expects == domain.ExpectObjection {
		if c, ok := h.find(h.d.About); ok && h.mayObject(c) {
			return c, true
		}
	}
	if !domain.SaysUnsolved(h.post.Text) {
		return domain.DialogCase{}, false
	}
	var open []domain.DialogCase
	for _, c := range h.d.Cases {
		if h.mayObject(c) {
			open = append(open, c)
		}
	}
	if len(open) != 1 {
		return domain.DialogCase{}, false
	}
	return open[0], true
}

// pressedBad is the newest case of which the author pressed «Не решено» before they
// did something else; the words for it are still to come.
func (h *hearing) pressedBad() (domain.DialogCase, bool) {
	for _, c := range h.d.Cases {
		if c.Unsolved && h.mayObject(c) {
			return c, true
		}
	}
	return domain.DialogCase{}, false
}

// mayObject: in the satisfaction step, and after it for as long again.
func (h *hearing) mayObject(c domain.DialogCase) bool {
	if c.State == domain.Done {
		return h.sent().Sub(c.ClosedAt) < time.Duration(h.facts.SatisfactionDays)*24*time.Hour
	}
	return c.State == domain.Satisfaction
}

// questioned is the case whose question was asked last.
func (h *hearing) questioned() (found domain.DialogCase, ok bool) {
	for _, c := range h.d.Cases {
		if c.State == domain.Clarifying && c.Question != "" && (!ok || c.AskedAt.After(found.AskedAt)) {
			found, ok = c, true
		}
	}
	return found, ok
}

// last is the case that a message adds to: one so soon after an answer or an objection,
// or a short one, or one without words, after any other.
func (h *hearing) last() (domain.DialogCase, bool) {
	follows := h.d.LastSaid == Answer || h.d.LastSaid == Objection
	if !follows && len([]rune(h.post.Text)) > shortText || h.sent().Sub(h.d.LastAt) >= addWithin {
		return domain.DialogCase{}, false
	}
	c, ok := h.find(h.d.LastCase)
	return c, ok && c.State.Open() && c.State != domain.Satisfaction
}

func (h *hearing) find(id int64) (domain.DialogCase, bool) {
	for _, c := range h.d.Cases {
		if id != 0 && c.ID == id {
			return c, true
		}
	}
	return domain.DialogCase{}, false
}

// shows reports whether a message has something that a person should look at.
func (h *hearing) shows() bool {
	return len(h.post.Attachments) > 0 || len(h.post.Faults) > 0 || h.post.Geo != nil || h.post.Album != ""
}

// tells reports whether a message says anything by itself.
func (h *hearing) tells() bool {
	return h.shows() || letters(h.post.Text) >= minLetters && !domain.SaysNothing(h.post.Text) && domain.Plain(h.post.Text) != "нет"
}

// sayMore: a greeting is no answer, and what is shown without a word is kept with the
// case while the words for it are still waited for.
func (h *hearing) sayMore(c domain.DialogCase) domain.Turn {
	if !h.shows() {
		return h.turn(AskedAgain, askAgainOf(c))
	}
	before := h.d
	t := h.take(Addition, c.ID)
	t.Dialog.Expects, t.Dialog.About, t.Dialog.ExpectsAt = before.Expects, before.About, before.ExpectsAt
	return t
}

// askAgainOf puts again what a case waits for.
func askAgainOf(c domain.DialogCase) domain.Word {
	if c.State == domain.Clarifying {
		return say(wordsStillAsked, c.Number, c.Question)
	}
	return say(wordsWhatsWrong, c.Number)
}

// awaited: the author pressed «Не решено», and words for it are waited for.
func (h *hearing) awaited(c domain.DialogCase) bool {
	return c.Unsolved || h.d.Expects == domain.ExpectObjection && h.d.About == c.ID
}

// solvedAfterAll: words of content after «Не решено» are no objection; only a button
// takes back what was pressed.
func (h *hearing) solvedAfterAll(c domain.DialogCase) bool {
	return h.awaited(c) && (domain.SaysSolved(h.post.Text) || domain.SaysMistaken(h.post.Text))
}

func reallySolved(c domain.DialogCase) domain.Word {
	w := say(wordsReally, c.Number)
	buttons := []domain.Button{Button(labelUnsolved, ratePress(pressBad, c)), Button(labelCancel, pressCancel)}
	if c.State == domain.Satisfaction {
		buttons = append([]domain.Button{Button(labelSolved, ratePress(pressGood, c))}, buttons...)
	}
	w.Buttons = row(buttons...)
	return w
}
