package access

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// Object is what an action is done to. The zero value is «nothing in particular»:
// then only role and region count.
type Object struct {
	Region     string
	Case       bool   // the fields below are those of a case
	AgencyID   string // body that has it, "" none
	Restricted bool
	State      domain.State
}

// OfCase is a case as an object.
func OfCase(c domain.Case) Object {
	return Object{Region: c.Region, Case: true, AgencyID: c.AgencyID, Restricted: c.Restricted, State: c.State}
}

// Reason names why something was allowed or refused.
type Reason string

// The reasons. All but Allowed and Deputy are refusals.
const (
	Allowed      Reason = "allowed"
	Deputy       Reason = "deputy"         // allowed, standing in for somebody absent
	NoAction     Reason = "unknown_action" // nothing of the kind: a mistake of the program
	Inactive     Reason = "inactive"
	WrongRole    Reason = "wrong_role"
	WrongRegion  Reason = "wrong_region"
	WrongBody    Reason = "wrong_body" // outside the subtree
	IsRestricted Reason = "restricted" // and the person is not named
	WrongState   Reason = "wrong_state"
)

// Can decides whether a person may do something to an object. Without a case it
// answers whether the action is open to the person at all.
func Can(u domain.User, a Action, o Object, tree domain.Tree) (bool, Reason) {
	if a == Public {
		return true, Allowed
	}
	g, ok := grantOf(a)
	switch {
	case !ok:
		return false, NoAction
	case !u.Active || u.Region == "":
		return false, Inactive
	case o.Region != "" && o.Region != u.Region:
		return false, WrongRegion
	}
	ok, why := g.holds(u, o, tree)
	switch {
	case !ok:
		return false, why
	case o.Case && o.Restricted && !u.Restricted:
		return false, IsRestricted
	case o.Case && len(g.states) > 0 && !slices.Contains(g.states, o.State):
		return false, WrongState
	}
	return true, why
}

// holds looks for an office that gives the action over the object, the person's
// own first.
func (g grant) holds(u domain.User, o Object, tree domain.Tree) (bool, Reason) {
	role := false
	for i, office := range u.AllOffices() {
		if !slices.Contains(g.roles, office.Role) {
			continue
		}
		role = true
		if !o.Case || covers(office, o.AgencyID, tree) {
			if i >= len(u.Offices) {
				return true, Deputy
			}
			return true, Allowed
		}
	}
	if role {
		return false, WrongBody
	}
	return false, WrongRole
}

// covers: an office for the whole region reaches every case, one in a body the
// cases of its subtree.
func covers(o domain.Office, agency string, tree domain.Tree) bool {
	if o.AgencyID == "" {
		return bodiless(o.Role)
	}
	return !RegionOnly(o.Role) && agency != "" && slices.Contains(tree.Under(o.AgencyID), agency)
}

// ScopeOf is what of the region's cases a person may do an action to, whatever
// their state; the zero scope when there is nothing.
func ScopeOf(u domain.User, a Action, tree domain.Tree) domain.Scope {
	g, ok := grantOf(a)
	if !ok || !u.Active || u.Region == "" {
		return domain.Scope{}
	}
	s := domain.Scope{Region: u.Region, Restricted: u.Restricted}
	for _, office := range u.AllOffices() {
		switch {
		case !slices.Contains(g.roles, office.Role):
		case office.AgencyID == "":
			s.Whole = s.Whole || bodiless(office.Role)
		case RegionOnly(office.Role): // such an office says nothing
		default:
			s.Agencies = append(s.Agencies, tree.Under(office.AgencyID)...)
		}
	}
	slices.Sort(s.Agencies)
	s.Agencies = slices.Compact(s.Agencies)
	if s.Whole {
		s.Agencies = nil
	}
	if !s.Whole && len(s.Agencies) == 0 {
		return domain.Scope{}
	}
	return s
}

// Words is a refusal as a sentence for the person it is said to, Russian.
func Words(a Action, why Reason) string {
	g, _ := grantOf(a)
	switch why {
	case Allowed, Deputy:
		return ""
	case NoAction:
		return "Такого действия нет."
	case Inactive:
		return "Учётная запись отключена. Обратитесь к администратору региона."
	case WrongRole:
		return upperFirst(g.words) + " может " + titles(g.roles) + ". Если это и ваша работа, роль добавит администратор региона."
	case WrongRegion:
		return "Это другой регион."
	case WrongBody:
		return "Инцидент у другого органа: вы видите и ведёте свой орган и подведомственные ему."
	case IsRestricted:
		return "Доступ к этому инциденту ограничен: его видят только названные сотрудники."
	case WrongState:
		return "Сейчас это невозможно: инцидент не на том шаге. Обновите страницу и посмотрите, что с ним стало."
	}
	return string(why)
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// titles joins roles as «аналитик, контролёр или администратор».
func titles(roles []domain.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = domain.RoleTitle(r)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " или " + words[last]
}
