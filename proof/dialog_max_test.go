package proof

import (
	"strconv"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// maxChat is a citizen's dialog with the bot of MAX.
type maxChat struct{ *maxfake.Chat }

func (c maxChat) write(text string)        { c.Post(maxfake.Draft{Text: text}) }
func (c maxChat) press(label string) error { return c.Press(label) }
func (c maxChat) said() []string           { return c.Said() }

// TestConversationInMAX is a citizen's whole conversation in a dialog of MAX, and
// what else happens there: an edit, a sticker, a block, a new beginning.
func TestConversationInMAX(t *testing.T) {
	s := newStand(t)
	s.talks()
	s.addSource(domain.MAXBot, s.mxBot.ID())
	w := s.serve().ready(t)
	dialog := s.mxBot.Dialog(maxfake.User{ID: 501_501, FirstName: "Анна", LastName: "Жительница"}, "")
	c := &conversation{stand: s, chat: maxChat{dialog}}
	c.hears("Это бот «Отклик»")
	number := c.begin(true)
	dialog.Messages()[complaintAt(dialog)].EditText(time.Time{}, complaint+" и холодной")
	c.hears("Исправление увидели")
	c.goOn()
	c.saidOnce(number)
	waitFor(t, 10*time.Second, "every press is answered", func() bool { return s.mxBot.Unanswered() == 0 })
	dialog.Post(maxfake.Draft{Attachments: []map[string]any{{"type": "sticker", "payload": map[string]any{"url": "https://x", "code": "1"}}}})
	c.hears("Стикер прочитать не можем")
	dialog.Stop()
	waitFor(t, patience, "the block is seen", func() bool { return s.query(`SELECT count(*) FROM dialogs WHERE stopped`) == 1 })
	dialog.Start("")
	waitFor(t, patience, "the bot may write again", func() bool { return s.query(`SELECT count(*) FROM dialogs WHERE NOT stopped`) == 1 })
	c.nothingPersonalLogged(complaint, "Во втором подъезде", strconv.FormatInt(dialog.ID(), 10), "Жительница")
	s.mustLive(w)
}

// complaintAt is the place of the complaint among the messages of a dialog.
func complaintAt(c *maxfake.Chat) int {
	for i, m := range c.Messages() {
		if m.Text() == complaint {
			return i
		}
	}
	return -1
}
