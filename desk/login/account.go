package login

import (
	"errors"
	"net/http"
	"strings"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

type accountData struct {
	User     domain.User
	Offices  []string
	Sessions []sessionView
	Left     int // recovery codes
	Factor   bool
}

type sessionView struct {
	Key, Since, Seen, Address, Agent string
	Here                             bool // the one the page is read in
}

func (l *Login) account(r *page.Request) error {
	d := accountData{User: r.User, Offices: OfficeLines(r.User.Offices, r.Region), Factor: l.Seal.Ready()}
	list, err := l.Store.SessionsOf(r.Context(), r.User.Region, r.User.ID)
	if err != nil {
		return err
	}
	here := l.Sessions.here(r.Context()).Key()
	for _, s := range list {
		d.Sessions = append(d.Sessions, sessionView{Key: s.Key(), Here: s.Key() == here, Since: r.ReallyWhen(s.Since), Seen: r.ReallyWhen(s.SeenAt), Address: s.Address, Agent: Browser(s.Agent)})
	}
	if d.Left, err = l.Store.RecoveryCodesLeft(r.Context(), r.User.ID); err != nil {
		return err
	}
	return r.Render("account", d)
}

// OfficeLines words offices: «руководитель — минтранс края», «аналитик — весь регион».
func OfficeLines(offices []domain.Office, region page.Region) []string {
	out := make([]string, len(offices))
	for i, o := range offices {
		where := "весь регион"
		if o.AgencyID != "" {
			where = region.Agency(o.AgencyID)
		}
		out[i] = domain.RoleTitle(o.Role) + " — " + where
	}
	return out
}

// Browser is the name of a browser and its system, as far as its own words tell.
func Browser(agent string) string {
	name, system := "", ""
	for _, known := range [][2]string{{"YaBrowser", "Яндекс Браузер"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox", "Firefox"},
		{"Chrome", "Chrome"}, {"Safari", "Safari"}} {
		if strings.Contains(agent, known[0]) {
			name = known[1]
			break
		}
	}
	for _, known := range [][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, known[0]) {
			system = known[1]
			break
		}
	}
	switch {
	case name == "" && system == "":
		return "неизвестная программа"
	case name == "":
		return system
	case system == "":
		return name
	}
	return name + ", " + system
}

func (l *Login) endSessions(r *page.Request) error {
	if err := l.Store.EndSessions(r.Context(), r.User.Region, r.User.ID, r.Doer()); err != nil {
		return err
	}
	return l.stay(r, page.Notice{Text: "Все другие сеансы завершены."}, "/account")
}

// endSession ends one of one's own sessions; when it is this one, that is a logout.
func (l *Login) endSession(r *page.Request) error {
	key := r.Text("session")
	err := l.Store.EndSession(r.Context(), r.User.Region, r.User.ID, key, r.Doer())
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return page.Stale("Этот сеанс уже закончился.")
	case err != nil:
		return err
	case key == l.Sessions.here(r.Context()).Key():
		if err := l.Sessions.End(r.Context()); err != nil {
			return err
		}
		return r.Redirect(page.LoginPath)
	}
	r.Notify(page.Notice{Text: "Сеанс завершён."})
	return r.Redirect("/account")
}

// stay keeps this session when all of the person's have ended.
func (l *Login) stay(r *page.Request, n page.Notice, to string) error {
	c, err := l.Store.CredentialsOf(r.Context(), r.User.ID)
	if err != nil {
		return err
	}
	if err := l.Sessions.Begin(r.Context(), c.UserID, c.Epoch); err != nil {
		return err
	}
	r.Notify(n)
	return r.Redirect(to)
}

type passwordData struct {
	First            bool // given by somebody else
	OldFault, Fault  string
	TwiceFault, Name string
}

func (l *Login) showPassword(r *page.Request) error {
	return r.Render("password", passwordData{First: r.User.MustChange, Name: r.User.Login})
}

func (l *Login) changePassword(r *page.Request) error {
	d := passwordData{First: r.User.MustChange, Name: r.User.Login}
	right, wait, err := l.confirmed(r)
	if err != nil {
		return err
	}
	fresh := r.FormValue("new")
	switch {
	case wait != "":
		d.OldFault = wait
	case !right:
		d.OldFault = "Нынешний пароль не подошёл."
	case fresh == r.FormValue("password"):
		d.Fault = "Это тот же пароль. Придумайте новый."
	default:
		if d.Fault = Weak(fresh, r.User.Login, r.User.Name); d.Fault == "" && fresh != r.FormValue("twice") {
			d.TwiceFault = "Пароли не совпали: наберите новый ещё раз."
		}
	}
	if d.OldFault+d.Fault+d.TwiceFault != "" {
		return r.RenderStatus(http.StatusUnprocessableEntity, "password", d)
	}
	hash, err := l.Hasher.Hash(r.Context(), fresh)
	if err != nil {
		return err
	}
	if _, err := l.Store.SetPassword(r.Context(), r.User.Region, r.User.ID, hash, false, r.Doer()); err != nil {
		return err
	}
	return l.stay(r, page.Notice{Text: "Пароль изменён, другие сеансы завершены."}, "/")
}

// confirmed checks the present password again; it counts as an attempt to log
// in. wait is a sentence when there were too many.
func (l *Login) confirmed(r *page.Request) (right bool, wait string, err error) {
	key := "confirm:" + r.User.Login
	pause, err := l.Store.TakeLogin(r.Context(), []domain.LoginKey{{Key: key, Free: freePair}})
	if err != nil || pause > 0 {
		return false, pauseWords(pause), err
	}
	c, err := l.Store.CredentialsOf(r.Context(), r.User.ID)
	if err != nil {
		return false, "", err
	}
	right, _, err = l.Hasher.Check(r.Context(), r.FormValue("password"), c.PasswordHash)
	if right && err == nil {
		err = l.Store.ForgiveLogin(r.Context(), []string{key})
	}
	return right, "", err
}
