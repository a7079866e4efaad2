package tgingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/otklik/otklik/domain"
)

// maxCopies bounds what the cursor remembers of automatic forwards. A comment
// under an older post than that is still stored, its thread then named by the
// group's copy.
const maxCopies = 200

// botCursor is the cursor of telegram_bot and telegram_webhook sources. Offset
// is for getUpdates alone: the first update_id not yet committed.
type botCursor struct {
	Offset int64 `json:"offset,omitempty"`
	// Blind counts the answers on end of which no update had a readable number.
	Blind int `json:"blind,omitempty"`
	// Aliases: the id a group had before → the supergroup's id.
	Aliases map[string]string `json:"aliases,omitempty"`
	// Copies of channel posts in discussion groups, oldest first.
	Copies []copied `json:"copies,omitempty"`
}

// copied says: message M of group G is the automatic forward of post P of channel C.
type copied struct {
	G string `json:"g"`
	M int    `json:"m"`
	C string `json:"c"`
	P int    `json:"p"`
}

func parseBotCursor(src domain.Source) (botCursor, error) {
	var c botCursor
	if len(src.Cursor) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(src.Cursor, &c); err != nil {
		return c, fmt.Errorf("cursor of source %d: %w", src.ID, err)
	}
	return c, nil
}

func (c botCursor) clone() botCursor {
	c.Aliases, c.Copies = maps.Clone(c.Aliases), slices.Clone(c.Copies)
	return c
}

func (c botCursor) equal(o botCursor) bool {
	return c.Offset == o.Offset && c.Blind == o.Blind && maps.Equal(c.Aliases, o.Aliases) && slices.Equal(c.Copies, o.Copies)
}

func (c *botCursor) migrated(from, to string) {
	if c.Aliases == nil {
		c.Aliases = map[string]string{}
	}
	c.Aliases[from] = to
}

// formerID is the id a supergroup had as a group, or "".
func (c *botCursor) formerID(chat string) string {
	for from, to := range c.Aliases {
		if to == chat {
			return from
		}
	}
	return ""
}

func (c *botCursor) remember(e copied) {
	if slices.Contains(c.Copies, e) {
		return
	}
	c.Copies = append(c.Copies, e)
	if extra := len(c.Copies) - maxCopies; extra > 0 {
		c.Copies = slices.Delete(c.Copies, 0, extra)
	}
}

// original finds the channel post a group's message is the copy of.
func (c *botCursor) original(group string, message int) (domain.PostID, bool) {
	for _, e := range slices.Backward(c.Copies) {
		if e.G == group && e.M == message {
			return domain.NewPostID(domain.Telegram, e.C, strconv.Itoa(e.P)), true
		}
	}
	return domain.PostID{}, false
}
