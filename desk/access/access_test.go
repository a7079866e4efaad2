package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

func tree() domain.Tree {
	return domain.NewTree([]domain.Agency{{ID: "city"}, {ID: "school", Parent: "city"}, {ID: "ministry"}})
}

func person(offices ...domain.Office) domain.User {
	return domain.User{ID: 1, Region: "khabarovsk", Active: true, Offices: offices}
}

func of(role domain.Role, agency string) domain.Office {
	return domain.Office{Role: role, AgencyID: agency}
}

func caseAt(agency string, state domain.State) Object {
	return Object{Region: "khabarovsk", Case: true, AgencyID: agency, State: state}
}

func TestCan(t *testing.T) {
	secret := caseAt("city", domain.Execution)
	secret.Restricted = true
	named := person(of(domain.RoleExecutor, "city"))
	named.Restricted = true
	deputy := person(of(domain.RoleExecutor, "school"))
	deputy.Acting = []domain.Acting{{Login: "head", Offices: []domain.Office{of(domain.RoleHead, "city")}}}
	off := person(of(domain.RoleAnalyst, ""))
	off.Active = false
	elsewhere := caseAt("city", domain.Moderation)
	elsewhere.Region = "kaliningrad"
	for name, tc := range map[string]struct {
		user   domain.User
		action Action
		object Object
		why    Reason
	}{
		"nobody may log in":                       {domain.User{}, Public, Object{}, Allowed},
		"nobody may nothing else":                 {domain.User{}, Own, Object{}, Inactive},
		"an analyst moderates":                    {person(of(domain.RoleAnalyst, "")), Moderate, caseAt("", domain.Moderation), Allowed},
		"not in another region":                   {person(of(domain.RoleAnalyst, "")), Moderate, elsewhere, WrongRegion},
		"not when switched off":                   {off, Moderate, Object{}, Inactive},
		"an executor does not moderate":           {person(of(domain.RoleExecutor, "city")), Moderate, Object{}, WrongRole},
		"an analyst does not approve":             {person(of(domain.RoleAnalyst, "")), Approve, caseAt("city", domain.Approval), WrongRole},
		"a head approves below":                   {person(of(domain.RoleHead, "city")), Approve, caseAt("school", domain.Approval), Allowed},
		"not above":                               {person(of(domain.RoleHead, "school")), Approve, caseAt("city", domain.Approval), WrongBody},
		"not beside":                              {person(of(domain.RoleHead, "ministry")), Approve, caseAt("city", domain.Approval), WrongBody},
		"not at another step":                     {person(of(domain.RoleHead, "city")), Approve, caseAt("city", domain.Execution), WrongState},
		"not without a body":                      {person(of(domain.RoleHead, "")), Approve, caseAt("city", domain.Approval), WrongBody},
		"a case without a body is no body's":      {person(of(domain.RoleHead, "city")), SeeCase, caseAt("", domain.Moderation), WrongBody},
		"an analyst's office in a body is none":   {person(of(domain.RoleAnalyst, "city")), Moderate, caseAt("city", domain.Moderation), WrongBody},
		"a controller of a body watches it":       {person(of(domain.RoleController, "city")), GrantDeferral, caseAt("school", domain.Execution), Allowed},
		"and no other":                            {person(of(domain.RoleController, "city")), GrantDeferral, caseAt("ministry", domain.Execution), WrongBody},
		"restricted is not seen by role":          {person(of(domain.RoleExecutor, "city")), SeeCase, secret, IsRestricted},
		"but by name":                             {named, SeeCase, secret, Allowed},
		"a deputy approves":                       {deputy, Approve, caseAt("city", domain.Approval), Deputy},
		"and is not named for restricted by that": {deputy, SeeCase, secret, IsRestricted},
		"an administrator sees no case":           {person(of(domain.RoleAdministrator, "")), SeeCase, caseAt("city", domain.Execution), WrongRole},
		"a reader changes nothing":                {person(of(domain.RoleReader, "")), Note, caseAt("city", domain.Execution), WrongRole},
		"an action that is not there":             {person(of(domain.RoleAnalyst, "")), "fly", Object{}, NoAction},
	} {
		ok, why := Can(tc.user, tc.action, tc.object, tree())
		if why != tc.why || ok != (tc.why == Allowed || tc.why == Deputy) {
			t.Errorf("%s: %v, %s; want %s", name, ok, why, tc.why)
		}
	}
}

// A scope and the decisions on single cases must agree, or lists would show
// what a card refuses, or hide what it shows.
func TestScopeAgreesWithCan(t *testing.T) {
	agencies := []string{"", "city", "school", "ministry", "unknown"}
	for _, role := range domain.StaffRoles() {
		for _, office := range agencies {
			for _, named := range []bool{false, true} {
				u := person(of(role, office))
				u.Restricted = named
				for _, g := range table() {
					scope := ScopeOf(u, g.action, tree())
					for _, agency := range agencies {
						for _, restricted := range []bool{false, true} {
							c := domain.Case{Region: "khabarovsk", AgencyID: agency, Restricted: restricted, State: domain.Execution}
							if len(g.states) > 0 {
								c.State = g.states[0]
							}
							ok, why := Can(u, g.action, OfCase(c), tree())
							if ok != scope.Sees(c) {
								t.Errorf("%s of %q, %s, case of %q restricted %v: can %v (%s), scope %+v", role, office, g.action, agency, restricted, ok, why, scope)
							}
						}
					}
				}
			}
		}
	}
}

func TestZeroUserHasNoScope(t *testing.T) {
	for _, g := range table() {
		if s := ScopeOf(domain.User{}, g.action, tree()); s.Region != "" || s.Whole {
			t.Errorf("%s: %+v", g.action, s)
		}
	}
}

func TestTableIsWhole(t *testing.T) {
	seen := map[Action]bool{}
	for _, g := range table() {
		if seen[g.action] {
			t.Errorf("%s stands twice", g.action)
		}
		seen[g.action] = true
		if g.words == "" || len(g.roles) == 0 {
			t.Errorf("%s has no words or no roles", g.action)
		}
		for _, s := range g.states {
			if domain.StateTitle(s) == string(s) {
				t.Errorf("%s names an unknown state %q", g.action, s)
			}
		}
	}
	for _, role := range domain.StaffRoles() {
		if !slices.ContainsFunc(table(), func(g grant) bool { return g.action != Own && slices.Contains(g.roles, role) }) {
			t.Errorf("role %s may nothing", role)
		}
	}
}

func TestRefusalsAreSentences(t *testing.T) {
	for _, why := range []Reason{NoAction, Inactive, WrongRole, WrongRegion, WrongBody, IsRestricted, WrongState} {
		if w := Words(Approve, why); !strings.HasSuffix(w, ".") || strings.Contains(w, string(why)) {
			t.Errorf("%s: «%s»", why, w)
		}
	}
	if got := Words(SeeQueue, WrongRole); !strings.HasPrefix(got, "Смотреть очередь может аналитик, контролёр или читатель.") {
		t.Error(got)
	}
}
