package domain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func staffZone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Vladivostok")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestQuietHours(t *testing.T) {
	zone := staffZone(t)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	night := UsualStaffSettings() // 21:00 to 8:00, digest at 8:30
	lunch := StaffSettings{QuietFrom: 13 * 60, QuietTo: 14 * 60, Digest: 14 * 60}
	for name, tc := range map[string]struct {
		set       StaffSettings
		now, want time.Time
		kind      NoticeKind
		urgent    bool
	}{
		"by day":                     {night, at(23, 12, 0), at(23, 12, 0), NoticeAssigned, false},
		"the last minute":            {night, at(23, 20, 59), at(23, 20, 59), NoticeAssigned, false},
		"the first minute":           {night, at(23, 21, 0), at(24, 8, 30), NoticeAssigned, false},
		"after midnight":             {night, at(24, 3, 0), at(24, 8, 30), NoticeAssigned, false},
		"their end":                  {night, at(24, 8, 0), at(24, 8, 0), NoticeAssigned, false},
		"danger breaks them":         {night, at(24, 3, 0), at(24, 3, 0), NoticeUrgent, false},
		"a new task of danger":       {night, at(24, 3, 0), at(24, 3, 0), NoticeAssigned, true},
		"danger is overdue":          {night, at(24, 3, 0), at(24, 3, 0), NoticeOverdue, true},
		"danger is sent back":        {night, at(24, 3, 0), at(24, 3, 0), NoticeSentBack, true},
		"danger whose day is near":   {night, at(24, 3, 0), at(24, 8, 30), NoticeDue1, true},
		"within a day":               {lunch, at(24, 13, 30), at(24, 14, 0), NoticeOverdue, false},
		"the end of a month":         {night, at(30, 22, 0), at(31, 8, 30), NoticeDue1, false},
		"none":                       {StaffSettings{Digest: 600}, at(24, 3, 0), at(24, 3, 0), NoticeAssigned, false},
		"another zone is the region": {night, at(23, 23, 0).UTC(), at(24, 8, 30), NoticeAssigned, false},
	} {
		if got := tc.set.SayAt(tc.now, zone, tc.kind.Danger(tc.urgent)); !got.Equal(tc.want) {
			t.Errorf("%s: %v, want %v", name, got.In(zone), tc.want)
		}
	}
}

func TestSettingsThatCannotBeKept(t *testing.T) {
	for want, s := range map[error]StaffSettings{
		nil:               UsualStaffSettings(),
		RefuseDigestQuiet: {QuietFrom: 21 * 60, QuietTo: 8 * 60, Digest: 7 * 60},
		RefuseNoTime:      {QuietFrom: 24 * 60},
	} {
		if err := s.Check(); !errors.Is(err, want) {
			t.Errorf("%+v: %v, want %v", s, err, want)
		}
	}
	if UsualStaffSettings().Mark() == (StaffSettings{}).Mark() {
		t.Error("two choices have one mark")
	}
}

// crew is who works in a small region: a ministry with a service below it, a town
// that only a head leads.
func crew() Addressing {
	person := func(login string, offices ...Office) User { return User{Login: login, Active: true, Offices: offices} }
	return Addressing{Today: Date{Year: 2026, Month: 11, Day: 23},
		Tree: NewTree([]Agency{{ID: "ministry"}, {ID: "service", Parent: "ministry"}, {ID: "town"}}),
		People: []User{
			person("analyst", Office{Role: RoleAnalyst}), person("controller", Office{Role: RoleController}),
			person("inspector", Office{Role: RoleController, AgencyID: "ministry"}), person("admin", Office{Role: RoleAdministrator}),
			person("coord", Office{Role: RoleCoordinator, AgencyID: "ministry"}), person("coord2", Office{Role: RoleCoordinator, AgencyID: "ministry"}),
			person("boss", Office{Role: RoleHead, AgencyID: "ministry"}), person("exec", Office{Role: RoleExecutor, AgencyID: "ministry"}),
			person("curator", Office{Role: RoleCurator, AgencyID: "ministry"}), person("mayor", Office{Role: RoleHead, AgencyID: "town"}),
		}}
}

func heard(list []Hearer) string {
	words := make([]string, len(list))
	for i, h := range list {
		words[i] = h.Login + " " + h.Why
		if h.Instead != "" {
			words[i] += " for " + h.Instead
		}
	}
	return strings.Join(words, ", ")
}

func TestWhoHearsANotice(t *testing.T) {
	for name, tc := range map[string]struct {
		kind       NoticeKind
		role, body string
		executor   string
		want       string
	}{
		"a new task":               {NoticeAssigned, "coordinator", "ministry", "", "coord role, coord2 role"},
		"of one on somebody":       {NoticeAssigned, "coordinator", "ministry", "exec", "coord role, coord2 role"},
		"a date":                   {NoticeDue1, "coordinator", "ministry", "exec", "coord role, coord2 role, exec executor"},
		"a date, coordinator's":    {NoticeDue1, "coordinator", "ministry", "coord", "coord role, coord2 role"},
		"a body a head leads":      {NoticeAssigned, "coordinator", "town", "", "mayor head"},
		"a body nobody leads":      {NoticeAssigned, "coordinator", "service", "", "coord role_above, coord2 role_above"},
		"an answer to approve":     {NoticeApproval, "head", "ministry", "exec", "boss role"},
		"a reminder":               {NoticeReminder, "executor", "ministry", "exec", "exec executor"},
		"a reminder, nobody's":     {NoticeReminder, "executor", "ministry", "", "coord role, coord2 role"},
		"overdue, to the curator":  {NoticeEscalation, "curator", "service", "", "curator role"},
		"overdue, another body's":  {NoticeEscalation, "curator", "town", "", ""},
		"overdue, to controllers":  {NoticeEscalation, "controller", "", "", "controller role, inspector role"},
		"danger":                   {NoticeUrgent, "duty", "", "", "analyst role"},
		"sent back":                {NoticeSentBack, "analyst", "", "", "analyst role"},
		"a hole in the rules":      {NoticePartition, "administrator", "", "", "admin role"},
		"somebody":                 {NoticeRework, ToPerson("exec"), "ministry", "exec", "exec named"},
		"a body that is no more":   {NoticeAssigned, "coordinator", "gone", "", ""},
		"a role nobody ever heard": {NoticeAssigned, "janitor", "", "", ""},
	} {
		a := crew()
		a.Agency, a.Executor = tc.body, tc.executor
		if tc.body == "" {
			a.Agency = "service"
		}
		if got := heard(a.Hearers(Notice{Kind: tc.kind, ToRole: tc.role, ToAgency: tc.body})); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestWhoHearsInsteadOfSomebodyAway(t *testing.T) {
	away := func(login, deputy string) Absence {
		day := Date{Year: 2026, Month: 11, Day: 23}
		return Absence{Login: login, Deputy: deputy, From: day, To: day}
	}
	for name, tc := range map[string]struct {
		roster Roster
		notice Notice
		want   string
	}{
		"the deputy":                   {Roster{away("exec", "boss")}, Notice{ToRole: ToPerson("exec")}, "boss deputy for exec"},
		"nobody named":                 {Roster{away("exec", "")}, Notice{ToRole: ToPerson("exec")}, "coord no_deputy for exec, coord2 no_deputy for exec"},
		"the deputy is away too":       {Roster{away("exec", "boss"), away("boss", "")}, Notice{ToRole: ToPerson("exec")}, "coord no_deputy for exec, coord2 no_deputy for exec"},
		"one coordinator of two":       {Roster{away("coord", "")}, Notice{ToRole: "coordinator", ToAgency: "ministry"}, "coord2 no_deputy for coord"},
		"and deputises the other":      {Roster{away("coord", "coord2")}, Notice{ToRole: "coordinator", ToAgency: "ministry"}, "coord2 deputy for coord"},
		"nobody else is there":         {Roster{away("mayor", "")}, Notice{ToRole: "coordinator", ToAgency: "town"}, "mayor away_but_who"},
		"a head, the one above":        {Roster{away("chief", "")}, Notice{ToRole: "head", ToAgency: "service"}, "boss no_deputy for chief"},
		"that one has a deputy":        {Roster{away("chief", ""), away("boss", "coord2")}, Notice{ToRole: "head", ToAgency: "service"}, "coord2 deputy for boss"},
		"no head is there":             {Roster{away("boss", "")}, Notice{ToRole: "head", ToAgency: "ministry"}, "coord no_deputy for boss, coord2 no_deputy for boss"},
		"a sole coordinator":           {Roster{away("clerk", "exec"), away("exec", "")}, Notice{ToRole: "coordinator", ToAgency: "service"}, "chief no_deputy for clerk"},
		"and the head, the body above": {Roster{away("clerk", ""), away("chief", "")}, Notice{ToRole: "coordinator", ToAgency: "service"}, "coord no_deputy for clerk, coord2 no_deputy for clerk"},
		"the coordinator has a deputy": {Roster{away("exec", ""), away("coord", "boss"), away("coord2", "")}, Notice{ToRole: ToPerson("exec")}, "boss deputy for coord"},
	} {
		a := crew()
		a.Agency, a.Roster = "ministry", tc.roster
		a.People = append(a.People, User{Login: "clerk", Active: true, Offices: []Office{{Role: RoleCoordinator, AgencyID: "service"}}},
			User{Login: "chief", Active: true, Offices: []Office{{Role: RoleHead, AgencyID: "service"}}})
		got := a.Hearers(tc.notice)
		if heard(got) != tc.want {
			t.Errorf("%s: %s, want %s", name, heard(got), tc.want)
		}
		logins := map[string]int{}
		for _, h := range got {
			if logins[h.Login]++; logins[h.Login] > 1 {
				t.Errorf("%s: %s hears it twice", name, h.Login)
			}
		}
	}
}

// Whatever the roster, a notice that somebody would hear is heard by somebody.
func TestNoNoticeIsLostByAbsences(t *testing.T) {
	logins := []string{"coord", "coord2", "boss", "exec", "mayor"}
	day := Date{Year: 2026, Month: 11, Day: 23}
	for mask := range 1 << len(logins) {
		var roster Roster
		for i, login := range logins {
			if mask&(1<<i) != 0 {
				roster = append(roster, Absence{Login: login, Deputy: logins[(i+mask)%len(logins)], From: day, To: day})
			}
		}
		for _, body := range []string{"ministry", "service", "town"} {
			for _, role := range []string{"coordinator", "head", "executor", ToPerson("exec")} {
				a := crew()
				a.Agency, a.Roster = body, roster
				if got := a.Hearers(Notice{Kind: NoticeDue1, ToRole: role, ToAgency: body}); len(got) == 0 {
					t.Fatal(fmt.Sprint(roster), body, role)
				} else if !slices.IsSortedFunc(got, func(x, y Hearer) int { return strings.Compare(x.Login, y.Login) }) {
					t.Fatal("not in order", got)
				}
			}
		}
	}
}

// However few people there are, the first of them up the tree hears what is meant
// for a body without any.
func TestTheOnlyPersonAboveHears(t *testing.T) {
	tree := NewTree([]Agency{{ID: "government"}, {ID: "ministry", Parent: "government"}, {ID: "office", Parent: "ministry"}, {ID: "school", Parent: "office"}})
	a := Addressing{Tree: tree, People: []User{{Login: "anna", Active: true, Offices: []Office{{Role: RoleHead, AgencyID: "government"}}}}}
	if heard := a.leading(RoleHead, "school"); len(heard) != 1 || heard[0].Login != "anna" || heard[0].Why != HearsAbove {
		t.Errorf("heard by %+v", heard)
	}
}
