package deadline

import (
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// A deferral nobody has decided lapses with the due: the controller hears a day before.
func TestTheControllerHearsOfADeferralBeforeItLapses(t *testing.T) {
	now := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	heard := func(left time.Duration, reasons string) (n int) {
		c := domain.Case{ID: 1, Number: "27-2026-000001", AgencyID: "min-roads", State: domain.Execution, ForControl: reasons,
			Deadline: domain.Deadline{Due: now.Add(left), Control: now.Add(left)}}
		for _, x := range soonNotices([]domain.Case{c}, Region{Zone: time.UTC}, now) {
			if x.Kind == domain.NoticeDeferral && x.ToRole == roleController && x.ToAgency == "" {
				n++
			}
		}
		return n
	}
	asked := "меньше двух дней; " + domain.WordsDeferral + "20.12.2026: ждём подрядчика"
	if n := heard(23*time.Hour, asked); n != 1 {
		t.Errorf("a day before the controller hears %d", n)
	}
	if n := heard(25*time.Hour, asked) + heard(23*time.Hour, "меньше двух дней"); n != 0 {
		t.Errorf("too early, or of nothing: %d", n)
	}
}
