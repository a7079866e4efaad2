package reply

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// Nothing is written to an author who withdrew consent, though they wrote first.
func TestSilentAuthorsAreLeftAlone(t *testing.T) {
	know := Knowledge{Channels: func(domain.Platform, domain.Way) (bool, string) { return true, "" },
		Speakers: []domain.Speaker{{Region: "khabarovsk", Platform: domain.VK, Address: "700", Whole: true}}}
	for name, silent := range map[string]bool{"agrees": false, "withdrew": true} {
		t.Run(name, func(t *testing.T) {
			plan := Plan(domain.ReplyToPlan{ReplyID: 1, CaseID: 1, Region: "khabarovsk", Text: "Вода есть", Posts: []domain.PlanPost{{
				ID: domain.NewPostID(domain.VK, "-700", "dialog:5:1"), Kind: domain.Message, Author: domain.Author{ID: "5"},
				Source: domain.VKLongPoll, Address: "700", Silent: silent}}}, know)
			if (len(plan.Deliveries) == 0) != silent || silent && plan.Reason != ReasonSilent {
				t.Errorf("%+v", plan)
			}
		})
	}
}
