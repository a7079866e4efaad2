package rules

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// Without a named operator there is no consent that says who keeps the data, and no
// dialog (152-ФЗ ст. 9 ч. 4); the real packs say that theirs is an assumption.
func TestDialogsWaitForTheOperator(t *testing.T) {
	for _, id := range EmbeddedRegions() {
		p, err := LoadEmbedded(id)
		if err != nil {
			t.Fatal(err)
		}
		r := &p.Region
		if !r.Operator.Assumed() {
			t.Errorf("%s takes for granted an operator that no act we have names: %+v", id, r.Operator)
		}
		if !r.Allows(domain.VK, domain.WayDialog) || !r.Allows(domain.MAX, domain.WayDialog) || r.Unnamed(domain.VK) || r.Allows(domain.Telegram, domain.WayDialog) {
			t.Errorf("%s: VK %v, MAX %v, Telegram %v", id, r.Allows(domain.VK, domain.WayDialog), r.Allows(domain.MAX, domain.WayDialog), r.Allows(domain.Telegram, domain.WayDialog))
		}
		r.Operator = Operator{}
		if r.Allows(domain.VK, domain.WayDialog) || r.Allows(domain.MAX, domain.WayDialog) || !r.Unnamed(domain.VK) {
			t.Errorf("%s opens dialogs without an operator", id)
		}
		if !r.Allows(domain.VK, domain.WayPublic) || !r.Allows(domain.MAX, domain.WayStaff) {
			t.Errorf("%s: what is no dialog is closed too", id)
		}
		r.Operator = Operator{Name: "Министерство показа", Address: "г. Показ, д. 1"}
		if !r.Allows(domain.VK, domain.WayDialog) || r.Operator.Assumed() {
			t.Errorf("%s: a confirmed operator opens nothing, or counts as assumed", id)
		}
	}
}
