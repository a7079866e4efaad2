package access

import (
	"slices"

	"github.com/otklik/otklik/domain"
)

// grant is a row of the table: these roles may do this, on cases in these
// states; no states means any, or that the action is not about a case.
type grant struct {
	action Action
	words  string // Russian, what it is: completes «аналитик может …»
	roles  []domain.Role
	states []domain.State
}

// table is the whole law of access (law.md §2, instruk24.ru on the four roles of
// a body). Which step follows which is domain's state table; this one only says
// whose hands may do it.
func table() []grant {
	const (
		analyst       = domain.RoleAnalyst
		coordinator   = domain.RoleCoordinator
		executor      = domain.RoleExecutor
		head          = domain.RoleHead
		curator       = domain.RoleCurator
		controller    = domain.RoleController
		administrator = domain.RoleAdministrator
		reader        = domain.RoleReader
	)
	everybody := domain.StaffRoles()
	workers := []domain.Role{analyst, coordinator, executor, head, curator, controller, reader}
	type roles = []domain.Role
	type states = []domain.State
	return []grant{
		{Own, "открывать свои страницы", everybody, nil},
		{Live, "получать события", everybody, nil},

		{SeeQueue, "смотреть очередь", roles{analyst, controller, reader}, nil},
		{Moderate, "разбирать очередь и поправлять инциденты", roles{analyst}, nil},
		{Withdraw, "забрать инцидент у органа", domain.Withdrawers(), statesThat(domain.State.Withdrawable)},
		{DecideReturned, "решать, кому передать возвращённое", roles{analyst}, states{domain.Returned}},

		{SeeCase, "смотреть инцидент", workers, nil},
		{Note, "писать заметки", roles{analyst, coordinator, executor, head, curator, controller}, nil},
		{RecordAnswer, "записать ответ, данный вручную", roles{analyst, coordinator, executor, head},
			states{domain.Execution, domain.Deferred, domain.Approval, domain.Publishing, domain.SendFailed, domain.Satisfaction}},
		{DecideTerm, "решать, какой срок действует после исправления", roles{controller}, statesThat(domain.State.ClockRuns)},
		{Reopen, "вернуть в работу", roles{controller}, states{domain.Satisfaction, domain.Done, domain.Reopened}},

		{SeeInbox, "смотреть поручения", roles{coordinator, executor, head, curator, controller, reader}, nil},
		{Distribute, "распределять поручения", roles{coordinator, head},
			states{domain.Coordination, domain.Execution, domain.Clarifying, domain.Deferred, domain.SendFailed}},
		{Draft, "писать ответ", roles{coordinator, executor, head},
			states{domain.Coordination, domain.Execution, domain.Deferred, domain.Approval, domain.SendFailed}},
		{Approve, "согласовать ответ", roles{head}, states{domain.Approval}},
		{Curate, "следить за подведомственными органами", roles{curator, head}, nil},
		{SendBack, "вернуть поручение", roles{coordinator, executor, head}, states{domain.Coordination, domain.Execution}},
		{AskAuthor, "спросить автора", roles{analyst, coordinator, executor, head},
			states{domain.Moderation, domain.Execution, domain.Clarifying}},
		{AskDeferral, "просить отложенное решение", roles{coordinator, executor, head}, states{domain.Execution}},
		{GrantDeferral, "разрешить отложенное решение", roles{controller}, states{domain.Execution, domain.Deferred}},
		{SeeTemplates, "смотреть шаблоны ответов", roles{coordinator, executor, head, administrator}, nil},
		{ManageTemplates, "вести шаблоны ответов", roles{coordinator, head, administrator}, nil},
		{ManageAbsence, "отмечать отсутствие сотрудников", roles{coordinator, head, administrator}, nil},

		{SeeTerms, "смотреть сроки", roles{analyst, coordinator, head, curator, controller, administrator, reader}, nil},
		{SeeAnalytics, "смотреть аналитику", roles{analyst, coordinator, head, curator, controller, administrator, reader}, nil},
		{Export, "выгружать таблицы", roles{analyst, coordinator, head, curator, controller, administrator}, nil},
		{Search, "искать", workers, nil},

		{SeeSources, "смотреть источники", roles{analyst, controller, administrator, reader}, nil},
		{ManageSources, "менять источники", roles{administrator}, nil},
		{SeeRules, "смотреть правила", roles{analyst, controller, administrator, reader}, nil},
		{ManageRules, "менять правила", roles{administrator}, nil},

		{SeeAnnouncements, "смотреть объявления", roles{analyst, head, controller, administrator, reader}, nil},
		{WriteAnnouncements, "писать объявления", roles{analyst}, nil},
		{ApproveAnnouncements, "согласовать объявления", roles{head, administrator}, nil},
		{StopAnnouncements, "останавливать объявления", roles{analyst, head, administrator}, nil},

		{ManageAccounts, "вести аккаунты площадок", roles{administrator}, nil},
		{ManageUsers, "вести пользователей", roles{administrator}, nil},
		{SeeJournal, "смотреть журнал", roles{administrator}, nil},
	}
}

// Actions lists every action of the table, in its order, and Public.
func Actions() []Action {
	out := []Action{Public}
	for _, g := range table() {
		out = append(out, g.action)
	}
	return out
}

// Known reports whether an action is in the table; a route of another one is a
// mistake of the program.
func Known(a Action) bool { return slices.Contains(Actions(), a) }

func grantOf(a Action) (grant, bool) {
	for _, g := range table() {
		if g.action == a {
			return g, true
		}
	}
	return grant{}, false
}

// bodiless are the roles that may be held for the whole region.
func bodiless(r domain.Role) bool {
	switch r {
	case domain.RoleAnalyst, domain.RoleController, domain.RoleAdministrator, domain.RoleReader:
		return true
	}
	return false
}

// NeedsBody reports whether a role can only be held in a body.
func NeedsBody(r domain.Role) bool { return !bodiless(r) }

// RegionOnly reports whether a role can only be held for the whole region.
func RegionOnly(r domain.Role) bool {
	return r == domain.RoleAnalyst || r == domain.RoleAdministrator
}

// CheckOffice tells, in Russian, why an office cannot be given.
func CheckOffice(o domain.Office, tree domain.Tree) error {
	switch {
	case !slices.Contains(domain.StaffRoles(), o.Role):
		return errOffice("такой роли нет")
	case o.AgencyID == "" && NeedsBody(o.Role):
		return errOffice(domain.RoleTitle(o.Role) + " бывает только в органе: назовите его")
	case o.AgencyID != "" && RegionOnly(o.Role):
		return errOffice(domain.RoleTitle(o.Role) + " работает на весь регион, без органа")
	case o.AgencyID != "" && !tree.Has(o.AgencyID):
		return errOffice("органа «" + o.AgencyID + "» в пакете региона нет")
	}
	return nil
}

type errOffice string

func (e errOffice) Error() string { return string(e) }

// statesThat are the states a rule of the state table holds for.
func statesThat(rule func(domain.State) bool) (out []domain.State) {
	for _, s := range domain.Stages() {
		if rule(s.State) {
			out = append(out, s.State)
		}
	}
	return out
}
