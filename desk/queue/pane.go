package queue

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// paneView is the thing in hand with everything one decides by.
type paneView struct {
	Ref       string
	Path      string // "case/12"
	View      view
	Case      bool // else a post that is no case yet
	ID        int64
	Number    string
	Version   int64 // of the case
	Seen      int64 // version of an undecided post
	State     string
	Urgent    bool
	Words     string // why it waits
	Busy      string // who has it instead
	Until     string // of the lease: the page says it when it leaves
	Can       bool
	Elsewhere bool // it has left the queue: the card is where one goes on
	Posts     []postView
	MorePosts int
	Options   []candidateView
	Chosen    string // code of the subject that would be assigned
	Sure      string
	Reason    string // of the verdict
	Place     placeForm
	PlaceOpen bool
	Places    []casework.Choice
	Agency    string // short name
	AgencyID  string // named by the person, "" by the routes
	Agencies  []domain.Agency
	RouteWhy  string
	Term      string // «10 дней → 03.12.2026, 23:59»
	Due       page.Chip
	Legal     string
	Control   string
	Warn      string // what stands against assigning as it is
	Unnamed   string // nobody of the body would see the case
	Near      []nearView
	Likest    string // number of the case that this one is likeliest the same as
	Rejects   []casework.Choice
	Asides    []casework.Choice
	SentBack  []sentBackView
	InCase    int64 // of a review item
	Subjects  []casework.Subject
	MayAsk    bool   // the author, while no body has the case
	Clarify   string // how long they may answer
}

type postView struct {
	Number   int64
	Channel  string
	Author   string
	When     string
	Exact    string
	URL      string
	Segments []casework.Segment
	Pictures []casework.AttachedView
	Deleted  string
	Views    int64
	First    bool
	Above    []casework.AboveView
}

// candidateView is one of at most four choices of a subject.
type candidateView struct {
	Code, Words, Sure string
	Key               int
	Chosen            bool
}

type nearView struct {
	ID     int64
	Number string
	Words  string
	State  string
	Posts  int
	When   string
	Like   bool // the machine found it alike
}

// sentBackView is one time a body said that the case is not its own.
type sentBackView struct{ Body, Proposed, Reason, Who, When string }

type placeForm struct {
	Municipality, Settlement, Street, House string
	Words                                   string
}

// fixForm is what the person has chosen so far, before anything is written.
type fixForm struct {
	pick   string
	agency string
	place  *domain.Place
}

func readFix(r *page.Request, c domain.Case) fixForm {
	f := fixForm{pick: r.Text("pick"), agency: r.Text("agency")}
	if other := r.Text("pick_other"); other != "" {
		f.pick = other
	}
	if r.Form.Has("in_municipality") {
		a := domain.Address{Municipality: r.Text("in_municipality"), Settlement: r.Text("in_settlement"), Street: r.Text("in_street"), House: r.Text("in_house")}
		if a != c.Place.Address() {
			p := c.Place.With(a)
			f.place = &p
		}
	}
	return f
}

// fix turns the form into what the pack is asked.
func (f fixForm) fix(pack casework.Pack, c domain.Case) (domain.Fix, error) {
	fix := domain.Fix{AgencyID: f.agency, Place: f.place}
	if f.pick == "" || f.pick == casework.Code(domain.Subject{Row: c.Row, Topic: topicOf(c)}) {
		return fix, nil
	}
	var err error
	fix.Subject, err = casework.ParseSubject(pack, "pick", f.pick)
	return fix, err
}

// topicOf counts in ordinary order only: a row is chosen by its number.
func topicOf(c domain.Case) string {
	if c.Row > 0 {
		return ""
	}
	return c.Topic
}

func pathRef(r *page.Request) (domain.Ref, error) {
	id, err := r.PathID("id")
	if err != nil {
		return domain.Ref{}, err
	}
	ref, ok := parseRef(fmt.Sprintf("%s-%d", r.PathValue("object"), id))
	if !ok {
		return ref, domain.ErrNotFound
	}
	return ref, nil
}

// pane is the right side: another thing, or the same with another choice.
func (q *Queue) pane(r *page.Request) error {
	ref, err := pathRef(r)
	if err != nil {
		return err
	}
	pack, err := q.Packs.Of(r)
	if err != nil {
		return err
	}
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	if !r.Partial() {
		return r.Redirect(v.Path("at", refText(ref)))
	}
	lease, busy, err := q.take(r, nil, ref, r.Can(access.Moderate, access.Object{}))
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return page.Invalid("", "Форма не читается.")
	}
	p, err := q.paneAt(r, pack, v, ref)
	if err != nil {
		return err
	}
	p.Busy, p.Until = busy, leaseUntil(lease)
	return r.Fragment("queue", "pane", p)
}

func (q *Queue) paneAt(r *page.Request, pack casework.Pack, v view, ref domain.Ref) (paneView, error) {
	c, err := q.thing(r, ref)
	if err != nil {
		return paneView{}, err
	}
	return q.paneOf(r, pack, v, ref, readFix(r, c))
}

// thing is the case, or what a post would be as a case.
func (q *Queue) thing(r *page.Request, ref domain.Ref) (domain.Case, error) {
	if ref.Object == domain.ObjectReview {
		w, err := q.Store.Review(r.Context(), r.Scope, ref.ID)
		if err != nil {
			return domain.Case{}, err
		}
		return q.reviewed(r, w)
	}
	w, err := q.Store.CaseOpening(r.Context(), r.Scope, ref.ID)
	return w.Case, err
}

// reviewed is the case whose post has changed, or what the post would be as one.
func (q *Queue) reviewed(r *page.Request, w domain.ReviewWhole) (domain.Case, error) {
	if w.CaseID == 0 {
		return caseOfPost(r, w), nil
	}
	opened, err := q.Store.CaseOpening(r.Context(), r.Scope, w.CaseID)
	c := opened.Case
	c.Urgent = c.Urgent || w.Urgent
	return c, err
}

// followed is what a changed post is about now, unless the person says otherwise.
func followed(f fixForm, w domain.ReviewWhole) string {
	v := w.Post.Verdict
	switch {
	case f.pick != "" || w.CaseID == 0:
		return f.pick
	case v.Row > 0:
		return casework.Code(domain.Subject{Row: v.Row})
	}
	return casework.Code(domain.Subject{Topic: v.Topic})
}

func caseOfPost(r *page.Request, w domain.ReviewWhole) domain.Case {
	v := w.Post.Verdict
	return domain.Case{Region: r.Region.ID, State: domain.Moderation, Row: v.Row, Topic: v.Topic, Place: v.Place, Urgent: w.Urgent,
		Posts: 1, Confidence: v.Confidence, RegisteredAt: r.Now}
}

func (q *Queue) paneOf(r *page.Request, pack casework.Pack, v view, ref domain.Ref, f fixForm) (paneView, error) {
	p := paneView{Ref: refText(ref), Path: fmt.Sprintf("%s/%d", ref.Object, ref.ID), PlaceOpen: f.place != nil, View: v, ID: ref.ID, Case: ref.Object == domain.ObjectCase, Rejects: casework.RejectReasons(),
		Asides: asideChoices(), Can: r.Can(access.Moderate, access.Object{}), Places: pack.Municipalities(), Subjects: pack.Subjects()}
	var c domain.Case
	var posts []domain.CasePost
	if p.Case {
		w, err := q.Store.CaseOpening(r.Context(), r.Scope, ref.ID)
		if err != nil {
			return p, err
		}
		c, posts = w.Case, w.Posts
		p.Number, p.Version, p.State, p.Words = c.Number, c.Version, domain.StateTitle(c.State), c.Reason
		if !c.State.Queued() { // what a form might say of it counts for nothing
			p.Can, p.Elsewhere, f = false, true, fixForm{}
		}
		p.MayAsk, p.Clarify = c.State == domain.Moderation, page.Days(pack.ClarifyDays())
		q.sentBack(r, &p, w)
		if err := q.near(r, &p, c); err != nil {
			return p, err
		}
	} else {
		w, err := q.Store.Review(r.Context(), r.Scope, ref.ID)
		if err != nil {
			return p, err
		}
		if w.Decided {
			return p, domain.ErrNotFound
		}
		posts, p.Words, p.InCase = []domain.CasePost{w.Post}, w.Words, w.CaseID
		if c, err = q.reviewed(r, w); err != nil {
			return p, err
		}
		p.Number, p.Version, p.Seen, f.pick = c.Number, c.Version, w.Version, followed(f, w)
		if w.CaseID == 0 && (c.Row > 0 || c.Topic != "") {
			if err := q.near(r, &p, c); err != nil {
				return p, err
			}
		}
	}
	if len(posts) > 0 && posts[0].Verdict.Reason != "" { // it stands by the candidates
		p.Words, _, _ = strings.Cut(p.Words, ". "+posts[0].Verdict.Reason)
	}
	p.Urgent = c.Urgent
	p.Posts, p.MorePosts = showPosts(r, posts, c.Posts)
	if len(posts) > 0 {
		p.candidates(pack, c, posts[0].Verdict, f)
	}
	p.Places, p.PlaceOpen = casework.NamedFirst(p.Places, c.Place.Candidates), p.PlaceOpen || c.Place.Disputed
	return p, q.choose(r, pack, c, f, &p)
}

// sentBack lists why bodies returned the case; what the last one said stands
// there, so the case's own reason need not repeat it.
func (q *Queue) sentBack(r *page.Request, p *paneView, w domain.CaseWhole) {
	for _, b := range w.SendBacks {
		v := sentBackView{Body: r.Region.Agency(b.Body), Reason: b.Reason, Who: q.Names.Of(b.Who), When: r.When(b.At)}
		if b.Proposed != "" {
			v.Proposed = r.Region.Agency(b.Proposed)
		}
		p.SentBack = append(p.SentBack, v)
	}
	if len(p.SentBack) > 0 && w.Case.State == domain.Returned {
		p.Words = ""
	}
}

// choose shows what assigning would do with the choices made so far.
func (q *Queue) choose(r *page.Request, pack casework.Pack, c domain.Case, f fixForm, p *paneView) error {
	fix, err := f.fix(pack, c)
	if err != nil {
		return err
	}
	fixed, err := pack.Correct(r.Now, c, fix)
	switch {
	case errors.Is(err, domain.ErrNoAgency):
		p.Warn = casework.Words(err)
	case err != nil:
		return err
	}
	p.Place = placeForm{fixed.Place.Municipality, fixed.Place.Settlement, fixed.Place.Street, fixed.Place.House, page.Place(fixed.Place)}
	p.AgencyID, p.Agencies, p.RouteWhy = f.agency, pack.InForce(r.Now), fixed.RouteWhy
	p.Agency = r.Region.Agency(fixed.AgencyID)
	if p.Elsewhere && c.AgencyID != "" {
		p.Agency = r.Region.Agency(c.AgencyID)
	}
	if n := len(p.SentBack); n > 0 && c.State == domain.Returned && f.agency == "" && fixed.AgencyID == c.Proposed && p.Agency == p.SentBack[n-1].Proposed {
		p.RouteWhy = "предложил орган, который вернул"
	}
	if p.Case && p.Can {
		if unnamed, err := casework.Unnamed(r, q.Store, c.Restricted || fixed.Restricted, fixed.AgencyID); err != nil {
			return err
		} else if unnamed {
			p.Unnamed = casework.UnnamedWords
		}
	}
	c.Deadline = fixed.Deadline
	p.Due = r.Due(c)
	if d := fixed.Deadline; !d.Due.IsZero() {
		local := r.Region.Almanac()
		p.Term = page.Days(d.Days) + " → " + local.LastDay(d).Words() + ", 23:59"
		p.Legal = d.Reason
		if !d.Control.Equal(d.Due) {
			p.Control = "контрольный срок " + local.ControlDay(d).Words()
		}
	}
	if fixed.ForControl != "" {
		p.Warn = upper(fixed.ForControl) + ". Решает контролёр: это будет в «Сроках», в списке «Ждут решения контролёра»."
	}
	return nil
}

// upper begins a sentence.
func upper(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// candidates are the machine's, at most three, and the person's own choice.
func (p *paneView) candidates(pack casework.Pack, c domain.Case, v domain.Verdict, f fixForm) {
	p.Reason = v.Reason
	p.Sure = page.Confidence(v.Confidence)
	own := casework.Code(domain.Subject{Row: c.Row, Topic: topicOf(c)})
	p.Chosen = own
	if f.pick != "" {
		p.Chosen = f.pick
	}
	seen := map[string]bool{}
	add := func(s domain.Subject, sure string) {
		known := casework.FindSubject(pack, s)
		code := known.Code()
		if seen[code] {
			return
		}
		seen[code] = true
		p.Options = append(p.Options, candidateView{Code: code, Words: known.Words(), Sure: sure, Key: len(p.Options) + 1, Chosen: code == p.Chosen})
	}
	sure := ""
	switch {
	case p.InCase != 0:
		sure = "сейчас"
	case c.Row == v.Row:
		sure = p.Sure
	}
	add(domain.Subject{Row: c.Row, Topic: topicOf(c)}, sure)
	for _, a := range v.Alternatives {
		if len(p.Options) < 3 {
			add(domain.Subject{Row: a.Row, Topic: a.Topic}, page.Decimal(a.Confidence, 2))
		}
	}
	if f.pick != "" && !seen[f.pick] {
		if s, err := casework.ParseSubject(pack, "pick", f.pick); err == nil && s != nil {
			add(*s, "выбрано вами")
		}
	}
}

func (q *Queue) near(r *page.Request, p *paneView, c domain.Case) error {
	list, err := q.Store.NearCases(r.Context(), r.Scope, c)
	if err != nil {
		return err
	}
	for _, n := range list {
		p.Near = append(p.Near, nearView{ID: n.ID, Number: n.Number, Words: page.Place(n.Place), State: domain.StateTitle(n.State),
			Posts: n.Posts, When: r.When(n.RegisteredAt), Like: n.Likeness > 0})
		if n.Likeness > 0 && p.Likest == "" {
			p.Likest = n.Number
		}
	}
	return nil
}

// panePosts is how many posts the pane shows; the card shows the rest.
const panePosts = 5

func showPosts(r *page.Request, posts []domain.CasePost, total int) ([]postView, int) {
	var out []postView
	var last domain.PostAbove
	for i, p := range posts[:min(len(posts), panePosts)] {
		v := postView{Number: p.Number, Channel: casework.Channel(p.Post), Author: p.Post.Author.Name, When: r.When(p.Post.PublishedAt),
			Exact: r.Exact(p.Post.PublishedAt), URL: p.Post.URL, Segments: casework.Segments(p.Post.Text, p.Verdict.Evidence),
			Views: p.Post.Views, First: i == 0, Above: casework.Above(p, last)}
		last = p.Under
		v.Pictures = casework.Attached(p.Post)
		if !p.Deleted.IsZero() {
			v.Deleted = r.When(p.Deleted)
		}
		out = append(out, v)
	}
	return out, max(0, total-len(out))
}

// asideChoices are for how long a thing may be put aside.
func asideChoices() []casework.Choice {
	return []casework.Choice{{ID: "2h", Name: "на 2 часа"}, {ID: "tomorrow", Name: "до завтрашнего утра"}, {ID: "week", Name: "на неделю"}}
}

func asideUntil(r *page.Request, choice string) (time.Time, error) {
	switch choice {
	case "2h":
		return r.Now.Add(2 * time.Hour), nil
	case "tomorrow":
		return r.Today().Add(1).At(8, 0, r.Region.Zone), nil
	case "week":
		return r.Today().Add(7).At(8, 0, r.Region.Zone), nil
	}
	return time.Time{}, page.Invalid("until", "Выберите, на сколько отложить.")
}
