package classify

import (
	"errors"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Check is the classifier's part of checking a pack (a rules.Checker): the
// phrases compile and can fire, and the test sentences hold.
func Check(pack *rules.Pack) rules.Faults {
	c, err := Compile(pack, Options{PhrasesOnly: true})
	if err != nil {
		var faults rules.Faults
		if errors.As(err, &faults) {
			return faults
		}
		return rules.Faults{{Code: CodePhraseTerm, What: err.Error(), Mend: "исправьте фразы"}}
	}
	return append(c.deadPhrases(), c.CheckSentences()...)
}

// CheckSentences judges every test sentence of the pack: a topic's match
// sentences must give the topic (or another of its decree row) as a problem, or
// as thanks when the row is praise; its miss sentences must not give it. A
// danger's match sentences must be urgent, its miss sentences not. The phrases
// are judged alone: likeness is learned from these very sentences.
func (c *Classifier) CheckSentences() rules.Faults {
	c = c.phrasesOnly()
	var faults rules.Faults
	for i := range c.pack.Topics {
		t := &c.pack.Topics[i]
		for k, s := range t.Match {
			faults = appendFault(faults, t.File, lineOf(t.MatchLine, k, t.Line), c.matchFault(i, s))
		}
		for k, s := range t.Miss {
			faults = appendFault(faults, t.File, lineOf(t.MissLine, k, t.Line), c.missFault(i, s))
		}
	}
	for i := range c.pack.Signals.Urgent {
		u := &c.pack.Signals.Urgent[i]
		for k, s := range u.Match {
			faults = appendFault(faults, u.File, lineOf(u.MatchLine, k, u.Line), c.urgentFault(u, s, true))
		}
		for k, s := range u.Miss {
			faults = appendFault(faults, u.File, lineOf(u.MissLine, k, u.Line), c.urgentFault(u, s, false))
		}
	}
	return faults
}

func appendFault(faults rules.Faults, file string, line int, what string) rules.Faults {
	if what == "" {
		return faults
	}
	return append(faults, rules.Fault{
		File: file, Line: line, Code: CodeSentence, What: what,
		Mend: "поправьте фразы темы или соседней, либо само предложение",
	})
}

func lineOf(lines []int, k, otherwise int) int {
	if k < len(lines) {
		return lines[k]
	}
	return otherwise
}

func (c *Classifier) matchFault(topic int, sentence string) string {
	want := &c.topics[topic]
	v := c.Judge(&domain.Post{Text: sentence})
	kind := domain.Problem
	if want.praise {
		kind = domain.Thanks
	}
	got := "ничего"
	if v.Topic != "" {
		got = v.Topic
	}
	right := v.Topic == want.id || want.row != 0 && v.Row == want.row
	switch {
	case v.Kind != kind:
		return fmt.Sprintf("«%s» должно дать %s, а вид текста — %s (%s)", sentence, want.id, v.Kind, v.Reason)
	case !right:
		return fmt.Sprintf("«%s» должно дать %s, а дало %s (%s)", sentence, want.id, got, v.Reason)
	}
	return ""
}

func (c *Classifier) missFault(topic int, sentence string) string {
	v := c.Judge(&domain.Post{Text: sentence})
	if v.Topic == c.topics[topic].id {
		return fmt.Sprintf("«%s» не должно давать %s (%s)", sentence, v.Topic, v.Reason)
	}
	return ""
}

func (c *Classifier) urgentFault(u *rules.Urgent, sentence string, want bool) string {
	v := c.Judge(&domain.Post{Text: sentence})
	switch {
	case want && !v.Urgent:
		return fmt.Sprintf("«%s» должно быть срочным (%s), а вид текста — %s", sentence, u.Title, v.Kind)
	case !want && v.Urgent:
		return fmt.Sprintf("«%s» не должно быть срочным", sentence)
	}
	return ""
}
