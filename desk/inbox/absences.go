package inbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

type absenceView struct {
	Name, Days, Deputy, Why string
	Now                     bool
	List, ListWords         string
	End, EndWords           string
}

type absencesData struct {
	Rows     []absenceView
	People   []choice
	Deputies []choice
	Today    string
	From, To string
	Why      string
	Fault    string
	XLSX     string
}

func (in *Inbox) absences(r *page.Request) error {
	d, err := in.absencesData(r)
	if err != nil {
		return err
	}
	return r.Render("absences", d)
}

// absencesData shows what a person may see: their own absences, those they stand
// in for, and those of the bodies they lead.
func (in *Inbox) absencesData(r *page.Request) (absencesData, error) {
	const ended = 14 // days for which an absence that is over is still shown
	led := r.ScopeFor(access.ManageAbsence)
	lines, err := in.Store.AbsencesFor(r.Context(), led, r.User, r.Today().Add(-ended))
	if err != nil {
		return absencesData{}, err
	}
	d := absencesData{Today: r.Today().String(), From: r.Text("from"), To: r.Text("to"), Why: r.Text("why")}
	var roster domain.Roster
	for _, l := range lines {
		roster = append(roster, l.Absence)
	}
	for _, l := range lines {
		d.Rows = append(d.Rows, in.absenceRow(r, l, roster))
	}
	people := []choice{{Value: r.User.Login, Title: r.User.Name + " (вы)", Chosen: true}}
	own, err := in.colleagues(r, ownBodies(r.User))
	if err != nil {
		return d, err
	}
	theirs := own
	if led.Whole || len(led.Agencies) > 0 {
		if theirs, err = in.Store.Workers(r.Context(), led, allBodies(r)); err != nil {
			return d, err
		}
		people = append(people, loginChoices(without(theirs, r.User.ID))...)
	}
	d.People, d.Deputies = people, deputies(theirs, people)
	choose(d.People, r.Text("person"))
	choose(d.Deputies, r.Text("deputy"))
	if len(d.Rows) > 0 {
		d.XLSX = sheet.Path(r, "/inbox/absences.xlsx")
	}
	return d, nil
}

// deputies are who may stand in. Nobody does for themselves: who can only enter their
// own absence is not offered; where another may be chosen the script follows.
func deputies(theirs []domain.Worker, people []choice) []choice {
	out := loginChoices(theirs)
	if len(people) > 1 {
		return out
	}
	return slices.DeleteFunc(out, func(c choice) bool { return c.Value == people[0].Value })
}

// colleagues are the people of the bodies somebody works in, who may stand in
// for one another.
func (in *Inbox) colleagues(r *page.Request, bodies []string) ([]domain.Worker, error) {
	return in.Store.Workers(r.Context(), domain.Scope{Region: r.User.Region, Agencies: bodies}, bodies)
}

func allBodies(r *page.Request) []string {
	out := make([]string, len(r.Region.Agencies))
	for i, a := range r.Region.Agencies {
		out[i] = a.ID
	}
	return out
}

func without(workers []domain.Worker, id int64) []domain.Worker {
	return slices.DeleteFunc(slices.Clone(workers), func(w domain.Worker) bool { return w.ID == id })
}

func loginChoices(workers []domain.Worker) []choice {
	var out []choice
	for _, w := range workers {
		if !slices.ContainsFunc(out, func(c choice) bool { return c.Value == w.Login }) {
			out = append(out, choice{Value: w.Login, Title: w.Name})
		}
	}
	return out
}

func choose(list []choice, value string) {
	if value == "" {
		return
	}
	for i := range list {
		list[i].Chosen = list[i].Value == value
	}
}

func (in *Inbox) absenceRow(r *page.Request, a domain.AbsenceLine, roster domain.Roster) absenceView {
	v := absenceView{Name: a.Name, Days: daysWords(a.Absence), Deputy: orElse(a.DeputyName, "никто: решает координатор"), Why: a.Why,
		Now: a.Covers(r.Today())}
	if v.Now && roster.Cover(a.Login, r.Today()).Why == domain.CoverDeputyAway {
		v.Deputy += " — тоже отсутствует, решает координатор"
	}
	if !a.BegunAt.IsZero() {
		v.List, v.ListWords = fmt.Sprintf("/inbox/absences/%d", a.ID), "что было на человеке"
		if a.Login == r.User.Login {
			v.ListWords = "что изменилось без вас"
		}
	}
	mayEnd := a.Login == r.User.Login || r.Can(access.ManageAbsence, access.Object{})
	if mayEnd && !a.To.Before(r.Today()) {
		v.End, v.EndWords = fmt.Sprintf("/inbox/absences/%d/end", a.ID), "Отменить"
		if a.From.Before(r.Today()) {
			v.EndWords = "Вышел раньше"
		}
	}
	return v
}

func daysWords(a domain.Absence) string {
	if a.From == a.To {
		return a.From.Words()
	}
	return a.From.Words() + " – " + a.To.Words()
}

func (in *Inbox) saveAbsence(r *page.Request) error {
	a, err := readAbsence(r)
	if err == nil {
		_, err = in.Store.SaveAbsence(r.Context(), r.ScopeFor(access.ManageAbsence), r.User, a, r.Text("why"), r.Today(), r.Doer())
	}
	if err != nil {
		if !refusable(err) {
			return err
		}
		d, shown := in.absencesData(r)
		if shown != nil {
			return shown
		}
		d.Fault = in.refusalWords(r, err)
		return r.RenderStatus(http.StatusUnprocessableEntity, "absences", d)
	}
	r.Notify(page.Notice{Text: "Отсутствие отмечено: " + daysWords(a) + "."})
	return r.Redirect("/inbox/absences")
}

func readAbsence(r *page.Request) (a domain.Absence, err error) {
	if a.Login, a.Deputy = r.Text("person"), r.Text("deputy"); a.Login == "" {
		return a, page.Invalid("person", "Выберите, кто отсутствует.")
	}
	if a.From, err = r.Date("from"); err != nil {
		return a, err
	}
	if a.To, err = r.Date("to"); err != nil {
		return a, err
	}
	if a.From == (domain.Date{}) || a.To == (domain.Date{}) {
		return a, page.Invalid("from", "Укажите первый и последний день.")
	}
	return a, nil
}

func (in *Inbox) endAbsence(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	err = in.Store.FinishAbsence(r.Context(), r.ScopeFor(access.ManageAbsence), r.User, id, r.Today(), r.Doer())
	var refusal domain.Refusal
	switch {
	case errors.As(err, &refusal):
		r.Notify(page.Notice{Text: refusal.Words(), Bad: true})
	case err != nil:
		return err
	default:
		r.Notify(page.Notice{Text: "Отмечено: человек на работе."})
	}
	return r.Redirect("/inbox/absences")
}

type absenceData struct {
	Name, Days, Cover string
	Rows              []absenceTaskView
	Empty             string
}

type absenceTaskView struct {
	lineView
	Now     string
	Changes []changeView
}

type changeView struct{ When, Who, Words string }

// absence lists what was on a person when they left, and what became of it.
func (in *Inbox) absence(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	list, err := in.Store.AbsenceList(r.Context(), r.ScopeFor(access.ManageAbsence), r.User, id, r.Now)
	if err != nil {
		return err
	}
	a := list.Absence
	workers, err := in.colleagues(r, allBodies(r))
	if err != nil {
		return err
	}
	d := absenceData{Name: a.Name, Days: daysWords(a.Absence), Cover: "Замещал(а): " + orElse(a.DeputyName, "никто, решал координатор") + ".",
		Empty: "На этом человеке не было поручений."}
	if a.BegunAt.IsZero() {
		d.Empty = "Отсутствие ещё не началось. Список поручений появится в первый день."
	}
	for _, t := range list.Tasks {
		v := absenceTaskView{lineView: in.line(r, domain.TaskLine{Case: t.Case, Text: t.Text}, false, "/inbox/absences/"+strconv.FormatInt(id, 10)),
			Now: orElse(t.Now, "не назначен")}
		for _, c := range t.Changes {
			v.Changes = append(v.Changes, changeView{When: r.When(c.At), Who: nameOf(workers, c.Who), Words: c.Why})
		}
		d.Rows = append(d.Rows, v)
	}
	return r.Render("absence", d)
}
