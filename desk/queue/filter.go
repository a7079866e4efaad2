package queue

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// doubtful is below which confidence a verdict counts as doubtful.
const doubtful = 0.6

// kinds of the filter, as the address names them.
const (
	kindUrgent    = "urgent"
	kindReturned  = "returned"
	kindDoubtful  = "doubtful"
	kindUndecided = "undecided"
	kindAside     = "aside"
)

func kindChoices() []casework.Choice {
	return []casework.Choice{{ID: "", Name: "всё"}, {ID: kindUrgent, Name: "срочные"}, {ID: kindReturned, Name: "возвращённые"},
		{ID: kindDoubtful, Name: "сомнительные"}, {ID: kindUndecided, Name: "на просмотре"}, {ID: kindAside, Name: "отложенные"}}
}

// view is the filter of a page, as it stands in its address.
type view struct {
	Kind, Place, Source, Subject string
	Page                         int
}

func viewOf(r *page.Request) (view, error) {
	v := view{Kind: r.Text("kind"), Place: r.Text("in"), Source: r.Text("source"), Subject: r.Text("subject")}
	var err error
	if v.Page, err = r.Int("page", 1); err != nil {
		return v, err
	}
	v.Page = max(1, min(v.Page, 200))
	return v, nil
}

// query is the view as an address; changed pairs of name and value replace.
func (v view) query(pairs ...string) string {
	u := url.Values{}
	for name, value := range map[string]string{"kind": v.Kind, "in": v.Place, "source": v.Source, "subject": v.Subject} {
		if value != "" {
			u.Set(name, value)
		}
	}
	if v.Page > 1 {
		u.Set("page", strconv.Itoa(v.Page))
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		u.Del(pairs[i])
		if pairs[i+1] != "" {
			u.Set(pairs[i], pairs[i+1])
		}
	}
	if len(u) == 0 {
		return ""
	}
	return "?" + u.Encode()
}

// Path is the address of the queue under this view.
func (v view) Path(pairs ...string) string { return "/queue" + v.query(pairs...) }

// Query is the view for the addresses of parts.
func (v view) Query() string { return v.query() }

// Narrow reports whether anything is filtered out.
func (v view) Narrow() bool {
	return v.Kind != "" || v.Place != "" || v.Source != "" || v.Subject != ""
}

func (v view) filter(pack casework.Pack) (domain.QueueFilter, error) {
	f := domain.QueueFilter{Municipality: v.Place, Urgent: v.Kind == kindUrgent, Returned: v.Kind == kindReturned,
		Undecided: v.Kind == kindUndecided, Aside: v.Kind == kindAside}
	if v.Kind == kindDoubtful {
		f.Doubtful = doubtful
	}
	if v.Source != "" {
		id, err := strconv.ParseInt(v.Source, 10, 64)
		if err != nil {
			return f, page.Invalid("source", "Такого источника нет.")
		}
		f.SourceID = id
	}
	var err error
	f.Subject, err = casework.ParseSubject(pack, "subject", v.Subject)
	return f, err
}

// words tells what the list is narrowed to: «срочные, Хабаровск».
func (v view) words(opts options) string {
	var out []string
	for _, part := range []struct {
		list []casework.Choice
		id   string
	}{{kindChoices(), v.Kind}, {opts.Sources, v.Source}, {opts.Places, v.Place}, {opts.Subjects, v.Subject}} {
		i := slices.IndexFunc(part.list, func(c casework.Choice) bool { return c.ID == part.id })
		if part.id != "" && i >= 0 {
			out = append(out, part.list[i].Name)
		}
	}
	return strings.Join(out, ", ")
}

// options are the lists of the filter.
type options struct {
	Kinds, Places, Sources, Subjects []casework.Choice
}

func (q *Queue) options(r *page.Request, pack casework.Pack) (options, error) {
	o := options{Kinds: kindChoices(), Places: pack.Municipalities()}
	for _, s := range pack.Subjects() {
		o.Subjects = append(o.Subjects, casework.Choice{ID: s.Code(), Name: s.Words()})
	}
	if q.Sources == nil {
		return o, nil
	}
	var err error
	if o.Sources, err = q.Sources(r.Context(), r.Region.ID); err != nil {
		return o, fmt.Errorf("list sources: %w", err)
	}
	return o, nil
}

// parseRef reads "case-12" or "review-5"; false when it is neither.
func parseRef(text string) (domain.Ref, bool) {
	object, number, ok := strings.Cut(text, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	ref := domain.Ref{Object: domain.Object(object), ID: id}
	if !ok || err != nil || id <= 0 || ref.Object != domain.ObjectCase && ref.Object != domain.ObjectReview {
		return domain.Ref{}, false
	}
	return ref, true
}

func refText(ref domain.Ref) string { return fmt.Sprintf("%s-%d", ref.Object, ref.ID) }
