package domain

import "slices"

// Step is something a person does with a task of a body. A task is a case seen
// from the body that has it.
type Step string

// The steps, in the order a task usually passes them.
const (
	StepAccept     Step = "accept"     // the body agrees that the case is its own
	StepDistribute Step = "distribute" // a person gets it
	StepTake       Step = "take"       // a person takes it
	StepHandDown   Step = "hand_down"  // to a body below
	StepHandUp     Step = "hand_up"    // back to the body above that handed it down
	StepSendBack   Step = "send_back"  // not ours: to the control centre, R5
	StepDraft      Step = "draft"      // write the answer
	StepSubmit     Step = "submit"     // for approval
	StepApprove    Step = "approve"    //
	StepRework     Step = "rework"     // back to whoever wrote it, with words
	StepAsk        Step = "ask"        // the citizen, R8
	StepAnswered   Step = "answered"   // the citizen's answer is noted
	StepDefer      Step = "defer"      // ask for an «отложенное решение», R7
	StepGrant      Step = "grant"      // of a deferral
	StepRefuse     Step = "refuse"     // of a deferral
	StepResume     Step = "resume"     // work on a deferred task again
	StepPublished  Step = "published"  // an interim answer was given by hand
	StepResend     Step = "resend"     // an answer that did not get through is sent again, or another way
	StepRewrite    Step = "rewrite"    // it is written anew and approved anew
	StepPropose    Step = "propose"    // a correction of what was answered, for approval
	StepCorrect    Step = "correct"    // of a correction: what was answered is put right where it stands
	StepReturn     Step = "return"     // of a correction: back to whoever proposed it, with words
	StepRecall     Step = "recall"     // of a correction: by whoever proposed it
	StepCopy       Step = "copy"       // a copy that did not reach its author: again, told another way, let be
	StepRemind     Step = "remind"     // the curator: the body hears of it again
)

// Duty is in whose name a person may act: their own, and that of everybody
// they stand in for today.
type Duty struct {
	Login  string // whose duty it is
	Roles  []Role
	Body   string   // own body, "" at the control centre
	Bodies []string // own body and all below it
}

// Hand is a person as the rules see them at one moment. Duties[0] is their own.
type Hand struct {
	Login  string
	Duties []Duty
}

// As is the duty that lets a person act as one of the roles for a body, their
// own before that of somebody absent.
func (h Hand) As(body string, roles ...Role) (Duty, bool) {
	for _, d := range h.Duties {
		if (d.Body == "" || slices.Contains(d.Bodies, body)) && overlap(d.Roles, roles) {
			return d, true
		}
	}
	return Duty{}, false
}

// For is the duty that lets a person act on what is on the person of that
// login: it is them, or they stand in for them.
func (h Hand) For(login string) (Duty, bool) {
	for _, d := range h.Duties {
		if login != "" && d.Login == login {
			return d, true
		}
	}
	return Duty{}, false
}

func overlap(a, b []Role) bool {
	return slices.ContainsFunc(a, func(r Role) bool { return slices.Contains(b, r) })
}

// Task is what the rules must know of a case that a body has.
type Task struct {
	State       State
	Body        string
	Executor    string   // login, "" while nobody in the body has it
	Writers     []string // logins of who wrote the answer that waits for approval
	HandedDown  bool     // a body above handed it down
	SendBacks   int      // how often the case was sent back, by whomever
	DeferralBy  string   // login of who asked for a deferral that waits; "" none
	NoApproval  bool     // the body is set to need no approval
	Answered    bool     // an answer was delivered that may be corrected
	ProposedBy  string   // login of who proposed a correction of it that waits; "" none
	Removed     bool     // it was removed at its platform
	LostCopies  bool     // copies of its answers did not reach their authors
	Interim     bool     // an approved interim answer is not out yet
	ControlRoom bool     // asked from moderation: the control centre's own question
}

// rule says from which states a step is taken, and by whom: by the roles for
// the body, and by the person who has the task when Mine.
type rule struct {
	step  Step
	title string
	from  []State
	roles []Role
	mine  bool
	to    State // "" where it stays or depends
}

// rules is the table of steps. Heads may do what coordinators do: in a small
// body they are one person.
func taskRules() []rule {
	lead := []Role{RoleCoordinator, RoleHead}
	given := GivenStates()
	return []rule{
		{StepAccept, "Принять", []State{Coordination}, lead, false, Execution},
		{StepDistribute, "Назначить исполнителя", []State{Coordination, Execution, Clarifying, Deferred}, lead, false, Execution},
		{StepTake, "Взять себе", []State{Coordination, Execution, Deferred}, []Role{RoleCoordinator, RoleHead, RoleExecutor}, false, Execution},
		{StepHandDown, "Передать подведомственному органу", []State{Coordination}, lead, false, Coordination},
		{StepHandUp, "Вернуть вышестоящему органу", []State{Coordination}, lead, false, Coordination},
		{StepSendBack, "Вернуть в ЦУР: не наша компетенция", []State{Coordination, Execution}, lead, true, Returned},
		{StepDraft, "Писать ответ", []State{Execution, Deferred}, lead, true, ""},
		{StepSubmit, "Отправить на согласование", []State{Execution}, lead, true, Approval},
		{StepApprove, "Согласовать", []State{Approval}, []Role{RoleHead}, false, Publishing},
		{StepRework, "На доработку", []State{Approval}, []Role{RoleHead}, false, Execution},
		{StepAsk, "Спросить автора", []State{Execution}, lead, true, Clarifying},
		{StepAnswered, "Автор ответил", []State{Clarifying}, lead, true, Execution},
		{StepDefer, "Просить отложенное решение", []State{Execution}, []Role{RoleHead}, true, ""},
		{StepGrant, "Разрешить отложенное решение", []State{Execution}, []Role{RoleController}, false, Deferred},
		{StepRefuse, "Отказать в отложенном решении", []State{Execution}, []Role{RoleController}, false, ""},
		{StepResume, "Вернуть в работу", []State{Deferred}, []Role{RoleHead, RoleController}, false, Execution},
		{StepPublished, "Промежуточный ответ опубликован", []State{Publishing, SendFailed, Deferred}, lead, true, Execution},
		{StepResend, "Отправить ещё раз", []State{SendFailed}, lead, true, Publishing},
		{StepRewrite, "Написать иначе", []State{SendFailed}, lead, true, Approval},
		{StepPropose, "Предложить исправление ответа", given, lead, true, ""},
		{StepCorrect, "Согласовать исправление ответа", given, []Role{RoleHead}, false, ""},
		{StepReturn, "Вернуть исправление ответа", given, []Role{RoleHead}, false, ""},
		{StepRecall, "Отозвать исправление ответа", given, []Role{RoleCoordinator, RoleHead, RoleExecutor}, false, ""},
		{StepCopy, "Решить о копии ответа", []State{Coordination, Execution, Clarifying, Deferred, Approval, Publishing, SendFailed, Satisfaction, Done}, lead, true, ""},
		{StepRemind, "Напомнить", []State{Coordination, Execution, Approval, Clarifying, Deferred}, []Role{RoleCurator}, false, ""},
	}
}

// GivenStates are those in which what was answered can be corrected: whatever else the
// body that answered does with the case, also while a new round waits for it.
func GivenStates() []State {
	return []State{Reopened, Coordination, Execution, Clarifying, Deferred, Approval, Publishing, SendFailed, Satisfaction, Done}
}

func ruleOf(step Step) (rule, bool) {
	for _, r := range taskRules() {
		if r.step == step {
			return r, true
		}
	}
	return rule{}, false
}

// StepTitle is the step as its button says it.
func StepTitle(step Step) string {
	r, ok := ruleOf(step)
	if !ok {
		return string(step)
	}
	return r.title
}

// StepTo is the state a step leads to; "" when the case stays where it is.
func StepTo(step Step) State {
	r, _ := ruleOf(step)
	return r.to
}

// May tells whether a person may take a step now, and in whose name. The error
// is a Refusal.
func (t Task) May(step Step, h Hand) (Duty, error) {
	r, ok := ruleOf(step)
	if !ok {
		return Duty{}, RefuseUnknownStep
	}
	if !slices.Contains(r.from, t.State) || t.ControlRoom {
		return Duty{}, RefuseState
	}
	duty, ok := t.entitled(r, h)
	if !ok {
		return Duty{}, t.whose(r)
	}
	if refusal := t.hinders(step, h); refusal != "" {
		return Duty{}, refusal
	}
	return duty, nil
}

func (t Task) entitled(r rule, h Hand) (Duty, bool) {
	if r.mine {
		if d, ok := h.For(t.Executor); ok && slices.Contains(d.Bodies, t.Body) {
			return d, true
		}
	}
	return h.As(t.Body, r.roles...)
}

// whose says best why a person has no right to a step.
func (t Task) whose(r rule) Refusal {
	switch {
	case r.mine && t.Executor == "":
		return RefuseNobodys
	case r.mine:
		return RefuseNotYours
	}
	return RefuseRole
}

// hinders is what stands against a step whoever takes it.
func (t Task) hinders(step Step, h Hand) Refusal {
	switch step {
	case StepTake:
		return t.hindersTaking(h)
	case StepApprove:
		// Four eyes: whoever wrote any of the answer does not approve it, even
		// when standing in for the head.
		if slices.Contains(t.Writers, h.Login) && !t.NoApproval {
			return RefuseOwnDraft
		}
	case StepPropose, StepCorrect, StepReturn, StepRecall:
		return t.hindersCorrecting(step, h)
	case StepCopy:
		if !t.LostCopies {
			return RefuseNoLostCopy
		}
	case StepSendBack:
		if t.HandedDown {
			return RefuseHandedDown
		}
	case StepHandUp:
		if !t.HandedDown {
			return RefuseNotHanded
		}
	case StepDefer:
		if t.DeferralBy != "" {
			return RefuseDeferralWaits
		}
	case StepPublished:
		if !t.Interim {
			return RefuseNoInterim
		}
	case StepGrant, StepRefuse:
		if t.DeferralBy == "" {
			return RefuseNoDeferral
		}
	}
	return ""
}

// hindersCorrecting: four eyes here too, whoever proposes a correction is not the only
// one to have read it. One waits at a time.
func (t Task) hindersCorrecting(step Step, h Hand) Refusal {
	_, theirs := h.For(t.ProposedBy)
	switch {
	case !t.Answered:
		return RefuseNothingToCorrect
	case step == StepPropose && t.ProposedBy != "":
		return RefuseProposalWaits
	case step == StepPropose:
		return ""
	case t.ProposedBy == "":
		return RefuseNoProposal
	case step == StepRecall && !theirs:
		return RefuseNotYourProposal
	case step != StepRecall && t.ProposedBy == h.Login && !t.NoApproval:
		return RefuseOwnProposal
	}
	return ""
}

func (t Task) hindersTaking(h Hand) Refusal {
	if _, mine := h.For(t.Executor); mine {
		return RefuseAlreadyYours
	}
	_, leads := h.As(t.Body, RoleCoordinator, RoleHead)
	switch {
	case t.State == Coordination && !leads:
		return RefuseNotAccepted // law.md §2: only a coordinator moves it on
	case t.Executor != "" && !leads:
		return RefuseTaken
	}
	return ""
}

// Steps lists what a person may do with a task now, in the table's order.
func (t Task) Steps(h Hand) []Step {
	var out []Step
	for _, r := range taskRules() {
		if _, err := t.May(r.step, h); err == nil {
			out = append(out, r.step)
		}
	}
	return out
}
