package bots

import (
	"strings"
	"time"

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
	BodyName         func(id string) string
	Redue            domain.Redue
}

// Municipality is a place whose announcements one may subscribe to.
type Municipality struct {
	ID    string
	Name  string
	Forms []string
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

// places finds municipalities by what an author calls them: one whose name or
// form it is, or else those whose names hold it.
func (f *Facts) places(said string) []Municipality {
	said = domain.Plain(said)
	var like []Municipality
	for _, m := range f.Municipalities {
		switch m.called(said) {
		case exactly:
			return []Municipality{m}
		case partly:
			like = append(like, m)
		}
	}
	return like[:min(len(like), maxPlaces)]
}

// Ways of being called something.
const (
	notAtAll = iota
	partly
	exactly
)

func (m Municipality) called(said string) int {
	how := notAtAll
	for _, name := range append([]string{m.Name}, m.Forms...) {
		name = domain.Plain(name)
		if name == said {
			return exactly
		}
		if len([]rune(said)) >= minPlace && strings.Contains(name, said) {
			how = partly
		}
	}
	return how
}
