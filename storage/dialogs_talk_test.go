package storage_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
)

// talks is a citizen whose words are judged by what they hold and filed by the router:
// row 1 are holes, row 2 queues, noise is outside the list, «искрит» is a danger.
func talks(t *testing.T) *chat {
	t.Helper()
	files, err := rules.Collect(os.DirFS("../rules/testdata/packs/base"), "base", os.DirFS("absent"))
	if err != nil {
		t.Fatal(err)
	}
	pack, err := rules.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	pack.Region.ID = region
	c, r := newChat(t), router.New(pack)
	c.verdict = func(text string) domain.Verdict {
		v := domain.Verdict{Kind: domain.Other, PackHash: "test", Language: "ru", Reason: "проверка"}
		for word, topic := range map[string]string{"яма": "road.holes", "искрит": "noise.night", "шум": "noise.night", "очеред": "clinic.queues"} {
			if strings.Contains(strings.ToLower(text), word) {
				v.Kind, v.Topic, v.Confidence, v.Margin = domain.Problem, topic, 0.95, 0.6
				v.Row = map[string]int{"road.holes": 1, "clinic.queues": 2}[topic]
				v.Place = domain.Place{Municipality: "town", Source: domain.PlaceText, Street: "улица Ленина"}
			}
		}
		v.Urgent = strings.Contains(text, "искрит")
		return v
	}
	c.decide = func(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
		return r.Decide(c.now, j, known, open)
	}
	c.agree()
	c.say("На улице Ленина огромная яма")
	return c
}

// asks puts a question of the body to the author of a case.
func (c *chat) asks(id int64, text string) {
	c.t.Helper()
	c.moveTo(id, "coordination", "execution")
	c.exec(`INSERT INTO questions (case_id, asked_by, asked_at, text, due_at) VALUES ($1, 'kim', $2, $3, $4)`, id, c.now, text, c.now.AddDate(0, 0, 3))
	c.moveTo(id, "clarifying")
	c.tell(text)
}

// answers lets a case be answered, and its author be asked whether it is solved.
func (c *chat) answers(id int64) {
	c.t.Helper()
	c.moveTo(id, "coordination", "execution", "approval", "publishing", "satisfaction")
	c.tell("Проблема решена?")
}

func (c *chat) moveTo(id int64, states ...string) {
	c.t.Helper()
	for _, s := range states {
		c.exec(`UPDATE cases SET came_from = CASE WHEN $2 = 'clarifying' THEN state END, state = $2, version = version + 1, updated_at = $3 WHERE id = $1 AND state <> $2`, id, s, c.now)
	}
}

// cases are number of the case, state and round.
func (c *chat) cases() []string {
	return c.rows(`SELECT id || ' ' || state || ' ' || round FROM cases ORDER BY id`)
}

func (c *chat) later(d time.Duration) { c.now = c.now.Add(d) }

func (c *chat) wants(what string, got []string, want ...string) {
	c.t.Helper()
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: %q, want %q; said %q", what, got, want, c.last())
	}
}

// A greeting answers nothing, and the words after it belong to what was asked.
func TestAGreetingIsNoAnswer(t *testing.T) {
	for name, first := range map[string]func(*chat){
		"greeting": func(c *chat) { c.say("Здравствуйте!") },
		"thanks":   func(c *chat) { c.say("Хорошо, спасибо") },
		"mark":     func(c *chat) { c.say("?") },
		"photo": func(c *chat) {
			p := c.private("", "")
			p.Attachments = []domain.Attachment{{Type: "photo"}}
			c.hear(p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := talks(t)
			c.asks(1, "Какой дом?")
			c.later(time.Hour)
			first(c)
			c.wants("after the greeting", c.cases(), "1 clarifying 1")
			if name != "photo" && !strings.Contains(c.last(), "Какой дом?") {
				t.Errorf("the question is not put again: %q", c.last())
			}
			c.later(time.Minute)
			c.say("Это напротив магазина, там ещё остановка и аптека, дом кажется пятый, проверьте пожалуйста")
			c.wants("after the answer", c.cases(), "1 execution 1")
			c.wants("answer", c.rows(`SELECT left(answer, 18) FROM questions`), "Это напротив магаз")
			c.later(time.Minute)
			c.say("И вот ещё что: у этого дома всегда стоят машины, объезжать приходится по тротуару")
			c.wants("after more words", c.cases(), "1 execution 1")
		})
	}
}

func TestAGreetingIsNoObjection(t *testing.T) {
	c := talks(t)
	c.answers(1)
	c.press("bad:1:1")
	c.say("Добрый день")
	c.wants("after the greeting", c.cases(), "1 satisfaction 1")
	c.say("Приехали, посмотрели и уехали, больше никого не было")
	c.wants("after the words", c.cases(), "1 reopened 2")
	c.later(time.Minute)
	c.say("Я звонил туда трижды, обещали вернуться, и никто так и не вернулся, прошу разобраться")
	c.wants("after more words", c.cases(), "1 reopened 2")
}

// A danger or another problem is a case of its own, whatever was asked before it.
func TestWhatIsSomethingElseIsACaseOfItsOwn(t *testing.T) {
	const danger = "У нас во дворе школы так и не починили оборванный провод, он искрит"
	t.Run("answered", func(t *testing.T) {
		c := talks(t)
		c.answers(1)
		c.say(danger)
		c.wants("cases", c.cases(), "1 satisfaction 1", "2 moderation 1")
		c.wants("controller", c.rows(`SELECT case_id || ' ' || to_role FROM notices WHERE kind = 'wrote'`), "1 controller")
		if got := c.last(); !strings.Contains(got, "отдельно от сообщения №") {
			t.Errorf("said %q", got)
		}
	})
	t.Run("never mended, another thing", func(t *testing.T) {
		c := talks(t)
		c.answers(1)
		c.say("В поликлинике так и не убрали очереди")
		if got := c.cases(); len(got) != 2 || got[0] != "1 satisfaction 1" {
			t.Errorf("%q", got)
		}
	})
	t.Run("never mended, the same", func(t *testing.T) {
		c := talks(t)
		c.answers(1)
		c.say("Яма на Ленина так и осталась, ничего не сделали")
		c.wants("cases", c.cases(), "1 reopened 2")
	})
	t.Run("pressed", func(t *testing.T) {
		c := talks(t)
		c.answers(1)
		c.press("bad:1:1")
		c.say(danger)
		c.wants("cases", c.cases(), "1 satisfaction 1", "2 moderation 1")
		c.say("А по тому сообщению никто не приезжал вовсе, мы караулили")
		c.wants("the words that were waited for", c.cases(), "1 reopened 2", "2 moderation 1")
	})
	t.Run("asked", func(t *testing.T) {
		c := talks(t)
		c.asks(1, "Какой дом?")
		c.say(danger)
		c.wants("cases", c.cases(), "1 execution 1", "2 moderation 1")
		c.wants("question", c.rows(`SELECT result FROM questions`), "answered")
	})
	t.Run("asked, another problem", func(t *testing.T) {
		c := talks(t)
		c.asks(1, "Какой дом?")
		c.say("Огромная очередь в поликлинике")
		if got := c.cases(); len(got) != 2 || got[0] != "1 clarifying 1" || !strings.Contains(c.last(), "Какой дом?") {
			t.Errorf("%q, said %q", got, c.last())
		}
	})
	t.Run("addition", func(t *testing.T) {
		c := talks(t)
		c.say("На Ленина искрит провод")
		c.wants("cases", c.cases()[1:], "2 moderation 1")
		c.wants("posts", c.rows(`SELECT posts::text FROM cases ORDER BY id`), "1", "1")
	})
}

// Who was asked for a place may have something else to say.
func TestAPlaceIsNotWaitedForForEver(t *testing.T) {
	c := talks(t)
	c.press("sub")
	c.say("Провод искрит")
	if got := c.cases(); len(got) != 2 {
		t.Errorf("a danger after «Подписаться»: %q, said %q", got, c.last())
	}
	c.press("sub")
	c.later(48 * time.Hour)
	c.asks(1, "Какой дом?")
	c.say("Дом 5")
	c.wants("the answer", c.rows(`SELECT answer FROM questions`), "Дом 5")
}

// «Ошибся кнопкой» begins no round.
func TestSolvedAfterAll(t *testing.T) {
	for _, words := range []string{"Ошибся кнопкой, всё решено, спасибо", "Решено", "Ой, случайно нажала"} {
		c := talks(t)
		c.answers(1)
		c.press("bad:1:1")
		c.say(words)
		c.wants(words, c.cases(), "1 satisfaction 1")
		if !strings.Contains(c.last(), "Так решено или нет?") {
			t.Errorf("%s: said %q", words, c.last())
		}
		c.press("good:1:1")
		c.wants(words, c.cases(), "1 done 1")
	}
}

// An objection counts from the moment it was sent, however late it is heard (R1, R10).
func TestAnObjectionIsRegisteredWhenItWasSent(t *testing.T) {
	c := talks(t)
	c.answers(1)
	c.press("bad:1:1")
	p := c.private("Приехали и уехали, ничего не изменилось", "")
	p.PublishedAt = c.now.Add(time.Minute)
	c.later(50 * time.Hour)
	c.hear(p)
	c.wants("round", c.cases(), "1 reopened 2")
	if got := c.rows(`SELECT (registered_at = $1 AND due_at = $2)::text FROM cases`, p.PublishedAt, p.PublishedAt.AddDate(0, 0, 10)); got[0] != "true" {
		t.Errorf("registered and due: %q", c.rows(`SELECT registered_at || ' ' || due_at FROM cases`))
	}
}
