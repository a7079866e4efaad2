// Package casework is what the queue and the card share: the region's pack as
// they need it, the marks of evidence, the Russian words for what happens to a
// case.
package casework

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// Pack is a region's pack in force, as deciding about cases needs it.
type Pack interface {
	// Subjects are what a case may be about: the decree's rows in its order, then
	// the topics of the ordinary order.
	Subjects() []Subject
	// Municipalities of the region, in the pack's order.
	Municipalities() []Choice
	// InForce lists the bodies a case may be given to now.
	InForce(now time.Time) []domain.Agency
	// Correct says what follows when a person puts a case right. What is wrong
	// with what they said is a page.BadInput; domain.ErrNoAgency when no body
	// answers and none was named.
	Correct(now time.Time, c domain.Case, fix domain.Fix) (domain.Corrected, error)
	// Opened decides about a case that a person makes of a post.
	Opened(now, registered time.Time, j domain.Judged, fix domain.Fix) (domain.Decision, error)
	// Keys by which later posts find the case of a post.
	Keys(j domain.Judged) []string
	// Term counts the deadline of a case from a registration.
	Term(c domain.Case, registered time.Time) domain.Deadline
	// WorkDay is the region's working hours; ReactionHours the norm of the first
	// reaction in them.
	WorkDay() domain.WorkDay
	ReactionHours() int
	// ClarifyDays is how many days an author has to answer a question.
	ClarifyDays() int
}

// Packs finds the pack of a region; false when it is not served here.
type Packs func(region string) (Pack, bool)

// Of is the pack of the person's region.
func (p Packs) Of(r *page.Request) (Pack, error) {
	pack, ok := p(r.Region.ID)
	if !ok {
		return nil, fmt.Errorf("region %q has no pack here: %w", r.Region.ID, domain.ErrUnavailable)
	}
	return pack, nil
}

// Names finds the name of a person by login; the login itself when unknown.
type Names func(login string) string

// Of is who did something, in words.
func (n Names) Of(login string) string {
	if n == nil || login == "" {
		return login
	}
	return n(login)
}

// Choice is an option of a list.
type Choice struct{ ID, Name string }

// NamedFirst puts the municipalities that the text names before the others, and
// says that it does.
func NamedFirst(all []Choice, named []string) []Choice {
	if len(named) < 2 {
		return all
	}
	list := make([]Choice, 0, len(all))
	for _, id := range named {
		if i := slices.IndexFunc(all, func(c Choice) bool { return c.ID == id }); i >= 0 {
			list = append(list, Choice{ID: id, Name: all[i].Name + " — назван в тексте"})
		}
	}
	for _, c := range all {
		if !slices.Contains(named, c.ID) {
			list = append(list, c)
		}
	}
	return list
}

// Subject is a row of the decree or a topic of the ordinary order.
type Subject struct {
	domain.Subject
	Category string // «Автомобильные дороги», «обычный порядок»
	Name     string // «ямы, выбоины»
	Days     int
	Search   string // small letters, for looking it up
}

// Code names a subject in forms: "3", "0:noise.night", "0" for ordinary order
// without a topic.
func Code(s domain.Subject) string {
	if s.Row == 0 && s.Topic != "" {
		return "0:" + s.Topic
	}
	return fmt.Sprint(s.Row)
}

// Words is «стр. 3 · Автомобильные дороги / ямы, выбоины».
func (s Subject) Words() string {
	switch {
	case s.Row > 0 && s.Name == "":
		return fmt.Sprintf("стр. %d · %s", s.Row, s.Category)
	case s.Row > 0:
		return fmt.Sprintf("стр. %d · %s / %s", s.Row, s.Category, s.Name)
	case s.Name == "":
		return "обычный порядок, тема не определена"
	}
	return "обычный порядок · " + s.Name
}

// Code is Code of the subject.
func (s Subject) Code() string { return Code(s.Subject) }

// ParseSubject reads a code; a 422 when it names nothing of the pack.
func ParseSubject(pack Pack, field, code string) (*domain.Subject, error) {
	if code == "" {
		return nil, nil
	}
	for _, s := range pack.Subjects() {
		if s.Code() == code {
			return &s.Subject, nil
		}
	}
	return nil, page.Invalid(field, "Такой категории нет в перечне региона. Выберите из списка.")
}

// FindSubject is what a case is about. A row counts by its number; its topic
// only says by which phrases it was found.
func FindSubject(pack Pack, s domain.Subject) Subject {
	for _, known := range pack.Subjects() {
		if known.Row == s.Row && (s.Row > 0 || known.Topic == s.Topic) {
			return known
		}
	}
	return Subject{Subject: s}
}

// most is how many subjects looking up shows.
const most = 12

// LookUp finds subjects by the beginnings of their words, or by a row's number:
// every word typed must be found.
func LookUp(pack Pack, typed string) []Subject {
	words := strings.Fields(Fold(typed))
	var out []Subject
	for _, s := range pack.Subjects() {
		if len(words) > 0 && matches(s, words) {
			out = append(out, s)
		}
		if len(out) == most {
			break
		}
	}
	return out
}

func matches(s Subject, words []string) bool {
	for _, w := range words {
		if w == fmt.Sprint(s.Row) && s.Row > 0 {
			continue
		}
		if !strings.HasPrefix(s.Search, w) && !strings.Contains(s.Search, " "+w) {
			return false
		}
	}
	return true
}

// Fold makes letters comparable: small, ё as е, signs as spaces.
func Fold(s string) string {
	s = strings.NewReplacer("ё", "е", "/", " ", ",", " ", "(", " ", ")", " ", "«", " ", "»", " ", "·", " ", "-", " ").Replace(strings.ToLower(s))
	return strings.Join(strings.Fields(s), " ")
}

// Segment is a piece of a text: plain, or evidence with its reason.
type Segment struct {
	Text    string
	Why     string // "" for plain text
	Against bool
}

// Segments cuts a text at its evidence. Offsets are runes; what overlaps or lies
// outside the text is left unmarked.
func Segments(text string, evidence []domain.Evidence) []Segment {
	sorted := slices.Clone(evidence)
	slices.SortStableFunc(sorted, func(a, b domain.Evidence) int { return a.Start - b.Start })
	runes := []rune(text)
	var out []Segment
	at := 0
	for _, e := range sorted {
		if e.Start < at || e.End <= e.Start || e.End > len(runes) {
			continue
		}
		if e.Start > at {
			out = append(out, Segment{Text: string(runes[at:e.Start])})
		}
		out = append(out, Segment{Text: string(runes[e.Start:e.End]), Why: e.Why, Against: e.Against})
		at = e.End
	}
	if at < len(runes) {
		out = append(out, Segment{Text: string(runes[at:])})
	}
	return out
}

// DecideReview is what an order does to one undecided post.
func DecideReview(o domain.BulkOrder, item domain.ReviewWhole) (domain.ReviewChange, error) {
	switch {
	case item.Urgent:
		return domain.ReviewChange{}, errUrgent
	case o.Action == domain.BulkAside:
		return domain.ReviewChange{Until: o.Until}, nil
	case o.Action == domain.BulkReject && item.CaseID != 0:
		return domain.ReviewChange{}, errChangedPost
	case o.Action == domain.BulkReject:
		return domain.ReviewChange{How: domain.ResolvedNotCase, Why: o.Closing}, nil
	}
	return domain.ReviewChange{}, errNoCaseYet
}

// Redue counts the term of a case that an order joins others to.
func Redue(packs Packs) domain.Redue {
	return func(c domain.Case, registered time.Time) domain.Deadline {
		pack, ok := packs(c.Region)
		if !ok { // as it stands: nobody works on a region that is not served
			return c.Deadline
		}
		return pack.Term(c, registered)
	}
}

// DecideBulk is what an order does to one case.
func DecideBulk(packs Packs) func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
	return func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
		if c.Urgent { // whatever is done: danger must not leave the queue unseen
			return domain.CaseChange{}, errUrgent
		}
		if c.Restricted && o.Action == domain.BulkAssign { // whether somebody of the body is named is looked at
			return domain.CaseChange{}, errRestricted
		}
		by := domain.By{Who: o.Who, Why: o.Words, At: o.At}
		switch o.Action {
		case domain.BulkAssign:
			pack, ok := packs(c.Region)
			if !ok {
				return domain.CaseChange{}, said(domain.ErrUnavailable)
			}
			fixed, err := pack.Correct(o.At, c, domain.Fix{})
			if err != nil {
				return domain.CaseChange{}, said(err)
			}
			ch, err := domain.Assign(c, fixed, by)
			return ch, said(err)
		case domain.BulkReject:
			ch, err := domain.Reject(c, o.Closing, by)
			return ch, said(err)
		case domain.BulkAside:
			ch, err := domain.PutAside(c, o.Until, by)
			return ch, said(err)
		case domain.BulkJoin: // what becomes of it storage knows
			return domain.CaseChange{}, nil
		case domain.BulkStory:
			return domain.Amend(c, by, func(ch *domain.CaseChange) { ch.StoryID = &o.StoryID }), nil
		}
		return domain.CaseChange{}, said(fmt.Errorf("unknown action %q", o.Action))
	}
}
