package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// StaffRegion is what addressing a region's notices needs of its pack.
type StaffRegion struct {
	Zone *time.Location
	Tree domain.Tree
	// Sees reports whether a person may see a case.
	Sees func(domain.User, domain.Case) bool
}

// SpreadNotice finds who hears a notice and notes it for each of them, once. It
// returns how many that are. What comes in somebody's quiet hours waits for their
// morning, but for danger to life.
func (s *Store) SpreadNotice(ctx context.Context, n domain.Notice, r StaffRegion, now time.Time) (int, error) {
	heard := 0
	err := s.inTx(ctx, "find who hears a notice", func(q *db.Queries) error {
		sp := &spreading{q: q, n: n, r: r, now: now, at: now}
		var err error
		heard, err = sp.spread(ctx)
		return err
	})
	return heard, err
}

type spreading struct {
	q   *db.Queries
	n   domain.Notice
	r   StaffRegion
	now time.Time
	at  time.Time // since when it is known
	c   *domain.Case
	ids map[string]int64 // by login
}

func (sp *spreading) spread(ctx context.Context) (int, error) {
	row, err := sp.q.NoticeByKey(ctx, sp.n.Key)
	if err != nil {
		return 0, fmt.Errorf("read the notice: %w", err)
	}
	a, err := sp.addressing(ctx)
	if err != nil {
		return 0, err
	}
	return sp.tell(ctx, row.ID, a.Hearers(sp.n))
}

func (sp *spreading) tell(ctx context.Context, notice int64, hearers []domain.Hearer) (int, error) {
	heard := 0
	for _, h := range hearers {
		id, there := sp.ids[h.Login]
		if !there {
			continue // switched off, or of another region
		}
		ok, err := sp.put(ctx, notice, id, h)
		if err != nil {
			return heard, err
		}
		if ok {
			heard++
		}
	}
	return heard, nil
}

func (sp *spreading) put(ctx context.Context, notice, user int64, h domain.Hearer) (bool, error) {
	if sp.c != nil {
		u, err := person(ctx, sp.q, user, sp.now)
		if err != nil {
			return false, fmt.Errorf("read a person: %w", err)
		}
		if !sp.r.Sees(u, *sp.c) {
			return false, nil
		}
	}
	set, err := staffSettings(ctx, sp.q, user)
	if err != nil {
		return false, fmt.Errorf("read when somebody wants to hear: %w", err)
	}
	err = sp.q.PutStaffMessage(ctx, db.PutStaffMessageParams{NoticeID: notice, UserID: user, Instead: h.Instead, Why: h.Why,
		At: stamp(sp.at), SayAt: stamp(set.SayAt(sp.now, sp.r.Zone, sp.n.Kind.Danger(sp.c != nil && sp.c.Urgent)))})
	return err == nil, wrap("note who hears it", err)
}

// addressing reads what decides who hears it.
func (sp *spreading) addressing(ctx context.Context) (domain.Addressing, error) {
	a := domain.Addressing{Today: domain.DateOf(sp.now, sp.r.Zone), Tree: sp.r.Tree}
	people, err := sp.q.StaffPeople(ctx, sp.n.Region)
	if err != nil {
		return a, fmt.Errorf("read the people: %w", err)
	}
	sp.ids = map[string]int64{}
	for _, p := range people {
		offices, err := toOffices(p.Offices)
		if err != nil {
			return a, err
		}
		a.People, sp.ids[p.Login] = append(a.People, domain.User{ID: p.ID, Login: p.Login, Offices: offices}), p.ID
	}
	if a.Roster, err = readRoster(ctx, sp.q, db.RosterOfParams{Region: sp.n.Region, FromDay: dateOf(a.Today), Anybody: true}); err != nil {
		return a, fmt.Errorf("read who is away: %w", err)
	}
	if sp.n.CaseID == 0 {
		return a, nil
	}
	row, err := sp.q.GetCase(ctx, sp.n.CaseID)
	if err != nil {
		return a, fmt.Errorf("read the case: %w", err)
	}
	c, err := toCase(row)
	if err != nil {
		return a, err
	}
	facts, err := sp.q.TaskFacts(ctx, c.ID)
	if err != nil {
		return a, fmt.Errorf("read the task: %w", err)
	}
	sp.c, a.Agency, a.Executor = &c, c.AgencyID, facts.Executor
	return a, nil
}

// WriteLetters puts into the outbox what people of a region are to hear now, and
// returns how many people that were. What was held goes to whoever hears it by now.
func (s *Store) WriteLetters(ctx context.Context, region string, r StaffRegion, now time.Time, courier domain.StaffCourier, limit int) (int, error) {
	users, err := s.queries().StaffDue(ctx, stamp(now), region, small(limit))
	if err != nil {
		return 0, named("find who is to hear something", err)
	}
	var faults []error
	for _, id := range users {
		err := s.inTx(ctx, "write to somebody of the desk", func(q *db.Queries) error {
			w := &writing{q: q, region: region, r: r, now: now, courier: courier, user: id}
			return w.write(ctx)
		})
		if errors.Is(err, domain.ErrUnavailable) || ctx.Err() != nil {
			return 0, err
		}
		faults = append(faults, err) // the others hear theirs
	}
	return len(users), errors.Join(faults...)
}

// writing is what one person hears now.
type writing struct {
	q       *db.Queries
	region  string
	r       StaffRegion
	now     time.Time
	courier domain.StaffCourier
	user    int64
	links   []db.StaffWaysOfRow
	mail    bool
}

func (w *writing) write(ctx context.Context) error {
	who, err := w.q.LockStaff(ctx, w.user)
	if err != nil {
		return fmt.Errorf("lock the person: %w", err)
	}
	rows, err := w.q.StaffWaiting(ctx, w.user, stamp(w.now))
	if err != nil || len(rows) == 0 {
		return wrap("read what waits", err)
	}
	if !who.Active {
		return w.close(ctx, rows, "dropped", 0)
	}
	if rows, err = w.readdress(ctx, rows); err != nil || len(rows) == 0 {
		return wrap("look who hears what was held", err)
	}
	if err := w.ways(ctx, who.Email); err != nil {
		return err
	}
	if len(w.links) == 0 && !w.mail {
		return w.close(ctx, rows, "no_way", 0)
	}
	for _, letter := range apartLetters(rows) {
		if err := w.letter(ctx, letter...); err != nil {
			return err
		}
	}
	return nil
}

// readdress finds anew who hears what was held, as of now: its person may be away since.
// It leaves what is still theirs, or nobody else's.
func (w *writing) readdress(ctx context.Context, rows []db.StaffWaitingRow) (own []db.StaffWaitingRow, err error) {
	var gone []db.StaffWaitingRow
	for _, r := range rows {
		moved := false
		if r.Held {
			if moved, err = w.moved(ctx, r); err != nil {
				return nil, err
			}
		}
		if moved {
			gone = append(gone, r)
		} else {
			own = append(own, r)
		}
	}
	if len(gone) == 0 {
		return own, nil
	}
	return own, w.close(ctx, gone, "dropped", 0)
}

// moved reports whether others hear a notice now, and notes it for them.
func (w *writing) moved(ctx context.Context, r db.StaffWaitingRow) (bool, error) {
	sp := &spreading{q: w.q, n: toNotice(r.Notice), r: w.r, now: w.now, at: moment(r.At)}
	a, err := sp.addressing(ctx)
	if err != nil {
		return false, err
	}
	hearers := a.Hearers(sp.n)
	for _, h := range hearers {
		if sp.ids[h.Login] == w.user {
			return false, nil
		}
	}
	n, err := sp.tell(ctx, r.NoticeID, hearers)
	return n > 0, err
}

// staffAlone is how many notices come as a message each; more at once are one.
const staffAlone = 5

// apartLetters is what of some notices makes a message: danger each its own, what
// was held together, the others each its own unless they are too many to read.
func apartLetters(rows []db.StaffWaitingRow) [][]db.StaffWaitingRow {
	var out [][]db.StaffWaitingRow
	var held, fresh []db.StaffWaitingRow
	for _, r := range rows {
		switch {
		case domain.NoticeKind(r.Notice.Kind).Danger(r.Urgent):
			out = append(out, []db.StaffWaitingRow{r})
		case r.Held:
			held = append(held, r)
		default:
			fresh = append(fresh, r)
		}
	}
	if len(held) > 0 {
		out = append(out, held)
	}
	if len(fresh) > staffAlone {
		return append(out, fresh)
	}
	for _, r := range fresh {
		out = append(out, []db.StaffWaitingRow{r})
	}
	return out
}

func (w *writing) close(ctx context.Context, rows []db.StaffWaitingRow, state string, letter int64) error {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.NoticeID
	}
	return wrap("note what was said", w.q.StaffSaid(ctx, db.StaffSaidParams{State: state, LetterID: toInt8(letter), UserID: w.user, NoticeIds: ids}))
}

// ways are every linked chat that works; without one, mail.
func (w *writing) ways(ctx context.Context, email string) error {
	links, err := w.q.StaffWaysOf(ctx, w.user)
	if err != nil {
		return fmt.Errorf("read the linked chats: %w", err)
	}
	for _, l := range links {
		if w.courier.Allows(domain.Platform(l.Platform)) {
			w.links = append(w.links, l)
		}
	}
	if len(w.links) > 0 || email == "" || !w.courier.Allows(domain.Mail) {
		return nil
	}
	set, err := staffSettings(ctx, w.q, w.user)
	w.mail = set.Mail
	return wrap("read whether they take mail", err)
}

// letter writes one message of some notices and puts it into the outbox.
func (w *writing) letter(ctx context.Context, rows ...db.StaffWaitingRow) error {
	id, err := w.q.NextLetter(ctx)
	if err != nil {
		return fmt.Errorf("number a letter: %w", err)
	}
	list := make([]domain.StaffNotice, len(rows))
	for i, r := range rows {
		list[i] = domain.StaffNotice{Notice: toNotice(r.Notice), Number: r.Number, Instead: r.InsteadName, Held: r.Held}
	}
	p := db.InsertStaffLetterParams{ID: id, UserID: w.user, Region: w.region, At: stamp(w.now)}
	var steps []domain.Step
	if len(list) == 1 && list[0].Notice.CaseID != 0 {
		if steps, err = w.steps(ctx, list[0].Notice.CaseID, &p); err != nil {
			return err
		}
	}
	l := w.courier.Letter(list, id, steps)
	p.Subject, p.Text = clean(l.Subject), clean(l.Mail)
	if err := w.q.InsertStaffLetter(ctx, p); err != nil {
		return fmt.Errorf("write the letter: %w", err)
	}
	if err := w.close(ctx, rows, "said", id); err != nil {
		return err
	}
	return w.send(ctx, id, l)
}

func (w *writing) send(ctx context.Context, id int64, l domain.StaffLetter) error {
	for _, k := range w.links {
		word := staffWord{key: fmt.Sprintf("staff:%d:link:%d", id, k.ID), region: w.region, why: "notice", platform: domain.Platform(k.Platform),
			owner: k.Owner, chat: chatName(k.ChatKey), letter: id, link: k.ID, at: w.now}
		if err := word.put(ctx, w.q, l.Word); err != nil {
			return err
		}
	}
	if !w.mail {
		return nil
	}
	return mailWord(id, w.user, w.region, w.now).put(ctx, w.q, domain.Word{Text: l.Mail})
}

// steps are those a person may take from the letter, as the case stands now.
func (w *writing) steps(ctx context.Context, caseID int64, p *db.InsertStaffLetterParams) ([]domain.Step, error) {
	row, err := w.q.GetCase(ctx, caseID)
	if err != nil {
		return nil, fmt.Errorf("read the case: %w", err)
	}
	c, err := toCase(row)
	if err != nil {
		return nil, err
	}
	p.CaseID, p.Round, p.Agency = c.ID, row.Round, c.AgencyID
	if c.State != domain.Coordination {
		return nil, nil
	}
	u, err := person(ctx, w.q, w.user, w.now)
	if err != nil {
		return nil, fmt.Errorf("read the person: %w", err)
	}
	facts, err := w.q.TaskFacts(ctx, caseID)
	if err != nil {
		return nil, fmt.Errorf("read the task: %w", err)
	}
	var out []domain.Step
	for _, step := range []domain.Step{domain.StepAccept, domain.StepSendBack} {
		act, refused := w.courier.Act(u, step, caseID, row.Version, w.now)
		if refused != "" || !act.Scope.Sees(c) {
			continue
		}
		if _, err := taskOf(c, facts, act.Rules).May(step, act.Hand); err == nil {
			out = append(out, step)
		}
	}
	return out, nil
}
