package bots

import (
	"unicode"

	"github.com/otklik/otklik/domain"
)

// pressed answers a command, typed or pressed. What a button carries is the
// platform's word for it: anything may come.
func (h *hearing) pressed(press string) domain.Turn {
	h.d.Expects, h.d.About = "", 0
	switch name, value := said(press); name {
	case pressYes:
		return h.turn(Command, menu(wordsAgreed))
	case pressStart, pressHelp:
		return h.turn(Command, helpWord())
	case pressStatus:
		return h.turn(Command, h.facts.status(h.d.Cases))
	case pressCancel:
		return h.turn(Command, menu(wordsCancelled))
	case pressSub, pressUnsub:
		return h.subscriptions(name)
	case pressSubTo, pressUnsubOf:
		return h.subscribe(name, value)
	case pressNo, pressWithdraw:
		return h.turn(Command, sure(wordsWithdrawSure, labelYesDo, pressWithdraw))
	case pressErase:
		return h.turn(Command, sure(wordsEraseSure, labelYesErase, pressErase))
	case pressSure:
		return h.leave(value)
	case pressGood, pressBad:
		return h.rate(name, value)
	}
	return h.turn(OldButton, menu(wordsOldKey))
}

func helpWord() domain.Word {
	w := say(wordsHelp)
	w.Buttons = row(button(labelStatus, pressStatus), button(labelSub, pressSub))
	return w
}

func sure(text, label, of string) domain.Word {
	return domain.Word{Text: text, Buttons: row(button(label, pressSure+of), button(labelCancel, pressCancel))}
}

// leave withdraws consent or erases: the dialog is then as if it had never been.
func (h *hearing) leave(how string) domain.Turn {
	var words string
	var kind domain.DeedKind
	switch how {
	case pressWithdraw:
		words, kind = wordsWithdrawn, domain.DeedWithdraw
	case pressErase:
		words, kind = wordsErased, domain.DeedErase
	default:
		return h.turn(OldButton, menu(wordsOldKey))
	}
	deed := domain.Deed{Kind: kind, Version: h.d.Consent}
	h.d = domain.Dialog{ID: h.d.ID, Region: h.d.Region, Platform: h.d.Platform, Owner: h.d.Owner, WindowAt: h.d.WindowAt, Heard: h.d.Heard}
	t := h.turn(Command, say(words))
	t.Deeds = []domain.Deed{deed}
	return t
}

func (h *hearing) subscriptions(name string) domain.Turn {
	if name == pressSub {
		h.d.Expects = domain.ExpectPlace
		return h.turn(PlaceAsked, domain.Word{Text: wordsWhichPlace, Buttons: row(button(labelCancel, pressCancel))})
	}
	if len(h.d.Subscribed) == 0 {
		return h.turn(Command, menu(wordsNoSubs))
	}
	w := say(wordsFromWhat)
	for _, id := range h.d.Subscribed {
		if m, ok := h.facts.place(id); ok && len(w.Buttons) < maxPlaces {
			w.Buttons = append(w.Buttons, []domain.Button{button(m.Name, pressUnsubOf+id)})
		}
	}
	return h.turn(Command, w)
}

func (h *hearing) subscribe(name, place string) domain.Turn {
	m, ok := h.facts.place(place)
	if !ok {
		return h.turn(OldButton, menu(wordsOldKey))
	}
	kind, words := domain.DeedSubscribe, wordsSubscribed
	if name == pressUnsubOf {
		kind, words = domain.DeedUnsubscribe, wordsUnsubscribed
	}
	t := h.turn(Command, menu(words, m.Name))
	t.Deeds = []domain.Deed{{Kind: kind, Place: m.ID}}
	return t
}

func (h *hearing) placeNamed() domain.Turn {
	found := h.facts.places(h.post.Text)
	switch len(found) {
	case 0:
		return h.turn(PlaceAsked, domain.Word{Text: wordsNoPlace, Buttons: row(button(labelCancel, pressCancel))})
	case 1:
		h.d.Expects = ""
		return h.subscribe(pressSubTo, found[0].ID)
	}
	w := say(wordsManyPlaces)
	for _, m := range found {
		w.Buttons = append(w.Buttons, []domain.Button{button(m.Name, pressSubTo+m.ID)})
	}
	return h.turn(PlaceAsked, w)
}

// rate hears whether an answer has helped. A button of an earlier round, or of a
// case of somebody else's, says nothing.
func (h *hearing) rate(name, value string) domain.Turn {
	id, round, ok := rated(value)
	c, mine := h.find(id)
	if !ok || !mine {
		return h.turn(OldButton, menu(wordsOldKey))
	}
	if c.Round != round || !h.mayObject(c) || name == pressGood && c.State != domain.Satisfaction {
		return h.turn(OldButton, menu(wordsRatedAlready))
	}
	if name == pressBad {
		h.d.Expects, h.d.About = domain.ExpectObjection, c.ID
		return h.turn(Command, say(wordsWhatsWrong, c.Number))
	}
	t := h.turn(Command, say(wordsSatisfied, c.Number))
	t.Deeds = []domain.Deed{{Kind: domain.DeedSatisfied, CaseID: c.ID}}
	return t
}

// unreadable is the answer to a message without words that people could read.
func (h *hearing) unreadable() (domain.Word, bool) {
	if letters(h.post.Text) > 0 || h.post.Geo != nil || len(h.post.Attachments) == 0 {
		return domain.Word{}, false
	}
	voice, sticker := 0, 0
	for _, a := range h.post.Attachments {
		switch a.Type {
		case "audio_message", "voice", "audio", "video_note":
			voice++
		case "sticker", "graffiti", "ugc_sticker", "animation", "dice":
			sticker++
		}
	}
	switch {
	case voice == len(h.post.Attachments):
		return say(wordsVoice), true
	case sticker+voice == len(h.post.Attachments):
		return say(wordsSticker), true
	}
	return domain.Word{}, false
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
