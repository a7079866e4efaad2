package rules

import (
	"fmt"
	"slices"
	"time"
)

// Checker finds faults that need more than the pack's structure: the
// classifier checks phrases against its stemmer and runs the sentences.
type Checker func(*Pack) Faults

// Check finds what Load cannot know: whether the calendar covers the year of
// now and the next one (deadlines reach into it), bodies of the past, what Sound
// finds, and what the given checkers find. A nil error means that the pack may be activated.
func Check(p *Pack, now time.Time, checkers ...Checker) error {
	c := &checker{p: p}
	c.years(p, now)
	c.dated(now)
	c.sound()
	for _, check := range checkers {
		c.faults = append(c.faults, check(p)...)
	}
	return c.faults.sorted().Err()
}

// Warnings are what a person should know of a pack that may be activated all the
// same.
func Warnings(p *Pack, now time.Time) Faults {
	c := &checker{p: p}
	until := p.Region.Decree.ValidTo
	today := now.In(p.Region.Location).Format(time.DateOnly)
	if until != "" && until < today { // the written form sorts as days do
		c.fault(c.key("decree.valid_to"), CodeDecreeExpired,
			fmt.Sprintf("срок действия %s кончился: valid_to %s", p.Region.Decree.Number, until),
			"впишите действующий акт или новый valid_to, если действие продлено; до того сроки и строки считаются по прежнему")
	}
	return c.faults
}

func (c *checker) years(p *Pack, now time.Time) {
	this := now.In(p.Region.Location).Year()
	known := map[int]bool{}
	for _, y := range p.Calendar.Years() {
		known[y] = true
	}
	for _, y := range []int{this, this + 1} {
		if !known[y] {
			c.fault(p.at["calendar"], CodeCalendarYear, fmt.Sprintf("в календаре нет %d года", y),
				fmt.Sprintf("добавьте years.%d: без него не посчитать контрольные сроки", y))
		}
	}
}

// structure runs every check that depends on nothing but the pack. Values that
// were not understood are known from decoding: what follows from their absence
// is not told again.
func structure(p *Pack, decoding Faults) Faults {
	c := &checker{p: p, unread: map[Pos]bool{}, unreadFiles: map[string]bool{}}
	for _, f := range decoding {
		if f.Code == CodeWrongType {
			c.unread[Pos{f.File, f.Line}] = true
			c.unreadFiles[f.File] = true
		}
	}
	c.region()
	c.categories()
	c.agencies()
	c.gazetteer()
	c.routes()
	c.faults = append(c.faults, checkTopics(p.Topics, p.Signals)...)
	return slices.DeleteFunc(c.faults, func(f Fault) bool { return c.unread[Pos{f.File, f.Line}] })
}

// checker gathers faults.
type checker struct {
	p           *Pack
	faults      Faults
	unread      map[Pos]bool    // places of values that were not understood
	unreadFiles map[string]bool // files with such places
}

func (c *checker) fault(at Pos, code Code, what, mend string) {
	c.faults = append(c.faults, Fault{File: at.File, Line: at.Line, Code: code, What: what, Mend: mend})
}

// id checks that an identifier is given and new.
func (c *checker) id(id, what string, at Pos, seen map[string]Pos) {
	if id == "" {
		c.fault(at, CodeEmpty, what+": нет id", "впишите id латиницей")
		return
	}
	if first, ok := seen[id]; ok {
		c.fault(at, CodeDuplicateID, fmt.Sprintf("%s «%s» уже есть (%s:%d)", what, id, first.File, first.Line),
			"дайте другое имя или удалите повтор")
		return
	}
	seen[id] = at
}

// written reports whether region.yaml has a key.
func (c *checker) written(path string) bool {
	_, ok := c.p.at["region."+path]
	return ok
}

// key is where a key of region.yaml was written, the file's top when it was not.
func (c *checker) key(path string) Pos { return c.p.keyAt(path) }
