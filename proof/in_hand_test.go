package proof

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// TestConsentIsAskedAgainAfterAKill kills the program with -9 while the first words to
// three citizens are being said. The database knows of none of them where they are, so
// nobody can be written to before they write again; then each is asked for consent: in
// VK and MAX every word comes once, in Telegram at most the one that was being said is
// missing.
func TestConsentIsAskedAgainAfterAKill(t *testing.T) {
	t.Parallel() // it waits more than it works
	s := newStand(t)
	s.talks()
	s.allowTelegram()
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	s.addSource(domain.MAXBot, s.mxBot.ID())
	s.addSource(domain.TelegramBot, s.tg.BotID())
	talks := map[domain.Platform]*conversation{}
	inMAX := s.mxBot.Dialog(maxfake.User{ID: 501_501, FirstName: "Анна"}, "")
	inTelegram := s.tg.Dialog(tgfake.User{ID: telegramCitizen, FirstName: "Анна"})
	talks[domain.VK] = &conversation{stand: s, chat: vkChat{s.vk}}
	talks[domain.MAX] = &conversation{stand: s, chat: maxChat{inMAX}}
	talks[domain.Telegram] = &conversation{stand: s, chat: telegramChat{inTelegram}}

	const pause = 10 * time.Minute
	s.vk.SetFaults(func(method string) *vkfake.Fault {
		if method == "messages.send" {
			return &vkfake.Fault{Delay: pause}
		}
		return nil
	})
	s.mx.Fail(maxfake.Fault{Method: "POST /messages", Late: 50 * pause, Times: 9}) // scaled
	s.tg.Fail(tgfake.Fault{Method: "sendMessage", Delay: pause, Times: 9})
	w := s.serve().ready(t)
	for _, c := range talks {
		c.write(complaint)
	}
	waitFor(t, patience, "three words being said", func() bool { return s.query(triesInHand) == 3 })
	w.kill()
	s.vk.SetFaults(nil)
	s.mx.Heal()
	s.tg.Heal()
	for _, id := range []int64{citizen, inMAX.ID(), telegramCitizen} {
		s.knowsNothingOf(strconv.FormatInt(id, 10))
		s.knowsNothingOf(strconv.FormatInt(id, 16))
	}
	w = s.serve().ready(t)
	for p, c := range talks {
		c.write("Алло, вы здесь?")
		c.hears("Согласие на обработку персональных данных")
		c.nothingTwice(p)
	}
	s.mustLive(w)
}

// nothingTwice: what the bot has said in a conversation it has said once.
func (c *conversation) nothingTwice(p domain.Platform) {
	c.t.Helper()
	times := map[string]int{}
	for _, said := range c.said() {
		if times[said]++; times[said] == 2 {
			c.t.Errorf("said twice in %s: %q", p, said)
		}
	}
	if want := "Это бот «Отклик»"; p != domain.Telegram && !strings.Contains(fmt.Sprint(c.said()), want) {
		c.t.Errorf("not said in %s: %q", p, want)
	}
}

// knowsNothingOf looks through the whole database for a text.
func (s *stand) knowsNothingOf(text string) {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(s.t.Context(), `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname = current_schema()`)
	if err != nil {
		s.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatal(err)
	}
	for _, table := range tables {
		if n := s.query(`SELECT count(*) FROM `+table+` t WHERE position($1 IN t::text) > 0`, text); n != 0 {
			s.t.Errorf("%d rows of %s hold %q", n, table, text)
		}
	}
}
