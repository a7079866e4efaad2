package router

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// pothole is a case of row 1 in town, six days old.
func pothole() domain.Case {
	return domain.Case{ID: 7, Number: "00-2026-000007", Region: "base", State: domain.Moderation, Row: 1, Topic: "roads.potholes",
		Place:    domain.Place{Municipality: "town", Source: domain.PlaceText},
		Proposed: "town-hall", RouteWhy: "было", Version: 3, RegisteredAt: now.AddDate(0, 0, -6),
		Deadline: domain.Deadline{Days: 10, Due: now.AddDate(0, 0, 4), Control: now.AddDate(0, 0, 4), Reason: "было"}}
}

func subjectOf(row int, topic string) *domain.Subject { return &domain.Subject{Row: row, Topic: topic} }

func TestCorrectKeepsWhatIsNotSaid(t *testing.T) {
	r := New(basePack(t))
	c := pothole()
	f, err := r.Correct(now, c, domain.Fix{})
	if err != nil || f.AgencyID != "town-hall" || f.RouteWhy != "было" || f.Deadline != c.Deadline || f.Differs(c) || f.ForControl != "" {
		t.Errorf("%+v, %v", f, err)
	}
	if n := f.Assigned; n.Kind != domain.NoticeAssigned || n.ToAgency != "town-hall" || n.CaseID != 7 || !strings.Contains(n.Text, c.Number) {
		t.Errorf("notice %+v", n)
	}
	c.Version++
	again, _ := r.Correct(now, c, domain.Fix{})
	if again.Assigned.Key == f.Assigned.Key {
		t.Error("the body would not hear of the case the second time")
	}
}

// R6: from the first registration, and the controller decides when too little is left.
func TestCorrectedRowCountsFromTheFirstRegistration(t *testing.T) {
	r := New(basePack(t))
	c := pothole()
	c.Row, c.Topic, c.Deadline.Days = 0, "noise.night", 30
	f, err := r.Correct(now, c, domain.Fix{Subject: subjectOf(1, "")})
	if err != nil || f.Deadline.Days != 10 || f.ForControl != "" {
		t.Fatalf("%+v, %v", f, err)
	}
	local := r.almanac
	if left := local.DaysLeft(f.Deadline, now); left != 4 {
		t.Errorf("%d days left, want 4", left)
	}
	c.RegisteredAt = now.AddDate(0, 0, -9)
	if f, err = r.Correct(now, c, domain.Fix{Subject: subjectOf(1, "")}); err != nil || !strings.Contains(f.ForControl, "меньше двух дней") {
		t.Errorf("a day left, and the controller is not asked: %+v, %v", f, err)
	}
	ch, err := domain.Correct(c, f, domain.By{Who: "anna", At: now})
	if err != nil || *ch.ForControl == "" || ch.To != "" || !ch.Example {
		t.Errorf("change %+v, %v", ch, err)
	}
}

func TestCorrectFindsTheBodyAnew(t *testing.T) {
	r := New(basePack(t))
	c := pothole()
	f, err := r.Correct(now, c, domain.Fix{Place: &domain.Place{Municipality: "country", Street: "Полевая улица"}})
	if err != nil || f.AgencyID == "town-hall" || f.AgencyID == "" || f.Place.MunicipalityName == "" || f.Place.Source != domain.PlaceText {
		t.Errorf("another place: %+v, %v", f, err)
	}
	if f, err = r.Correct(now, c, domain.Fix{AgencyID: "roads-ministry"}); err != nil || f.AgencyID != "roads-ministry" || f.RouteWhy != wordsChosen {
		t.Errorf("a body that a person names: %+v, %v", f, err)
	}
	for name, tc := range map[string]struct {
		fix  domain.Fix
		want error
	}{
		"a row that is not there":   {domain.Fix{Subject: subjectOf(99, "")}, ErrNoSuchRow},
		"a topic that is not there": {domain.Fix{Subject: subjectOf(0, "nothing")}, ErrNoSuchRow},
		"a body that is not there":  {domain.Fix{AgencyID: "nobody"}, ErrNoSuchBody},
		"a place that is not there": {domain.Fix{Place: &domain.Place{Municipality: "moon"}}, ErrUnknownPlace},
	} {
		if _, err := r.Correct(now, c, tc.fix); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARestrictedCaseStaysSo(t *testing.T) {
	r := New(basePack(t))
	c := pothole()
	c.Restricted = true
	f, err := r.Correct(now, c, domain.Fix{Subject: subjectOf(2, "")})
	if err != nil {
		t.Fatal(err)
	}
	if ch, err := domain.Assign(c, f, domain.By{Who: "anna", At: now}); err != nil || !*ch.Restricted {
		t.Errorf("a correction opened a closed case: %+v, %v", ch, err)
	}
}

func TestOpenedByPerson(t *testing.T) {
	r := New(basePack(t))
	j := with(func(j *domain.Judged) { j.Verdict.Kind, j.Verdict.Row, j.Verdict.Topic = domain.Other, 0, "" })
	d, err := r.Opened(now, time.Time{}, j, domain.Fix{Subject: subjectOf(1, "")})
	if err != nil || d.State != domain.Moderation || d.Deadline.Days != 10 || !d.RegisteredAt.Equal(now) || d.Fixed == nil || d.Fixed.Subject.Row != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	earlier := now.AddDate(0, 0, -3)
	if d, err = r.Opened(now, earlier, j, domain.Fix{}); err != nil || !d.RegisteredAt.Equal(earlier) || d.AgencyID == "" {
		t.Errorf("split off: %+v, %v", d, err)
	}
}
