package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const nbsp = "\u00a0"

// Words is a cell as people read it: numbers with a decimal comma, thousands
// apart, «83 %», «03.12.2026 16:42», «2 ч 15 мин».
func Words(c Cell, kind Kind, zone *time.Location) string {
	if c.Empty() {
		return ""
	}
	switch kind {
	case Number:
		return NumberWords(c.number)
	case Share:
		return strconv.Itoa(int(math.Round(c.number*100))) + nbsp + "%"
	case Day:
		return c.day.Words()
	case Moment:
		return c.at.In(inZone(zone)).Format("02.01.2006 15:04")
	case Duration:
		return DurationWords(c.lasts)
	case Worked:
		return WorkedWords(c.lasts)
	case Text:
	}
	return c.text
}

func inZone(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

// NumberWords is «1 234 567» or «6,5»: at most two digits after the comma.
func NumberWords(n float64) string {
	s := strconv.FormatFloat(math.Abs(math.Round(n*100)/100), 'f', -1, 64)
	whole, rest, broken := strings.Cut(s, ".")
	var b strings.Builder
	if n < 0 && s != "0" {
		b.WriteString("−")
	}
	for i, digit := range whole {
		if left := len(whole) - i; i > 0 && left%3 == 0 && len(whole) > 4 {
			b.WriteString(nbsp)
		}
		b.WriteRune(digit)
	}
	if broken {
		b.WriteString("," + rest)
	}
	return b.String()
}

// DurationWords is «45 мин», «2 ч 15 мин», «11 дн. 12 ч»: two units at most, to
// the minute.
func DurationWords(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "−", -d
	}
	minutes := int64(math.Round(d.Minutes()))
	days, hours, left := minutes/(24*60), minutes/60%24, minutes%60
	switch {
	case days > 0 && hours > 0:
		return sign + strconv.FormatInt(days, 10) + nbsp + "дн. " + strconv.FormatInt(hours, 10) + nbsp + "ч"
	case days > 0:
		return sign + strconv.FormatInt(days, 10) + nbsp + "дн."
	case hours > 0 && left > 0:
		return sign + strconv.FormatInt(hours, 10) + nbsp + "ч " + strconv.FormatInt(left, 10) + nbsp + "мин"
	case hours > 0:
		return sign + strconv.FormatInt(hours, 10) + nbsp + "ч"
	}
	return sign + strconv.FormatInt(left, 10) + nbsp + "мин"
}

// WorkedWords is «45 мин», «30 ч 10 мин»: working days have no length of their own.
func WorkedWords(d time.Duration) string {
	minutes := int64(math.Round(d.Minutes()))
	hours, left := minutes/60, minutes%60
	switch {
	case hours == 0:
		return strconv.FormatInt(left, 10) + nbsp + "мин"
	case left == 0 || hours >= 10:
		return strconv.FormatInt(int64(math.Round(d.Hours())), 10) + nbsp + "ч"
	}
	return strconv.FormatInt(hours, 10) + nbsp + "ч " + strconv.FormatInt(left, 10) + nbsp + "мин"
}

// Count is a number with its noun in the right form: Count(2, "день", "дня",
// "дней") is «2 дня».
func Count(n int64, one, few, many string) string {
	form, tail := many, n
	if tail < 0 {
		tail = -tail
	}
	switch {
	case tail%100 >= 11 && tail%100 <= 14:
	case tail%10 == 1:
		form = one
	case tail%10 >= 2 && tail%10 <= 4:
		form = few
	}
	return NumberWords(float64(n)) + nbsp + form
}
