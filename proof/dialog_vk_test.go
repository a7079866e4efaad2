package proof

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// citizen writes to the community's messages.
const citizen = 200_000_000_501

// vkChat is a citizen's conversation with an own community.
type vkChat struct{ vk *vkfake.Server }

func (c vkChat) write(text string) {
	c.vk.AddMessage(vkfake.Message{Group: ownCommunity, From: citizen, Text: text})
}

func (c vkChat) press(label string) error {
	_, err := c.vk.Press(ownCommunity, citizen, label)
	return err
}

func (c vkChat) said() []string { return c.vk.Said(ownCommunity, citizen) }

// talks gives the stand's programs a key: without it there is no bot.
func (s *stand) talks() {
	s.setenv("OTKLIK_SECRET_KEY=" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	s.lay(demo.NameOperator)
}

// TestConversationInVK is a citizen's whole conversation in the messages of an
// own community.
func TestConversationInVK(t *testing.T) {
	t.Parallel() // it waits more than it works
	s := newStand(t).raced()
	s.talks()
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	w := s.serve().ready(t)
	c := &conversation{stand: s, chat: vkChat{s.vk}}
	number := c.begin(true)
	c.goOn()
	c.saidOnce(number)
	c.nothingPersonalLogged(complaint, "Во втором подъезде", strconv.Itoa(citizen))
	s.mustLive(w)
}
