package card

import (
	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// term is the controller's word about a term that a correction has made short (R6).
func (c *Card) term(r *page.Request) error {
	k, err := c.act(r, access.DecideTerm)
	if err != nil {
		return err
	}
	why, keep := r.Text("why"), domain.TermKept(r.Text("keep"))
	switch {
	case keep != domain.KeepNewTerm && keep != domain.KeepOldTerm:
		return page.Invalid("keep", "Выберите, какой срок действует: новый или прежний.")
	case why == "":
		return page.Invalid("why", "Напишите, почему срок такой: это останется в истории.")
	case len([]rune(why)) > maxWhy:
		return page.Invalid("why", "Причина длиннее 2000 знаков: напишите короче, подробности — в заметке.")
	}
	words := k.Number + ": действует новый срок."
	if keep == domain.KeepOldTerm {
		words = k.Number + ": действует прежний срок."
	}
	ch, err := domain.DecideTerm(k, keep, c.by(r, why, words))
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	return c.write(r, ch, words)
}
