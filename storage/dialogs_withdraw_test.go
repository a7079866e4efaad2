package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

func TestWithdrawalTakesWordsBack(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.press("sure:withdraw")
	waiting := c.rows(`SELECT text FROM deliveries WHERE state = 'waiting' ORDER BY id`)
	if len(waiting) != 1 || !strings.Contains(waiting[0], "Согласие отозвано") {
		t.Errorf("still waits: %q", waiting)
	}
	c.move("execution")
	c.now = c.now.Add(time.Hour)
	said := len(c.words())
	if _, err := c.s.TellDialogs(t.Context(), region, c.now, c.bot.Tell); err != nil || len(c.words()) != said {
		t.Errorf("told after withdrawal: %q, %v", c.words()[said:], err)
	}
}

// An answer that waits to go into the dialog is taken back, and a person decides.
func TestWithdrawalTakesAnswersBack(t *testing.T) {
	c := newChat(t)
	c.agree()
	c.say("На Ленина нет воды третий день")
	c.answered("Воду дали")
	c.press("sure:withdraw")
	if got := c.rows(`SELECT state || ' ' || reason FROM deliveries WHERE kind = 'reply'`); len(got) != 1 || got[0] != "cancelled withdrawn" {
		t.Errorf("the delivery: %q", got)
	}
	if got := c.rows(`SELECT c.state || ': ' || c.reason FROM cases c`); !strings.HasPrefix(got[0], "send_failed: ") || !strings.Contains(got[0], "отозвал согласие") {
		t.Errorf("the case: %q", got)
	}
}

// Who withdrew gets no answer in the dialog either.
func TestAnswersLeaveAloneWhoWithdrew(t *testing.T) {
	for name, c := range map[string]struct {
		press  string
		silent bool
	}{"agrees": {"status", false}, "withdrew": {"sure:withdraw", true}} {
		t.Run(name, func(t *testing.T) {
			h := newChat(t)
			h.agree()
			h.say("На Ленина нет воды третий день")
			h.press(c.press)
			h.move("execution", "approval")
			h.exec(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
				SELECT id, 1, 'final', 'approved', 'Вода есть', 'solved', 'kim', 'head', $1, $1, $1, $1 FROM cases`, h.now)
			h.move("publishing")
			var posts []domain.PlanPost
			_, err := h.s.PlanReplies(t.Context(), region, h.now, 10, func(r domain.ReplyToPlan) domain.DeliveryPlan {
				posts = r.Posts
				return domain.DeliveryPlan{Reason: "no_way", Words: "проверка"}
			})
			if err != nil || len(posts) != 1 || posts[0].Silent != c.silent {
				t.Errorf("%+v, %v", posts, err)
			}
		})
	}
}

// Who lets the bot write no more hears nothing of its own accord, until they
// write again; another failure is no such thing.
func TestBlockedBotStaysSilent(t *testing.T) {
	for _, c := range []struct {
		reason  string
		code    int
		blocked bool
		want    string
	}{{"closed", 403, true, "true"}, {"never_repeat", 901, true, "true"}, {"gave_up", 500, false, "false"}} {
		h := newChat(t)
		h.agree()
		d, ok, err := h.s.ClaimDelivery(t.Context(), time.Minute)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		end := domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.DeliveryFailed, Reason: c.reason, Code: c.code, Blocked: c.blocked, Words: "проверка"}
		if err := h.s.FinishDelivery(t.Context(), end, h.now); err != nil {
			t.Fatal(err)
		}
		if got := h.rows(`SELECT stopped::text FROM dialogs`)[0]; got != c.want {
			t.Errorf("%s %d: stopped %s", c.reason, c.code, got)
		}
		h.say("статус")
		if got := h.rows(`SELECT stopped::text FROM dialogs`)[0]; got != "false" {
			t.Errorf("%s: still stopped after the author wrote", c.reason)
		}
	}
}

// album sends pictures as one album: the last has the caption. It is judged when
// it is whole, as the settler does.
func (c *chat) album(name, caption string) domain.CommitResult {
	c.t.Helper()
	var judged []domain.Judged
	for _, text := range []string{"", caption} {
		p := c.private(text, "")
		p.Album, p.Attachments = peer+":"+name, []domain.Attachment{{Type: "photo"}}
		c.keys.Mark(&p)
		judged = append(judged, domain.Judged{Post: p, Pending: true})
	}
	b, judged := batchOf(c.src, "", judged...)
	b.Talk = c.bot
	if _, err := c.s.Commit(c.t.Context(), c.now, b, judged, route); err != nil {
		c.t.Fatal(err)
	}
	c.now = c.now.Add(time.Minute)
	albums, err := c.s.SettledAlbums(c.t.Context(), c.now, 10)
	if err != nil || len(albums) != 1 || len(albums[0]) != 2 {
		c.t.Fatalf("settled %v, %v", albums, err)
	}
	head, ids := albums[0][0], []domain.PostID{albums[0][0].ID, albums[0][1].ID}
	head.Text = caption
	res, err := c.s.CommitAlbum(c.t.Context(), c.now, judgedAs(head, 3, "copy:"+name, "talk:"+name), ids, c.bot, route)
	if err != nil {
		c.t.Fatal(err)
	}
	return res
}

// An album of a dialog gets one number when it is whole; as the answer to a
// question it goes into the case that asked.
func TestAlbumsOfADialog(t *testing.T) {
	c := newChat(t)
	c.agree()
	said := len(c.words())
	if res := c.album("1", "На Ленина нет воды третий день"); res.Opened != 1 {
		t.Fatalf("%+v", res)
	}
	if words := c.words()[said:]; len(words) != 1 || !strings.Contains(words[0], c.rows(`SELECT number FROM cases`)[0]) {
		t.Errorf("said %q", words)
	}
	c.move("coordination", "execution")
	c.exec(`INSERT INTO questions (case_id, asked_by, asked_at, text, due_at) SELECT id, 'kim', $1, 'Какой дом?', $1::timestamptz + interval '3 days' FROM cases`, c.now)
	c.move("clarifying")
	said = len(c.words())
	if res := c.album("2", "Вот этот дом, пятый"); res.Opened != 0 {
		t.Errorf("%+v", res)
	}
	if words := c.words()[said:]; len(words) != 1 || !strings.Contains(words[0], "ответ передан") {
		t.Errorf("said %q", words)
	}
	if got := c.rows(`SELECT result || ': ' || answer FROM questions`); got[0] != "answered: Вот этот дом, пятый" {
		t.Errorf("the question: %q", got)
	}
	if got := c.rows(`SELECT count(*)::text || state FROM cases GROUP BY state`); len(got) != 1 || got[0] != "1execution" {
		t.Errorf("cases %q", got)
	}
	c.agree()
	for _, text := range c.rows(`SELECT key FROM deliveries`) {
		if strings.Contains(text, peer) {
			t.Errorf("the chat is named in %q", text)
		}
	}
}

// The bot speaks as the community the citizen wrote to, with the token kept for it.
func TestWordsLeaveByTheAccountTheyWroteTo(t *testing.T) {
	c := newChat(t)
	c.say("На Ленина нет воды")
	speaks := func() int64 {
		t.Helper()
		var id int64
		if err := c.conn.QueryRow(t.Context(), `SELECT min(id) FROM deliveries`).Scan(&id); err != nil {
			t.Fatal(err)
		}
		a, err := c.s.AddressOf(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return a.SpeakID
	}
	if id := speaks(); id != 0 {
		t.Errorf("without an account it speaks as %d", id)
	}
	c.exec(`INSERT INTO accounts (region, platform, address, title, whole, sealed, created_at, created_by, checked_at)
		SELECT $1, 'vk', a, '', false, decode(repeat('ab', 40), 'hex'), now(), 'admin', now() FROM unnest(ARRAY['100', '101']) a`, region)
	if id := speaks(); id != 1 {
		t.Errorf("it speaks as %d", id)
	}
	c.exec(`UPDATE accounts SET broken = 'токен отозван'`)
	if id := speaks(); id != 0 {
		t.Errorf("with a broken token it speaks as %d", id)
	}
}

// A notice about a private message that is in no case has a key of its own, which
// names no chat.
func TestNoticesOfPrivateMessagesNameNoChat(t *testing.T) {
	c := newChat(t)
	c.agree()
	for range 2 {
		p := c.private("Кажется, горит подвал на Ленина", "")
		c.keys.Mark(&p)
		b, judged := batchOf(c.src, "", judgedAs(p, 3, fmt.Sprint("copy:", c.no), "talk:"+p.ID.String()))
		b.Talk = c.bot
		review := func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
			return domain.Decision{Action: domain.ActionReview, Reason: "test", Words: "проверка", Urgent: true, Notices: []domain.Notice{{
				Key: "urgent:case:0", Kind: domain.NoticeUrgent, Region: region, ToRole: string(domain.RoleAnalyst), Text: "срочно", At: c.now}}}
		}
		if _, err := c.s.Commit(t.Context(), c.now, b, judged, review); err != nil {
			t.Fatal(err)
		}
	}
	keys := c.rows(`SELECT key FROM notices ORDER BY id`)
	if len(keys) != 2 || keys[0] == keys[1] || strings.Contains(strings.Join(keys, " "), peer) {
		t.Errorf("keys %q", keys)
	}
}
