package card

import (
	"fmt"
	"slices"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// maxWhy is the most letters a reason has.
const maxWhy = 2000

// withdraw takes a case from the body that has it and gives it to another.
func (c *Card) withdraw(r *page.Request) error {
	k, err := c.act(r, access.Withdraw)
	if err != nil {
		return err
	}
	pack, err := c.Packs.Of(r)
	if err != nil {
		return err
	}
	to, why := r.Text("agency"), r.Text("why")
	switch {
	case to == "":
		return page.Invalid("agency", "Выберите орган, которому передать инцидент.")
	case why == "":
		return page.Invalid("why", "Напишите, почему инцидент передаётся: это увидят оба органа.")
	case len([]rune(why)) > maxWhy:
		return page.Invalid("why", "Причина длиннее 2000 знаков: напишите короче, подробности — в заметке.")
	case !r.Scope.Whole && !slices.Contains(r.Scope.Agencies, to):
		return page.Invalid("agency", "Этот орган не в вашем ведении: передать ему может аналитик ЦУР.")
	}
	asked := k
	asked.Proposed = k.AgencyID // so that any other body counts as named by a person
	fixed, err := pack.Correct(r.Now, asked, domain.Fix{AgencyID: to})
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	if err := casework.NeedNamed(r, c.Store, k, fixed); err != nil {
		return err
	}
	from, into := r.Region.Agency(k.AgencyID), r.Region.Agency(to)
	words := k.Number + " передан: " + into + "."
	ch, err := domain.Withdraw(k, fixed, leftNotice(k, from), c.by(r, why, words))
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	ch.Why = "передан другому органу: " + from + " → " + into + ". " + why
	return c.write(r, ch, words)
}

// leftNotice tells the old body that a case has left. It is a notice of no case,
// because its people see that one no longer; of what only named people see it
// says nothing.
func leftNotice(k domain.Case, from string) domain.Notice {
	what := "Инцидент " + k.Number
	if k.Restricted {
		what = "Инцидент с ограниченным доступом"
	}
	return domain.Notice{Key: fmt.Sprintf("left:case:%d:%s:%d", k.ID, k.AgencyID, k.Version), Kind: domain.NoticeLeft, Region: k.Region,
		ToRole: string(domain.RoleCoordinator), ToAgency: k.AgencyID,
		Text: what + " ЦУР передал другому органу. Больше ничего делать не нужно (" + from + ")."}
}
