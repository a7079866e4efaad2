package bots

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/otklik/otklik/domain"
)

// pressed answers a command, typed or pressed. What a button carries is the
// platform's word for it: anything may come.
func (h *hearing) pressed(press string) domain.Turn {
	name, value := said(press)
	var wrong int64 // the case of which we asked what is wrong
	if h.d.Expects == domain.ExpectObjection {
		wrong = h.d.About
	}
	if wrong == 0 || !looks(name) {
		h.d.Expects, h.d.About = "", 0
	}
	switch name {
	case pressYes:
		return h.turn(Command, menu(wordsAgreed))
	case pressStart, pressHelp:
		return h.turn(Command, helpWord())
	case pressStatus:
		return h.turn(Command, h.facts.status(h.d.Cases))
	case pressCancel:
		return h.cancel(wrong)
	case pressSub, pressUnsub:
		return h.subscriptions(name)
	case pressUnsubMore:
		from, _ := strconv.Atoi(value) // whatever it carries, theirs are shown
		return h.turn(Command, h.unsubscribable(from))
	case pressSubTo, pressUnsubOf:
		return h.subscribe(name, value)
	case pressNo, pressWithdraw:
		return h.turn(Command, sure(wordsWithdrawSure, labelYesDo, pressWithdraw))
	case pressErase:
		return h.turn(Command, h.eraseSure())
	case pressSure:
		return h.leave(value)
	case pressGood, pressBad:
		return h.rate(name, value)
	}
	return h.turn(OldButton, menu(wordsOldKey))
}

// looks are commands that only look: what we asked is still to be answered.
func looks(name string) bool {
	return name == pressStart || name == pressHelp || name == pressStatus || name == pressYes
}

// cancel takes back what was asked last, «Не решено» too.
func (h *hearing) cancel(wrong int64) domain.Turn {
	t := h.turn(Command, menu(wordsCancelled))
	if wrong != 0 {
		t.Deeds = []domain.Deed{{Kind: domain.DeedCancelled, CaseID: wrong}}
	}
	return t
}

func helpWord() domain.Word {
	w := say(wordsHelp)
	w.Buttons = row(Button(labelStatus, pressStatus), Button(labelSub, pressSub))
	return w
}

func sure(text, label, of string) domain.Word {
	return domain.Word{Text: text, Buttons: row(Button(label, pressSure+of), Button(labelCancel, pressCancel))}
}

// eraseSure says what will be deleted and what cannot be.
func (h *hearing) eraseSure() domain.Word {
	text := wordsEraseSure + "\n\n" + wordsEraseNoCases
	if len(h.d.Cases) > 0 {
		text = wordsEraseSure + "\n\n" + wordsEraseCases
	}
	return sure(text, labelYesErase, pressErase)
}

// erased says what was deleted and which cases stay, without whose they were.
func (h *hearing) erased() domain.Word {
	if len(h.d.Cases) == 0 {
		return say(wordsErased + " " + wordsErasedNoCases)
	}
	var numbers []string
	for _, c := range h.d.Cases {
		numbers = append(numbers, c.Number)
	}
	return say(wordsErased + " " + fmt.Sprintf(wordsErasedCases, strings.Join(numbers, ", ")))
}

// leave withdraws consent or erases: the dialog is then as if it had never been.
func (h *hearing) leave(how string) domain.Turn {
	var words domain.Word
	var kind domain.DeedKind
	switch how {
	case pressWithdraw:
		words, kind = domain.Word{Text: wordsWithdrawn, Buttons: row(Button(labelErase, pressErase))}, domain.DeedWithdraw
	case pressErase:
		words, kind = h.erased(), domain.DeedErase
	default:
		return h.turn(OldButton, menu(wordsOldKey))
	}
	deed := domain.Deed{Kind: kind, Version: h.d.Consent}
	h.d = domain.Dialog{ID: h.d.ID, Region: h.d.Region, Platform: h.d.Platform, Owner: h.d.Owner, WindowAt: h.d.WindowAt, Heard: h.d.Heard}
	t := h.turn(Command, words)
	t.Deeds = []domain.Deed{deed}
	return t
}

func (h *hearing) subscriptions(name string) domain.Turn {
	if name == pressSub {
		h.expect(domain.ExpectPlace, 0)
		return h.turn(PlaceAsked, domain.Word{Text: wordsWhichPlace, Buttons: row(Button(labelCancel, pressCancel))})
	}
	if len(h.d.Subscribed) == 0 {
		return h.turn(Command, menu(wordsNoSubs))
	}
	return h.turn(Command, h.unsubscribable(0))
}

// unsubscribable offers what one is subscribed to, so many at once.
func (h *hearing) unsubscribable(from int) domain.Word {
	w := say(wordsFromWhat)
	for i, id := range h.d.Subscribed {
		m, ok := h.facts.place(id)
		switch {
		case !ok || i < from:
		case len(w.Buttons) < maxPlaces:
			w.Buttons = append(w.Buttons, []domain.Button{Button(m.Name, pressUnsubOf+id)})
		default:
			w.Buttons = append(w.Buttons, []domain.Button{Button(labelMore, pressUnsubMore+strconv.Itoa(i))})
			return w
		}
	}
	return w
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

// placeNamed hears which municipality is meant; false when the message is of something
// else: somebody in need does not think of what was asked.
func (h *hearing) placeNamed() (domain.Turn, bool) {
	found := h.facts.places(h.post.Text)
	if len(found) == 0 && h.short() {
		found = h.facts.inSentence(h.post.Text)
	}
	if c, ok := h.questioned(); ok && c.AskedAt.After(h.d.ExpectsAt) || len(found) == 0 && !h.namesPlace() {
		h.d.Expects = ""
		return domain.Turn{}, false
	}
	switch len(found) {
	case 0:
		return h.turn(PlaceAsked, domain.Word{Text: wordsNoPlace, Buttons: row(Button(labelCancel, pressCancel))}), true
	case 1:
		h.d.Expects = ""
		return h.subscribe(pressSubTo, found[0].ID), true
	}
	w := say(wordsManyPlaces)
	for _, m := range found {
		w.Buttons = append(w.Buttons, []domain.Button{Button(m.Name, pressSubTo+m.ID)})
	}
	return h.turn(PlaceAsked, w), true
}

// placeWords is how many words the name of a municipality may have.
const placeWords = 4

// sentenceWords stand in sentences, and in no name of a place of ours.
const sentenceWords = " в во на у не нет ни и а но по за под над возле около с со из от до к где когда что как почему опять снова очень срочно помогите "

// short: few words, in which the machine finds nothing else.
func (h *hearing) short() bool {
	text := domain.Plain(h.post.Text)
	n := len(strings.Fields(text))
	return n > 0 && n <= placeWords && !h.p.Tells && !h.shows() && !domain.SaysUnsolved(text) && !strings.ContainsAny(text, "0123456789?!")
}

// namesPlace: what was written may be the name of a place that we do not know.
func (h *hearing) namesPlace() bool {
	words := strings.Fields(domain.Plain(h.post.Text))
	return h.short() && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(sentenceWords, " "+strings.Trim(w, ",.;:")+" ") })
}

// rate hears whether an answer has helped. A button of an earlier round, or of a
// case of somebody else's, says nothing.
func (h *hearing) rate(name, value string) domain.Turn {
	id, round, ok := rated(value)
	c, mine := h.find(id)
	if !ok || !mine {
		return h.turn(OldButton, menu(wordsOldKey))
	}
	if c.Round != round || !h.mayObject(c) || name == pressGood && (c.State != domain.Satisfaction || c.Solved) {
		return h.turn(OldButton, menu(wordsRatedAlready))
	}
	if name == pressBad {
		h.expect(domain.ExpectObjection, c.ID)
		t := h.turn(Command, say(wordsWhatsWrong, c.Number))
		t.Deeds = []domain.Deed{{Kind: domain.DeedUnsolved, CaseID: c.ID}}
		return t
	}
	words := wordsSatisfied
	if c.Waits {
		words = wordsSatisfiedWaits
	}
	t := h.turn(Command, say(words, c.Number))
	t.Deeds = []domain.Deed{{Kind: domain.DeedSatisfied, CaseID: c.ID, Closes: !c.Waits}}
	return t
}

// thanksFor is what «Решено» carries for the one answer that the author says, in words
// of content alone («Спасибо, всё сделали»), has helped; "" where they say no such thing,
// or it may be said of several.
func (h *hearing) thanksFor(reason string) string {
	if reason != Problem && reason != Addition || h.p.Tells || h.shows() || len([]rune(h.post.Text)) > shortText ||
		!domain.SaysSolved(h.post.Text) || domain.SaysNothing(h.post.Text) {
		return ""
	}
	found := ""
	for _, c := range h.d.Cases {
		if c.State != domain.Satisfaction || c.Solved {
			continue
		}
		if found != "" {
			return ""
		}
		found = ratePress("", c)
	}
	return found
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
		return h.inWords(wordsVoice), true
	case sticker+voice == len(h.post.Attachments):
		return h.inWords(wordsSticker), true
	}
	return domain.Word{}, false
}

// inWords asks for words: those that are waited for, or what happened.
func (h *hearing) inWords(why string) domain.Word {
	if c, reason := h.where(); reason == Answer || reason == Objection {
		w := askAgainOf(c)
		w.Text = why + "\n\n" + w.Text
		return w
	}
	return say(why + " " + wordsInWords)
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
