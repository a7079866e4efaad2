package queue

import (
	"errors"

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
		until := r.Region.Almanac().ClarifyUntil(r.Now, pack.ClarifyDays())
		_, err = q.Store.AskFromModeration(r.Context(), r.Scope, domain.AnalystAsks{Case: domain.CaseSeen{ID: c.ID, Version: version},
			By: q.by(r, "", ""), Text: text, Until: until})
		words := c.Number + ": вопрос автору записан, ответ ждём " + page.Days(pack.ClarifyDays()) + ". Срок идёт."
		return deed{notice: page.Notice{Text: words}}, err
	})
}
