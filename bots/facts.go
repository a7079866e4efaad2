package bots

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/otklik/otklik/domain"
)

// Facts are what the bot must know of a region's pack.
type Facts struct {
	Name             string // «Хабаровский край»
	Center           string // the control centre's name
	Operator         string // of personal data, whom a consent names
	OperatorAddress  string
	Zone             *time.Location
	SatisfactionDays int
	Municipalities   []Municipality
	Find             func(text string) string // the municipality that a text names, "" for none
	BodyName         func(id string) string
	Redue            domain.Redue
}

// Municipality is a place whose announcements one may subscribe to.
type Municipality struct {
	ID          string
	Name        string
	Forms       []string
	Center      string   // its main settlement
	Settlements []string // with what they are called besides
}

func (f *Facts) body(id string) string {
	if id == "" || f.BodyName == nil {
		return ""
	}
	return f.BodyName(id)
}

// lastDay is the last day of a due, which is stored as the midnight after it (R2).
func (f *Facts) lastDay(due time.Time) string { return f.day(due.Add(-time.Second)) }

func (f *Facts) day(at time.Time) string { return at.In(f.zone()).Format("02.01.2006") }

func (f *Facts) zone() *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

func (f *Facts) place(id string) (Municipality, bool) {
	for _, m := range f.Municipalities {
		if m.ID == id {
			return m, true
		}
	}
	return Municipality{}, false
}

// maxPlaces is how many places are offered as buttons.
const maxPlaces = 5

// minPlace is the shortest part of a name that is looked for.
const minPlace = 4

// Ways of being called something, the nearer the greater.
const (
	notAtAll = iota
	partly
	byVillage // a settlement of it
	byCenter  // its main settlement
	exactly   // its name or form
)

// places finds municipalities by what an author calls them: one whose name or form it
// is, whose centre, whose settlement, or those whose names hold it.
func (f *Facts) places(said string) []Municipality {
	said = placeName(said)
	how, like := notAtAll, []Municipality(nil)
	for _, m := range f.Municipalities {
		switch called := m.called(said); {
		case called == notAtAll || called < how:
		case called > how:
			how, like = called, []Municipality{m}
		default:
			like = append(like, m)
		}
	}
	return like[:min(len(like), maxPlaces)]
}

// inSentence finds the municipality that a short text names in any case of the word.
func (f *Facts) inSentence(text string) []Municipality {
	if f.Find == nil {
		return nil
	}
	m, ok := f.place(f.Find(text))
	if !ok {
		return nil
	}
	return []Municipality{m}
}

func (m Municipality) called(said string) int {
	is := func(name string) bool { return placeName(name) == said }
	holds := func(name string) bool { return strings.Contains(placeName(name), said) }
	names := append([]string{m.Name}, m.Forms...)
	switch {
	case said == "":
		return notAtAll
	case slices.ContainsFunc(names, is):
		return exactly
	case is(m.Center):
		return byCenter
	case slices.ContainsFunc(m.Settlements, is):
		return byVillage
	case len([]rune(said)) >= minPlace && slices.ContainsFunc(names, holds):
		return partly
	}
	return notAtAll
}

// placeName is a name as it is compared: without what kind of place it is and without
// hyphens. A district stays one: beside «Хабаровск» there is «Хабаровский район».
func placeName(s string) string {
	words := strings.FieldsFunc(domain.Plain(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var left []string
	for i, w := range words {
		switch {
		case w == "р" && i+1 < len(words) && words[i+1] == "н":
			left = append(left, "район")
		case w == "н" && i > 0 && words[i-1] == "р":
		case strings.Contains(placeKinds, " "+w+" "):
		default:
			left = append(left, w)
		}
	}
	return strings.Join(left, " ")
}

const placeKinds = " г гор город городской го мо м о муниципальный муниципального округ п пос поселок пгт рп с село деревня станция имени им "
