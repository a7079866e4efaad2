package people

import (
	"errors"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

func address(id int64) string { return "/users/" + strconv.FormatInt(id, 10) }

func (row userRow) matches(words string) bool {
	text := strings.ToLower(strings.Join(append([]string{row.Login, row.Name, row.Position, row.State, row.Away}, row.Offices...), " "))
	for _, w := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// formData is a person as the form shows them, with what is wrong.
type formData struct {
	User     domain.User
	Seen     string // the mark of the person as they stood when the form was made
	Now      string // what a colleague has made of the person meanwhile, in words
	New      bool
	Self     bool
	Faults   map[string]string
	Rows     []officeRow
	Roles    []domain.Role
	Bodies   []body
	Sessions []sessionRow
	Absences []domain.AbsenceLine
	Others   []domain.ListedUser // who may stand in
	Today    string
}

type officeRow struct {
	Role   domain.Role
	Agency string
	Fault  string
}

// body is an agency as the list of the form shows it, under the one above it.
type body struct{ ID, Words string }

type sessionRow struct{ Key, Since, Seen, Address, Agent string }

// spareRows are empty lines for more offices.
const spareRows = 2

func (p *Pages) form(r *page.Request, u domain.User) formData {
	d := formData{User: u, Seen: u.Mark(), New: u.ID == 0, Self: u.ID == r.User.ID, Faults: map[string]string{}, Roles: domain.StaffRoles(), Bodies: bodies(r.Region)}
	for _, o := range u.Offices {
		d.Rows = append(d.Rows, officeRow{Role: o.Role, Agency: o.AgencyID})
	}
	for range spareRows {
		d.Rows = append(d.Rows, officeRow{})
	}
	return d
}

// bodies lists the tree, each body under the one above it.
func bodies(region page.Region) []body {
	children := map[string][]domain.Agency{}
	for _, a := range region.Agencies {
		parent := a.Parent
		if !region.Tree.Has(parent) {
			parent = ""
		}
		children[parent] = append(children[parent], a)
	}
	var out []body
	var walk func(parent string, depth int)
	walk = func(parent string, depth int) {
		for _, a := range children[parent] {
			out = append(out, body{a.ID, strings.Repeat("\u2003", depth) + a.Short})
			walk(a.ID, depth+1)
		}
	}
	walk("", 0)
	return out
}

func (p *Pages) blank(r *page.Request) error { return r.Render("user", p.form(r, domain.User{})) }

func (p *Pages) show(r *page.Request) error {
	u, err := p.person(r)
	if err != nil {
		return err
	}
	return p.render(r, http.StatusOK, p.form(r, u))
}

// render adds what stands beside the form of somebody who is already there.
func (p *Pages) render(r *page.Request, status int, d formData) error {
	if d.New {
		return r.RenderStatus(status, "user", d)
	}
	sessions, err := p.Store.SessionsOf(r.Context(), d.User.Region, d.User.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		d.Sessions = append(d.Sessions, sessionRow{s.Key(), r.ReallyWhen(s.Since), r.ReallyWhen(s.SeenAt), s.Address, login.Browser(s.Agent)})
	}
	lines, err := p.Store.Absences(r.Context(), r.Scope, r.Today())
	if err != nil {
		return err
	}
	for _, a := range lines {
		if a.Login == d.User.Login {
			d.Absences = append(d.Absences, a)
		}
	}
	users, err := p.Store.Users(r.Context(), r.Scope)
	if err != nil {
		return err
	}
	d.Others = slices.DeleteFunc(users, func(u domain.ListedUser) bool { return !u.Active || u.ID == d.User.ID })
	d.Today = r.Today().String()
	return r.RenderStatus(status, "user", d)
}

// read takes the person out of the form; what is wrong stands in Faults and in
// the rows of offices.
func (p *Pages) read(r *page.Request, u domain.User) formData {
	u.Name, u.Position, u.Email = r.Text("name"), r.Text("position"), r.Text("email")
	u.Restricted = r.Text("restricted") != ""
	u.Offices = nil
	d := formData{Seen: r.Text("seen"), New: u.ID == 0, Self: u.ID == r.User.ID, Faults: map[string]string{}, Roles: domain.StaffRoles(), Bodies: bodies(r.Region)}
	if u.Name == "" {
		d.Faults["name"] = "Без имени коллеги не поймут, кто это."
	}
	if parsed, err := mail.ParseAddress(u.Email); u.Email != "" && (err != nil || parsed.Address != u.Email) {
		d.Faults["email"] = "Это не похоже на адрес электронной почты."
	}
	roles, agencies := r.Form["role"], r.Form["agency"]
	for i, role := range roles {
		row := officeRow{Role: domain.Role(role)}
		if i < len(agencies) {
			row.Agency = agencies[i]
		}
		if role == "" {
			if row.Agency != "" {
				row.Fault = "Выберите роль в этом органе."
				d.Faults["offices"] = row.Fault
				d.Rows = append(d.Rows, row)
			}
			continue
		}
		office := domain.Office{Role: row.Role, AgencyID: row.Agency}
		if err := access.CheckOffice(office, r.Region.Tree); err != nil {
			row.Fault = "Так нельзя: " + err.Error() + "."
			d.Faults["offices"] = row.Fault
		} else {
			u.Offices = append(u.Offices, office)
		}
		d.Rows = append(d.Rows, row)
	}
	if len(d.Rows) == 0 {
		d.Faults["offices"] = "Дайте хотя бы одну роль: без неё человек ничего не увидит."
	}
	for range spareRows {
		d.Rows = append(d.Rows, officeRow{})
	}
	d.User = u
	return d
}

func (p *Pages) add(r *page.Request) error {
	if err := r.ParseForm(); err != nil {
		return page.Invalid("", "Форма не прочитана. Отправьте её ещё раз.")
	}
	d := p.read(r, domain.User{Region: r.User.Region, MustChange: true})
	var err error
	if d.User.Login, err = domain.ValidLogin(r.Text("login")); err != nil {
		d.Faults["login"] = "От 2 до 64 строчных букв, цифр, точек, дефисов, подчёркиваний или @; первый знак — буква или цифра."
	}
	if len(d.Faults) > 0 {
		return p.render(r, http.StatusUnprocessableEntity, d)
	}
	password := login.NewPassword()
	hash, err := p.Hasher.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	stored, err := p.Store.AddUser(r.Context(), d.User, hash, r.Doer())
	if errors.Is(err, domain.ErrExists) {
		d.Faults["login"] = "Этот логин или адрес почты уже занят, возможно, в другом регионе. Возьмите другой."
		return p.render(r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return r.Render("password", passwordData{User: stored, Password: password, New: true})
}

func (p *Pages) change(r *page.Request) error {
	u, err := p.person(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return page.Invalid("", "Форма не прочитана. Отправьте её ещё раз.")
	}
	d := p.read(r, u)
	if len(d.Faults) > 0 {
		return p.render(r, http.StatusUnprocessableEntity, d)
	}
	err = p.Store.UpdateUser(r.Context(), d.User, d.Seen, r.Doer())
	switch {
	case errors.Is(err, domain.ErrStale):
		return p.stale(r, d)
	case errors.Is(err, domain.ErrLastAdministrator):
		d.Faults["offices"] = lastAdministrator
		return p.render(r, http.StatusUnprocessableEntity, d)
	case errors.Is(err, domain.ErrExists):
		d.Faults["email"] = "Этот адрес уже у другого пользователя."
		return p.render(r, http.StatusUnprocessableEntity, d)
	case err != nil:
		return err
	}
	r.Notify(page.Notice{Text: d.User.Name + ": сохранено."})
	return r.Redirect(address(u.ID))
}

// stale shows the form again as it was filled in, beside what a colleague has made
// of the person meanwhile: a second press writes over it, knowingly.
func (p *Pages) stale(r *page.Request, d formData) error {
	now, err := p.person(r)
	if err != nil {
		return err
	}
	words := []string{now.Name}
	for _, text := range []string{now.Position, now.Email} {
		if text != "" {
			words = append(words, text)
		}
	}
	words = append(words, login.OfficeLines(now.Offices, r.Region)...)
	if now.Restricted {
		words = append(words, "видит инциденты с ограниченным доступом")
	}
	d.Seen, d.Now = now.Mark(), strings.Join(words, "; ")
	return p.render(r, http.StatusConflict, d)
}

func (p *Pages) addAbsence(r *page.Request) error {
	u, err := p.person(r)
	if err != nil {
		return err
	}
	d := p.form(r, u)
	from, err := r.Date("from")
	if err != nil {
		return err
	}
	to, err := r.Date("to")
	if err != nil {
		return err
	}
	a := domain.Absence{Region: u.Region, Login: u.Login, From: from, To: to, Deputy: r.Text("deputy")}
	if from == (domain.Date{}) || to == (domain.Date{}) {
		d.Faults["absence"] = "Укажите первый и последний день."
		return p.render(r, http.StatusUnprocessableEntity, d)
	}
	if err := a.Check(r.Today()); err != nil {
		d.Faults["absence"] = refusal(err)
		return p.render(r, http.StatusUnprocessableEntity, d)
	}
	_, err = p.Store.AddAbsence(r.Context(), a, r.Text("why"), r.Doer())
	if errors.Is(err, domain.ErrNotFound) {
		d.Faults["absence"] = "Такого замещающего в регионе нет, или его учётная запись отключена."
		return p.render(r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: "Отсутствие записано: с " + from.Words() + " по " + to.Words() + "."})
	return r.Redirect(address(u.ID))
}

func (p *Pages) endAbsence(r *page.Request) error {
	return p.onPerson(r, func(u domain.User) (page.Notice, error) {
		id, err := strconv.ParseInt(r.PathValue("absence"), 10, 64)
		if err != nil {
			return page.Notice{}, page.NotFound("Такого отсутствия нет.")
		}
		err = p.Store.EndAbsence(r.Context(), u.Region, id, r.Today(), r.Doer())
		if errors.Is(err, domain.ErrNotFound) {
			return page.Notice{}, page.Stale("Это отсутствие уже закончилось.")
		}
		return page.Notice{Text: u.Name + ": с сегодняшнего дня на месте."}, err
	})
}

// refusal words a refusal of domain's rules.
func refusal(err error) string {
	var r domain.Refusal
	if errors.As(err, &r) {
		return r.Words()
	}
	return err.Error()
}
