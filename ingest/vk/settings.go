package vkingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// Settings of a VK source, as JSON in domain.Source.Settings. What is left out
// has the default; a key we do not know is an error.
type Settings struct {
	FirstDays      int  `json:"first_days"`      // how far back the first poll looks: 1
	OverlapMinutes int  `json:"overlap_minutes"` // how much of what is known is read again: 15, in searches 60
	MaxPages       int  `json:"max_pages"`       // pages of wall.get or newsfeed.search in one pull: 5
	MaxCalls       int  `json:"max_calls"`       // calls of all kinds in one pull: 25
	RecheckDays    int  `json:"recheck_days"`    // how long edits, deletions and comments are looked for: 7; 0: not
	RewalkHours    int  `json:"rewalk_hours"`    // how often the comments below a watched post's newest page are read again: 24; 0: not
	Comments       bool `json:"comments"`        // whether comments are read: true for walls, false for searches

	// Searches only.
	Lat *float64 `json:"lat"` // narrows the search to the surroundings of a point
	Lon *float64 `json:"lon"`

	// Long polls only.
	WaitSeconds int `json:"wait_seconds"` // 25, at most 90
}

const maxFirstDays = 20 * 366 // older than VK's walls is surely a slip

const maxWait = 90 // seconds, VK's own limit

// readSettings reads and checks a source's settings. recheckDays is the region's
// own default; 0 stands for ours.
func readSettings(src domain.Source, recheckDays int) (Settings, error) {
	s := Settings{
		FirstDays: 1, OverlapMinutes: 15, MaxPages: 5, MaxCalls: 25, RecheckDays: 7, RewalkHours: 24,
		Comments: src.Kind != domain.VKSearch, WaitSeconds: 25,
	}
	if src.Kind == domain.VKSearch {
		s.OverlapMinutes = 60 // an index knows a post later than its wall does
	}
	if recheckDays > 0 {
		s.RecheckDays = recheckDays
	}
	if err := domain.ReadSettings(src.Settings, &s); err != nil {
		return s, ingest.BadSettings(domain.VK, err)
	}
	return s, s.check()
}

func (s Settings) check() error {
	for _, v := range []struct {
		name           string
		is, least, top int
	}{
		{"first_days", s.FirstDays, 0, maxFirstDays},
		{"recheck_days", s.RecheckDays, 0, 60},
		{"rewalk_hours", s.RewalkHours, 0, 60 * 24},
		{"overlap_minutes", s.OverlapMinutes, 1, 24 * 60},
		{"max_pages", s.MaxPages, 1, 50},
		{"max_calls", s.MaxCalls, 5, 500},
		{"wait_seconds", s.WaitSeconds, 1, maxWait},
	} {
		if v.is < v.least || v.is > v.top {
			return ingest.BadSettings(domain.VK, fmt.Errorf("%s: %d — допускается от %d до %d", v.name, v.is, v.least, v.top))
		}
	}
	if (s.Lat == nil) != (s.Lon == nil) {
		return ingest.BadSettings(domain.VK, errors.New("lat и lon задаются вместе"))
	}
	return nil
}

// CheckSettings says, in Russian, what is wrong with the settings of a source.
func CheckSettings(src domain.Source) error {
	_, err := readSettings(src, 0)
	return err
}

func (s Settings) overlap() time.Duration { return time.Duration(s.OverlapMinutes) * time.Minute }

func (s Settings) recheck() time.Duration { return time.Duration(s.RecheckDays) * 24 * time.Hour }

func (s Settings) rewalk() time.Duration { return time.Duration(s.RewalkHours) * time.Hour }

func (s Settings) first() time.Duration { return time.Duration(s.FirstDays) * 24 * time.Hour }

func (s Settings) wait() time.Duration { return time.Duration(s.WaitSeconds) * time.Second }

// readCursor reads a source's cursor into out, which keeps its zero value at
// first. A cursor that cannot be read would hide posts if it were ignored.
func readCursor(src domain.Source, out any) error {
	if len(src.Cursor) == 0 || string(src.Cursor) == "null" {
		return nil
	}
	if err := json.Unmarshal(src.Cursor, out); err != nil {
		return fmt.Errorf("read cursor of source %d: %w", src.ID, err)
	}
	return nil
}

// writeCursor renders a cursor.
func writeCursor(c any) (json.RawMessage, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write cursor: %w", err)
	}
	return raw, nil
}
