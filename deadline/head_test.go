package deadline

import (
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// The dates of an answer that waits for approval are the head's, too.
func TestHeadsHearOfDatesOfWhatWaitsForThem(t *testing.T) {
	now := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	region := Region{Zone: time.UTC}
	c := domain.Case{ID: 1, Number: "27-2026-000001", AgencyID: "min-roads", State: domain.Approval, Deadline: domain.Deadline{Due: now.Add(time.Hour), Control: now.Add(time.Hour)}}
	heads := func(notices []domain.Notice) (n int) {
		keys := map[string]bool{}
		for _, x := range notices {
			if keys[x.Key] {
				t.Errorf("two notices of one key %s", x.Key)
			}
			keys[x.Key] = true
			if x.ToRole == string(domain.RoleHead) && x.ToAgency == c.AgencyID {
				n++
			}
		}
		return n
	}
	if n := heads(soonNotices([]domain.Case{c}, region, now)); n != 2 {
		t.Errorf("three days and one day: the head hears %d", n)
	}
	if n := heads(overdueNotices([]domain.Case{c}, region, now)); n != 1 {
		t.Errorf("overdue: the head hears %d", n)
	}
	c.State = domain.Execution
	if n := heads(append(soonNotices([]domain.Case{c}, region, now), overdueNotices([]domain.Case{c}, region, now)...)); n != 0 {
		t.Errorf("nothing waits for the head, who hears %d", n)
	}
}
