package demo

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// BodyStore is what the simulated bodies do through storage: the same methods as
// the pages of the desk.
type BodyStore interface {
	Tasks(ctx context.Context, sc domain.Scope, f domain.TaskFilter) ([]domain.TaskLine, error)
	Workers(ctx context.Context, sc domain.Scope, bodies []string) ([]domain.Worker, error)
	AddUser(ctx context.Context, u domain.User, hash string, by domain.Doer) (domain.User, error)

	DistributeTask(ctx context.Context, act domain.Act, userID int64) (domain.Changed, error)
	HandDown(ctx context.Context, act domain.Act, to, why string) (domain.Changed, error)
	SendBackTask(ctx context.Context, act domain.Act, proposed, reason string) (domain.Changed, error)
	SaveDraft(ctx context.Context, act domain.Act, d domain.Draft) (int64, error)
	SubmitTask(ctx context.Context, act domain.Act, d domain.Draft) (domain.Changed, error)
	ApproveTask(ctx context.Context, act domain.Act) (domain.Changed, error)
	ReworkTask(ctx context.Context, act domain.Act, words string) (domain.Changed, error)
	PublishInterim(ctx context.Context, act domain.Act, proofURL string) (domain.Changed, error)
	AnswerByHand(ctx context.Context, sc domain.Scope, a domain.ByHand) (domain.Changed, error)
	AskAuthor(ctx context.Context, act domain.Act, text string) (domain.Changed, error)
	AskDeferral(ctx context.Context, act domain.Act, d domain.Asked) (domain.Changed, error)
	GrantDeferral(ctx context.Context, act domain.Act, words string) (domain.Changed, error)
	RefuseDeferral(ctx context.Context, act domain.Act, words string) (domain.Changed, error)
}

// BodyRegion is a region as its simulated bodies know it.
type BodyRegion struct {
	ID    string
	Rules domain.BodyRules // whole: zone, calendar, tree, norms
}

// Bodies gives the demonstration's bodies a life: they accept, answer, approve,
// send back, ask, defer, or do nothing, each case by its own fate, so that every
// page of the desk has something to show. People and words are invented and say
// so. The fate follows from the case's number alone.
type Bodies struct {
	Store   BodyStore
	Regions []BodyRegion
	Clock   *Clock
	Log     *slog.Logger

	hands map[string]crew
	done  map[string]bool // «case:step» taken once
}

// crew are the people who act for a body.
type crew struct {
	executor, head, controller domain.User
	visited                    bool // a visitor can log in here: much is left to do
}

// fate is what becomes of a case.
type fate struct {
	kind   string
	accept time.Duration // from the assignment
	answer time.Duration // from then
	decide time.Duration // of whoever approves
}

// The kinds of fate.
const (
	fateAnswer   = "answer"
	fateRework   = "rework"
	fateSendBack = "send_back"
	fateAsk      = "ask"
	fateDefer    = "defer"
	fateHandDown = "hand_down"
	fateInterim  = "interim"
	fateSlow     = "slow"
	fateIgnore   = "ignore"
)

// fateOf draws the fate of a case from its number.
func fateOf(number string) fate {
	h := fnv.New64a()
	_, _ = h.Write([]byte(number)) // a hash takes everything
	n := h.Sum64()
	draw := func(most uint64) int {
		d := n % most
		n /= most
		return int(d) //nolint:gosec // below most
	}
	f := fate{kind: fateIgnore}
	p := draw(100)
	for _, k := range []struct {
		kind string
		upTo int
	}{
		{fateAnswer, 41}, {fateRework, 49}, {fateSendBack, 55}, {fateAsk, 66}, {fateDefer, 73}, {fateHandDown, 79},
		{fateInterim, 84}, {fateSlow, 93}, {fateIgnore, 100},
	} {
		if p < k.upTo {
			f.kind = k.kind
			break
		}
	}
	f.accept = time.Duration(1+draw(9)) * time.Hour
	f.answer = time.Duration(4+draw(90)) * time.Hour
	f.decide = time.Duration(1+draw(30)) * time.Hour
	return f
}

const (
	bodiesLook  = 600 * time.Millisecond
	bodiesCalm  = 5 * time.Second // once the clock is today's
	bodiesTasks = 400
)

// Run lets the bodies work until ctx ends.
func (b *Bodies) Run(ctx context.Context) error {
	b.hands, b.done = map[string]crew{}, map[string]bool{}
	for {
		for _, r := range b.Regions {
			if err := b.look(ctx, r); err != nil && ctx.Err() == nil {
				b.Log.Warn("simulated bodies", "region", r.ID, "err", err)
			}
		}
		pause := bodiesLook
		if b.Clock.CaughtUp() {
			pause = bodiesCalm
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// look goes through the open tasks of a region once, in working hours.
func (b *Bodies) look(ctx context.Context, r BodyRegion) error {
	now := b.Clock.Now()
	if !atWork(now, r.Rules.Almanac) {
		return nil
	}
	sc := domain.Scope{Region: r.ID, Whole: true}
	lines, err := b.Store.Tasks(ctx, sc, domain.TaskFilter{Tab: domain.TabAll, Limit: bodiesTasks})
	if err != nil {
		return fmt.Errorf("list tasks: %w", err)
	}
	for _, l := range lines {
		crew, err := b.crew(ctx, r, l.Case.AgencyID, now)
		if err != nil {
			return err
		}
		if err := b.act(ctx, r, l, crew, now); err != nil {
			return fmt.Errorf("case %s: %w", l.Case.Number, err)
		}
	}
	return nil
}

// atWork: Monday to Friday by the calendar, nine to six.
func atWork(now time.Time, a domain.Almanac) bool {
	worked, err := a.Calendar.IsWorking(domain.DateOf(now, a.Zone))
	hour := now.In(a.Zone).Hour()
	return err == nil && worked && hour >= 9 && hour < 18
}

// crew finds the people of a body, or invents them. Nobody can log in as those
// that are invented here: they have no password.
func (b *Bodies) crew(ctx context.Context, r BodyRegion, body string, now time.Time) (crew, error) {
	key := r.ID + " " + body
	if c, ok := b.hands[key]; ok {
		return c, nil
	}
	line := r.Rules.Tree.Over(body)
	workers, err := b.Store.Workers(ctx, domain.Scope{Region: r.ID, Whole: true}, line)
	if err != nil {
		return crew{}, fmt.Errorf("find people of %s: %w", body, err)
	}
	slices.SortStableFunc(workers, func(x, y domain.Worker) int { return slices.Index(line, x.Body) - slices.Index(line, y.Body) })
	c := crew{controller: domain.User{Region: r.ID, Login: "controller" + codeOf(r.ID), Offices: []domain.Office{{Role: domain.RoleController}}}}
	c.visited = slices.ContainsFunc(workers, func(w domain.Worker) bool { return isVisitor(w.Login) })
	if c.executor, err = b.hire(ctx, r, body, workers, domain.RoleExecutor, now); err != nil {
		return c, err
	}
	if c.head, err = b.hire(ctx, r, body, workers, domain.RoleHead, now); err != nil {
		return c, err
	}
	b.hands[key] = c
	return c, nil
}

func (b *Bodies) hire(ctx context.Context, r BodyRegion, body string, workers []domain.Worker, role domain.Role, now time.Time) (domain.User, error) {
	u := domain.User{Region: r.ID, Active: true, Offices: []domain.Office{{Role: role, AgencyID: body}}}
	for _, w := range workers { // nearest first; a visitor who is head leads the bodies below too
		if slices.Contains(w.Roles, role) && (w.Body == body || role == domain.RoleHead && isVisitor(w.Login)) {
			u.ID, u.Login, u.Name, u.Offices[0].AgencyID = w.ID, w.Login, w.Name, w.Body
			return u, nil
		}
	}
	u.Login, u.Name, u.Position = inventedPerson(r.ID, body, role)
	u, err := b.Store.AddUser(ctx, u, "", domain.Doer{Login: domain.DoerSystem, Region: r.ID, At: now})
	if err != nil {
		return u, fmt.Errorf("invent a person of %s: %w", body, err)
	}
	return u, nil
}

// act takes the step whose time has come, if any. That a visitor was quicker, or
// that the rules refuse the step by now, is no fault.
func (b *Bodies) act(ctx context.Context, r BodyRegion, l domain.TaskLine, c crew, now time.Time) error {
	f := fateOf(l.Case.Number)
	step, who := nextStep(l, f, c, now, b.once)
	if step == nil {
		return nil
	}
	u := map[string]domain.User{"executor": c.executor, "head": c.head, "controller": c.controller}[who]
	act := domain.Act{Scope: domain.Scope{Region: r.ID, Whole: true}, Hand: u.Hand(r.Rules.Tree), UserID: u.ID,
		CaseID: l.Case.ID, Seen: l.Case.Version, At: now, Rules: r.Rules}
	err := step(ctx, b.Store, act, l, c)
	var refusal domain.Refusal
	if errors.As(err, &refusal) || errors.Is(err, domain.ErrStale) || errors.Is(err, domain.ErrNoMove) || errors.Is(err, domain.ErrNotFound) {
		b.Log.Debug("simulated body", "case", l.Case.Number, "refused", err)
		return nil
	}
	return err
}

// once answers true the first time it is asked about a step of a case.
func (b *Bodies) once(id int64, step string) bool {
	key := fmt.Sprintf("%d:%s", id, step)
	if b.done[key] {
		return false
	}
	b.done[key] = true
	return true
}
