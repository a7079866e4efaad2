package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
)

// withOthers are the examples aside and what people have dismissed, for no row of it
// would be right.
func (c *court) withOthers() []model.Example {
	examples := slices.Clone(c.aside)
	for _, text := range c.others {
		examples = append(examples, model.Example{Text: text, Labels: []string{noProblem}})
	}
	return examples
}

// unseen chooses from judged examples how sure a verdict with the model must be to go
// to a body unseen. What the router holds back whatever its confidence does not choose:
// it counts among the examples alone.
func (c *court) unseen(examples []model.Example, verdicts []domain.Verdict) domain.UnseenBound {
	way := router.New(c.pack)
	outcomes := make([]model.Outcome, len(verdicts))
	for i := range verdicts {
		outcomes[i].Right = examples[i].Labels
		if way.MayGoUnseen(&verdicts[i]) {
			outcomes[i].Answers = answersOf(c.label, &verdicts[i])
		}
	}
	return model.Bound(outcomes)
}

// unseenWords tell the bound that a region's examples have chosen, or why there is none.
func unseenWords(b domain.UnseenBound) string {
	switch from := b.Confidence(-1); {
	case b.N == 0:
		return ""
	case from < 0:
		return fmt.Sprintf("без человека: по порогу пакета, для своего отложено мало (%d, из них решают порог %d)", b.N, b.Answered)
	case b.Share == 0:
		return fmt.Sprintf("без человека: ничего, ни при какой уверенности не верны 95 %% из %d отложенных", b.N)
	}
	words := strings.Replace(fmt.Sprintf("без человека: при уверенности от %.2f", b.From), ".", ",", 1)
	if b.Right == 0 { // chosen before shares were told of other examples
		return words + fmt.Sprintf(", это %.0f %% из %d отложенных", 100*b.Share, b.N)
	}
	return words + fmt.Sprintf("; на примерах, которые в выборе порога не участвовали, это %.0f %% из %d отложенных, верно из них %s", 100*b.Share, b.N, percentOf(b.Right))
}

// percentOf writes a share as Russian does: «96,4 %».
func percentOf(share float64) string {
	return strings.Replace(fmt.Sprintf("%.1f %%", 100*share), ".", ",", 1)
}
