package vkingest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// The shapes below name only what is used. Lists and objects whose inside may be
// odd stay raw: encoding/json goes on after a field of a wrong type, so that the
// rest of the item survives and the error becomes a fault.

// postShape is a post of wall.get, wall.getById, newsfeed.search, copy_history
// and wall_post_new.
type postShape struct {
	ID       int64             `json:"id"`
	OwnerID  int64             `json:"owner_id"`
	ToID     int64             `json:"to_id"` // owner_id's name in posts inside of messages
	FromID   int64             `json:"from_id"`
	SignerID int64             `json:"signer_id"`
	Date     int64             `json:"date"`
	Edited   int64             `json:"edited"`
	Text     string            `json:"text"`
	Type     string            `json:"post_type"`
	Pinned   truth             `json:"is_pinned"`
	Deleted  truth             `json:"is_deleted"`
	Files    json.RawMessage   `json:"attachments"`
	Geo      json.RawMessage   `json:"geo"`
	Copies   []json.RawMessage `json:"copy_history"`
	Comments counter           `json:"comments"`
	Views    counter           `json:"views"`
	PostID   int64             `json:"post_id"` // newsfeed.search: the post of a comment that was found
}

// owner is the wall the post stands on; fallback is for items that do not say.
func (p *postShape) owner(fallback int64) int64 {
	switch {
	case p.OwnerID != 0:
		return p.OwnerID
	case p.ToID != 0:
		return p.ToID
	}
	return fallback
}

// commentShape is a comment of wall.getComments and of the wall_reply events.
type commentShape struct {
	ID          int64           `json:"id"`
	PostID      int64           `json:"post_id"`
	OwnerID     int64           `json:"owner_id"`
	PostOwnerID int64           `json:"post_owner_id"` // owner_id's name in events
	FromID      int64           `json:"from_id"`
	Date        int64           `json:"date"`
	Text        string          `json:"text"`
	ReplyTo     int64           `json:"reply_to_comment"`
	Parents     []int64         `json:"parents_stack"`
	Files       json.RawMessage `json:"attachments"`
	Deleted     truth           `json:"deleted"`
	Thread      threadShape     `json:"thread"`
}

// threadShape is what a list of comments shows of a thread.
type threadShape struct {
	Count int64             `json:"count"`
	Items []json.RawMessage `json:"items"`
}

// messageShape is a private message.
type messageShape struct {
	ID     int64           `json:"id"`
	Number int64           `json:"conversation_message_id"`
	Peer   int64           `json:"peer_id"`
	FromID int64           `json:"from_id"`
	Date   int64           `json:"date"`
	Edited int64           `json:"update_time"`
	Out    truth           `json:"out"`
	Text   string          `json:"text"`
	Files  json.RawMessage `json:"attachments"`
	Geo    json.RawMessage `json:"geo"`

	Payload  json.RawMessage `json:"payload"`      // of the pressed button, JSON inside of a string
	Forwards json.RawMessage `json:"fwd_messages"` // messages again, nested
}

// eventShape is the envelope of Long Poll and Callback events.
type eventShape struct {
	Type    string          `json:"type"`
	EventID string          `json:"event_id"`
	GroupID int64           `json:"group_id"`
	Secret  string          `json:"secret"`
	Object  json.RawMessage `json:"object"`
}

// truth is a flag VK writes as 0 and 1 or as false and true.
type truth bool

// UnmarshalJSON implements json.Unmarshaler; anything unknown is false.
func (t *truth) UnmarshalJSON(raw []byte) error {
	s := string(raw)
	*t = s == "1" || s == "true" || s == `"1"`
	return nil
}

// counter is {"count": n}.
type counter int64

// UnmarshalJSON implements json.Unmarshaler; anything unknown is 0.
func (c *counter) UnmarshalJSON(raw []byte) error {
	var object struct {
		Count int64 `json:"count"`
	}
	_ = json.Unmarshal(raw, &object) // figures are a help, not a fact of the post
	*c = counter(object.Count)
	return nil
}

// geoOf reads {"coordinates": "lat lon"} of posts and {"coordinates":
// {"latitude":…, "longitude":…}} of messages; nil when there is no point.
func geoOf(raw json.RawMessage) *domain.Geo {
	var g struct {
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if json.Unmarshal(raw, &g) != nil {
		return nil
	}
	var pair string
	if json.Unmarshal(g.Coordinates, &pair) == nil {
		lat, lon, _ := strings.Cut(strings.TrimSpace(pair), " ")
		return point(lat, strings.TrimSpace(lon))
	}
	var object struct {
		Lat *float64 `json:"latitude"`
		Lon *float64 `json:"longitude"`
	}
	if json.Unmarshal(g.Coordinates, &object) != nil || object.Lat == nil || object.Lon == nil {
		return nil
	}
	return &domain.Geo{Lat: *object.Lat, Lon: *object.Lon}
}

func point(lat, lon string) *domain.Geo {
	a, err1 := strconv.ParseFloat(lat, 64)
	b, err2 := strconv.ParseFloat(lon, 64)
	if err1 != nil || err2 != nil {
		return nil
	}
	return &domain.Geo{Lat: a, Lon: b}
}
