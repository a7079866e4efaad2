package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/card"
	"github.com/otklik/otklik/desk/casework"
	kit "github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/queue"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// deskCases hands packs and storage to the queue and the card.
type deskCases struct {
	store *storage.Store
	pack  func(region string) *rules.Pack
	clock domain.Clock
	log   *slog.Logger
	kick  chan struct{} // a bulk order waits
	rules func(region string) domain.BodyRules

	mu    sync.Mutex
	packs map[string]*casePack // by region: a router is made once a version

	names map[string]string // login → name
	named time.Time         // when they were read, machine's time
}

func newDeskCases(store *storage.Store, pack func(region string) *rules.Pack, clock domain.Clock, log *slog.Logger) *deskCases {
	return &deskCases{store: store, pack: pack, clock: clock, log: log, kick: make(chan struct{}, 1), packs: map[string]*casePack{}}
}

// namesKept is how long names of people are believed.
const namesKept = 30 * time.Second

// name implements casework.Names: the person's name, or the login of somebody
// who is no user (the system, somebody long gone).
func (d *deskCases) name(login string) string {
	d.mu.Lock()
	names, old := d.names, time.Since(d.named) > namesKept
	if old {
		d.named = time.Now() // one asks, the others go on with what is known
	}
	d.mu.Unlock()
	if old {
		names = d.readNames(names)
	}
	if n := names[login]; n != "" {
		return n
	}
	return login
}

// readNames reads the names anew; when the database does not answer, those known
// do meanwhile.
func (d *deskCases) readNames(known map[string]string) map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	names, err := d.store.Names(ctx)
	if err != nil {
		d.log.Debug("read names of people", "err", err)
		return known
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names = names
	return names
}

// work implements card.Card.Work: the steps of the body's work lead to the page
// of the task.
func (d *deskCases) work(r *kit.Request, c domain.Case) (card.Work, error) {
	pack := d.pack(c.Region)
	if pack == nil || !r.Can(access.SeeInbox, access.OfCase(c)) {
		return card.Work{}, nil
	}
	bodies := domain.BodyRules{Almanac: pack.Almanac(), Tree: r.Region.Tree, BodyName: r.Region.Agency,
		SendBackLimit: pack.Region.Norms.SendBackLimit, ClarifyDays: pack.Region.Norms.ClarifyDays}
	file, err := d.store.BodyTask(r.Context(), r.ScopeFor(access.SeeInbox), c.ID, bodies)
	if errors.Is(err, domain.ErrNotFound) {
		return card.Work{}, nil
	}
	if err != nil {
		return card.Work{}, err
	}
	w := card.Work{Executor: file.Executor}
	for _, step := range file.Task.Steps(r.User.Hand(r.Region.Tree)) {
		w.Steps = append(w.Steps, card.Step{Title: domain.StepTitle(step), Path: fmt.Sprintf("/inbox/task/%d#%s", c.ID, step)})
	}
	return w, nil
}

// sections are Очередь and Карточка.
func (d *deskCases) sections() ([]kit.Section, error) {
	undo := func(ctx context.Context, sc domain.Scope, id int64, who string, at time.Time) (string, []domain.Ref, error) {
		u, err := d.store.Undo(ctx, sc, id, who, at)
		return u.Words, u.Refs(), err
	}
	q := &queue.Queue{Store: d.store, Packs: d.find, Names: d.name, Undo: undo, Sources: d.sources, Clock: d.clock, Kick: d.wake, Rules: d.bodies}
	c := &card.Card{Store: d.store, Packs: d.find, Names: d.name, Work: d.work}
	first, err := q.Section()
	if err != nil {
		return nil, err
	}
	second, err := c.Section()
	return []kit.Section{first, second}, err
}

// bodies are the rules that the desk was given, or none.
func (d *deskCases) bodies(region string) domain.BodyRules {
	if d.rules != nil {
		return d.rules(region)
	}
	p := d.pack(region)
	if p == nil {
		return domain.BodyRules{}
	}
	return domain.BodyRules{ClarifyDays: p.Region.Norms.ClarifyDays}
}

// find implements casework.Packs by the packs in force.
func (d *deskCases) find(region string) (casework.Pack, bool) {
	p := d.pack(region)
	if p == nil {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.packs[region]; known != nil && known.pack.Hash == p.Hash {
		return known, true
	}
	made := newCasePack(p)
	d.packs[region] = made
	return made, true
}

func (d *deskCases) sources(ctx context.Context, region string) ([]casework.Choice, error) {
	list, err := d.store.Sources(ctx, region)
	if err != nil {
		return nil, err
	}
	out := make([]casework.Choice, len(list))
	for i, s := range list {
		name := s.Title
		if name == "" {
			name = s.Address
		}
		out[i] = casework.Choice{ID: fmt.Sprint(s.ID), Name: name}
	}
	return out, nil
}

func (d *deskCases) wake() {
	select {
	case d.kick <- struct{}{}:
	default:
	}
}

// bulkLook is how often orders left by another process are looked for, and
// sweepLook how often what has lapsed is dropped.
const (
	bulkLook  = 5 * time.Second
	sweepLook = time.Minute
)

// run does bulk orders and sweeps lapsed leases until ctx ends.
func (d *deskCases) run(ctx context.Context) error {
	look, sweep := time.NewTicker(bulkLook), time.NewTicker(sweepLook)
	defer look.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sweep.C:
			if err := d.store.SweepDesk(ctx); err != nil && ctx.Err() == nil {
				d.log.Warn("sweep leases of the desk", "err", err)
			}
			continue
		case <-look.C:
		case <-d.kick:
		}
		d.orders(ctx)
	}
}

func (d *deskCases) orders(ctx context.Context) {
	for {
		did, err := d.store.RunBulk(ctx, d.clock.Now(), casework.DecideBulk(d.find), casework.DecideReview, casework.Redue(d.find))
		if err != nil && ctx.Err() == nil {
			d.log.Error("do a bulk order; it is taken up again", "err", err)
		}
		if err != nil || !did {
			return
		}
	}
}

// casePack is a pack as deciding about cases needs it.
type casePack struct {
	pack     *rules.Pack
	router   *router.Router
	subjects []casework.Subject
	places   []casework.Choice
}

func newCasePack(p *rules.Pack) *casePack {
	c := &casePack{pack: p, router: router.New(p)}
	for i := range p.Categories {
		row := &p.Categories[i]
		c.subjects = append(c.subjects, casework.Subject{Subject: domain.Subject{Row: row.Row}, Category: row.Category, Name: row.Subcategory,
			Days: row.Days, Search: casework.Fold(row.Category + " " + row.Subcategory)})
	}
	ordinary := casework.Subject{Category: "обычный порядок", Days: p.Region.Norms.OrdinaryDays, Search: "обычный порядок"}
	c.subjects = append(c.subjects, ordinary)
	for i := range p.Topics {
		t := &p.Topics[i]
		if t.Praise || p.RowOf(t.ID) != rules.OrdinaryRow {
			continue
		}
		s := ordinary
		s.Topic, s.Name, s.Search = t.ID, t.Title, casework.Fold("обычный порядок "+t.Title)
		c.subjects = append(c.subjects, s)
	}
	for i := range p.Gazetteer.Municipalities {
		m := &p.Gazetteer.Municipalities[i]
		c.places = append(c.places, casework.Choice{ID: m.ID, Name: m.Name})
	}
	return c
}

// Subjects implements casework.Pack.
func (c *casePack) Subjects() []casework.Subject { return c.subjects }

// Municipalities implements casework.Pack.
func (c *casePack) Municipalities() []casework.Choice { return c.places }

// InForce implements casework.Pack.
func (c *casePack) InForce(now time.Time) []domain.Agency { return c.router.InForce(now) }

// Correct implements casework.Pack.
func (c *casePack) Correct(now time.Time, of domain.Case, fix domain.Fix) (domain.Corrected, error) {
	out, err := c.router.Correct(now, of, fix)
	return out, routerFault(err)
}

// routerFault says a fault of what a person chose in words.
func routerFault(err error) error {
	switch {
	case errors.Is(err, router.ErrNoBody):
		return fmt.Errorf("%w: %w", domain.ErrNoAgency, err)
	case errors.Is(err, router.ErrNoSuchRow):
		return kit.Invalid("pick", "Такой категории нет в перечне региона.")
	case errors.Is(err, router.ErrNoSuchBody):
		return kit.Invalid("agency", "Этот орган сейчас не действует. Выберите другой.")
	case errors.Is(err, router.ErrUnknownPlace):
		return kit.Invalid("in_municipality", "Такого муниципалитета в регионе нет.")
	}
	return err
}

// Opened implements casework.Pack.
func (c *casePack) Opened(now, registered time.Time, j domain.Judged, fix domain.Fix) (domain.Decision, error) {
	d, err := c.router.Opened(now, registered, j, fix)
	return d, routerFault(err)
}

// Keys implements casework.Pack.
func (c *casePack) Keys(j domain.Judged) []string { return c.router.Keys(j) }

// Term implements casework.Pack: a calendar that lacks the year still gives the
// legal due.
func (c *casePack) Term(of domain.Case, registered time.Time) domain.Deadline {
	d, _ := c.pack.Almanac().Deadline(registered, c.pack.Term(of.Row))
	return d
}

// WorkDay implements casework.Pack.
func (c *casePack) WorkDay() domain.WorkDay { return domain.DefaultWorkDay() }

// ReactionHours implements casework.Pack.
func (c *casePack) ReactionHours() int { return c.pack.Region.Norms.FirstReactionHours }

// ClarifyDays implements casework.Pack.
func (c *casePack) ClarifyDays() int { return c.pack.Region.Norms.ClarifyDays }
