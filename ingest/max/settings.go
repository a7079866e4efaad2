// Package maxingest brings posts in from MAX: by webhook, and by long poll for
// trials and small installations.
package maxingest

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// Settings of a MAX source (domain.Source.Settings, JSON).
type Settings struct {
	// Homes gives the municipality id of a chat's home: key is the chat's number
	// ("-70801090403050"); chats not named have the source's home.
	Homes map[string]string `json:"homes,omitempty"`
	// Dialog hands private messages on although no bot speaks here. Without consent
	// the worker refuses them all the same.
	Dialog bool `json:"dialog,omitempty"`
}

func parseSettings(src domain.Source) (Settings, error) {
	var s Settings
	if err := domain.ReadSettings(src.Settings, &s); err != nil {
		return s, ingest.BadSettings(domain.MAX, err)
	}
	return s, nil
}

// CheckSettings says, in Russian, what is wrong with the settings of a source.
func CheckSettings(src domain.Source) error {
	_, err := parseSettings(src)
	return err
}

func (s Settings) home(chat int64, fallback string) string {
	if h, ok := s.Homes[strconv.FormatInt(chat, 10)]; ok {
		return h
	}
	return fallback
}

// cursor is the cursor of a max_bot source: the next update not yet committed.
type cursor struct {
	Marker int64 `json:"marker,omitempty"`
}

func parseCursor(src domain.Source) (cursor, error) {
	var c cursor
	if len(src.Cursor) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(src.Cursor, &c); err != nil {
		return c, fmt.Errorf("cursor of source %d: %w", src.ID, err)
	}
	return c, nil
}
