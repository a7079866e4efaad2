package staff

import (
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Facts are what the desk's part of the bot must know of a region.
type Facts struct {
	Zone   *time.Location
	Bodies []domain.Agency
	// DeskURL is where the desk is opened; "" when nobody said.
	DeskURL string
	// Act is a person about to take a step, under the desk's rules of access.
	Act func(u domain.User, step domain.Step, caseID, seen int64, now time.Time) (domain.Act, string)
	// Sees reports whether a person may see a case.
	Sees func(u domain.User, c domain.Case) bool
	// Allows reports whether staff may be written to on a platform.
	Allows func(domain.Platform) bool
	// CodeKeys are the keyed hashes of a one-time code.
	CodeKeys func(code string) [][]byte
}

// Desk talks with the people of one region. It is immutable and implements
// domain.StaffDesk and domain.StaffCourier.
type Desk struct{ f Facts }

// New makes the desk's part of a region's bot.
func New(f Facts) *Desk {
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	return &Desk{f: f}
}

// Act implements domain.StaffDesk.
func (d *Desk) Act(u domain.User, step domain.Step, caseID, seen int64, now time.Time) (domain.Act, string) {
	return d.f.Act(u, step, caseID, seen, now)
}

// Sees implements domain.StaffCourier.
func (d *Desk) Sees(u domain.User, c domain.Case) bool { return d.f.Sees(u, c) }

// Allows implements domain.StaffCourier.
func (d *Desk) Allows(p domain.Platform) bool { return d.f.Allows(p) }

// maxBodies is how many bodies are offered as buttons.
const maxBodies = 5

// minName is the shortest part of a name that is looked for.
const minName = 4

// Bodies implements domain.StaffDesk: the one of that very name, or those whose
// names hold it.
func (d *Desk) Bodies(said string) []domain.Agency {
	said = domain.Plain(said)
	var like []domain.Agency
	for _, a := range d.f.Bodies {
		name, short := domain.Plain(a.Name), domain.Plain(a.Short)
		switch {
		case said == name || said == short:
			return []domain.Agency{a}
		case len([]rune(said)) >= minName && (strings.Contains(name, said) || strings.Contains(short, said)):
			like = append(like, a)
		}
	}
	return like
}

// CodeKeys implements domain.StaffDesk.
func (d *Desk) CodeKeys(code string) [][]byte { return d.f.CodeKeys(code) }
