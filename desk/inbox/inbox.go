// Package inbox is Поручения: what bodies have to answer, by due date; the page
// of one task with everything a body does to it; absences.
package inbox

import (
	"context"
	"embed"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var views embed.FS

//go:embed assets
var assets embed.FS

// Store is what the pages read and write. Every method filters by the scope and
// is one transaction; see storage.
type Store interface {
	Tasks(ctx context.Context, sc domain.Scope, f domain.TaskFilter) ([]domain.TaskLine, error)
	CountTasks(ctx context.Context, sc domain.Scope, f domain.TaskFilter, tabs ...domain.Tab) (map[domain.Tab]int, error)
	BodyTask(ctx context.Context, sc domain.Scope, id int64, rules domain.BodyRules) (domain.TaskFile, error)
	Workers(ctx context.Context, sc domain.Scope, bodies []string) ([]domain.Worker, error)

	AcceptTask(ctx context.Context, act domain.Act) (domain.Changed, error)
	TakeTask(ctx context.Context, act domain.Act) (domain.Changed, error)
	DistributeTask(ctx context.Context, act domain.Act, userID int64) (domain.Changed, error)
	HandDown(ctx context.Context, act domain.Act, to, why string) (domain.Changed, error)
	HandUp(ctx context.Context, act domain.Act, why string) (domain.Changed, error)
	SendBackTask(ctx context.Context, act domain.Act, proposed, reason string) (domain.Changed, error)
	SaveDraft(ctx context.Context, act domain.Act, d domain.Draft) (int64, error)
	SubmitTask(ctx context.Context, act domain.Act, d domain.Draft) (domain.Changed, error)
	ApproveTask(ctx context.Context, act domain.Act) (domain.Changed, error)
	ReworkTask(ctx context.Context, act domain.Act, words string) (domain.Changed, error)
	AskAuthor(ctx context.Context, act domain.Act, text string) (domain.Changed, error)
	NoteAnswer(ctx context.Context, act domain.Act, text string) (domain.Changed, error)
	AskDeferral(ctx context.Context, act domain.Act, d domain.Asked) (domain.Changed, error)
	GrantDeferral(ctx context.Context, act domain.Act, words string) (domain.Changed, error)
	RefuseDeferral(ctx context.Context, act domain.Act, words string) (domain.Changed, error)
	ResumeTask(ctx context.Context, act domain.Act) (domain.Changed, error)
	RemindTask(ctx context.Context, act domain.Act) (domain.Changed, error)
	PublishInterim(ctx context.Context, act domain.Act, proofURL string) (domain.Changed, error)
	// ResendReply sends an answer that did not get through again: the same way for
	// "", or by one of CaseReply.Others.
	ResendReply(ctx context.Context, act domain.Act, place string) (domain.Changed, error)
	// ProposeCorrection proposes other words for what was answered; where the body needs
	// no approval they go out by that.
	ProposeCorrection(ctx context.Context, act domain.Act, text, why string) (domain.Changed, error)
	// The proposal is the one its reader saw.
	ApproveCorrection(ctx context.Context, act domain.Act, proposal int64) (domain.Changed, error)
	ReturnCorrection(ctx context.Context, act domain.Act, proposal int64, words string) (domain.Changed, error)
	RecallCorrection(ctx context.Context, act domain.Act, proposal int64) (domain.Changed, error)
	// DecideCopy is what is done about a copy that did not reach its author.
	DecideCopy(ctx context.Context, act domain.Act, d domain.CopyDecision) (domain.Changed, error)
	RewriteReply(ctx context.Context, act domain.Act, d domain.Draft) (domain.Changed, error)
	// UndoTask takes a step back within its moment and says what it was;
	// domain.ErrTooLate after it.
	UndoTask(ctx context.Context, sc domain.Scope, undoID int64, who string, at time.Time) (string, error)

	ReplyTemplates(ctx context.Context, region string, bodies []string) ([]domain.ReplyTemplate, error)
	ReplyTemplate(ctx context.Context, region string, bodies []string, id int64) (t domain.ReplyTemplate, before []domain.ReplyTemplate, err error)
	ChangeReplyTemplate(ctx context.Context, region string, bodies []string, t domain.ReplyTemplate, by domain.Doer) error
	AddReplyTemplate(ctx context.Context, region string, t domain.ReplyTemplate, by domain.Doer) (int64, error)
	RemoveReplyTemplate(ctx context.Context, region string, bodies []string, id int64, by domain.Doer) error

	Roster(ctx context.Context, region string, from domain.Date) (domain.Roster, error)
	AbsencesFor(ctx context.Context, sc domain.Scope, by domain.User, from domain.Date) ([]domain.AbsenceLine, error)
	AbsenceList(ctx context.Context, sc domain.Scope, by domain.User, id int64, now time.Time) (domain.AbsenceList, error)
	SaveAbsence(ctx context.Context, sc domain.Scope, u domain.User, a domain.Absence, why string, today domain.Date, by domain.Doer) (int64, error)
	FinishAbsence(ctx context.Context, sc domain.Scope, u domain.User, id int64, today domain.Date, by domain.Doer) error
}

// Inbox serves the pages.
type Inbox struct {
	Store Store
	// Rules are the values of a region that the work of its bodies goes by; the
	// zone, calendar and tree are the page's own.
	Rules func(region string) domain.BodyRules
}

// Section is what the kit serves.
func (in *Inbox) Section() page.Section {
	s := page.Section{Name: "inbox", Views: page.Sub(views, "views"), Assets: page.Sub(assets, "assets"),
		Counts: map[string]func(context.Context, domain.Scope, domain.User) (int, error){"/inbox": in.count},
		Routes: []page.Route{
			{Pattern: "GET /inbox", Action: access.SeeInbox, Handler: in.list},
			{Pattern: "GET /inbox/list.xlsx", Action: access.SeeInbox, Also: access.Export, Handler: in.file, Long: true},
			{Pattern: "POST /inbox/distribute", Action: access.Distribute, Handler: in.bulk},
			{Pattern: "POST /inbox/undo/{id}", Action: access.SeeInbox, Handler: in.undo},
			{Pattern: "GET /inbox/task/{id}", Action: access.SeeInbox, Handler: in.task},
			{Pattern: "GET /inbox/templates", Action: access.SeeTemplates, Handler: in.templates},
			{Pattern: "POST /inbox/templates", Action: access.ManageTemplates, Handler: in.addTemplate},
			{Pattern: "GET /inbox/templates/{id}", Action: access.SeeTemplates, Handler: in.template},
			{Pattern: "POST /inbox/templates/{id}", Action: access.ManageTemplates, Handler: in.changeTemplate},
			{Pattern: "POST /inbox/templates/{id}/remove", Action: access.ManageTemplates, Handler: in.removeTemplate},
			{Pattern: "GET /inbox/templates.xlsx", Action: access.SeeTemplates, Also: access.Export, Handler: in.templatesFile, Long: true},
			{Pattern: "GET /inbox/absences.xlsx", Action: access.Own, Also: access.Export, Handler: in.absencesFile, Long: true},
			{Pattern: "GET /inbox/absences", Action: access.Own, Handler: in.absences},
			{Pattern: "POST /inbox/absences", Action: access.Own, Handler: in.saveAbsence},
			{Pattern: "GET /inbox/absences/{id}", Action: access.Own, Handler: in.absence},
			{Pattern: "POST /inbox/absences/{id}/end", Action: access.Own, Handler: in.endAbsence},
		}}
	for step, action := range stepActions() {
		s.Routes = append(s.Routes, page.Route{Pattern: "POST /inbox/task/{id}/" + string(step), Action: action, Handler: in.take(step)})
	}
	return s
}

// stepActions is which right a step needs before anything else is asked.
func stepActions() map[domain.Step]access.Action {
	return map[domain.Step]access.Action{
		domain.StepAccept: access.Distribute, domain.StepDistribute: access.Distribute, domain.StepTake: access.Draft,
		domain.StepHandDown: access.Distribute, domain.StepHandUp: access.Distribute, domain.StepSendBack: access.SendBack,
		domain.StepDraft: access.Draft, domain.StepSubmit: access.Draft,
		domain.StepApprove: access.Approve, domain.StepRework: access.Approve,
		domain.StepAsk: access.AskAuthor, domain.StepAnswered: access.AskAuthor,
		domain.StepDefer: access.AskDeferral, domain.StepGrant: access.GrantDeferral, domain.StepRefuse: access.GrantDeferral,
		domain.StepResume: access.SeeInbox, domain.StepPublished: access.RecordAnswer,
		domain.StepResend: access.RecordAnswer, domain.StepRewrite: access.Draft,
		domain.StepPropose: access.Draft, domain.StepRecall: access.Draft,
		domain.StepCorrect: access.Approve, domain.StepReturn: access.Approve, domain.StepCopy: access.RecordAnswer, domain.StepRemind: access.Curate,
	}
}

// rules are those of the request's region.
func (in *Inbox) rules(r *page.Request) domain.BodyRules {
	rules := in.Rules(r.Region.ID)
	rules.Almanac, rules.Tree, rules.BodyName = r.Region.Almanac(), r.Region.Tree, r.Region.Agency
	return rules
}

// act is the person of the request taking a step with a task as they saw it.
func (in *Inbox) act(r *page.Request, id, seen int64) domain.Act {
	return domain.Act{Scope: r.Scope, Hand: r.User.Hand(r.Region.Tree), UserID: r.User.ID, CaseID: id, Seen: seen, At: r.Now, Rules: in.rules(r)}
}

// count is how much is a person's own to do.
func (in *Inbox) count(ctx context.Context, sc domain.Scope, u domain.User) (int, error) {
	f := domain.TaskFilter{Mine: mine(u), Own: ownBodies(u)}
	counts, err := in.Store.CountTasks(ctx, sc, f, ownTabs(u)...)
	n := 0
	for _, tasks := range counts {
		n += min(tasks, domain.TaskCap)
	}
	return n, err
}

// mine are the logins of the person and of those they stand in for.
func mine(u domain.User) []string {
	out := []string{u.Login}
	for _, a := range u.Acting {
		out = append(out, a.Login)
	}
	return out
}

// ownBodies are the bodies a person holds an office in, their own or another's.
func ownBodies(u domain.User) []string {
	out := []string{}
	for _, o := range u.AllOffices() {
		if o.AgencyID != "" {
			out = append(out, o.AgencyID)
		}
	}
	return out
}

// ownTabs are the tabs of work that waits for this person.
func ownTabs(u domain.User) []domain.Tab {
	var out []domain.Tab
	if u.HasRole(domain.RoleCoordinator) || u.HasRole(domain.RoleHead) {
		out = append(out, domain.TabDistribute)
	}
	if u.HasRole(domain.RoleExecutor) || u.HasRole(domain.RoleCoordinator) || u.HasRole(domain.RoleHead) {
		out = append(out, domain.TabDraft)
	}
	if u.HasRole(domain.RoleHead) {
		out = append(out, domain.TabApprove)
	}
	if u.HasRole(domain.RoleController) {
		out = append(out, domain.TabDeferred)
	}
	return out
}
