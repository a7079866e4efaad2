package inbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

const perPage = 50

// choice is an option of a select.
type choice struct {
	Value, Title string
	Chosen, Off  bool // Off: shown, not to be chosen
}

type tabView struct {
	Title, Href string
	N           int
	More        bool // than N
	Here, Mine  bool // Mine: the number says what waits for this person
}

type lineView struct {
	ID, Version              int64
	Number, Text             string
	Category, Place          string
	Due                      page.Chip
	Body, Executor           string
	State                    string
	Urgent, Restricted, Pick bool
	Marks                    []string // what is special about it
	Href                     string
}

type listData struct {
	Tabs      []tabView
	Tab       domain.Tab
	Bodies    []choice
	Persons   []choice
	Filtered  bool
	Lines     []lineView
	Pick      bool     // rows can be chosen for distribution
	Givers    []choice // whom to give them to
	ManyBody  bool     // the column of bodies says something
	Foot      page.Foot
	XLSX      string
	Watch     page.Watch
	Empty     string
	Back      string
	Returned  []returnView
	Fault     string
	CanAbsent bool
	CanDraft  bool
}

// returnView tells who is back that there is a list of what happened.
type returnView struct{ Words, Href string }

func (in *Inbox) list(r *page.Request) error {
	f, err := in.filter(r)
	if err != nil {
		return err
	}
	d, err := in.listData(r, f)
	if err != nil {
		return err
	}
	if r.Asked(d.Watch) {
		return nil
	}
	return r.Render("list", d)
}

// filter reads the address; an unknown tab or none is the person's first with work.
func (in *Inbox) filter(r *page.Request) (domain.TaskFilter, error) {
	f := domain.TaskFilter{Tab: domain.Tab(r.Text("tab")), Body: r.Text("body"), Mine: mine(r.User), Own: ownBodies(r.User), Limit: perPage + 1}
	person, err := r.Int("who", 0)
	if err != nil {
		return f, err
	}
	f.Person = int64(person)
	if after := r.Text("after"); after != "" {
		if f.After, err = parseMark(after); err != nil {
			return f, page.Invalid("after", "Адрес страницы списка набран с ошибкой. Откройте список с начала.")
		}
	}
	return f, nil
}

func parseMark(text string) (m domain.TaskMark, err error) {
	var due int64
	if _, err := fmt.Sscanf(text, "%d-%d", &due, &m.ID); err != nil || m.ID <= 0 {
		return m, errors.New("no mark")
	}
	if due != 0 {
		m.Due = time.UnixMicro(due).UTC()
	}
	return m, nil
}

func markOf(c domain.Case) string {
	due := int64(0)
	if !c.Deadline.Due.IsZero() {
		due = c.Deadline.Due.UnixMicro()
	}
	return fmt.Sprintf("%d-%d", due, c.ID)
}

func (in *Inbox) listData(r *page.Request, f domain.TaskFilter) (listData, error) {
	d := listData{Filtered: f.Body != "" || f.Person != 0, CanAbsent: len(ownBodies(r.User)) > 0, CanDraft: r.Can(access.Draft, access.Object{})}
	counts, err := in.Store.CountTasks(r.Context(), r.Scope, f, domain.Tabs()...)
	if err != nil {
		return d, err
	}
	f.Tab = chooseTab(r.User, f.Tab, counts)
	d.Tab, d.Tabs = f.Tab, tabViews(r.User, f, counts)
	workers, err := in.Store.Workers(r.Context(), r.Scope, scopeBodies(r))
	if err != nil {
		return d, err
	}
	d.Bodies, d.Persons = bodyChoices(r, f.Body), personChoices(workers, f.Person)
	lines, err := in.Store.Tasks(r.Context(), r.Scope, f)
	if err != nil {
		return d, err
	}
	d.Back = address(f, "")
	if len(lines) > perPage {
		lines = lines[:perPage]
		d.Foot.Next = address(f, markOf(lines[perPage-1].Case))
	}
	if f.After.ID != 0 {
		d.Foot.Prev = address(f, "") // the beginning: one walks down by due
	}
	if d.Pick = f.Tab == domain.TabDistribute && r.Can(access.Distribute, access.Object{}); d.Pick {
		if d.Givers, err = in.givers(r, workers, lines); err != nil {
			return d, err
		}
	}
	for _, l := range lines {
		d.Lines = append(d.Lines, in.line(r, l, d.Pick, d.Back))
	}
	d.Watch = page.Watching(0, address(f, r.Text("after")), d.Lines)
	d.ManyBody = len(scopeBodies(r)) != 1
	d.Foot.Words = footWords(len(lines), counts[f.Tab], filterWords(r, f, workers))
	if len(lines) == 0 {
		d.Empty = emptyWords(f.Tab, d.Filtered)
	} else {
		d.XLSX = sheet.Address(r, "/inbox/list.xlsx", values(f))
	}
	d.Returned, err = in.returned(r)
	return d, err
}

// chooseTab is the tab asked for, or the first of one's own with work, or all.
func chooseTab(u domain.User, asked domain.Tab, counts map[domain.Tab]int) domain.Tab {
	if slices.Contains(domain.Tabs(), asked) {
		return asked
	}
	own := ownTabs(u)
	for _, t := range own {
		if counts[t] > 0 {
			return t
		}
	}
	if len(own) > 0 && !u.HasRole(domain.RoleController) {
		return own[0]
	}
	return domain.TabAll
}

// tabViews leaves out what is never this person's work, and empty side tabs.
func tabViews(u domain.User, f domain.TaskFilter, counts map[domain.Tab]int) []tabView {
	own := ownTabs(u)
	var out []tabView
	here := f.Tab
	f.After = domain.TaskMark{}
	for _, t := range domain.Tabs() {
		isOwn := slices.Contains(own, t)
		mineOnly := t == domain.TabDistribute || t == domain.TabDraft || t == domain.TabApprove
		if t != here && (mineOnly && !isOwn || t == domain.TabWatch && (counts[t] == 0 || len(f.Own) == 0)) {
			continue
		}
		f.Tab = t
		out = append(out, tabView{Title: tabTitle(t), Href: address(f, ""), N: min(counts[t], domain.TaskCap), More: counts[t] > domain.TaskCap, Here: t == here, Mine: isOwn})
	}
	return out
}

// address is a list as an address one can send to a colleague.
func address(f domain.TaskFilter, after string) string {
	q := values(f)
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return "/inbox"
	}
	return "/inbox?" + q.Encode()
}

func values(f domain.TaskFilter) url.Values {
	q := url.Values{}
	put := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	put("tab", string(f.Tab))
	put("body", f.Body)
	if f.Person != 0 {
		put("who", strconv.FormatInt(f.Person, 10))
	}
	return q
}

// scopeBodies are the bodies in sight, in the pack's order.
func scopeBodies(r *page.Request) []string {
	var out []string
	for _, a := range r.Region.Agencies {
		if r.Scope.Whole || slices.Contains(r.Scope.Agencies, a.ID) {
			out = append(out, a.ID)
		}
	}
	return out
}

func bodyChoices(r *page.Request, chosen string) []choice {
	var out []choice
	for _, id := range scopeBodies(r) {
		out = append(out, choice{Value: id, Title: r.Region.Agency(id), Chosen: id == chosen})
	}
	return out
}

// personChoices has each person once.
func personChoices(workers []domain.Worker, chosen int64) []choice {
	var out []choice
	seen := map[int64]bool{}
	for _, w := range workers {
		if seen[w.ID] {
			continue
		}
		seen[w.ID] = true
		out = append(out, choice{Value: strconv.FormatInt(w.ID, 10), Title: w.Name, Chosen: w.ID == chosen})
	}
	return out
}

func filterWords(r *page.Request, f domain.TaskFilter, workers []domain.Worker) string {
	words := ""
	if f.Body != "" {
		words = r.Region.Agency(f.Body)
	}
	for _, w := range workers {
		if f.Person == w.ID {
			if words != "" {
				words += ", "
			}
			return words + w.Name
		}
	}
	return words
}

func (in *Inbox) line(r *page.Request, l domain.TaskLine, pick bool, back string) lineView {
	v := lineView{ID: l.Case.ID, Version: l.Case.Version, Number: l.Case.Number, Text: l.Text, Category: r.Region.Category(l.Case),
		Place: page.Place(l.Case.Place), Due: r.Due(l.Case), Body: r.Region.Agency(l.Case.AgencyID), Executor: l.Executor,
		State: domain.StateTitle(l.Case.State), Urgent: l.Case.Urgent, Restricted: l.Case.Restricted, Pick: pick, Marks: marks(r, l)}
	if v.Text == "" {
		v.Text = "сообщение без текста"
	}
	v.Href = fmt.Sprintf("/inbox/task/%d?back=%s", l.Case.ID, escape(back))
	return v
}

// marks say what is special about a task.
func marks(r *page.Request, l domain.TaskLine) []string {
	var out []string
	add := func(is bool, words string) {
		if is {
			out = append(out, words)
		}
	}
	add(l.Remark != "", "на доработке: "+l.Remark)
	add(l.Remark == "" && l.Drafted && l.Case.State == domain.Execution, "есть черновик")
	add(!l.AnswerUntil.IsZero(), "автор может ответить до "+r.Exact(l.AnswerUntil.Add(-time.Second)))
	add(l.DeferUntil != domain.Date{}, "просят отложить до "+l.DeferUntil.Words())
	add(l.Proposed, "исправление ответа ждёт согласования")
	add(l.LostCopies > 0, "не дошли копии ответа: "+page.Count(l.LostCopies))
	add(l.HandedFrom != "", "передано: "+r.Region.Agency(l.HandedFrom))
	add(l.Case.SentBack > 0, "возвращали: "+page.Counted(l.Case.SentBack, "раз", "раза", "раз"))
	add(l.Case.Round > 1, fmt.Sprintf("повторно, %d-й раз", l.Case.Round))
	add(l.Case.Posts > 1, page.Counted(l.Case.Posts, "сообщение", "сообщения", "сообщений"))
	return out
}

// bulk gives the chosen tasks to one person; what could not be given is named.
func (in *Inbox) bulk(r *page.Request) error {
	back := page.Local(r.Text("back"))
	if err := r.ParseForm(); err != nil {
		return page.Invalid("", "Форма не дошла целиком. Повторите.")
	}
	person, err := strconv.ParseInt(r.Text("person"), 10, 64)
	if err != nil {
		return in.listFault(r, "Выберите, кому назначить.")
	}
	picked := r.PostForm["task"]
	if len(picked) == 0 {
		return in.listFault(r, "Отметьте поручения, которые нужно назначить.")
	}
	done, last, refused := 0, "", ""
	for _, p := range picked {
		var id, seen int64
		if _, err := fmt.Sscanf(p, "%d-%d", &id, &seen); err != nil {
			return page.Invalid("task", "Форма набрана с ошибкой. Обновите список.")
		}
		changed, err := in.Store.DistributeTask(r.Context(), in.act(r, id, seen), person)
		switch {
		case err == nil:
			done++
			last = changed.Case.Number
		case refusable(err):
			refused = in.refusalWords(r, err)
		default:
			return err
		}
	}
	n := page.Notice{Text: fmt.Sprintf("Назначено: %s.", page.Counted(done, "поручение", "поручения", "поручений"))}
	if done == 1 {
		n.Text = "Назначено: " + last + "."
	}
	if left := len(picked) - done; left > 0 {
		n.Bad = true
		n.Text += fmt.Sprintf(" Не назначено: %d. %s", left, refused)
	}
	r.Notify(n)
	return r.Redirect(back)
}

func (in *Inbox) listFault(r *page.Request, words string) error {
	u, err := url.Parse(page.Local(r.Text("back")))
	if err != nil {
		return page.Invalid("", words)
	}
	r.Form = u.Query()
	f, err := in.filter(r)
	if err != nil {
		return err
	}
	r.Scope = r.ScopeFor(access.SeeInbox)
	d, err := in.listData(r, f)
	if err != nil {
		return err
	}
	d.Fault = words
	return r.RenderStatus(http.StatusUnprocessableEntity, "list", d)
}

// returned are the person's absences that ended within the last week.
func (in *Inbox) returned(r *page.Request) ([]returnView, error) {
	const week = 7
	roster, err := in.Store.AbsencesFor(r.Context(), domain.Scope{}, r.User, r.Today().Add(-week))
	if err != nil {
		return nil, err
	}
	var out []returnView
	for _, a := range roster {
		switch {
		case a.Login == r.User.Login && !a.BegunAt.IsZero() && a.To.Before(r.Today()):
			out = append(out, returnView{Words: "Пока вас не было: что изменилось в ваших поручениях", Href: fmt.Sprintf("/inbox/absences/%d", a.ID)})
		case a.Deputy == r.User.Login && a.Covers(r.Today()) && !a.BegunAt.IsZero():
			out = append(out, returnView{Words: "Вы замещаете: " + a.Name + ", по " + a.To.Words(), Href: fmt.Sprintf("/inbox/absences/%d", a.ID)})
		}
	}
	return out, nil
}

func escape(back string) string { return url.QueryEscape(back) }
