// Package accounts is the page «Аккаунты»: the communities and bots from which
// bodies answer, how each is doing, and what to do with one that is not well.
// Tokens go in and never come out.
package accounts

import (
	"context"
	"embed"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var files embed.FS

// Store is what the pages read and write. What writes, writes its lines of the
// journal with the change.
type Store interface {
	AccountUses(ctx context.Context, region string, environment []domain.Speaker) ([]domain.AccountUse, error)
	AccountUse(ctx context.Context, region string, id int64) (domain.AccountUse, error)
	KeepAccount(ctx context.Context, a domain.Speaker, sealed []byte, by domain.Doer, noted ...domain.Entry) (int64, error)
	ChangeAccount(ctx context.Context, a domain.Speaker, seen string, noted ...domain.Entry) error
	RenewToken(ctx context.Context, region string, id int64, sealed []byte, title string, now time.Time, noted ...domain.Entry) error
	RetireAccount(ctx context.Context, region string, id int64, why string, noted ...domain.Entry) error
	MarkAccount(ctx context.Context, id int64, broken, title string, now time.Time, noted ...domain.Entry) error
	PauseAccount(ctx context.Context, p domain.Platform, address, why string, noted ...domain.Entry) error
	ResumeAccount(ctx context.Context, p domain.Platform, address string, noted ...domain.Entry) error
	RemoveAccount(ctx context.Context, region string, id int64, now time.Time, noted ...domain.Entry) error
}

// Platforms ask the platforms and know the keys.
type Platforms interface {
	// Check asks a platform whether a token lives and whose it is: address and title
	// are filled in where they were not named. The error is a Russian sentence.
	Check(ctx context.Context, a domain.Speaker, token string) (domain.Speaker, error)
	// Again does it with the token that is kept, and seals it with the newest key.
	// broken says why the account cannot be used, "" when it can; an error says, in
	// Russian, why nobody knows.
	Again(ctx context.Context, a domain.Speaker) (title, broken string, err error)
	// Seal encrypts a token for this account alone; the error is a Russian sentence.
	Seal(a domain.Speaker, token string) ([]byte, error)
	// Environment are the accounts whose tokens the program was started with.
	Environment(ctx context.Context, region string) []domain.Speaker
}

// Pages of accounts.
type Pages struct {
	Store     Store
	Platforms Platforms
}

// Section is what the desk serves of them.
func (p *Pages) Section() page.Section {
	route := func(pattern string, handler func(*page.Request) error) page.Route {
		return page.Route{Pattern: pattern, Action: access.ManageAccounts, Handler: handler}
	}
	asks := func(pattern string, handler func(*page.Request) error) page.Route { // a platform may let us wait
		r := route(pattern, handler)
		r.Long = true
		return r
	}
	return page.Section{Name: "accounts", Views: page.Sub(files, "views"), Routes: []page.Route{
		route("GET /accounts", p.list), route("GET /accounts/new", p.blank), asks("POST /accounts/new", p.add),
		route("GET /accounts/{id}", p.show), route("POST /accounts/{id}", p.change),
		asks("POST /accounts/{id}/token", p.token), asks("POST /accounts/{id}/check", p.check),
		route("POST /accounts/{id}/pause", p.pause), route("POST /accounts/{id}/resume", p.resume),
		route("POST /accounts/{id}/retire", p.retire), route("POST /accounts/{id}/remove", p.remove),
	}}
}

// checkLimit ends a check whose platform hangs.
const checkLimit = 30 * time.Second

func address(id int64) string { return "/accounts/" + strconv.FormatInt(id, 10) }

// row is an account as the pages show it.
type row struct {
	ID                       int64
	Platform, Title, Address string
	For                      []string // whom it answers for
	State, Words, Todo       string   // how it is doing, why, and what to do about it
	Trouble, Paused          bool
	Used, Fault, FaultAt     string
	Left                     []string
	Checked                  string
}

func show(r *page.Request, a domain.AccountUse) row {
	v := row{ID: a.ID, Platform: page.PlatformName(a.Platform), Title: a.Title, Address: addressOf(a.Speaker),
		Fault: a.Fault, FaultAt: r.ReallyWhen(a.FaultAt), Checked: r.When(a.CheckedAt), Paused: a.PauseReason != "" || !a.PausedTo.IsZero()}
	if !a.UsedAt.IsZero() {
		v.Used = r.ReallyWhen(a.UsedAt)
	}
	if v.Title == "" {
		v.Title = v.Platform
	}
	v.For = answersFor(r, a.Speaker)
	v.State, v.Words, v.Todo = standing(r, a)
	v.Trouble = a.Broken != ""
	for _, left := range a.Left {
		v.Left = append(v.Left, leftWords(left))
	}
	return v
}

// answersFor names those an account answers for.
func answersFor(r *page.Request, a domain.Speaker) (out []string) {
	for _, body := range a.Bodies {
		out = append(out, r.Region.Agency(body))
	}
	if a.Whole {
		out = append(out, wordsWhole)
	}
	return out
}

// standing is how an account is doing and what a person can do about it.
func standing(r *page.Request, a domain.AccountUse) (state, words, todo string) {
	switch {
	case a.Broken != "":
		return wordsDead, a.Broken, todoDead(a.Platform)
	case a.PauseReason == domain.HeldPerson:
		return wordsStopped, a.Pause, todoStopped
	case a.PauseReason == domain.HeldDaily:
		return wordsSpent, a.Pause, todoSpent
	case !a.PausedTo.IsZero():
		return wordsPause + r.ReallyWhen(a.PausedTo), a.Pause, todoPause
	}
	return wordsWell, "", ""
}

type listView struct {
	Rows []row
	Foot page.Foot
}

func (p *Pages) list(r *page.Request) error {
	all, err := p.Store.AccountUses(r.Context(), r.Region.ID, p.Platforms.Environment(r.Context(), r.Region.ID))
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b domain.AccountUse) int { return rank(a) - rank(b) })
	var v listView
	for _, a := range all {
		v.Rows = append(v.Rows, show(r, a))
	}
	v.Foot = page.Foot{Words: footWords(len(v.Rows))}
	return r.Render("list", v)
}

// rank puts what needs a person first.
func rank(a domain.AccountUse) int {
	switch {
	case a.Broken != "":
		return 0
	case !a.PausedTo.IsZero():
		return 1
	}
	return 2
}

// own finds an account of the person's region.
func (p *Pages) own(r *page.Request) (domain.AccountUse, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.AccountUse{}, err
	}
	a, err := p.Store.AccountUse(r.Context(), r.Region.ID, id)
	if errors.Is(err, domain.ErrNotFound) {
		return a, page.NotFound("Такого аккаунта нет: его удалили, или он из другого региона.")
	}
	return a, err
}

// formView is an account as its page shows it, with what is wrong.
type formView struct {
	row

	New       bool
	Seen, Now string // the mark the form was made of; what a colleague has made of it
	Platforms []option
	Bodies    []option
	Whole     bool
	Name      string // title as it stands in the field
	Number    string // address as it stands in the field
	Faults    map[string]string
}

type option struct {
	Value, Title string
	Chosen       bool
}

func (p *Pages) form(r *page.Request, a domain.AccountUse) formView {
	v := formView{row: show(r, a), New: a.ID == 0, Seen: a.Mark(), Name: a.Title, Number: a.Address, Whole: a.Whole, Faults: map[string]string{}}
	for _, platform := range domain.Platforms() {
		v.Platforms = append(v.Platforms, option{string(platform), page.PlatformName(platform), platform == a.Platform})
	}
	for _, b := range r.Region.Agencies {
		v.Bodies = append(v.Bodies, option{b.ID, b.Short, slices.Contains(a.Bodies, b.ID)})
	}
	return v
}

func (p *Pages) blank(r *page.Request) error {
	return r.Render("account", p.form(r, domain.AccountUse{Account: domain.Account{Speaker: domain.Speaker{Platform: domain.VK}}}))
}

func (p *Pages) show(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	return r.Render("account", p.form(r, a))
}

// read takes whom an account answers for out of the form.
func read(r *page.Request, a *domain.Speaker, faults map[string]string) error {
	if err := r.ParseForm(); err != nil {
		return page.Invalid("", "Форма не прочитана. Отправьте её ещё раз.")
	}
	a.Title, a.Whole, a.Bodies = r.Text("title"), r.Text("whole") != "", nil
	for _, body := range r.PostForm["body"] {
		if !r.Region.Tree.Has(body) {
			return page.Invalid("body", "Выберите органы из списка.")
		}
		a.Bodies = append(a.Bodies, body)
	}
	if len(a.Bodies) == 0 && !a.Whole {
		faults["bodies"] = "Отметьте органы или весь регион: кто-то должен от имени аккаунта отвечать."
	}
	if len([]rune(a.Title)) > maxTitle {
		faults["title"] = "Короче, до " + strconv.Itoa(maxTitle) + " знаков."
	}
	return nil
}

const maxTitle = 200

// number takes a pasted link or name of a community down to its number.
func number(p domain.Platform, text string) string {
	if p != domain.VK {
		return text
	}
	for _, prefix := range []string{"https://", "http://", "m.", "vk.com/", "vk.ru/", "@", "club", "public", "-", "−"} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.TrimSuffix(text, "/")
}
