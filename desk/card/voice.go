package card

import (
	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// voice says what an author's unclear comment under the answer means, or
// that no words came after «Не решено» was pressed. «Не решено» is a new round, by its
// own form.
func (c *Card) voice(r *page.Request) error {
	k, err := c.act(r, access.Reopen)
	if err != nil {
		return err
	}
	means, seen := r.Text("means"), domain.CaseSeen{ID: k.ID, Version: k.Version}
	if means == "over" {
		if _, err := c.Store.ClosePressed(r.Context(), r.Scope, seen, c.by(r, "", "")); err != nil {
			return casework.Fault(r, c.Names, err)
		}
		words := ": закрыт, автору сказано почему."
		if k.State == domain.Done {
			words = ": остаётся закрытым."
		}
		return c.back(r, k.ID, page.Notice{Text: k.Number + words})
	}
	if means != "solved" && means != "nothing" {
		return page.Invalid("means", "Выберите, что означает комментарий автора.")
	}
	done, err := c.Store.ReadVoice(r.Context(), r.Scope, seen, means == "solved", c.by(r, "", ""))
	if err != nil {
		return casework.Fault(r, c.Names, err)
	}
	words := k.Number + ": комментарий прочитан, ждём оценки дальше."
	switch {
	case done.Case.State == domain.Done:
		words = k.Number + ": закрыт, автор доволен."
	case means == "solved":
		words = k.Number + ": автор доволен; ждём других, кого спросили."
	}
	return c.back(r, k.ID, page.Notice{Text: words})
}
