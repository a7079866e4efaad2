// Package announce is the page «Объявления»: what the control centre tells those
// who have subscribed to a municipality. One writes, another approves; how far it
// has come can be seen, and it can be stopped.
package announce

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed views/*.html
var files embed.FS

// Store is what the pages read and write; it writes the lines of the journal.
type Store interface {
	Announcements(ctx context.Context, region string, most int) ([]domain.Announcement, error)
	Announcement(ctx context.Context, region string, id int64) (domain.Announcement, error)
	Receivers(ctx context.Context, region string, municipalities []string, to domain.Receivers) (map[domain.Platform]int64, error)
	WriteAnnouncement(ctx context.Context, a domain.Announcement, by domain.Doer) (int64, error)
	MoveAnnouncement(ctx context.Context, region string, id int64, seen int, to domain.AnnouncementState, why string, by domain.Doer, reach domain.Receivers) error
}

// Municipality is a place that people subscribe to.
type Municipality struct{ ID, Name string }

// Rules are what the pages must know of a region's pack.
type Rules struct {
	Municipalities []Municipality
	Receivers      domain.Receivers
	// Center is the body of the control centre: its head approves.
	Center string
	// Preview is the bot's word as a receiver of all places would see it.
	Preview domain.Announce
}

// Pages of announcements.
type Pages struct {
	Store Store
	Rules func(region string) Rules
}

// Section is what the desk serves of them.
func (p *Pages) Section() page.Section {
	route := func(pattern string, action access.Action, handler func(*page.Request) error) page.Route {
		return page.Route{Pattern: pattern, Action: action, Handler: handler}
	}
	return page.Section{Name: "announce", Views: page.Sub(files, "views"), Routes: []page.Route{
		route("GET /announcements", access.SeeAnnouncements, p.list),
		route("GET /announcements/new", access.WriteAnnouncements, p.blank),
		route("POST /announcements/new", access.WriteAnnouncements, p.write),
		route("GET /announcements/{id}", access.SeeAnnouncements, p.show),
		route("POST /announcements/{id}", access.WriteAnnouncements, p.write),
		route("POST /announcements/{id}/offer", access.WriteAnnouncements, p.move(domain.AnnouncementApproval)),
		route("POST /announcements/{id}/drop", access.WriteAnnouncements, p.move(domain.AnnouncementDropped)),
		route("POST /announcements/{id}/approve", access.ApproveAnnouncements, p.move(domain.AnnouncementSending)),
		route("POST /announcements/{id}/return", access.ApproveAnnouncements, p.move(domain.AnnouncementDraft)),
		route("POST /announcements/{id}/stop", access.StopAnnouncements, p.move(domain.AnnouncementStopped)),
	}}
}

func address(id int64) string { return "/announcements/" + strconv.FormatInt(id, 10) }

// listed is how many announcements the page shows.
const listed = 100

type row struct {
	ID           int64
	Begin, Where string
	State, Words string
	Author, When string
	Busy         bool
}

type listView struct {
	Rows []row
	May  bool
	Foot page.Foot
}

func (p *Pages) list(r *page.Request) error {
	all, err := p.Store.Announcements(r.Context(), r.Region.ID, listed)
	if err != nil {
		return err
	}
	rules := p.Rules(r.Region.ID)
	v := listView{May: r.Can(access.WriteAnnouncements, access.Object{}), Foot: page.Foot{Words: footWords(len(all))}}
	for _, a := range all {
		v.Rows = append(v.Rows, row{ID: a.ID, Begin: begin(a.Text), Where: rules.names(a.Municipalities), State: stateWords(a.State), Words: progress(a),
			Author: a.Author, When: r.When(a.UpdatedAt), Busy: a.State == domain.AnnouncementSending})
	}
	return r.Render("list", v)
}

func (ru Rules) names(ids []string) string {
	var out []string
	for _, id := range ids {
		at := slices.IndexFunc(ru.Municipalities, func(m Municipality) bool { return m.ID == id })
		if at < 0 {
			out = append(out, id)
			continue
		}
		out = append(out, ru.Municipalities[at].Name)
	}
	return strings.Join(out, ", ")
}

type option struct {
	Value, Title string
	Chosen       bool
}

// showView is an announcement with what may be done about it.
type showView struct {
	domain.Announcement

	New                               bool
	Title, Where, Words, Now          string
	Receivers                         string
	Preview                           domain.Word
	Places                            []option
	Fault                             string
	Created, Approved, Ended          string
	Edit, Offer, Approve, Own, Return bool // what the person may do now
	Stop                              bool
}

func (p *Pages) view(r *page.Request, a domain.Announcement) (showView, error) {
	rules := p.Rules(r.Region.ID)
	v := showView{Announcement: a, New: a.ID == 0, Title: stateWords(a.State), Where: rules.names(a.Municipalities), Words: progress(a),
		Created: r.When(a.CreatedAt), Approved: r.When(a.ApprovedAt), Ended: r.When(a.EndedAt)}
	for _, m := range rules.Municipalities {
		v.Places = append(v.Places, option{m.ID, m.Name, slices.Contains(a.Municipalities, m.ID)})
	}
	writes, decides := r.Can(access.WriteAnnouncements, access.Object{}), decides(r, rules)
	v.Edit = writes && (v.New || a.State == domain.AnnouncementDraft)
	v.Offer = writes && a.State == domain.AnnouncementDraft && !v.New
	v.Approve = decides && a.Move(domain.AnnouncementSending, r.User.Login) == nil
	v.Own = decides && a.State == domain.AnnouncementApproval && !v.Approve
	v.Return = decides && a.State == domain.AnnouncementApproval
	v.Stop = a.State == domain.AnnouncementSending && r.Can(access.StopAnnouncements, access.Object{}) && (writes || decides)
	if v.New {
		return v, nil
	}
	if rules.Preview != nil {
		v.Preview = rules.Preview(a.Text, a.Municipalities)
	}
	if a.State != domain.AnnouncementDraft && a.State != domain.AnnouncementApproval {
		return v, nil
	}
	counts, err := p.Store.Receivers(r.Context(), r.Region.ID, a.Municipalities, rules.Receivers)
	v.Receivers = receiverWords(counts, rules.Receivers)
	return v, err
}

// decides: the head of the control centre, or an administrator.
func decides(r *page.Request, rules Rules) bool {
	return slices.ContainsFunc(r.User.AllOffices(), func(o domain.Office) bool {
		return o.Role == domain.RoleAdministrator || o.Role == domain.RoleHead && o.AgencyID != "" && o.AgencyID == rules.Center
	})
}

func (p *Pages) blank(r *page.Request) error {
	v, err := p.view(r, domain.Announcement{})
	if err != nil {
		return err
	}
	return r.Render("announcement", v)
}

func (p *Pages) own(r *page.Request) (domain.Announcement, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Announcement{}, err
	}
	a, err := p.Store.Announcement(r.Context(), r.Region.ID, id)
	if errors.Is(err, domain.ErrNotFound) {
		return a, page.NotFound("Такого объявления нет: его удалили, или оно из другого региона.")
	}
	return a, err
}

func (p *Pages) show(r *page.Request) error {
	a, err := p.own(r)
	if err != nil {
		return err
	}
	v, err := p.view(r, a)
	if err != nil {
		return err
	}
	return r.Render("announcement", v)
}

// write keeps a draft, new or changed.
func (p *Pages) write(r *page.Request) error {
	if err := r.ParseForm(); err != nil {
		return page.Invalid("", "Форма не прочитана. Отправьте её ещё раз.")
	}
	a := domain.Announcement{Region: r.Region.ID}
	if r.PathValue("id") != "" {
		var err error
		if a, err = p.own(r); err != nil {
			return err
		}
		if a.Version, err = r.Int("version", 0); err != nil {
			return err
		}
	}
	a.Text, a.Municipalities = strings.ReplaceAll(r.Text("text"), "\r\n", "\n"), r.PostForm["place"]
	known := p.Rules(r.Region.ID).Municipalities
	for _, id := range a.Municipalities {
		if !slices.ContainsFunc(known, func(m Municipality) bool { return m.ID == id }) {
			return page.Invalid("place", "Выберите муниципалитеты из списка.")
		}
	}
	id, err := p.Store.WriteAnnouncement(r.Context(), a, r.Doer())
	if err == nil {
		r.Notify(page.Notice{Text: "Объявление сохранено. Прочитайте, каким его увидят, и отправьте на согласование."})
		return r.Redirect(address(id))
	}
	return p.refused(r, a, err)
}

// refused shows the form again, as it was filled in, with what is in the way.
func (p *Pages) refused(r *page.Request, a domain.Announcement, err error) error {
	var no domain.Refusal
	status, now := http.StatusUnprocessableEntity, ""
	switch {
	case errors.Is(err, domain.ErrStale):
		current, err := p.own(r)
		if err != nil {
			return err
		}
		status, now, a.Version, a.State = http.StatusConflict, current.Text, current.Version, current.State
	case errors.As(err, &no) && no != domain.RefuseAnnouncementMoved:
	default:
		return err
	}
	v, shown := p.view(r, a)
	if shown != nil {
		return shown
	}
	v.Now = now
	if now == "" {
		v.Fault = no.Words()
	}
	return r.RenderStatus(status, "announcement", v)
}

// move brings an announcement to another state.
func (p *Pages) move(to domain.AnnouncementState) func(*page.Request) error {
	return func(r *page.Request) error {
		a, err := p.own(r)
		if err != nil {
			return err
		}
		rules := p.Rules(r.Region.ID)
		approves := to == domain.AnnouncementSending || to == domain.AnnouncementDraft
		if approves && !decides(r, rules) {
			return page.Forbidden("Объявления согласует руководитель ЦУР или администратор региона.")
		}
		if to == domain.AnnouncementStopped && !decides(r, rules) && !r.Can(access.WriteAnnouncements, access.Object{}) {
			return page.Forbidden("Рассылку останавливает тот, кто пишет объявления или согласует их.")
		}
		seen, err := r.Int("version", 0)
		if err != nil {
			return err
		}
		if seen == 0 {
			return page.Stale("Обновите страницу: по этой форме не видно, какое объявление Вы прочитали.")
		}
		why := r.Text("why")
		if why == "" && (to == domain.AnnouncementDraft || to == domain.AnnouncementStopped) {
			return page.Invalid("why", "Напишите причину: её прочитают коллеги.")
		}
		if err := p.Store.MoveAnnouncement(r.Context(), r.Region.ID, a.ID, seen, to, why, r.Doer(), rules.Receivers); err != nil {
			return err
		}
		r.Notify(page.Notice{Text: movedWords(to)})
		if to == domain.AnnouncementDropped {
			return r.Redirect("/announcements")
		}
		return r.Redirect(address(a.ID))
	}
}
