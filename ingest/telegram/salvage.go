package tgingest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
)

// decoded is a message as far as it could be understood.
type decoded struct {
	models.Message
	keys   map[string]json.RawMessage // all fields as they came
	faults []domain.Fault
}

var errNoIdentity = errors.New("message has no chat id or message id")

// decode reads a message. The Bot API grows faster than any model of it, so a
// field that no longer fits is left out and named in a fault; only a message
// that cannot be identified is refused.
func decode(raw json.RawMessage) (decoded, error) {
	d := decoded{}
	if err := json.Unmarshal(raw, &d.keys); err != nil {
		return d, errNoIdentity
	}
	if !utf8.Valid(raw) {
		d.faults = append(d.faults, domain.Fault{Code: domain.FaultInvalidUTF8})
	}
	if err := json.Unmarshal(raw, &d.Message); err != nil {
		d.salvage()
	}
	if d.ID == 0 || d.Chat.ID == 0 {
		return d, errNoIdentity
	}
	return d, nil
}

// salvage decodes field by field and keeps what fits.
func (d *decoded) salvage() {
	d.Message = models.Message{}
	var odd []string
	for key, value := range d.keys {
		one, err := json.Marshal(map[string]json.RawMessage{key: value})
		if err != nil {
			odd = append(odd, key)
			continue
		}
		var alone models.Message
		if json.Unmarshal(one, &alone) != nil {
			odd = append(odd, key)
			continue
		}
		_ = json.Unmarshal(one, &d.Message) // the same bytes just decoded
	}
	if slices.Contains(odd, "chat") {
		d.salvageChat()
	}
	slices.Sort(odd)
	d.faults = append(d.faults, domain.Fault{Code: domain.FaultUnknownShape, Detail: "fields " + strings.Join(odd, ", ")})
}

func (d *decoded) salvageChat() {
	var id struct {
		ID int64 `json:"id"`
	}
	if json.Unmarshal(d.keys["chat"], &id) == nil {
		d.Chat = models.Chat{ID: id.ID}
	}
	var kind struct {
		Type models.ChatType `json:"type"`
	}
	if json.Unmarshal(d.keys["chat"], &kind) == nil {
		d.Chat.Type = kind.Type
	}
}

// serviceKeys are the fields of service messages: they tell what happened to a
// chat and hold nobody's words (https://core.telegram.org/bots/api#message).
// Poll options added later and giveaways are content; the rest is listed.
func serviceKeys() []string {
	return []string{
		"new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
		"new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
		"channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
		"migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared",
		"chat_shared", "gift", "unique_gift", "gift_upgrade_sent", "connected_website", "write_access_allowed",
		"passport_data", "proximity_alert_triggered", "boost_added", "chat_background_set",
		"checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed", "forum_topic_created",
		"forum_topic_edited", "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden",
		"general_forum_topic_unhidden", "giveaway_created", "giveaway_completed", "managed_bot_created",
		"paid_message_price_changed", "poll_option_added", "poll_option_deleted", "suggested_post_approved",
		"suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
		"suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
		"video_chat_participants_invited", "web_app_data",
	}
}

func (d *decoded) isService() bool {
	for _, k := range serviceKeys() {
		if _, ok := d.keys[k]; ok {
			return true
		}
	}
	return false
}
