package proof

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/mail/mailfake"
	"github.com/otklik/otklik/platform/max/maxfake"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/storage"
)

// staffCode is the one-time code of the scripts.
const staffCode = "4821-7730-1652"

// staffBody has the tasks of the scripts.
const staffBody = "min-transport"

// colleague is somebody of the desk who talks to the bot.
type colleague struct {
	*conversation
	store *storage.Store
	src   domain.Source
	user  domain.User
	cases int
	// greeted is how many dialogs of citizens the platform itself has begun.
	greeted int64
}

// newColleague has an account, no quiet hours, and a code.
func newColleague(s *stand, c chat) *colleague {
	s.t.Helper()
	k := &colleague{conversation: &conversation{stand: s, chat: c}, store: s.open()}
	var err error
	by := domain.Doer{Login: "проверка", At: time.Now().UTC()}
	k.user, err = k.store.AddUser(s.t.Context(), domain.User{Region: region, Login: "kira", Name: "Кира Координатор", Email: "kira@example.ru",
		Offices: []domain.Office{{Role: domain.RoleCoordinator, AgencyID: staffBody}}}, "", by)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := k.store.SetStaffSettings(s.t.Context(), k.user, domain.StaffSettings{Mail: true}, domain.UsualStaffSettings().Mark(), by); err != nil {
		s.t.Fatal(err)
	}
	k.newCode(staffCode)
	k.src = s.pushed(k.store, domain.VKWall, "-77")
	return k
}

// newCode is what the page «Мои уведомления» does.
func (k *colleague) newCode(code string) {
	k.t.Helper()
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	keys, err := bots.NewKeys(key)
	if err != nil {
		k.t.Fatal(err)
	}
	hash := keys.Code(region, strings.ReplaceAll(code, "-", ""))[0]
	if err := k.store.PutStaffCode(k.t.Context(), k.user, hash, 10*time.Minute, domain.Doer{Login: "kira", At: time.Now().UTC()}); err != nil {
		k.t.Fatal(err)
	}
}

// assign gives the body a new task and tells its number.
func (k *colleague) assign() string {
	k.t.Helper()
	k.cases++
	now := time.Now().UTC()
	p := domain.Post{ID: domain.NewPostID(domain.VK, "-77", fmt.Sprint(k.cases)), Region: region, SourceID: k.src.ID, Kind: domain.WallPost,
		Text: problem(k.cases), PublishedAt: now}
	j := domain.Judged{Post: p, Verdict: domain.Verdict{Kind: domain.Problem, Row: 3, Confidence: 0.9, PackHash: "проверка", Reason: "проверка"}}
	decide := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		due := now.AddDate(0, 0, 10)
		return domain.Decision{Action: domain.ActionOpen, State: domain.Coordination, AgencyID: staffBody, Reason: "проверка", Words: "проверка",
			RouteWhy: "проверка", Deadline: domain.Deadline{Days: 10, Due: due, Control: due, Reason: "проверка"},
			Notices: []domain.Notice{{Key: "assigned:case:0:" + staffBody, Kind: domain.NoticeAssigned, Region: region, ToRole: "coordinator", ToAgency: staffBody,
				Text: "Новый инцидент: ямы.", At: now}}}
	}
	res, err := k.store.Commit(k.t.Context(), now, domain.Batch{Source: k.src, Posts: []domain.Post{p}}, []domain.Judged{j}, decide)
	if err != nil || len(res.CaseIDs) != 1 {
		k.t.Fatalf("%+v, %v", res, err)
	}
	conn := k.connect()
	defer func() { _ = conn.Close(k.t.Context()) }()
	var number string
	if err := conn.QueryRow(k.t.Context(), "SELECT number FROM cases WHERE id = $1", res.CaseIDs[0]).Scan(&number); err != nil {
		k.t.Fatal(err)
	}
	return number
}

// works is link → new task → accepted by its button → due soon → sent back.
func (k *colleague) works() {
	k.t.Helper()
	k.write("0000-0000-0000")
	k.hears("код не действует")
	k.write(staffCode)
	k.hears("Чат привязан: Кира Координатор")
	number := k.assign()
	k.hears("Новое поручение. Инцидент " + number)
	k.presses("Принять")
	k.hears("Инцидент " + number + " принят вашим органом")
	k.inState(number, domain.Execution)
	k.presses("Принять")
	k.hears("Инцидент " + number + " уже не там, где был: «На исполнении» — Кира Координатор")
	_, err := k.store.PutNotices(k.t.Context(), []domain.Notice{{Key: "due", Kind: domain.NoticeDue1, Region: region, CaseID: 1, ToRole: "coordinator", ToAgency: staffBody,
		Text: "Инцидент " + number + ": остались сутки или меньше.", At: time.Now().UTC()}})
	if err != nil {
		k.t.Fatal(err)
	}
	k.hears("Срок через сутки. Инцидент " + number)
	k.presses("Вернуть")
	k.hears("Почему инцидент " + number + " не ваш?")
	k.write("Эта дорога городская, не краевая")
	k.hears("Кому его передать?")
	k.write("управление ЖКХ Хабаровска")
	k.hears("Инцидент " + number + " возвращён в ЦУР, предложен орган: управление ЖКХ Хабаровска")
	k.inState(number, domain.Returned)
	if n := k.query(`SELECT count(*) FROM send_backs WHERE reason = 'Эта дорога городская, не краевая' AND by_whom = 'kira' AND proposed_agency = 'khab-housing'`); n != 1 {
		k.t.Errorf("%d send-backs", n)
	}
	if n := k.query(`SELECT count(*) FROM posts WHERE kind = 'message'`) + k.query(`SELECT count(*) FROM dialogs`); n != k.greeted {
		k.t.Errorf("%d of the desk's words were taken for a citizen's", n)
	}
	for _, words := range k.said() {
		k.saidOnce(words)
	}
}

func (k *colleague) inState(number string, want domain.State) {
	k.t.Helper()
	if n := k.query(`SELECT count(*) FROM cases WHERE number = $1 AND state = $2`, number, string(want)); n != 1 {
		k.t.Errorf("%s is not %s", number, want)
	}
}

// TestStaffWorksInVK is the script in the messages of an own community; then what
// strangers try, a blocked bot with its letter by mail, a citizen's words in the
// same chat, and the end of the account.
func TestStaffWorksInVK(t *testing.T) {
	t.Parallel() // it waits more than it works
	s := newStand(t).raced()
	s.talks()
	post, err := mailfake.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(post.Close)
	s.setenv("OTKLIK_SMTP_URL=" + post.URL())
	s.setenv("OTKLIK_SMTP_FROM=otklik@region.example")
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity))
	w := s.serve().ready(t)
	k := newColleague(s, vkChat{s.vk})
	k.works()
	k.forged()

	s.vk.Block(ownCommunity, citizen, true)
	waitFor(t, patience, "the block is seen", func() bool { return s.query(`SELECT count(*) FROM staff_links WHERE broken <> ''`) == 1 })
	post.Fail(mailfake.Fault{At: "RCPT", Answer: "451 greylisted"}) // tried again by itself
	k.assign()
	waitFor(t, patience, "the letter by mail", func() bool { return len(post.Letters()) == 1 })
	if l := post.Letters()[0]; l.To != "kira@example.ru" || post.Tries() != 2 {
		t.Errorf("%d tries, %+v", post.Tries(), l)
	}
	s.vk.Block(ownCommunity, citizen, false)
	k.write("уведомления")
	k.hears("Здесь бывают уведомления")
	third := k.assign()
	k.hears("Новое поручение. Инцидент " + third)

	k.write(complaint)
	k.hears("Согласие на обработку персональных данных")
	k.exec(`UPDATE users SET active = false, updated_at = now() WHERE login = 'kira'`)
	k.presses("Принять")
	k.hears("чат не привязан к учётной записи")
	k.inState(third, domain.Coordination)
	k.nothingPersonalLogged("Кира", "kira", staffCode, strings.ReplaceAll(staffCode, "-", ""), "Эта дорога", strconv.Itoa(citizen), complaint)
	s.mustLive(w)
}

// forged are buttons that nobody made for who presses them.
func (k *colleague) forged() {
	k.t.Helper()
	letter := k.query(`SELECT min(id) FROM staff_letters`)
	number := k.assign()
	k.hears("Новое поручение. Инцидент " + number)
	const stranger = citizen + 7
	for i, payload := range []string{fmt.Sprintf("s:accept:%d", letter+2), "s:accept:1", "s:back:x", "s:body:1:khab-housing"} {
		k.vk.AddMessage(vkfake.Message{Group: ownCommunity, From: stranger, Text: fmt.Sprint("Принять ", i),
			Extra: map[string]any{"payload": fmt.Sprintf(`{"otklik":%q}`, payload)}})
	}
	waitFor(k.t, patience, "strangers are refused", func() bool {
		n := 0
		for _, said := range k.vk.Said(ownCommunity, stranger) {
			if strings.Contains(said, "чат не привязан") {
				n++
			}
		}
		return n == 4
	})
	k.inState(number, domain.Coordination)
}

// TestStaffWorksInMAX is the script in a dialog of MAX.
func TestStaffWorksInMAX(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.talks()
	s.addSource(domain.MAXBot, s.mxBot.ID())
	w := s.serve().ready(t)
	dialog := s.mxBot.Dialog(maxfake.User{ID: 501_501, FirstName: "Кира", LastName: "Координатор"}, "")
	k := newColleague(s, maxChat{dialog})
	k.hears("Это бот «Отклик»")
	k.greeted = 1
	k.works()
	waitFor(t, patience, "every press is answered", func() bool { return s.mxBot.Unanswered() == 0 })
	k.nothingPersonalLogged("Кира", "kira", staffCode, "Эта дорога", strconv.FormatInt(dialog.ID(), 10))
	s.mustLive(w)
}

// TestStaffWorksInTelegram is the script in a private chat of Telegram, where the
// pack records an (invented) decision.
func TestStaffWorksInTelegram(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.talks()
	s.allowTelegram()
	s.addSource(domain.TelegramBot, s.tg.BotID())
	w := s.serve().ready(t)
	k := newColleague(s, telegramChat{s.tg.Dialog(tgfake.User{ID: telegramCitizen, FirstName: "Кира"})})
	k.works()
	waitFor(t, patience, "every press is answered", func() bool { return s.tg.Unanswered() == 0 })
	k.nothingPersonalLogged("Кира", "kira", staffCode, "Эта дорога", strconv.Itoa(telegramCitizen))
	s.mustLive(w)
}
