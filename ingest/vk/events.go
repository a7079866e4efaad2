package vkingest

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// Outcome says what became of an event; outcomes are counted by type.
type Outcome string

// Outcomes of events.
const (
	Taken    Outcome = "taken"                        // a post or a deletion came of it
	Ignored  Outcome = "ignored"                      // a type that is none of our business, or our own message
	Unknown  Outcome = "unknown"                      // a type we have never heard of
	Unusable Outcome = "unusable"                     // a type we take, but nothing in it says which post it is
	Paused   Outcome = Outcome(ingest.DroppedPaused)  // pushed while a person has stopped the source
	Refused  Outcome = Outcome(ingest.DroppedRefused) // pushed while the region's pack does not let VK be read
)

// Event is a mapped event of Bots Long Poll or the Callback API.
type Event struct {
	Type     string
	Outcome  Outcome
	Post     *domain.Post
	Deletion *domain.PostID
}

// MapEvent turns one event into a post or a deletion. It never fails: an event
// that cannot be used says so in its outcome.
func MapEvent(raw json.RawMessage, src domain.Source) Event {
	var e eventShape
	if err := decode(raw, &e); err != nil && e.Type == "" {
		return Event{Outcome: Unusable}
	}
	return e.mapped(src)
}

func (e *eventShape) mapped(src domain.Source) Event {
	f := Frame{Source: src, Owner: -e.GroupID}
	out := Event{Type: e.Type, Outcome: Ignored}
	switch e.Type {
	case "wall_post_new":
		if postponed(e.Object) {
			return out
		}
		return out.taken(MapPost(e.Object, f)) // a post offered before is told of again when it is published
	case "wall_reply_new":
		return out.taken(MapComment(e.Object, f)).first()
	case "wall_reply_edit", "wall_reply_restore":
		return out.taken(MapComment(e.Object, f))
	case "wall_reply_delete":
		return out.deleted(e.Object, f)
	case "message_new":
		return out.message(e.Object, f).first()
	case "message_edit":
		return out.message(e.Object, f)
	case "message_allow":
		return out.dialog(e, f, domain.DialogStarted)
	case "message_deny":
		return out.dialog(e, f, domain.DialogStopped)
	}
	if !knownType(e.Type) {
		out.Outcome = Unknown
	}
	return out
}

// postponed reports a draft that waits for its hour: nobody has published it.
func postponed(raw json.RawMessage) bool {
	var s postShape
	_ = json.Unmarshal(raw, &s) // the type is read however odd the rest
	return s.Type == "postpone"
}

func (e Event) taken(p domain.Post, err error) Event {
	switch {
	case err == nil:
		e.Outcome, e.Post = Taken, &p
	case errors.Is(err, ErrDeleted):
		e.Outcome, e.Deletion = Taken, &p.ID
	default:
		e.Outcome = Unusable
	}
	return e
}

// first marks what a comment or message said when it was written: VK gives
// edited comments no date to tell by.
func (e Event) first() Event {
	if e.Post != nil {
		e.Post.First = true
	}
	return e
}

func (e Event) deleted(raw json.RawMessage, f Frame) Event {
	p, err := MapComment(raw, f)
	if err != nil && !errors.Is(err, ErrDeleted) {
		e.Outcome = Unusable
		return e
	}
	e.Outcome, e.Deletion = Taken, &p.ID
	return e
}

// message maps a private message. Since 5.103 message_new is wrapped in
// {message, client_info}; message_edit and older versions are not.
func (e Event) message(raw json.RawMessage, f Frame) Event {
	var wrapped struct {
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(raw, &wrapped) == nil && len(wrapped.Message) > 0 {
		raw = wrapped.Message
	}
	p, own, err := MapMessage(raw, f)
	if own {
		return e // what the community itself wrote
	}
	return e.taken(p, err)
}

// dialog maps what happened to a conversation without words. Only a bot hears of
// it; it is no post.
func (e Event) dialog(raw *eventShape, f Frame, what domain.PrivateEvent) Event {
	var s struct {
		UserID int64 `json:"user_id"`
	}
	_ = json.Unmarshal(raw.Object, &s) // whoever is not named is 0
	if f.Owner == 0 || s.UserID == 0 || raw.EventID == "" {
		return e
	}
	p := f.post(dialogID(f.Owner, s.UserID, raw.EventID), domain.Message, nil)
	p.Private = &domain.Private{Chat: fmt.Sprint(s.UserID), Event: what}
	e.Outcome, e.Post = Taken, &p
	return e
}

// knownType lists the other events of communities
// (https://dev.vk.com/ru/api/community-events/json-schema); more may come.
func knownType(t string) bool {
	switch t {
	case "confirmation", "wall_repost", "message_reply", "message_allow", "message_deny", "message_typing_state", "message_event", "message_read",
		"photo_new", "photo_comment_new", "photo_comment_edit", "photo_comment_restore", "photo_comment_delete",
		"audio_new", "video_new", "video_comment_new", "video_comment_edit", "video_comment_restore", "video_comment_delete",
		"board_post_new", "board_post_edit", "board_post_restore", "board_post_delete",
		"market_comment_new", "market_comment_edit", "market_comment_restore", "market_comment_delete",
		"market_order_new", "market_order_edit", "group_leave", "group_join", "user_block", "user_unblock",
		"poll_vote_new", "group_officers_edit", "group_change_settings", "group_change_photo",
		"vkpay_transaction", "app_payload", "like_add", "like_remove", "lead_forms_new",
		"donut_subscription_create", "donut_subscription_prolonged", "donut_subscription_expired",
		"donut_subscription_cancelled", "donut_subscription_price_changed", "donut_money_withdraw", "donut_money_withdraw_error":
		return true
	}
	return false
}
