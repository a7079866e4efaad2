package page

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// nbsp keeps a number and its word on one line.
const nbsp = "\u00a0"

// Plural chooses the form of a noun: Plural(21, "день", "дня", "дней") is «день».
func Plural(n int, one, few, many string) string {
	if n < 0 {
		n = -n
	}
	switch {
	case n%100 >= 11 && n%100 <= 14:
		return many
	case n%10 == 1:
		return one
	case n%10 >= 2 && n%10 <= 4:
		return few
	}
	return many
}

// Counted is a number with its noun, never broken over two lines: «21 день».
func Counted(n int, one, few, many string) string {
	return Count(n) + nbsp + Plural(n, one, few, many)
}

// Days is «1 день», «2 дня», «5 дней».
func Days(n int) string { return Counted(n, "день", "дня", "дней") }

// Count writes a number with its thousands apart: «12 480». Four digits stay
// together, as Russian typography has it.
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	if len(s) > 4 {
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + nbsp + s[i:]
		}
	}
	return sign + s
}

func anyInt(n any) (int, error) {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return int(v.Int()), nil
	case v.CanUint():
		return int(v.Uint()), nil //nolint:gosec // counts of rows
	}
	return 0, fmt.Errorf("%v is no whole number", n)
}

func pluralAny(n any, one, few, many string) (string, error) {
	i, err := anyInt(n)
	return Counted(i, one, few, many), err
}

func countAny(n any) (string, error) {
	i, err := anyInt(n)
	return Count(i), err
}

// Chip is a deadline as it is shown everywhere: how much is left in a few
// words, a class for its colour, and the exact time with the rule behind it.
type Chip struct{ Text, Class, Hint string }

// Classes of the chip, from calm to alarming; desk.css gives them colours.
const (
	dueCalm  = "due-calm"
	dueNear  = "due-near"
	dueSoon  = "due-soon"
	dueAlarm = "due-late"
)

// DueChip words the deadline of a case in local days; empty when it has none or
// its clock has stopped. Show it with {{template "due" .Due}}.
func DueChip(c domain.Case, now time.Time, zone *time.Location) Chip {
	d := c.Deadline
	if d.Due.IsZero() || !c.State.ClockRuns() {
		return Chip{}
	}
	local := domain.Almanac{Zone: zone}
	out := Chip{Hint: fmt.Sprintf("%s, 23:59 · %s", local.LastDay(d).Words(), d.Reason)}
	left := local.DaysLeft(d, now)
	switch {
	case left < 0:
		out.Text, out.Class = "просрочено на "+Days(-left), dueAlarm
	case left == 0:
		out.Text, out.Class = "сегодня, 23:59", dueSoon
	case left == 1:
		out.Text, out.Class = "завтра, 23:59", dueSoon
	case left <= 3:
		out.Text, out.Class = Days(left), dueNear
	default:
		out.Text, out.Class = "осталось "+Count(left)+nbsp+"дн.", dueCalm
	}
	return out
}

// Due is DueChip at the request's time and place.
func (r *Request) Due(c domain.Case) Chip { return DueChip(c, r.Now, r.Region.Zone) }

// When is an instant as people say it in the region: «16:42» today, «вчера,
// 16:42», «26.11, 16:42» this year, «26.11.2025, 16:42»; «—» for none.
func (r *Request) When(t time.Time) string { return When(t, r.Now, r.Region.Zone) }

// When is the instant t as people say it at now in a zone.
func When(t, now time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "—"
	}
	t, now = t.In(zone), now.In(zone)
	hour := t.Format("15:04")
	switch domain.DateOf(now, zone).Sub(domain.DateOf(t, zone)) {
	case 0:
		return hour
	case 1:
		return "вчера, " + hour
	case -1:
		return "завтра, " + hour
	}
	if t.Year() == now.Year() {
		return t.Format("02.01, ") + hour
	}
	return t.Format("02.01.2006, ") + hour
}

// Exact is an instant in full local time: «28.11.2026, 16:42».
func (r *Request) Exact(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(r.Region.Zone).Format("02.01.2006, 15:04")
}

// ReallyWhen is When for instants of real time (sessions), which in the
// demonstration is not business time.
func (r *Request) ReallyWhen(t time.Time) string { return When(t, time.Now(), r.Region.Zone) }

// Today is the local day.
func (r *Request) Today() domain.Date { return domain.DateOf(r.Now, r.Region.Zone) }

// Duration words a stretch of time with at most two units: «3 дня 4 ч»,
// «2 ч 05 мин», «7 мин», «меньше минуты».
func Duration(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0 && hours > 0:
		return Days(days) + " " + strconv.Itoa(hours) + nbsp + "ч"
	case days > 0:
		return Days(days)
	case hours > 0:
		return fmt.Sprintf("%d%sч %02d%sмин", hours, nbsp, minutes, nbsp)
	case minutes > 0:
		return strconv.Itoa(minutes) + nbsp + "мин"
	}
	return "меньше минуты"
}

// Confidence is a word and a number: «уверенно · 0,94», «сомнительно · 0,58».
func Confidence(c float64) string {
	word := "сомнительно"
	switch {
	case c >= 0.8:
		word = "уверенно"
	case c < 0.4:
		word = "наугад"
	}
	return word + " · " + Decimal(c, 2)
}

// Decimal writes a number the Russian way: Decimal(0.943, 2) is «0,94».
func Decimal(f float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', digits, 64), ".", ",", 1)
}

// Initials are the first letters of given name and family name: «АК» of «Анна
// Ивановна Кузнецова».
func Initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	out := []rune(words[0])[:1]
	if len(words) > 1 {
		out = append(out, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(out))
}

// Foot is the end of a list: how many there are and what the filter is, and the
// way to the next page. Show it with {{template "foot" .Foot}}.
type Foot struct {
	Words      string
	Prev, Next string // addresses, "" none
}

// PlatformName is a platform as people of the desk call it.
func PlatformName(p domain.Platform) string {
	switch p {
	case domain.VK:
		return "VK"
	case domain.Telegram:
		return "Telegram"
	case domain.MAX:
		return "MAX"
	}
	return string(p)
}
