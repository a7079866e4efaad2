package deadline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/deadline"
	"github.com/otklik/otklik/domain"
)

// Only a region that asks for it learns by itself: once a week by its own clock, and
// not at once when it is first asked for.
func TestRegionsLearnByTheirCalendar(t *testing.T) {
	w := newWorld(t)
	r := w.runner(w.store)
	r.Regions = func() []deadline.Region {
		both := regions()
		both[0].Learning, both[0].Labels = "0 3 * * SUN", []string{"row", "kind"}
		return both
	}
	ordered := func() string {
		var out []string
		for _, region := range []string{"khabarovsk", "kaliningrad"} {
			list, err := w.store.LearningUnderWay(t.Context(), region, w.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list {
				out = append(out, fmt.Sprint(o.Region, " ", o.Kind, " ", o.Subject, " ", o.Who, " ", o.CreatedAt.Format("01-02T15:04"), " ", o.Waiting))
			}
		}
		return strings.Join(out, ", ")
	}
	w.walk(r, "2026-11-23T06:42:00Z", "2026-11-28T16:50:00Z", 30*time.Minute)
	if got := ordered(); got != "" {
		t.Fatalf("before Sunday: %s", got)
	}
	w.walk(r, "2026-11-28T17:00:00Z", "2026-11-30T00:00:00Z", 30*time.Minute)
	want := "khabarovsk train row " + domain.DoerSystem + " 11-28T17:00 true, khabarovsk train kind " + domain.DoerSystem + " 11-28T17:00 true"
	if got := ordered(); got != want {
		t.Errorf("ordered\n%s\nwant\n%s", got, want)
	}
	w.walk(r, "2026-12-05T17:00:00Z", "2026-12-05T18:00:00Z", 30*time.Minute) // nobody has taken them yet
	if got := ordered(); got != want {
		t.Errorf("a week later\n%s\nwant\n%s", got, want)
	}
	var result string
	w.scan(&result, "SELECT result FROM job_runs WHERE job = 'learning' ORDER BY tick DESC LIMIT 1")
	if result != "обучение уже заказано" {
		t.Errorf("the run says %q", result)
	}
}
