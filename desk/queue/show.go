package queue

import (
	"errors"
	"fmt"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/sheet"
	"github.com/otklik/otklik/domain"
)

// workView is the list and the thing in hand.
type workView struct {
	View    view
	Options options
	Filter  string // in words
	Lines   []lineView
	All     string // by the filter, as an order takes them: «48», «первые 2000 из 3417»
	Posts   string // undecided posts among All: «12», "" for none
	Count   string // «48», «более 1000»
	Total   int
	Taken   int
	Pane    paneView
	Can     bool // decide; others only look
	Foot    page.Foot
	Notice  page.Notice
	Rejects []casework.Choice
	XLSX    string
}

// lineView is a line of the list.
type lineView struct {
	Ref, Number string
	ID          int64
	Version     int64
	Case        bool
	Here        bool
	Urgent      bool
	Text        string
	What        string // «стр. 3 · ямы, выбоины · 0,94»
	Due         page.Chip
	Posts       int
	State       string // «возвращён» and the like, "" for the usual
	By          string // initials of whoever has it
	ByName      string
}

// show is the whole page: the thing named by «at», or the first that nobody has.
func (q *Queue) show(r *page.Request) error {
	at, _ := parseRef(r.Text("at"))
	v, err := q.work(r, at)
	if err != nil {
		return err
	}
	return r.Render("queue", v)
}

// list is the left side alone, to be refreshed while somebody reads the right.
func (q *Queue) list(r *page.Request) error {
	at, _ := parseRef(r.Text("at"))
	v := workView{Can: r.Can(access.Moderate, access.Object{}), Rejects: casework.RejectReasons()}
	pack, err := q.Packs.Of(r)
	if err != nil {
		return err
	}
	items, err := q.fill(r, pack, &v)
	if err != nil {
		return err
	}
	v.Lines = q.lines(r, pack, items, at)
	return r.Fragment("queue", "list", v)
}

// work reads the queue and takes one thing of it for the person.
func (q *Queue) work(r *page.Request, at domain.Ref) (workView, error) {
	v := workView{Can: r.Can(access.Moderate, access.Object{}), Rejects: casework.RejectReasons()}
	pack, err := q.Packs.Of(r)
	if err != nil {
		return v, err
	}
	items, err := q.fill(r, pack, &v)
	if err != nil {
		return v, err
	}
	lease, busy, err := q.take(r, items, at, v.Can)
	if err != nil {
		return v, err
	}
	at = lease.Ref
	v.Lines = q.lines(r, pack, items, at)
	if at.ID == 0 {
		return v, nil
	}
	v.Pane, err = q.paneOf(r, pack, v.View, at, fixForm{})
	if errors.Is(err, domain.ErrNotFound) { // decided while the list was read
		return v, nil
	}
	v.Pane.Busy, v.Pane.Until = busy, leaseUntil(lease)
	return v, err
}

// fill reads the list and its count.
func (q *Queue) fill(r *page.Request, pack casework.Pack, v *workView) ([]domain.QueueItem, error) {
	var err error
	if v.View, err = viewOf(r); err != nil {
		return nil, err
	}
	f, err := v.View.filter(pack)
	if err != nil {
		return nil, err
	}
	if v.Options, err = q.options(r, pack); err != nil {
		return nil, err
	}
	items, err := q.Store.Queue(r.Context(), r.Scope, f, r.Now, shown+1, (v.View.Page-1)*shown)
	if err != nil {
		return nil, err
	}
	n, err := q.Store.CountQueue(r.Context(), r.Scope, f, r.User.Login, r.Now)
	if err != nil {
		return nil, err
	}
	more := len(items) > shown
	items = items[:min(len(items), shown)]
	v.Filter, v.Total, v.Taken = v.View.words(v.Options), n.Total, n.Taken
	v.Count = page.Count(n.Total)
	if n.More {
		v.Count = "более " + v.Count
	}
	v.Foot = q.foot(v, more)
	if len(items) > 0 {
		v.XLSX = sheet.Path(r, "/queue/list.xlsx", "at", "page")
	}
	if v.Can {
		err = q.all(r, v, f)
	}
	return items, err
}

// all words how much an order of all would change: it takes no more than
// domain.MaxBulk.
func (q *Queue) all(r *page.Request, v *workView, f domain.QueueFilter) error {
	n, err := q.Store.CountOrdered(r.Context(), r.Scope, f, r.Now)
	if err != nil {
		return err
	}
	v.All = firstOf(n.Cases+n.Reviews, n.More)
	if n.Reviews > 0 {
		v.Posts = page.Count(n.Reviews)
	}
	return nil
}

// firstOf is «48», «первые 2000 из 3417», «первые 2000 из более чем 10 000».
func firstOf(n int, more bool) string {
	switch {
	case more:
		return "первые " + page.Count(domain.MaxBulk) + " из более чем " + page.Count(n)
	case n > domain.MaxBulk:
		return "первые " + page.Count(domain.MaxBulk) + " из " + page.Count(n)
	}
	return page.Count(n)
}

func (q *Queue) foot(v *workView, more bool) page.Foot {
	words := "Всего " + v.Count
	if v.Filter != "" {
		words += ", фильтр: " + v.Filter
	}
	f := page.Foot{Words: words}
	if v.View.Page > 1 {
		f.Prev = v.View.Path("page", fmt.Sprint(v.View.Page-1))
	}
	if more {
		f.Next = v.View.Path("page", fmt.Sprint(v.View.Page+1))
	}
	return f
}

// take gives the person a thing: the one asked for, else the first that nobody
// has. busy names who has the one asked for.
func (q *Queue) take(r *page.Request, items []domain.QueueItem, at domain.Ref, can bool) (got domain.Lease, busy string, err error) {
	if !can { // readers look, and keep nobody from anything
		if at.ID == 0 && len(items) > 0 {
			at = items[0].Ref
		}
		return domain.Lease{Ref: at}, "", nil
	}
	refs := make([]domain.Ref, 0, len(items)+1)
	if at.ID != 0 {
		_, err := q.Store.TakeLease(r.Context(), r.Scope, at, r.User.Login, domain.LeaseTime)
		var taken *domain.Taken
		switch {
		case errors.As(err, &taken):
			return domain.Lease{Ref: at}, q.Names.Of(taken.Who), q.Store.EmptyHands(r.Context(), r.Scope, r.User.Login)
		case errors.Is(err, domain.ErrNotQueued): // only looked at: the card has what can be done
			return domain.Lease{Ref: at}, "", q.Store.EmptyHands(r.Context(), r.Scope, r.User.Login)
		case errors.Is(err, domain.ErrNotFound): // decided meanwhile: the next one
		case err != nil:
			return domain.Lease{Ref: at}, "", err
		default:
			refs = append(refs, at)
		}
	}
	for _, it := range items {
		refs = append(refs, it.Ref)
	}
	l, err := q.Store.TakeFirst(r.Context(), r.Scope, refs, r.User.Login, domain.LeaseTime)
	return l, "", err
}

func (q *Queue) lines(r *page.Request, pack casework.Pack, items []domain.QueueItem, at domain.Ref) []lineView {
	out := make([]lineView, len(items))
	for i, it := range items {
		c := it.Case
		out[i] = lineView{Ref: refText(it.Ref), Number: c.Number, ID: it.ID, Version: c.Version, Case: it.Object == domain.ObjectCase, Here: it.Ref == at,
			Urgent: c.Urgent, Text: it.Text, What: q.what(pack, it), Due: r.Due(c), Posts: c.Posts}
		switch {
		case c.State == domain.Returned:
			out[i].State = "возвращён"
		case it.InCase != 0:
			out[i].State = "изменено автором"
		case it.Object == domain.ObjectReview:
			out[i].State = "не инцидент"
		}
		if it.Lease.Who != "" && it.Lease.Who != r.User.Login {
			out[i].ByName = q.Names.Of(it.Lease.Who)
			out[i].By = page.Initials(out[i].ByName)
		}
	}
	return out
}

// what names the verdict of a line shortly.
func (q *Queue) what(pack casework.Pack, it domain.QueueItem) string {
	switch {
	case it.Kind == domain.Thanks:
		return "благодарность · " + page.Decimal(it.Case.Confidence, 2)
	case it.Object == domain.ObjectReview && it.Kind == domain.Other:
		return "не похоже на обращение · " + page.Decimal(it.Case.Confidence, 2)
	}
	s := casework.FindSubject(pack, domain.Subject{Row: it.Case.Row, Topic: it.Case.Topic})
	name := s.Name
	if name == "" {
		name = s.Category
	}
	if s.Row > 0 {
		name = fmt.Sprintf("стр. %d %s", s.Row, name)
	} else if s.Name == "" {
		name = "тема не определена"
	}
	return name + " · " + page.Decimal(it.Case.Confidence, 2)
}

// subjects is the type-ahead over the decree's rows.
func (q *Queue) subjects(r *page.Request) error {
	pack, err := q.Packs.Of(r)
	if err != nil {
		return err
	}
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	ref, ok := parseRef(r.Text("ref"))
	if !ok {
		return domain.ErrNotFound
	}
	return r.Fragment("queue", "subjects", map[string]any{"Found": casework.LookUp(pack, r.Text("find")), "Typed": r.Text("find"),
		"Pane": fmt.Sprintf("/queue/pane/%s/%d%s", ref.Object, ref.ID, v.Query())})
}
