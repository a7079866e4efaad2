package domain

import (
	"strings"
	"time"
)

// ParseMoment reads a time as people and spreadsheets write it: RFC 3339, or a
// date with or without a time of day, by ISO 8601 or day first. What names no zone
// is local there; a date alone is the beginning of its day.
func ParseMoment(s string, zone *time.Location) (t time.Time, ok bool) {
	s = strings.TrimSpace(s)
	for _, layout := range [...]string{time.RFC3339, "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	date, clock := s, ""
	if i := strings.IndexAny(s, " T,"); i >= 0 {
		date, clock = s[:i], strings.TrimLeft(s[i:], " T,")
	}
	d, ok := parseDate(date, zone)
	if !ok || clock == "" {
		return d, ok && date == s
	}
	for _, layout := range [...]string{"15:04:05", "15:04"} {
		if c, err := time.Parse(layout, clock); err == nil {
			return time.Date(d.Year(), d.Month(), d.Day(), c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), zone), true
		}
	}
	return time.Time{}, false
}

// parseDate reads a date. With strokes a year of two digits stays unread: it may
// stand first («24-02-01») or last.
func parseDate(s string, zone *time.Location) (t time.Time, ok bool) {
	for _, layout := range [...]string{"2006-01-02", "2.1.2006", "2/1/2006", "2-1-2006", "2.1.06", "2/1/06"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
