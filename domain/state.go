package domain

import (
	"errors"
	"fmt"
	"slices"
)

// State of a case (law.md §2). Overdue is a mark, not a state.
type State string

// The states, with the words people see in StateTitle.
const (
	Found        State = "found"
	Moderation   State = "moderation"
	Clarifying   State = "clarifying"
	Coordination State = "coordination"
	Returned     State = "returned"
	Execution    State = "execution"
	Deferred     State = "deferred"
	Approval     State = "approval"
	Publishing   State = "publishing"
	SendFailed   State = "send_failed"
	Satisfaction State = "satisfaction"
	Done         State = "done"
	Reopened     State = "reopened"
	Rejected     State = "rejected"
	Attached     State = "attached"
)

// Role is what a person may do. One person may have several.
type Role string

// The roles (law.md §2). RoleSystem is Otklik itself, RoleAuthor the citizen.
const (
	RoleAnalyst       Role = "analyst"       // аналитик ЦУР, модератор
	RoleCoordinator   Role = "coordinator"   // distributes inside a body
	RoleExecutor      Role = "executor"      // drafts
	RoleHead          Role = "head"          // approves; the deputy acts in this role
	RoleCurator       Role = "curator"       // oversees subordinate bodies
	RoleController    Role = "controller"    // watches timeliness
	RoleAdministrator Role = "administrator" // sources, phrases, bodies, users
	RoleReader        Role = "reader"
	RoleSystem        Role = "system"
	RoleAuthor        Role = "author"
)

// Roles lists every role.
func Roles() []Role {
	return []Role{RoleAnalyst, RoleCoordinator, RoleExecutor, RoleHead, RoleCurator,
		RoleController, RoleAdministrator, RoleReader, RoleSystem, RoleAuthor}
}

// Stage is a row of the state table: who moves a case on from a state, and where to.
type Stage struct {
	State  State
	Title  string // Russian
	Movers []Role
	Next   []State
}

// Stages is the state table of law.md §2, in the order a case passes it.
func Stages() []Stage {
	return []Stage{
		{Found, "Новое", []Role{RoleSystem}, []State{Moderation, Coordination, Attached, Rejected}},
		{Moderation, "На модерации", []Role{RoleAnalyst}, []State{Coordination, Clarifying, Attached, Rejected}},
		// Whoever asked goes on, or the system when the time to answer is over.
		// It returns to the state it came from: see CanReturn.
		{Clarifying, "Уточнение у автора", []Role{RoleAnalyst, RoleExecutor, RoleSystem},
			[]State{Moderation, Execution, Rejected, Coordination}},
		// Coordination to coordination: handed down to a subordinate body.
		{Coordination, "На координации", []Role{RoleCoordinator}, []State{Execution, Coordination, Returned}},
		{Returned, "Возвращено: не по компетенции", []Role{RoleAnalyst}, []State{Coordination, Rejected}},
		// Clarifying, execution, deferred and approval to coordination: taken from the body, see Withdrawable.
		{Execution, "На исполнении", []Role{RoleExecutor}, []State{Approval, Clarifying, Deferred, Returned, Coordination}},
		{Deferred, "Отложенное решение", []Role{RoleHead, RoleController}, []State{Execution, Approval, Coordination}},
		{Approval, "На согласовании", []Role{RoleHead}, []State{Publishing, Execution, Coordination}},
		// Publishing to execution: an interim answer is out, the final one is due.
		{Publishing, "Публикация ответа", []Role{RoleSystem}, []State{Satisfaction, Execution, SendFailed}},
		{SendFailed, "Не доставлено", []Role{RoleCoordinator}, []State{Publishing, Approval, Done}},
		{Satisfaction, "Оценка удовлетворенности", []Role{RoleAuthor, RoleSystem}, []State{Done, Reopened}},
		{Done, "Готово", []Role{RoleController, RoleAuthor}, []State{Reopened}},
		{Reopened, "Повторно в работе", []Role{RoleController}, []State{Coordination}},
		{Rejected, "Отклонено", []Role{RoleAnalyst}, []State{Moderation}},
		// Attached to moderation: split off again.
		{Attached, "Присоединено к инциденту", []Role{RoleAnalyst}, []State{Moderation}},
	}
}

// Move is a step from one state to another.
type Move struct{ From, To State }

// Moves lists every step the table allows; storage enforces exactly these.
func Moves() []Move {
	var out []Move
	for _, s := range Stages() {
		for _, to := range s.Next {
			out = append(out, Move{s.State, to})
		}
	}
	return out
}

// Faults of a move.
var (
	ErrUnknownState = errors.New("unknown state")
	ErrNoMove       = errors.New("the state table does not allow this move")
	ErrNotMover     = errors.New("this role does not move a case on from this state")
)

func stageOf(s State) (Stage, error) {
	for _, stage := range Stages() {
		if stage.State == s {
			return stage, nil
		}
	}
	return Stage{}, fmt.Errorf("%w %q", ErrUnknownState, s)
}

// StateTitle is the state in the words people see; the code itself when unknown.
func StateTitle(s State) string {
	stage, err := stageOf(s)
	if err != nil {
		return string(s)
	}
	return stage.Title
}

// CanMove tells whether the table allows a step: ErrUnknownState or ErrNoMove.
// The way out of clarifying also depends on the way in: see CanReturn.
func CanMove(from, to State) error {
	stage, err := stageOf(from)
	if err != nil {
		return err
	}
	if _, err := stageOf(to); err != nil {
		return err
	}
	if !slices.Contains(stage.Next, to) {
		return fmt.Errorf("%w: «%s» → «%s»", ErrNoMove, StateTitle(from), StateTitle(to))
	}
	return nil
}

// CanReturn tells whether a case that went from came into clarifying may leave
// it for to: back where it came from, rejected before coordination, or taken from the
// body that had asked.
func CanReturn(came, to State) error {
	if err := CanMove(came, Clarifying); err != nil {
		return err
	}
	if err := CanMove(Clarifying, to); err != nil {
		return err
	}
	if to == came || to == Rejected && came == Moderation || to == Coordination && came != Moderation {
		return nil
	}
	return fmt.Errorf("%w: уточнение пришло из «%s», а не из «%s»", ErrNoMove, StateTitle(came), StateTitle(to))
}

// MayMove tells whether someone with these roles may take a step: ErrNotMover,
// or an error of CanMove.
func MayMove(roles []Role, from, to State) error {
	if err := CanMove(from, to); err != nil {
		return err
	}
	stage, err := stageOf(from)
	if err != nil {
		return err
	}
	movers := stage.Movers
	switch {
	case to != Coordination || !from.Withdrawable():
	case from == Coordination: // its coordinator hands it down
		movers = append(slices.Clone(movers), Withdrawers()...)
	default:
		movers = Withdrawers()
	}
	if !slices.ContainsFunc(movers, func(r Role) bool { return slices.Contains(roles, r) }) {
		return fmt.Errorf("%w: «%s»", ErrNotMover, stage.Title)
	}
	return nil
}

// Open reports whether new posts may still join a case in this state.
func (s State) Open() bool { return s != Done && s != Rejected && s != Attached }

// Queued reports whether a case waits for the control centre to decide whose it
// is: the states that the queue lists.
func (s State) Queued() bool { return s == Found || s == Moderation || s == Returned }

// Withdrawable reports whether the control centre may take a case from the body
// that has it: after the last send-back it decides whose the case is (law.md R5).
// A question that the body has asked goes with it; what is approved goes out.
func (s State) Withdrawable() bool {
	return s == Coordination || s == Execution || s == Clarifying || s == Deferred || s == Approval
}

// Withdrawers are who takes a case from a body.
func Withdrawers() []Role { return []Role{RoleAnalyst, RoleController} }

// ClockRuns reports whether the deadline is still watched in this state: until
// the final answer is delivered or the case is no longer anybody's.
func (s State) ClockRuns() bool { return s.Open() && s != Satisfaction }
