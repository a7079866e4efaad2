package domain

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// AnnouncementState is how far an announcement has come.
type AnnouncementState string

// States of announcements. Who writes one does not approve it.
const (
	AnnouncementDraft    AnnouncementState = "draft"
	AnnouncementApproval AnnouncementState = "approval"
	AnnouncementSending  AnnouncementState = "sending"
	AnnouncementSent     AnnouncementState = "sent"
	AnnouncementStopped  AnnouncementState = "stopped"
	AnnouncementDropped  AnnouncementState = "dropped"
)

// Announcement is what the control centre tells everybody who has subscribed to
// one of some municipalities.
type Announcement struct {
	ID             int64
	Region         string
	State          AnnouncementState
	Text           string
	Municipalities []string
	Author         string // login
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Approver       string
	ApprovedAt     time.Time
	Why            string // of the last return or stop
	EndedBy        string
	EndedAt        time.Time
	Version        int

	Total                               int64 // receivers when it was approved
	Delivered, Failed, Unclear, Waiting int64
}

// announcementLimit leaves room for the head that the bot puts above the text in
// the shortest of the platforms (MAX: 4,000 characters).
const announcementLimit = 3500

// Check refuses an announcement that nobody could get. The error is a Refusal.
func (a Announcement) Check() error {
	switch {
	case strings.TrimSpace(a.Text) == "":
		return RefuseEmptyText
	case utf8.RuneCountInString(a.Text) > announcementLimit:
		return RefuseLongAnnouncement
	case len(a.Municipalities) == 0:
		return RefuseNoMunicipality
	}
	return nil
}

// Move decides whether somebody may bring an announcement to a state; the error is
// a Refusal.
func (a Announcement) Move(to AnnouncementState, who string) error {
	from := map[AnnouncementState][]AnnouncementState{
		AnnouncementApproval: {AnnouncementDraft},
		AnnouncementDraft:    {AnnouncementApproval},
		AnnouncementSending:  {AnnouncementApproval},
		AnnouncementStopped:  {AnnouncementSending},
		AnnouncementSent:     {AnnouncementSending},
		AnnouncementDropped:  {AnnouncementDraft},
	}[to]
	switch {
	case !slices.Contains(from, a.State):
		return RefuseAnnouncementMoved
	case to == AnnouncementSending && who == a.Author:
		return RefuseOwnAnnouncement
	}
	return nil
}

// Receivers says to whom the bot may speak of its own accord.
type Receivers struct {
	Consent   string     // version of the words that must have been agreed to
	Platforms []Platform // where the region's policy lets the bot speak
}

// Announce makes the bot's word of an announcement: places are the municipalities
// of it that the receiver has subscribed to.
type Announce func(text string, places []string) Word
