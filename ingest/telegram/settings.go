// Package tgingest brings posts in from Telegram: by getUpdates, by webhook,
// and by reading the public previews of channels no bot of ours sits in.
package tgingest

import (
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// Settings of a Telegram source (domain.Source.Settings, JSON).
type Settings struct {
	// Homes gives the municipality id of a chat's home: key is the chat id
	// ("-1001234567890") or "@name"; chats not named have the source's home.
	Homes map[string]string `json:"homes,omitempty"`
	// Dialog hands private messages on although no bot speaks here. Without consent
	// the worker refuses them all the same.
	Dialog bool `json:"dialog,omitempty"`
	// FirstDays is how far the first poll of a preview looks back; 1 by default.
	FirstDays int `json:"first_days,omitempty"`
	// RecheckDays is how long the posts of a preview are looked at again for edits
	// and deletions; the pack's recheck_days (7) by default, 0: not.
	RecheckDays *int `json:"recheck_days,omitempty"`
}

func (s Settings) recheck() int {
	if s.RecheckDays == nil {
		return defaultRecheckDays
	}
	return *s.RecheckDays
}

func parseSettings(src domain.Source) (Settings, error) {
	var s Settings
	if err := domain.ReadSettings(src.Settings, &s); err != nil {
		return s, ingest.BadSettings(domain.Telegram, err)
	}
	return s, nil
}

// CheckSettings says, in Russian, what is wrong with the settings of a source.
func CheckSettings(src domain.Source) error {
	_, err := parseSettings(src)
	return err
}

// home finds a chat's municipality by any of the names it goes by, nearest first.
func (s Settings) home(names []string, fallback string) string {
	for _, n := range names {
		if n == "" {
			continue
		}
		if h, ok := s.Homes[n]; ok {
			return h
		}
		if h, ok := s.Homes[strings.ToLower(n)]; ok {
			return h
		}
	}
	return fallback
}
