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
	switch {
	case p.Number != "":
		return "number:" + p.Number
	case p.ExternalID != "":
		return "id:" + p.ExternalID
	}
	sum := sha256.Sum256([]byte(strconv.FormatInt(p.CreatedAt.Unix(), 10) + "\n" + strings.Join(strings.Fields(p.Text), " ")))
	return "text:" + hex.EncodeToString(sum[:16])
}
