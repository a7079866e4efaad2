package proof

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// telegramCitizen writes to the bot in a private chat.
const telegramCitizen = 700_501_502

// telegramChat is a citizen's private chat with the bot of Telegram.
type telegramChat struct{ *tgfake.Chat }

func (c telegramChat) write(text string) {
	c.Post(tgfake.Draft{Text: text, From: tgfake.User{ID: telegramCitizen, FirstName: "Анна", LastName: "Жительница"}})
}

func (c telegramChat) press(label string) error { return c.Press(label) }
func (c telegramChat) said() []string           { return c.Said() }

// TestConversationInTelegram is a citizen's whole conversation in a private chat,
// under an invented decision, and what else happens there: an album in several
// updates, a voice message, a block.
func TestConversationInTelegram(t *testing.T) {
	s := newStand(t)
	s.talks()
	s.allowTelegram()
	s.addSource(domain.TelegramBot, s.tg.BotID())
	w := s.serve().ready(t)
	dialog := s.tg.Dialog(tgfake.User{ID: telegramCitizen, FirstName: "Анна"})
	c := &conversation{stand: s, chat: telegramChat{dialog}}
	c.write("/start ot-sosedki")
	c.hears("Это бот «Отклик»")
	number := c.begin(false)
	c.goOn()
	c.saidOnce(number)
	waitFor(t, 10*time.Second, "every press is answered", func() bool { return s.tg.Unanswered() == 0 })
	c.albumIsOneMessage(dialog, number)
	dialog.Post(tgfake.Draft{Media: "voice", From: tgfake.User{ID: telegramCitizen}})
	c.hears("Голосовые сообщения мы не расшифровываем")
	dialog.Block(true)
	waitFor(t, patience, "the block is seen", func() bool { return s.query(`SELECT count(*) FROM dialogs WHERE stopped`) == 1 })
	dialog.Block(false)
	c.write("статус")
	waitFor(t, patience, "the bot may write again", func() bool { return s.query(`SELECT count(*) FROM dialogs WHERE NOT stopped`) == 1 })
	c.nothingPersonalLogged(complaint, "Во втором подъезде", strconv.Itoa(telegramCitizen), "Жительница", "Гайдара")
	s.mustLive(w)
}

// albumIsOneMessage: three pictures with one caption are three updates, one case
// and one number.
func (c *conversation) albumIsOneMessage(dialog *tgfake.Chat, first string) {
	c.t.Helper()
	from := tgfake.User{ID: telegramCitizen, FirstName: "Анна"}
	dialog.Album(tgfake.Draft{From: from}, tgfake.Draft{From: from},
		tgfake.Draft{From: from, Text: "В Хабаровске на улице Гайдара, дом 12, во дворе яма на дороге, машины бьют колёса"})
	second := c.hearsAgain("зарегистрировано, номер ", 2)
	if second == first {
		c.t.Errorf("the album got the number of the first case: %q", second)
	}
	if n := c.query(`SELECT count(*) FROM cases`); n != 2 {
		c.t.Errorf("%d cases", n)
	}
	if n := c.query(`SELECT count(*) FROM dialog_cases`); n != 2 {
		c.t.Errorf("the author follows %d cases", n)
	}
	c.write("статус")
	list := c.hearsAgain("Ваши сообщения:", 2)
	if number := numberIn(second); !strings.Contains(list, number) {
		c.t.Errorf("%s is not in the list: %q", number, list)
	}
}

// numberIn is the number of a case in words of the bot.
func numberIn(words string) string {
	var number string
	_, rest, _ := strings.Cut(words, "номер ")
	_, _ = fmt.Sscan(rest, &number) // nothing is nothing
	return strings.TrimRight(number, ".")
}

// TestTelegramIsSilentWithoutDecision: without a decision in the pack the bot
// neither answers nor keeps a private message.
func TestTelegramIsSilentWithoutDecision(t *testing.T) {
	s := newStand(t)
	s.talks()
	s.addSource(domain.TelegramBot, s.tg.BotID())
	w := s.serve().ready(t)
	dialog := s.tg.Dialog(tgfake.User{ID: telegramCitizen, FirstName: "Анна"})
	telegramChat{dialog}.write(complaint)
	group := s.tg.Supergroup(-1001000000777, "", "Группа")
	after := group.Post(tgfake.Draft{Text: problem(1), From: tgfake.User{ID: 5, FirstName: "Б"}})
	waitFor(t, patience, "what came after it", func() bool { return s.countID(after.PostID()) == 1 })
	if n := s.query(countPosts); n != 1 {
		t.Errorf("%d posts", n)
	}
	if n := s.query(`SELECT count(*) FROM dialogs`) + s.query(`SELECT count(*) FROM deliveries`); n != 0 || len(dialog.Said()) != 0 {
		t.Errorf("%d rows of a dialog, said %q", n, dialog.Said())
	}
	s.mustLive(w)
}
