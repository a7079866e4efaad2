package staff

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// What buttons carry. A letter's number is that of the person's own letter, so
// that a payload made by hand names nothing that is not theirs.
const (
	prefix      = "s:"
	pressAccept = "s:accept:" // letter
	pressBack   = "s:back:"   // letter
	pressBody   = "s:body:"   // case:body
	pressCancel = "s:cancel"
	pressUnlink = "s:unlink"
)

// maxPress is Telegram's: 64 bytes behind a button.
const maxPress = 64

// askedFor is how long the bot waits for words it has asked for.
const askedFor = 30 * time.Minute

// code is a one-time code as the page shows it, or with the word for it before.
// Twelve digits alone may be somebody's number of a taxpayer.
var code = regexp.MustCompile(`(?i)^(?:(?:/start(?:@\S+)?|код:?)\s+(\d{4})[-\s]?(\d{4})[-\s]?(\d{4})|(\d{4})[-\s](\d{4})[-\s](\d{4}))$`)

// Read implements domain.StaffDesk.
func (d *Desk) Read(now time.Time, link *domain.StaffLink, p *domain.Post) domain.StaffAsk {
	v := p.Private
	if v == nil || v.Group {
		return domain.StaffAsk{}
	}
	if v.Event == domain.DialogStopped && link != nil {
		return domain.StaffAsk{Kind: domain.StaffAskStopped}
	}
	if strings.HasPrefix(v.Press, prefix) {
		return pressed(v.Press)
	}
	if v.Press != "" || v.Event != "" {
		return domain.StaffAsk{}
	}
	text := strings.TrimSpace(p.Text)
	if m := code.FindStringSubmatch(text); m != nil {
		return domain.StaffAsk{Kind: domain.StaffAskCode, Code: strings.Join(m[1:], "")}
	}
	if link == nil {
		return domain.StaffAsk{}
	}
	return asked(now, link, text)
}

// asked reads words in a linked chat: a command of the desk's, or what was asked
// for a short while ago.
func asked(now time.Time, link *domain.StaffLink, text string) domain.StaffAsk {
	switch strings.ToLower(strings.TrimPrefix(text, "/")) {
	case "уведомления", "notices":
		return domain.StaffAsk{Kind: domain.StaffAskHelp}
	case "отвязать", "unlink":
		return domain.StaffAsk{Kind: domain.StaffAskUnlink}
	}
	if link.Expects == "" || now.Sub(link.AskedAt) > askedFor || text == "" {
		return domain.StaffAsk{}
	}
	switch strings.ToLower(strings.TrimPrefix(text, "/")) {
	case "отмена", "cancel":
		return domain.StaffAsk{Kind: domain.StaffAskCancel}
	}
	if link.Expects == domain.StaffExpectBody {
		return domain.StaffAsk{Kind: domain.StaffAskBody, Text: text}
	}
	return domain.StaffAsk{Kind: domain.StaffAskReason, Text: text}
}

func pressed(press string) domain.StaffAsk {
	at := strings.LastIndexByte(press, ':') + 1
	number := func(kind domain.StaffAskKind) domain.StaffAsk {
		id, err := strconv.ParseInt(press[at:], 10, 64)
		if err != nil || id <= 0 {
			return domain.StaffAsk{Kind: domain.StaffAskUnknown}
		}
		return domain.StaffAsk{Kind: kind, Letter: id}
	}
	switch {
	case press == pressCancel:
		return domain.StaffAsk{Kind: domain.StaffAskCancel}
	case press == pressUnlink:
		return domain.StaffAsk{Kind: domain.StaffAskUnlink}
	case press[:at] == pressAccept:
		return number(domain.StaffAskAccept)
	case press[:at] == pressBack:
		return number(domain.StaffAskBack)
	case strings.HasPrefix(press, pressBody):
		ask := domain.StaffAsk{Kind: domain.StaffAskChosen}
		id, body, _ := strings.Cut(strings.TrimPrefix(press, pressBody), ":")
		var err error
		if ask.Case, err = strconv.ParseInt(id, 10, 64); err == nil && body != "" {
			ask.Body = body
			return ask
		}
	}
	return domain.StaffAsk{Kind: domain.StaffAskUnknown}
}

func bodyPress(caseID int64, body string) string {
	return fmt.Sprintf("%s%d:%s", pressBody, caseID, body)
}
