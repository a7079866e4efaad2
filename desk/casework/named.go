package casework

import (
	"context"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// NamedStore tells whether somebody who works in bodies is named for restricted cases.
type NamedStore interface {
	NamedIn(ctx context.Context, region string, bodies []string) (bool, error)
}

// UnnamedWords warn that a restricted case would be seen by nobody of its body.
const UnnamedWords = "Доступ к инциденту ограничен, а в этом органе и над ним никто не назван: поручение там никто не увидит. " +
	"Назвать сотрудника может администратор на странице «Пользователи»"

// Unnamed reports whether nobody of a body, or of those above it, would see a
// restricted case that it is given.
func Unnamed(r *page.Request, store NamedStore, restricted bool, body string) (bool, error) {
	if !restricted || body == "" {
		return false, nil
	}
	named, err := store.NamedIn(r.Context(), r.Region.ID, r.Region.Tree.Over(body))
	return !named && err == nil, err
}

// NeedNamed refuses to give a restricted case to where nobody sees it, unless the
// person has seen the warning and says so.
func NeedNamed(r *page.Request, store NamedStore, c domain.Case, f domain.Corrected) error {
	unnamed, err := Unnamed(r, store, c.Restricted || f.Restricted, f.AgencyID)
	if err == nil && unnamed && r.Text("unnamed") == "" {
		err = page.Invalid("unnamed", UnnamedWords+". Если поручить всё равно, отметьте это.")
	}
	return err
}
