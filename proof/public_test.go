package proof

import (
	"strconv"
	"testing"

	street "github.com/otklik/otklik/demo/citizen"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// TestConversationInPublic: a citizen who writes under everybody's eyes, on a wall and
// in groups of Telegram and MAX, is answered there, objects there, and thanks there;
// no bot is needed for it.
func TestConversationInPublic(t *testing.T) {
	t.Parallel() // it waits more than it works
	s := newStand(t)
	s.allowTelegram()
	const wall = -ownCommunity
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	tgGroup := s.tg.Supergroup(-1001000000779, "", "Группа")
	mxGroup := s.mx.Group(-70_000_000_779, "Группа")
	mxGroup.Add(s.mxBot, true)
	guest := s.visit(placeAt("wall", street.VKWall(s.vk, wall)), placeAt("group", street.TelegramGroup(tgGroup)), placeAt("max", street.MAXGroup(mxGroup)))
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	s.addSource(domain.TelegramBot, s.tg.BotID())
	s.addSource(domain.MAXBot, s.mxBot.ID())
	w := s.serve().ready(t)
	waitFor(t, patience, "the sources held", func() bool { return s.heldBy(w) == 3 })
	var there []*conversation
	for key, text := range map[string]string{
		"wall":  "В Хабаровске на улице Гайдара, дом 12, яма на дороге, машины бьют колёса",
		"group": "В Хабаровске на улице Калинина, дом 7, третий день нет горячей воды",
		"max":   "В Хабаровске на улице Серышева, дом 31, не горят фонари, темно",
	} {
		v := guest.at(key)
		v.write(text)
		there = append(there, &conversation{stand: s, chat: v})
	}
	all := int64(len(there))
	cases := func(what, where string, want int64) {
		t.Helper()
		waitFor(t, patience, what, func() bool { return s.query(`SELECT count(*) FROM cases WHERE `+where) == want })
	}
	cases("a case of every place", "true", all)
	c := there[0]
	c.exec(`UPDATE cases SET agency_id = CASE WHEN proposed_agency <> '' THEN proposed_agency ELSE 'adm-khabarovsk-city' END WHERE agency_id = ''`)
	c.move("coordination", "execution")
	c.answer("Сделано, приносим извинения.")
	for _, c := range there {
		c.hears("Сделано, приносим извинения.")
	}
	cases("every answer delivered", "state = 'satisfaction'", all)
	for _, c := range there {
		c.write("Ничего не сделано, не решено")
	}
	cases("every objection heard", "state = 'reopened' AND round = 2", all)
	if n := s.query(`SELECT count(*) FROM case_rounds WHERE round = 1 AND outcome = 'solved'`); n != all {
		t.Errorf("%d first results of %d", n, all)
	}
	c.move("coordination", "execution")
	c.answer("Теперь сделано как следует.")
	for _, c := range there {
		c.hears("Теперь сделано как следует.")
	}
	cases("every second answer delivered", "state = 'satisfaction' AND round = 2", all)
	for _, c := range there {
		c.write("Спасибо, всё сделали")
	}
	cases("every thanks heard", "state = 'done' AND closing_reason = 'author_satisfied' AND round = 2", all)
	if n := s.query(`SELECT count(*) FROM cases`); n != all {
		t.Errorf("%d cases of %d conversations", n, all)
	}
	s.mustLive(w)
}
