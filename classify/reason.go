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
	said := make([]string, 0, maxReasons+1)
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
	fired := m.heard[:0]
	for _, id := range m.fired {
		if p := &c.matcher.phrases[id]; p.group == group && p.weight > 0 {
			fired = append(fired, p)
		}
	}
	m.heard = fired
	slices.SortStableFunc(fired, func(a, b *phrase) int { return cmp.Compare(b.weight, a.weight) })
	first := ""
	for _, p := range fired {
		for _, at := range m.support(p) {
			switch m.quoted = appendWords(m.quoted[:0], doc, at); {
			case first == "":
				first = string(m.quoted)
			case string(m.quoted) != first: // two are enough
				return " (" + first + ", " + string(m.quoted) + ")"
			}
		}
	}
	if first == "" {
		return ""
	}
	return " (" + first + ")"
}

// appendWords appends the words of a span, those in the middle of a wide one left out.
func appendWords(dst []byte, doc *text.Doc, at span) []byte {
	dst = append(append(dst, "«"...), doc.Word(int(at.first))...)
	if at.last-at.first > maxQuotedSpan {
		dst = append(append(dst, " … "...), doc.Word(int(at.last))...)
	} else {
		for pos := at.first + 1; pos <= at.last; pos++ {
			dst = append(append(dst, ' '), doc.Word(int(pos))...)
		}
	}
	return append(dst, "»"...)
}
