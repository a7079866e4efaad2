package rules

import (
	"fmt"
	"slices"
	"strings"
)

// nameScore is the total weight at which a topic is named (docs/packs.md).
const nameScore = 2

// The least number of sentences of a decree row.
const (
	minMatch = 5
	minMiss  = 2
)

// setDefaults: a phrase without weight counts once, its terms stand within six words.
func (p *Phrase) setDefaults() { p.Weight, p.Within = 1, 6 }

// checkTopics checks what can be told of topics and signals by themselves.
func checkTopics(topics []Topic, signals Signals) Faults {
	c := &checker{}
	seen := map[string]Pos{}
	for i := range topics {
		t := &topics[i]
		c.id(t.ID, "тема", Pos{t.File, t.Line}, seen)
		c.topic(t)
	}
	for _, group := range [][]Phrase{signals.Voice, signals.Problem, signals.Thanks, signals.Mockery, signals.Other, signals.Calm} {
		c.phrases(group)
	}
	seen = map[string]Pos{}
	for i := range signals.Urgent {
		u := &signals.Urgent[i]
		c.id(u.ID, "признак срочности", Pos{u.File, u.Line}, seen)
		c.phrases(u.Phrases)
	}
	seen = map[string]Pos{}
	for i := range signals.Events {
		e := &signals.Events[i]
		c.id(e.ID, "событие", Pos{e.File, e.Line}, seen)
		if e.Title == "" {
			c.fault(Pos{e.File, e.Line}, CodeEmpty, fmt.Sprintf("у события «%s» нет названия", e.ID), "впишите title: с него начинается название сюжета")
		}
		c.phrases(e.Phrases)
	}
	c.ideas(signals.Ideas)
	return c.faults
}

// ideas checks the sentences to learn from: one said twice would count twice,
// one on two sides teaches nothing.
func (c *checker) ideas(ideas []Idea) {
	names, said := map[string]Pos{}, map[string]Pos{}
	for i := range ideas {
		idea := &ideas[i]
		at := Pos{idea.File, idea.Line}
		if idea.Idea == "" {
			c.fault(at, CodeEmpty, "у группы примеров нет названия", "впишите idea: одна мысль, сказанная по-разному")
		} else {
			c.id(idea.Idea, "группа примеров", at, names)
		}
		all := slices.Concat(idea.Danger, idea.Harmless, idea.Problem, idea.Other, idea.Thanks)
		if len(all) == 0 {
			c.fault(at, CodeEmpty, fmt.Sprintf("в группе примеров «%s» нет предложений", idea.Idea), "впишите их или удалите группу")
		}
		for _, s := range all {
			if before, twice := said[s]; twice {
				c.fault(at, CodeDuplicateID, fmt.Sprintf("пример «%s» уже есть: %s, строка %d", s, before.File, before.Line),
					"оставьте один")
			}
			said[s] = at
		}
	}
}

// checkWords finds words that would be in every text.
func checkWords(w *SignalWords) Faults {
	c := &checker{}
	for _, list := range [][]string{w.Offices, w.Calls, w.Laughter} {
		for _, word := range list {
			if strings.Trim(word, "* ") == "" {
				c.fault(Pos{w.File, w.Line}, CodePhraseSlot, fmt.Sprintf("в списке слов пустое слово «%s»", word),
					"впишите слово или уберите строку")
			}
		}
	}
	return c.faults
}

func (c *checker) topic(t *Topic) {
	at := Pos{t.File, t.Line}
	if t.Title == "" {
		c.fault(at, CodeEmpty, fmt.Sprintf("у темы «%s» нет названия", t.ID), "впишите title: его видят люди")
	}
	c.phrases(t.Phrases)
	total := 0.0
	for _, p := range t.Phrases {
		total += max(p.Weight, 0)
	}
	if total < nameScore {
		c.fault(at, CodeTopicWeak,
			fmt.Sprintf("тема «%s» никогда не наберёт %d: сумма весов её фраз %g", t.ID, nameScore, total),
			"добавьте фразы или поднимите вес (2 — достаточно, чтобы назвать тему)")
	}
}

func (c *checker) phrases(phrases []Phrase) {
	for i := range phrases {
		c.phrase(&phrases[i])
	}
}

// phrase finds what makes a phrase unable to match anything, as far as it can
// be told without the stemmer; the classifier's Checker does the rest.
func (c *checker) phrase(p *Phrase) {
	at := Pos{p.File, p.Line}
	if len(p.All)+len(p.Any)+len(p.Near) == 0 {
		c.fault(at, CodePhraseEmpty, "фраза ничего не ищет", "впишите хотя бы одно из all, any, near")
	}
	for _, terms := range [][]string{p.All, p.Any, p.Near, p.Not} {
		for _, term := range terms {
			if why := emptySlot(term); why != "" {
				c.fault(at, CodePhraseSlot, fmt.Sprintf("в выражении «%s» %s", term, why),
					"уберите лишний знак | или впишите слово")
			}
		}
	}
	if p.Within < 1 {
		c.fault(at, CodeBadValue, fmt.Sprintf("within: %d слов — ничего не найдётся", p.Within), "запишите 1 или больше")
	}
	if p.Weight == 0 {
		c.fault(at, CodeBadValue, "фраза с весом 0 ничего не меняет", "запишите вес от 1 до 3, отрицательный — против темы")
	}
	if not, what := blocked(p); not != "" {
		c.fault(at, CodePhraseBlocked, fmt.Sprintf("not «%s» исключает собственное условие «%s»: фраза не сработает никогда", not, what),
			"уточните not или уберите его")
	}
}

func emptySlot(term string) string {
	slots := strings.Fields(term)
	if len(slots) == 0 {
		return "нет ни одного слова"
	}
	for _, slot := range slots {
		if slot == ">" {
			continue
		}
		for alt := range strings.SplitSeq(slot, "|") {
			if strings.Trim(alt, "*=") == "" {
				return "пустой вариант"
			}
		}
	}
	if slots[0] == ">" || slots[len(slots)-1] == ">" {
		return "знак > стоит с краю"
	}
	return ""
}

// blocked finds a not term that is present whenever the phrase's own condition
// is: it covers one term of all or near, or every term of any.
func blocked(p *Phrase) (not, what string) {
	for _, n := range p.Not {
		for _, term := range slices.Concat(p.All, p.Near) {
			if covers(n, term) {
				return n, term
			}
		}
		escapes := func(term string) bool { return !covers(n, term) }
		if len(p.Any) > 0 && !slices.ContainsFunc(p.Any, escapes) {
			return n, strings.Join(p.Any, ", ")
		}
	}
	return "", ""
}

// covers reports whether every text that holds term surely holds not: they are
// the same, or not is one slot that takes every alternative of a slot of term.
func covers(not, term string) bool {
	if not == term {
		return true
	}
	wide := strings.Fields(not)
	if len(wide) != 1 {
		return false
	}
	return slices.ContainsFunc(strings.Fields(term), func(slot string) bool {
		return slot != ">" && slotCovers(wide[0], slot)
	})
}

func slotCovers(wide, slot string) bool {
	for alt := range strings.SplitSeq(slot, "|") {
		taken := func(w string) bool { return wordCovers(w, alt) }
		if !slices.ContainsFunc(strings.Split(wide, "|"), taken) {
			return false
		}
	}
	return true
}

func wordCovers(wide, alt string) bool {
	if wide == alt || alt == "="+wide {
		return true
	}
	prefix, ok := strings.CutSuffix(wide, "*")
	if !ok {
		return false
	}
	exact := strings.HasPrefix(alt, "=") || strings.HasSuffix(alt, "*")
	return exact && strings.HasPrefix(strings.Trim(alt, "=*"), prefix)
}
