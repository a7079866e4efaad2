package classify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// maxReasons is how much of what weighed a reason tells.
const maxReasons = 3

// maxQuoted is how many words of a text one reason shows.
const maxQuoted = 2

// maxQuotedSpan is how far apart they may stand to be shown with all between.
const maxQuotedSpan = 2

// kindName is the kind as a reason calls it.
func kindName(k domain.Kind) string {
	if k == domain.Thanks {
		return "благодарность"
	}
	return "жалоба или просьба"
}

// kindReason tells in words what made the kind: the signs that speak for it,
// strongest first, then what the examples say, when they were asked.
func (c *Classifier) kindReason(s *scratch, doc *text.Doc, kind domain.Kind, k *kindScore, signs *signs) string {
	var said []string
	add := func(is bool, words string, quoted ...groupID) {
		if !is || len(said) == maxReasons {
			return
		}
		for _, group := range quoted {
			words += c.quoteGroup(s.match, doc, group)
		}
		said = append(said, words)
	}
	switch kind {
	case domain.Problem:
		add(signs[signProblem] > 0, "слова жалобы", c.kinds.problem)
		add(signs[signVoice] > 0, "автор говорит от себя или просит", c.kinds.voice)
		add(signs[signRefusal] > 0, "чего-то не делают")
		add(signs[signOrder] > 0, "требует сделать")
		add(signs[signQuestion] > 0, "спрашивает")
		add(signs[signTopic] >= nameScore, "названа тема обращений")
	case domain.Thanks:
		add(signs[signThankful] > 0, "благодарит или хвалит", c.kinds.thanks)
		add(signs[signPraise] > 0, "хвалит сделанное")
	default:
		add(signs[signReport] > 0, "слова новости, рекламы или разговора", c.kinds.other)
		add(signs[signOffice] > 0, "сообщает о работе ведомства")
		add(signs[signOrnament] > 0, "оформлено как публикация")
		add(signs[signProblem] <= 0 && signs[signVoice] <= 0, "ни жалобы, ни просьбы")
	}
	if k.learned && examplesAgree(kind, signs) {
		said = append(said, "похоже на примеры: "+exampleName(kind))
	}
	if len(said) == 0 {
		return weakReason(kind)
	}
	return strings.Join(said, ", ")
}

// examplesAgree: what the scales learned speaks for the kind.
func examplesAgree(kind domain.Kind, signs *signs) bool {
	switch kind {
	case domain.Problem:
		return signs[signOther] < 0 && signs[signThanks] < 0
	case domain.Thanks:
		return signs[signThanks] > 0
	}
	return signs[signOther] > 0
}

func exampleName(kind domain.Kind) string {
	switch kind {
	case domain.Problem:
		return "жалобы"
	case domain.Thanks:
		return "благодарности"
	}
	return "новости, реклама, разговор"
}

// weakReason says that nothing speaks for the kind, and what was done about it.
func weakReason(kind domain.Kind) string {
	if kind == domain.Other {
		return "признаков жалобы мало"
	}
	return "явных признаков нет, решили в пользу автора"
}

// quoteGroup shows words that made a group's phrases fire, the weightiest first:
// « («не работает»)».
func (c *Classifier) quoteGroup(m *match, doc *text.Doc, group groupID) string {
	var fired []*phrase
	for _, id := range m.fired {
		if p := &c.matcher.phrases[id]; p.group == group && p.weight > 0 {
			fired = append(fired, p)
		}
	}
	slices.SortStableFunc(fired, func(a, b *phrase) int { return cmp.Compare(b.weight, a.weight) })
	var shown []string
	for _, p := range fired {
		for _, at := range m.support(p) {
			words := wordsOf(doc, at)
			if len(shown) < maxQuoted && !slices.Contains(shown, words) {
				shown = append(shown, words)
			}
		}
	}
	if len(shown) == 0 {
		return ""
	}
	return " (" + strings.Join(shown, ", ") + ")"
}

// wordsOf are the words of a span, those in the middle of a wide one left out.
func wordsOf(doc *text.Doc, at span) string {
	word := func(pos int32) string { return doc.Word(int(pos)) }
	if at.last-at.first > maxQuotedSpan {
		return "«" + word(at.first) + " … " + word(at.last) + "»"
	}
	words := make([]string, 0, maxQuotedSpan+1)
	for pos := at.first; pos <= at.last; pos++ {
		words = append(words, word(pos))
	}
	return "«" + strings.Join(words, " ") + "»"
}
