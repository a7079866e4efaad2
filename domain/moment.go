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
	for _, layout := range [...]string{
		time.RFC3339, "2006-01-02 15:04:05Z07:00",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
		"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006, 15:04", "02.01.2006",
	} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
