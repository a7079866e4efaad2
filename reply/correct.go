package reply

import (
	"slices"

	"github.com/otklik/otklik/domain"
)

// MayCorrect tells why an answer cannot be corrected at a place where it stands, ""
// when it can: only the account that said the words can say them otherwise, and only
// for a body that may use it. In a dialog it is the one its citizen wrote to, whichever
// body's that is. Pure.
func MayCorrect(p domain.AnswerPlace, k Knowledge) domain.Refusal {
	if allowed, _ := k.Channels(p.Platform, p.Way); !allowed {
		return domain.RefuseCorrectChannel
	}
	why := domain.RefuseCorrectAccount
	for _, s := range k.Speakers {
		switch {
		case s.Platform != p.Platform || s.Broken != "" || s.Address != p.Account && s.Address != domain.AnyAddress:
		case p.Way == domain.WayDialog || s.Whole || slices.Contains(s.Bodies, p.Body):
			return ""
		default:
			why = domain.RefuseCorrectOther
		}
	}
	return why
}
