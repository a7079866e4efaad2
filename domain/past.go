package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// PastIncident is an incident of an «Инцидент Менеджмент» export, kept to learn
// from. Its text is masked.
type PastIncident struct {
	Number, ExternalID       string // of the other system
	Text                     string
	TopicGroup, Topic        string
	Department, Executor     string // names of the body and of the one inside it
	Municipality, Settlement string // names
	Nature, Step, Outcome    string // «Решаемый», «Готово», «Разъяснено»
	CreatedAt, EndedAt       time.Time
}

// Key is what an incident is known by however often it comes: its number, else its
// ID, else what it says and when.
func (p PastIncident) Key() string {
	return p.Keys()[0]
}

// Keys are all that an incident may be known by, the surest first: an export with
// fewer columns knew it by a later one.
func (p PastIncident) Keys() (keys []string) {
	if p.Number != "" {
		keys = append(keys, "number:"+p.Number)
	}
	if p.ExternalID != "" {
		keys = append(keys, "id:"+p.ExternalID)
	}
	sum := sha256.Sum256([]byte(strconv.FormatInt(p.CreatedAt.Unix(), 10) + "\n" + strings.Join(strings.Fields(p.Text), " ")))
	return append(keys, "text:"+hex.EncodeToString(sum[:16]))
}
