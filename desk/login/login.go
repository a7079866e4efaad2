package login

import (
	"embed"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var views embed.FS

// Login is the pages of logging in and of one's own account.
type Login struct {
	Store    Store
	Sessions *Sessions
	Hasher   *Hasher
	Seal     *Seal
	Provider *Provider // nil without OpenID Connect
	Clock    domain.Clock
	// RealClock is the machine's: one-time codes know no business time.
	RealClock domain.Clock
	Observe   func(Outcome)
	// Hint is shown on the login page, line by line: the demonstration's logins.
	Hint func() []string
}

// Section is the package's pages.
func (l *Login) Section() page.Section {
	return page.Section{Name: "login", Views: page.Sub(views, "views"), Routes: []page.Route{
		{Pattern: "GET /login", Action: access.Public, Handler: l.show},
		{Pattern: "POST /login", Action: access.Public, Handler: l.password},
		{Pattern: "GET /login/code", Action: access.Public, Handler: l.showCode},
		{Pattern: "POST /login/code", Action: access.Public, Handler: l.code},
		{Pattern: "GET /login/provider", Action: access.Public, Handler: l.toProvider},
		{Pattern: "GET /login/provider/back", Action: access.Public, Handler: l.fromProvider},
		{Pattern: "POST /logout", Action: access.Own, Handler: l.logout},
		{Pattern: "GET /{$}", Action: access.Own, Handler: func(r *page.Request) error { return r.Redirect(r.Start()) }},
		{Pattern: "GET /account", Action: access.Own, Handler: l.account},
		{Pattern: "POST /account/sessions/end", Action: access.Own, Handler: l.endSessions},
		{Pattern: "POST /account/sessions/end-one", Action: access.Own, Handler: l.endSession},
		{Pattern: "GET /account/password", Action: access.Own, Handler: l.showPassword},
		{Pattern: "POST /account/password", Action: access.Own, Handler: l.changePassword},
		{Pattern: "GET /account/second-factor", Action: access.Own, Handler: l.showFactor},
		{Pattern: "POST /account/second-factor", Action: access.Own, Handler: l.setFactor},
	}}
}

type loginData struct {
	Login, To, Fault, Notice string
	Provider                 string // title of the other way in, "" none
	Hint                     []string
}

func (l *Login) data(r *page.Request) loginData {
	d := loginData{Login: r.Text("login"), To: page.Local(r.Text("to"))}
	if l.Provider != nil {
		d.Provider = l.Provider.Title
	}
	if l.Hint != nil {
		d.Hint = l.Hint()
	}
	return d
}

func (l *Login) show(r *page.Request) error {
	if r.User.ID != 0 {
		return r.Redirect(page.Local(r.Text("to")))
	}
	d := l.data(r)
	switch {
	case r.Text("ended") != "":
		d.Notice = "Сеанс закончился, поэтому последнее действие не выполнено и введённое не отправлено. Войдите и повторите."
		if d.To != "/" {
			d.Notice = "Сеанс закончился, поэтому последнее действие не выполнено и введённое не отправлено. Войдите: Вы вернётесь на ту же страницу, там его нужно отправить ещё раз."
		}
	case r.Text("out") != "":
		d.Notice = "Вы вышли."
	}
	return r.Render("login", d)
}

// Tries that are free before pauses begin: of one person from one address, of
// one person from anywhere (so that a stranger cannot lock somebody out soon),
// of one address, behind which a whole office may sit.
const (
	freePair    = 5
	freeLogin   = 20
	freeAddress = 60
)

func loginKeys(login, address string) []domain.LoginKey {
	return []domain.LoginKey{{Key: "pair:" + login + " " + address, Free: freePair},
		{Key: "login:" + login, Free: freeLogin}, {Key: "address:" + address, Free: freeAddress}}
}

const wrongPassword = "Логин или пароль не подошли. Проверьте раскладку и Caps Lock; забытый пароль заменит администратор региона."

func (l *Login) password(r *page.Request) error {
	d := l.data(r)
	login, err := domain.ValidLogin(r.Text("login"))
	if err != nil || len(r.FormValue("password")) > maxPassword {
		return l.refuse(r, d, OutcomeWrong, wrongPassword)
	}
	address := r.Doer().Address
	wait, err := l.Store.TakeLogin(r.Context(), loginKeys(login, address))
	if err != nil {
		return err
	}
	if wait > 0 {
		return l.refuse(r, d, OutcomePaused, pauseWords(wait))
	}
	c, err := l.Store.Credentials(r.Context(), login)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	right, stale, err := l.Hasher.Check(r.Context(), r.FormValue("password"), c.PasswordHash)
	if err != nil {
		return err
	}
	if !right || !c.Active {
		if c.UserID != 0 {
			l.note(r, c, "login_failed", "неудачный вход: пароль не подошёл")
		}
		return l.refuse(r, d, OutcomeWrong, wrongPassword)
	}
	if stale {
		l.renewHash(r, c)
	}
	return l.accept(r, c, "вход по паролю", OutcomeOK, d.To)
}

// renewHash keeps a right password under today's cost; failing that, it stays
// as it is until the next login.
func (l *Login) renewHash(r *page.Request, c domain.Credentials) {
	hash, err := l.Hasher.Hash(r.Context(), r.FormValue("password"))
	if err == nil {
		err = l.Store.Rehash(r.Context(), c.UserID, c.PasswordHash, hash)
	}
	if err != nil {
		r.Log.Warn("renew the hash of a password", "login", c.Login, "err", err)
	}
}

func (l *Login) note(r *page.Request, c domain.Credentials, action, words string) {
	by := r.Doer()
	by.Login, by.Region = c.Login, c.Region
	if err := l.Store.Note(r.Context(), domain.EntryOf(by, action, "user", c.Login, words)); err != nil {
		r.Log.Error("note in the journal", "err", err)
	}
}

// accept goes on after the first factor.
func (l *Login) accept(r *page.Request, c domain.Credentials, how string, outcome Outcome, to string) error {
	if c.TOTPSecret == nil {
		return l.finish(r, c, how, outcome, to)
	}
	if err := l.Sessions.manager.RenewToken(r.Context()); err != nil {
		return err
	}
	s := l.Sessions
	s.Put(r.Context(), keyPending, strconv.FormatInt(c.UserID, 10))
	s.Put(r.Context(), keyUntil, l.RealClock.Now().Add(pendingFor).Format(time.RFC3339))
	s.Put(r.Context(), keyHow, how)
	s.Put(r.Context(), keyTo, to)
	return r.Redirect("/login/code")
}

// pendingFor is how long a password is good for without its code.
const pendingFor = 5 * time.Minute

// finish logs in.
func (l *Login) finish(r *page.Request, c domain.Credentials, how string, outcome Outcome, to string) error {
	by := r.Doer()
	by.Login, by.Region = c.Login, c.Region
	keys := loginKeys(c.Login, by.Address)
	err := l.Store.LoggedIn(r.Context(), c, []string{keys[0].Key, keys[1].Key, codeKey(c.UserID)}, keys[2].Key, how, by)
	if err != nil {
		return err
	}
	if err := l.Sessions.Begin(r.Context(), c.UserID, c.Epoch); err != nil {
		return err
	}
	l.Observe(outcome)
	return r.Redirect(page.Local(to))
}

func (l *Login) refuse(r *page.Request, d loginData, outcome Outcome, words string) error {
	l.Observe(outcome)
	d.Fault = words
	status := http.StatusUnprocessableEntity
	if outcome == OutcomePaused {
		status = http.StatusTooManyRequests
	}
	return r.RenderStatus(status, "login", d)
}

func pauseWords(wait time.Duration) string {
	seconds := int(wait/time.Second) + 1
	words := page.Counted(seconds, "секунду", "секунды", "секунд")
	if seconds >= 90 {
		words = page.Counted((seconds+59)/60, "минуту", "минуты", "минут")
	}
	return "Слишком много неудачных попыток подряд. Следующая возможна через " + words + "; до этого даже верный пароль не подойдёт."
}

func (l *Login) logout(r *page.Request) error {
	if err := l.Store.Note(r.Context(), domain.EntryOf(r.Doer(), "logout", "user", r.User.Login, "выход")); err != nil {
		r.Log.Error("note in the journal", "err", err)
	}
	if err := l.Sessions.End(r.Context()); err != nil {
		return err
	}
	return r.Redirect("/login?out=1")
}
