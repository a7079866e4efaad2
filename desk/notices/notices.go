// Package notices is «Мои уведомления»: where somebody of the desk hears of
// things, and when. Everybody has their own page and nobody else's.
package notices

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var views embed.FS

// Path is the page.
const Path = "/account/notices"

// CodeWithin is how long a one-time code works.
const CodeWithin = 10 * time.Minute

// Store is what the page reads and writes. storage.Store implements it.
type Store interface {
	PutStaffCode(ctx context.Context, u domain.User, hash []byte, within time.Duration, by domain.Doer) error
	StaffChats(ctx context.Context, userID int64) ([]domain.StaffChat, error)
	EndStaffLink(ctx context.Context, u domain.User, id int64, by domain.Doer) error
	StaffSettings(ctx context.Context, userID int64) (domain.StaffSettings, error)
	SetStaffSettings(ctx context.Context, u domain.User, set domain.StaffSettings, seen string, by domain.Doer) error
	StaffHeard(ctx context.Context, userID int64, limit int) ([]domain.StaffHeard, error)
}

// Place is where a code may be sent.
type Place struct {
	Words string // «ВКонтакте: сообщения сообщества «Администрация»»
	URL   string // "" when platforms give none
}

// Pages is «Мои уведомления».
type Pages struct {
	Store Store
	// Hash is the keyed hash of a code; nil without OTKLIK_SECRET_KEY.
	Hash func(region, code string) []byte
	// Places are the bots of a region that people of the desk may write to.
	Places func(ctx context.Context, region string) ([]Place, error)
	// Mail: letters go out.
	Mail bool
	// PlatformName and KindTitle are the words of platforms and notices.
	PlatformName func(domain.Platform) string
	KindTitle    func(domain.NoticeKind) string
}

// Section is what the desk serves of it.
func (p *Pages) Section() page.Section {
	return page.Section{Name: "notices", Views: page.Sub(views, "views"), Routes: []page.Route{
		{Pattern: "GET " + Path, Action: access.Own, Handler: p.show},
		{Pattern: "POST " + Path + "/code", Action: access.Own, Handler: p.code},
		{Pattern: "POST " + Path + "/unlink", Action: access.Own, Handler: p.unlink},
		{Pattern: "POST " + Path + "/settings", Action: access.Own, Handler: p.settings},
	}}
}

type data struct {
	Code    string // shown once
	Minutes int
	Places  []Place
	CanLink bool
	Chats   []chatView
	Mail    bool   // there is a server
	Email   string // of the person
	Form    formView
	Fault   string
	Heard   []heardView
}

type chatView struct {
	ID                   int64
	Where, Since, Broken string
	Ended                string
}

type formView struct {
	From, To, Digest string
	Quiet, Mail      bool
	Seen             string
}

type heardView struct{ When, What, Where string }

const heardShown = 30

func (p *Pages) show(r *page.Request) error {
	d, err := p.data(r)
	if err != nil {
		return err
	}
	return r.Render("notices", d)
}

func (p *Pages) data(r *page.Request) (data, error) {
	d := data{Minutes: int(CodeWithin / time.Minute), Mail: p.Mail, Email: r.User.Email}
	var err error
	if p.Hash != nil {
		if d.Places, err = p.Places(r.Context(), r.User.Region); err != nil {
			return d, err
		}
	}
	d.CanLink = len(d.Places) > 0
	chats, err := p.Store.StaffChats(r.Context(), r.User.ID)
	if err != nil {
		return d, err
	}
	for _, c := range chats {
		v := chatView{ID: c.ID, Where: p.PlatformName(c.Platform), Since: r.When(c.LinkedAt), Broken: c.Broken}
		if !c.EndedAt.IsZero() {
			v.Ended = c.EndedWhy + ", " + r.When(c.EndedAt)
		}
		d.Chats = append(d.Chats, v)
	}
	set, err := p.Store.StaffSettings(r.Context(), r.User.ID)
	if err != nil {
		return d, err
	}
	d.Form = formOf(set)
	heard, err := p.Store.StaffHeard(r.Context(), r.User.ID, heardShown)
	for _, h := range heard {
		d.Heard = append(d.Heard, p.heard(r, h))
	}
	return d, err
}

func formOf(s domain.StaffSettings) formView {
	return formView{From: clock(s.QuietFrom), To: clock(s.QuietTo), Digest: clock(s.Digest), Quiet: s.QuietFrom != s.QuietTo, Mail: s.Mail, Seen: s.Mark()}
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func (p *Pages) heard(r *page.Request, h domain.StaffHeard) heardView {
	v := heardView{When: r.When(h.At), What: p.KindTitle(h.Kind)}
	if h.Number != "" {
		v.What += " · " + h.Number
	}
	if h.Instead != "" {
		v.What += " (за " + h.Instead + ")"
	}
	switch h.State {
	case "waiting":
		v.Where = "ждёт сводки: " + r.When(h.SayAt)
	case "no_way":
		v.Where = "некуда: ни чата, ни почты"
	case "dropped":
		v.Where = "не отправлено"
	}
	for i, w := range h.Ways {
		if i > 0 {
			v.Where += "; "
		}
		v.Where += p.PlatformName(w.Platform) + ": " + wayWords(w)
	}
	return v
}

func wayWords(w domain.StaffWay) string {
	switch w.State {
	case domain.Delivered:
		return "доставлено"
	case domain.DeliveryWaiting, domain.DeliveryTrying:
		if w.Words != "" {
			return "отправляется, " + w.Words
		}
		return "отправляется"
	case domain.DeliveryCancelled, domain.DeliveryFailed, domain.DeliveryUnclear:
	}
	if w.Words == "" {
		return "не доставлено"
	}
	return w.Words
}

// code makes a one-time code and shows it once; it is kept nowhere.
func (p *Pages) code(r *page.Request) error {
	if p.Hash == nil {
		return page.Stale("Привязать чат сейчас нельзя: у установки нет секретного ключа (OTKLIK_SECRET_KEY).")
	}
	code := newCode()
	if err := p.Store.PutStaffCode(r.Context(), r.User, p.Hash(r.User.Region, code), CodeWithin, r.Doer()); err != nil {
		return err
	}
	d, err := p.data(r)
	if err != nil {
		return err
	}
	d.Code = code[:4] + "-" + code[4:8] + "-" + code[8:]
	return r.RenderStatus(http.StatusOK, "notices", d)
}

// newCode is twelve random digits.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%012d", n)
}

func (p *Pages) unlink(r *page.Request) error {
	id, err := strconv.ParseInt(r.Text("link"), 10, 64)
	if err != nil {
		return page.Invalid("link", "Форма набрана с ошибкой. Откройте страницу заново.")
	}
	err = p.Store.EndStaffLink(r.Context(), r.User, id, r.Doer())
	if errors.Is(err, domain.ErrNotFound) {
		return page.Stale("Этот чат уже отвязан.")
	}
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: "Чат отвязан: уведомления туда больше не приходят."})
	return r.Redirect(Path)
}

func (p *Pages) settings(r *page.Request) error {
	set, err := typed(r)
	if err == nil {
		err = set.Check()
	}
	var refusal domain.Refusal
	if errors.As(err, &refusal) {
		d, shown := p.data(r)
		if shown != nil {
			return shown
		}
		d.Form = formView{From: r.Text("from"), To: r.Text("to"), Digest: r.Text("digest"), Quiet: r.Text("quiet") != "", Mail: r.Text("mail") != "", Seen: r.Text("seen")}
		d.Fault = refusal.Words()
		return r.RenderStatus(http.StatusUnprocessableEntity, "notices", d)
	}
	if err != nil {
		return err
	}
	err = p.Store.SetStaffSettings(r.Context(), r.User, set, r.Text("seen"), r.Doer())
	if errors.Is(err, domain.ErrStale) {
		return page.Stale("Настройки уже изменены в другом окне. Откройте страницу заново.")
	}
	if err != nil {
		return err
	}
	r.Notify(page.Notice{Text: "Сохранено."})
	return r.Redirect(Path)
}

func typed(r *page.Request) (domain.StaffSettings, error) {
	s := domain.StaffSettings{Mail: r.Text("mail") != ""}
	var err error
	if s.Digest, err = minute(r.Text("digest")); err != nil {
		return s, err
	}
	if r.Text("quiet") == "" {
		return s, nil
	}
	if s.QuietFrom, err = minute(r.Text("from")); err != nil {
		return s, err
	}
	if s.QuietTo, err = minute(r.Text("to")); err != nil {
		return s, err
	}
	return s, nil
}

func minute(text string) (int, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, domain.RefuseNoTime
	}
	return t.Hour()*60 + t.Minute(), nil
}
