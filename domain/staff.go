package domain

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mail is e-mail to people of the desk: no platform citizens write on.
const Mail Platform = "mail"

// WayStaff is a private chat of somebody of the desk, or their mailbox.
const WayStaff Way = "staff"

// StaffLink is a private chat of somebody of the desk with the region's bot.
type StaffLink struct {
	ID       int64
	UserID   int64
	Region   string
	Platform Platform
	Owner    string // the community or bot
	LinkedAt time.Time
	Broken   string // why nothing gets there, Russian
	BrokenAt time.Time

	Expects StaffExpect // what was asked for last
	About   int64       // case that Expects speaks of
	Reason  string      // given so far
	AskedAt time.Time

	WindowAt time.Time // begin of the minute in which Heard counts
	Heard    int       // messages in it
}

// StaffExpect is what the bot has asked somebody of the desk for.
type StaffExpect string

// What may be asked for; "" is nothing.
const (
	StaffExpectReason StaffExpect = "reason" // why a task is sent back
	StaffExpectBody   StaffExpect = "body"   // whose it is instead
)

// StaffSettings say when somebody wants to hear of things. Times are minutes of
// the region's day.
type StaffSettings struct {
	QuietFrom, QuietTo int // the same one: no quiet hours
	Digest             int // when what was held comes
	Mail               bool
}

// UsualStaffSettings hold for whoever has chosen none: nights are quiet, what
// was held comes before work begins.
func UsualStaffSettings() StaffSettings {
	return StaffSettings{QuietFrom: 21 * 60, QuietTo: 8 * 60, Digest: 8*60 + 30, Mail: true}
}

// Mark stands for the settings as a form has seen them.
func (s StaffSettings) Mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %t", s.QuietFrom, s.QuietTo, s.Digest, s.Mail))
	return hex.EncodeToString(sum[:8])
}

const minutesOfDay = 24 * 60

// Check refuses settings that cannot be kept; the error is a Refusal.
func (s StaffSettings) Check() error {
	for _, m := range []int{s.QuietFrom, s.QuietTo, s.Digest} {
		if m < 0 || m >= minutesOfDay {
			return RefuseNoTime
		}
	}
	if s.quiet(s.Digest) {
		return RefuseDigestQuiet
	}
	return nil
}

// quiet reports whether a minute of the day lies in the quiet hours; their end
// does not.
func (s StaffSettings) quiet(minute int) bool {
	if s.QuietFrom <= s.QuietTo {
		return minute >= s.QuietFrom && minute < s.QuietTo
	}
	return minute >= s.QuietFrom || minute < s.QuietTo
}

// OfDanger names the kinds of notices that do not wait when their case is urgent, for
// somebody has to act on it at once: whose it is, that nobody has it, that its time is
// over.
func OfDanger() []string {
	return []string{string(NoticeAssigned), string(NoticeSentBack), string(NoticeUnassigned), string(NoticeOverdue), string(NoticeEscalation)}
}

// Danger reports whether a notice of a kind is of danger to life; urgent: its case is.
func (k NoticeKind) Danger(urgent bool) bool {
	return k == NoticeUrgent || urgent && slices.Contains(OfDanger(), string(k))
}

// SayAt is when a notice of now is said: at once, or, in quiet hours, with the
// next digest. Danger to life breaks them.
func (s StaffSettings) SayAt(now time.Time, zone *time.Location, danger bool) time.Time {
	local := now.In(zone)
	if danger || !s.quiet(local.Hour()*60+local.Minute()) {
		return now
	}
	y, m, d := local.Date()
	for day := d; ; day++ {
		if at := time.Date(y, m, day, s.Digest/60, s.Digest%60, 0, 0, zone); at.After(now) {
			return at.UTC()
		}
	}
}

// Hearer is somebody who hears a notice, and why.
type Hearer struct {
	Login   string
	Instead string // login of who is away; "" their own notice
	Why     string // machine name
}

// Why somebody hears a notice.
const (
	HearsNamed    = "named"        // the notice names them
	HearsExecutor = "executor"     // the task is on them
	HearsRole     = "role"         // their role in the body, or in the region
	HearsAbove    = "role_above"   // nobody has the role in the body: in the one above
	HearsHead     = "head"         // nobody coordinates the body: its head
	HearsDeputy   = "deputy"       // of somebody away
	HearsNoDeputy = "no_deputy"    // somebody is away and nobody named: the coordinator decides
	HearsAway     = "away_but_who" // away, and nobody else is there
)

// Addressing is what decides who hears a notice.
type Addressing struct {
	People []User // active ones of the region
	Roster Roster
	Today  Date
	Tree   Tree
	// Of the case, when the notice is of one.
	Agency, Executor string
}

// personPrefix begins the role of a notice to one person.
const personPrefix = "person:"

// ToPerson is the role of a notice to one person.
func ToPerson(login string) string { return personPrefix + login }

// RoleDuty is whoever has the duty at the control centre: its analysts.
const RoleDuty = "duty"

// Hearers finds who hears a notice, in order of login: the people it is addressed
// to, or who stands in for them today. What a coordinator hears of a task that is
// being worked on, its executor hears too.
func (a Addressing) Hearers(n Notice) []Hearer {
	found := a.addressed(n)
	if n.ToRole == string(RoleCoordinator) && withExecutor(n.Kind) && a.Executor != "" && (n.ToAgency == "" || n.ToAgency == a.Agency) {
		found = append(found, Hearer{Login: a.Executor, Why: HearsExecutor})
	}
	var out []Hearer
	for _, h := range found {
		out = append(out, a.present(h, n)...)
	}
	slices.SortStableFunc(out, func(x, y Hearer) int { return cmp.Compare(x.Login, y.Login) })
	return slices.CompactFunc(out, func(x, y Hearer) bool { return x.Login == y.Login })
}

// withExecutor are the kinds that whoever works on a task needs as much as the
// coordinator.
func withExecutor(kind NoticeKind) bool {
	switch kind {
	case NoticeControl, NoticeDue3, NoticeDue1, NoticeOverdue, NoticeAnswered, NoticeNotAsked, NoticeStillAsked, NoticeSilent, NoticeLapsed, NoticeSendFailed, NoticeFate:
		return true
	}
	return false
}

func (a Addressing) addressed(n Notice) []Hearer {
	if login, one := strings.CutPrefix(n.ToRole, personPrefix); one {
		return []Hearer{{Login: login, Why: HearsNamed}}
	}
	switch role := Role(n.ToRole); role {
	case RoleDuty:
		return a.having(HearsRole, func(o Office) bool { return o.Role == RoleAnalyst })
	case RoleExecutor:
		if a.Executor != "" {
			return []Hearer{{Login: a.Executor, Why: HearsExecutor}}
		}
		return a.leading(RoleCoordinator, n.ToAgency)
	case RoleCoordinator, RoleHead:
		return a.leading(role, n.ToAgency)
	case RoleCurator:
		return a.having(HearsRole, func(o Office) bool {
			return o.Role == RoleCurator && slices.Contains(a.Tree.Under(o.AgencyID), n.ToAgency)
		})
	case RoleController:
		return a.having(HearsRole, func(o Office) bool {
			return o.Role == RoleController && (o.AgencyID == "" || a.Agency != "" && slices.Contains(a.Tree.Under(o.AgencyID), a.Agency))
		})
	default:
		return a.having(HearsRole, func(o Office) bool { return o.Role == role && o.AgencyID == "" })
	}
}

func (a Addressing) having(why string, fits func(Office) bool) []Hearer {
	var out []Hearer
	for _, u := range a.People {
		if slices.ContainsFunc(u.Offices, fits) {
			out = append(out, Hearer{Login: u.Login, Why: why})
		}
	}
	return out
}

// leading are those who lead a body in a role: its own people, else its head (in a
// small body head and coordinator are one person), else those of the body above.
func (a Addressing) leading(role Role, body string) []Hearer {
	for i, at := range a.Tree.Over(body) {
		why := HearsRole
		if i > 0 {
			why = HearsAbove
		}
		in := func(r Role) func(Office) bool {
			return func(o Office) bool { return o.Role == r && o.AgencyID == at }
		}
		if found := a.having(why, in(role)); len(found) > 0 {
			return found
		}
		if role == RoleCoordinator {
			if found := a.having(HearsHead, in(RoleHead)); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// present is who hears what is meant for a person: themselves, their deputy, or,
// where nobody stands in, who may do it instead: for a head another head, of the body
// or of one above; else, or when there is none, the coordinators.
func (a Addressing) present(h Hearer, n Notice) []Hearer {
	cover := a.Roster.Cover(h.Login, a.Today)
	switch cover.Why {
	case CoverPresent:
		return []Hearer{h}
	case CoverDeputy:
		return []Hearer{{Login: cover.Login, Instead: h.Login, Why: HearsDeputy}}
	}
	body := n.ToAgency
	if body == "" {
		body = a.Agency
	}
	var out []Hearer
	if n.ToRole == string(RoleHead) {
		out = a.there(body, h.Login, RoleHead)
	}
	if len(out) == 0 {
		out = a.there(body, h.Login, RoleCoordinator, RoleHead)
	}
	if len(out) == 0 {
		return []Hearer{{Login: h.Login, Why: HearsAway}}
	}
	return out
}

// there are who stands in for somebody away: the first who are at work, or have a
// deputy who is, going up from the body, and in a body by the order of roles.
func (a Addressing) there(body, away string, roles ...Role) (out []Hearer) {
	for _, at := range a.Tree.Over(body) {
		for _, role := range roles {
			for _, c := range a.having(HearsNoDeputy, func(o Office) bool { return o.Role == role && o.AgencyID == at }) {
				switch cover := a.Roster.Cover(c.Login, a.Today); {
				case c.Login == away || cover.Login == "":
				case cover.Why == CoverDeputy:
					out = append(out, Hearer{Login: cover.Login, Instead: c.Login, Why: HearsDeputy})
				default:
					out = append(out, Hearer{Login: c.Login, Instead: away, Why: HearsNoDeputy})
				}
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	return nil
}
