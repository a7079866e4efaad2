package packs_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// counted is a store whose last count of phrases is done, or none was begun.
type counted struct {
	packs.Store
	uses *packs.Uses
}

func (c counted) LatestTask(_ context.Context, _, kind, _ string, now time.Time) (domain.Background, error) {
	if c.uses == nil {
		return domain.Background{}, domain.ErrNotFound
	}
	result, err := json.Marshal(c.uses)
	return domain.Background{ID: 1, Kind: kind, Who: "anna", State: domain.BackgroundDone, CreatedAt: now, Result: result}, err
}

func TestUsesOfPhrasesGoToXLSXAsShown(t *testing.T) {
	uses := &packs.Uses{Posts: 12480, Days: 30, List: []packs.Use{
		{Topic: "ямы", Words: "=яма", File: "topics/roads.yaml", Line: 12, Fired: 5, Decided: 4, Reversed: 2},
		{Topic: "мусор", Words: "мусор", File: "topics/waste.yaml", Line: 3, Fired: 40, Decided: 30, Reversed: 1}}}
	d := pagetest.New(t, (&packs.Pages{Store: counted{uses: uses}, Clock: &pagetest.Clock{T: pagetest.Noon()}}).Section())
	d.As(pagetest.Person("anna", domain.Office{Role: domain.RoleAnalyst}))
	rows := d.Get("/rules/uses.xlsx").Sheet(t)
	if want := []string{"=яма", "ямы", "5", "4", "2", "topics/roads.yaml:12"}; len(rows) != 2 || !slices.Equal(rows[0], want) {
		t.Errorf("%q", rows)
	}
	if rows := d.Get("/rules/uses.xlsx?sort=used").Sheet(t); rows[0][0] != "мусор" || !d.Get("/rules/uses?sort=used").Has("/rules/uses.xlsx?sort=used") {
		t.Errorf("the order of the page: %q", rows)
	}
	d.As(pagetest.Person("vera", domain.Office{Role: domain.RoleReader}))
	if d.Get("/rules/uses").Has("xlsx") || d.Get("/rules/uses.xlsx").Status != 403 {
		t.Error("a reader is given a file")
	}
	d = pagetest.New(t, (&packs.Pages{Store: counted{}, Clock: &pagetest.Clock{T: pagetest.Noon()}}).Section())
	d.As(pagetest.Person("anna", domain.Office{Role: domain.RoleAnalyst}))
	if a := d.Get("/rules/uses.xlsx"); a.Status != 404 || !a.Has("сначала посчитайте") {
		t.Errorf("nothing counted yet: %d", a.Status)
	}
}
