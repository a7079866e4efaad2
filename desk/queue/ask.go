package queue

import (
	"errors"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// ask puts a question to the author of a case that no body has yet: it leaves the
// queue until they answer or their time is over.
func (q *Queue) ask(r *page.Request) error {
	ref, version, err := q.caseRef(r)
	if err != nil {
		return err
	}
	return q.decide(r, ref, func(pack casework.Pack) (deed, error) {
		text := r.Text("question")
		var refusal domain.Refusal
		if err := domain.CheckQuestion(text); errors.As(err, &refusal) {
			return deed{}, page.Invalid("question", refusal.Words())
		}
		c, err := q.seenAt(r, ref.ID, version)
		if err != nil {
			return deed{}, err
		}
		if err := r.Need(access.AskAuthor, access.OfCase(c)); err != nil {
			return deed{}, err
		}
		rules := q.Rules(r.Region.ID)
		rules.Almanac, rules.Tree, rules.BodyName = r.Region.Almanac(), r.Region.Tree, r.Region.Agency
		_, err = q.Store.AskFromModeration(r.Context(), r.Scope, domain.AnalystAsks{Case: domain.CaseSeen{ID: c.ID, Version: version},
			By: q.by(r, "", ""), Text: text, Rules: rules, Looked: r.Text("looked") != ""})
		if bad := notAsked(err); bad != "" {
			return deed{}, page.Invalid("question", bad)
		}
		words := c.Number + ": вопрос автору записан, ответ ждём " + page.Days(pack.ClarifyDays()) + ". Срок идёт."
		return deed{notice: page.Notice{Text: words}}, err
	})
}

// notAsked says why a question was refused that nothing is wrong with but where it
// would stand; "" for anything else.
func notAsked(err error) string {
	var none *domain.CannotAsk
	var faults *domain.ReplyFaults
	switch {
	case errors.As(err, &none):
		return none.Words()
	case errors.As(err, &faults):
		words := make([]string, 0, len(faults.Faults)+1)
		for _, f := range faults.Faults {
			words = append(words, f.Words)
		}
		if len(domain.HardFaults(faults.Faults)) == 0 {
			words = append(words, "Вопрос увидят все. Если так и надо, отметьте это и спросите ещё раз.")
		}
		return strings.Join(words, " ")
	}
	return ""
}
