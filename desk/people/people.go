// Package people is the administrator's pages: users of the region, and the
// journal of what everybody did.
package people

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var files embed.FS

// Store is what the pages read and write. storage.Store implements it.
type Store interface {
	UnseenRestricted(ctx context.Context, region string) (int, error)
	Users(ctx context.Context, scope domain.Scope) ([]domain.ListedUser, error)
	Person(ctx context.Context, id int64, now time.Time) (domain.User, error)
	AddUser(ctx context.Context, u domain.User, hash string, by domain.Doer) (domain.User, error)
	UpdateUser(ctx context.Context, u domain.User, seen string, by domain.Doer) error
	SetUserActive(ctx context.Context, region string, id int64, active bool, by domain.Doer) error
	SetPassword(ctx context.Context, region string, id int64, hash string, mustChange bool, by domain.Doer) (int64, error)
	EndSessions(ctx context.Context, region string, id int64, by domain.Doer) error
	// EndSession ends the one of that key; domain.ErrNotFound when it is not open.
	EndSession(ctx context.Context, region string, id int64, key string, by domain.Doer) error
	ClearTOTP(ctx context.Context, region string, id int64, by domain.Doer) error
	SessionsOf(ctx context.Context, region string, userID int64) ([]domain.SessionInfo, error)
	Absences(ctx context.Context, scope domain.Scope, from domain.Date) ([]domain.AbsenceLine, error)
	AddAbsence(ctx context.Context, a domain.Absence, why string, by domain.Doer) (domain.Absence, error)
	EndAbsence(ctx context.Context, region string, id int64, today domain.Date, by domain.Doer) error
	Journal(ctx context.Context, scope domain.Scope, f domain.JournalFilter) ([]domain.Entry, error)
}

// Pages of users and the journal.
type Pages struct {
	Store  Store
	Hasher *login.Hasher
}

// Section is what the desk serves of them.
func (p *Pages) Section() page.Section {
	manage := access.ManageUsers
	return page.Section{Name: "people", Views: page.Sub(files, "views"), Routes: []page.Route{
		{Pattern: "GET /users", Action: manage, Handler: p.list},
		{Pattern: "GET /users.xlsx", Action: manage, Also: access.Export, Handler: p.listFile, Long: true},
		{Pattern: "GET /users/new", Action: manage, Handler: p.blank},
		{Pattern: "POST /users/new", Action: manage, Handler: p.add},
		{Pattern: "GET /users/{id}", Action: manage, Handler: p.show},
		{Pattern: "POST /users/{id}", Action: manage, Handler: p.change},
		{Pattern: "POST /users/{id}/password", Action: manage, Handler: p.resetPassword},
		{Pattern: "POST /users/{id}/deactivate", Action: manage, Handler: p.deactivate},
		{Pattern: "POST /users/{id}/activate", Action: manage, Handler: p.activate},
		{Pattern: "POST /users/{id}/sessions/end", Action: manage, Handler: p.endSessions},
		{Pattern: "POST /users/{id}/sessions/end-one", Action: manage, Handler: p.endSession},
		{Pattern: "POST /users/{id}/factor/drop", Action: manage, Handler: p.dropFactor},
		{Pattern: "POST /users/{id}/absences", Action: manage, Handler: p.addAbsence},
		{Pattern: "POST /users/{id}/absences/{absence}/end", Action: manage, Handler: p.endAbsence},
		{Pattern: "GET /journal", Action: access.SeeJournal, Handler: p.journal},
		{Pattern: "GET /journal.xlsx", Action: access.SeeJournal, Also: access.Export, Handler: p.journalFile, Long: true},
	}}
}

type listData struct {
	Rows  []userRow
	Query string
	XLSX  string
	Foot  page.Foot
	// Unseen words how many restricted cases no analyst sees, "" for none.
	Unseen string
}

type userRow struct {
	ID                    int64
	Login, Name, Position string
	Offices               []string
	Away                  string // «до 12.12.2026, замещает …»
	State, Last           string
	LastAt                time.Time
	Off                   bool
}

// rows are the users that the page's words find.
func (p *Pages) rows(r *page.Request) ([]userRow, error) {
	users, err := p.Store.Users(r.Context(), r.Scope)
	if err != nil {
		return nil, err
	}
	away, err := p.away(r)
	if err != nil {
		return nil, err
	}
	var out []userRow
	for _, u := range users {
		row := showRow(r, u)
		row.Away = away[u.Login]
		if row.matches(r.Text("find")) {
			out = append(out, row)
		}
	}
	return out, nil
}

func (p *Pages) list(r *page.Request) error {
	rows, err := p.rows(r)
	if err != nil {
		return err
	}
	d := listData{Query: r.Text("find"), Rows: rows}
	unseen, err := p.Store.UnseenRestricted(r.Context(), r.Region.ID)
	if err != nil {
		return err
	}
	if unseen > 0 {
		d.Unseen = page.Counted(unseen, "инцидент", "инцидента", "инцидентов")
	}
	active := 0
	for _, row := range rows {
		if !row.Off {
			active++
		}
	}
	if len(rows) > 0 {
		d.XLSX = sheet.Path(r, "/users.xlsx")
	}
	d.Foot.Words = page.Counted(len(d.Rows), "пользователь", "пользователя", "пользователей") + ", работают " + page.Count(active)
	if d.Query != "" {
		d.Foot.Words += " · найдено по словам «" + d.Query + "»"
	}
	return r.Render("list", d)
}

func showRow(r *page.Request, u domain.ListedUser) userRow {
	row := userRow{ID: u.ID, Login: u.Login, Name: u.Name, Position: u.Position, Offices: login.OfficeLines(u.Offices, r.Region),
		Last: r.When(u.LastLoginAt), LastAt: u.LastLoginAt, Off: !u.Active}
	switch {
	case !u.Active:
		row.State = "отключён"
	case u.Sessions > 0:
		row.State = "на месте"
	case u.MustChange:
		row.State = "ждёт первого входа"
	}
	return row
}

// away words the absences that hold today, by login.
func (p *Pages) away(r *page.Request) (map[string]string, error) {
	lines, err := p.Store.Absences(r.Context(), r.Scope, r.Today())
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, a := range lines {
		if a.Covers(r.Today()) {
			out[a.Login] = "нет до " + a.To.Words()
			if a.DeputyName != "" {
				out[a.Login] += ", замещает " + a.DeputyName
			}
		}
	}
	return out, nil
}

// person is the user an address names; somebody of another region is not there.
func (p *Pages) person(r *page.Request) (domain.User, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.User{}, err
	}
	u, err := p.Store.Person(r.Context(), id, r.Now)
	if errors.Is(err, domain.ErrNotFound) || err == nil && u.Region != r.User.Region {
		return u, page.NotFound("Такого пользователя в вашем регионе нет.")
	}
	return u, err
}

func (p *Pages) deactivate(r *page.Request) error {
	return p.onPerson(r, func(u domain.User) (page.Notice, error) {
		err := p.Store.SetUserActive(r.Context(), u.Region, u.ID, false, r.Doer())
		return page.Notice{Text: u.Name + ": учётная запись отключена, сеансы завершены.", Undo: address(u.ID) + "/activate"}, err
	})
}

func (p *Pages) activate(r *page.Request) error {
	return p.onPerson(r, func(u domain.User) (page.Notice, error) {
		err := p.Store.SetUserActive(r.Context(), u.Region, u.ID, true, r.Doer())
		return page.Notice{Text: u.Name + ": учётная запись включена."}, err
	})
}

func (p *Pages) endSessions(r *page.Request) error {
	return p.onPerson(r, func(u domain.User) (page.Notice, error) {
		err := p.Store.EndSessions(r.Context(), u.Region, u.ID, r.Doer())
		return page.Notice{Text: u.Name + ": все сеансы завершены."}, err
	})
}

func (p *Pages) endSession(r *page.Request) error {
	return p.onPerson(r, func(u domain.User) (page.Notice, error) {
		err := p.Store.EndSession(r.Context(), u.Region, u.ID, r.Text("session"), r.Doer())
		if errors.Is(err, domain.ErrNotFound) {
			return page.Notice{}, page.Stale("Этот сеанс уже закончился.")
		}
		return page.Notice{Text: u.Name + ": сеанс завершён."}, err
	})
}

func (p *Pages) dropFactor(r *page.Request) error {
	return p.onPerson(r, func(u domain.User) (page.Notice, error) {
		err := p.Store.ClearTOTP(r.Context(), u.Region, u.ID, r.Doer())
		return page.Notice{Text: u.Name + ": второй фактор снят, сеансы завершены. При следующем входе его надо будет включить заново."}, err
	})
}

// onPerson does one thing to a person and shows them again.
func (p *Pages) onPerson(r *page.Request, do func(domain.User) (page.Notice, error)) error {
	u, err := p.person(r)
	if err != nil {
		return err
	}
	notice, err := do(u)
	if errors.Is(err, domain.ErrLastAdministrator) {
		return page.Stale(lastAdministrator)
	}
	if err != nil {
		return err
	}
	r.Notify(notice)
	return r.Redirect(address(u.ID))
}

const lastAdministrator = "Это последний работающий администратор региона: без него некому вести пользователей. Сначала дайте эту роль другому."

// resetPassword shows the new password once; it is kept nowhere.
func (p *Pages) resetPassword(r *page.Request) error {
	u, err := p.person(r)
	if err != nil {
		return err
	}
	if u.ID == r.User.ID {
		return r.Redirect(page.PasswordPath) // one's own is changed, not given
	}
	password := login.NewPassword()
	hash, err := p.Hasher.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	if _, err := p.Store.SetPassword(r.Context(), u.Region, u.ID, hash, true, r.Doer()); err != nil {
		return err
	}
	return r.RenderStatus(http.StatusOK, "password", passwordData{User: u, Password: password})
}

type passwordData struct {
	User     domain.User
	Password string
	New      bool
}
