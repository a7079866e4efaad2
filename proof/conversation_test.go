package proof

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// chat is how one citizen writes and hears on a platform.
type chat interface {
	write(text string)
	press(label string) error
	said() []string
}

// conversation is what one citizen writes and hears. The people of the bodies are
// played by statements; everything else is the program and the fake platform.
type conversation struct {
	*stand
	chat
}

const complaint = "Здравствуйте! В Хабаровске на улице Ленина, дом 5, третий день нет горячей воды"

// begin is complaint → consent → number. Where the platform shows no history, the
// citizen writes again.
func (c *conversation) begin(reads bool) (number string) {
	c.t.Helper()
	c.write(complaint)
	c.hears("Согласие на обработку персональных данных")
	if n := c.query(countPosts); n != 0 {
		c.t.Errorf("%d posts kept before consent", n)
	}
	c.presses("Согласен")
	if !reads {
		c.hears("пришлите сообщение, пожалуйста, ещё раз")
		c.write(complaint)
	}
	number = c.hears("зарегистрировано, номер ")
	if n := c.query(`SELECT count(*) FROM posts WHERE text = $1`, complaint); n != 1 {
		c.t.Errorf("the complaint is stored %d times", n)
	}
	return number
}

// goOn is question → answer → reply → objection → rework → final → rating.
func (c *conversation) goOn() {
	c.t.Helper()
	c.write("статус")
	c.hears("Ваши сообщения:")

	c.exec(`UPDATE cases SET agency_id = proposed_agency WHERE agency_id = ''`)
	c.move("coordination", "execution")
	c.hears("принято в работу")
	c.exec(`UPDATE cases SET due_at = due_at + interval '3 days', updated_at = now() - interval '20 seconds', changed_by = 'kim', changed_why = 'срок исправлен'`)
	c.hears("срок изменился: ответим до")
	c.exec(`INSERT INTO questions (case_id, asked_by, asked_at, text, due_at) SELECT id, 'kim', now() - interval '1 minute', 'В каком подъезде?', now() + interval '3 days' FROM cases`)
	c.move("clarifying")
	c.hears("В каком подъезде?")
	c.write("Во втором подъезде")
	c.hears("ответ передан")
	waitFor(c.t, 30*time.Second, "the answer goes to the body", func() bool {
		return c.query(`SELECT count(*) FROM questions WHERE result = 'answered'`) == 1
	})

	c.answer("Вода будет завтра к вечеру.")
	c.hears("Вода будет завтра к вечеру.")
	c.hears("Проблема решена?")
	c.presses("Не решено")
	c.hears("Напишите, что не решено")
	c.write("Прошло два дня, воды всё ещё нет")
	c.hears("начат новый круг")
	if n := c.query(`SELECT count(*) FROM cases WHERE state = 'reopened' AND round = 2`); n != 1 {
		c.t.Error("no new round")
	}

	c.move("coordination", "execution")
	c.answer("Насос заменён, вода есть во всех подъездах.")
	c.hears("Насос заменён")
	c.hearsAgain("Проблема решена?", 2)
	c.presses("Решено")
	c.hears("закрыто")
	if n := c.query(`SELECT count(*) FROM cases WHERE state = 'done' AND closing_reason = 'author_satisfied' AND round = 2`); n != 1 {
		c.t.Error("the case is not done")
	}
	if n := c.query(`SELECT count(*) FROM cases`); n != 1 {
		c.t.Errorf("%d cases of one conversation", n)
	}
}

func (c *conversation) presses(label string) {
	c.t.Helper()
	if err := c.press(label); err != nil {
		c.t.Fatal(err)
	}
}

// hears waits for words and gives them.
func (c *conversation) hears(words string) string {
	c.t.Helper()
	return c.hearsAgain(words, 1)
}

func (c *conversation) hearsAgain(words string, times int) (found string) {
	c.t.Helper()
	began := time.Now()
	for time.Since(began) < 3*time.Minute {
		n := 0
		for _, said := range c.said() {
			if strings.Contains(said, words) {
				n, found = n+1, said
			}
		}
		if n >= times {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatalf("%q was not said %d times; said: %q\n%s", words, times, c.said(), c.logTail())
	return ""
}

// saidOnce: nothing came twice but the question whether it helped.
func (c *conversation) saidOnce(words string) {
	c.t.Helper()
	n := 0
	for _, said := range c.said() {
		if said == words {
			n++
		}
	}
	if n != 1 {
		c.t.Errorf("%q was said %d times", words, n)
	}
}

func (c *conversation) nothingPersonalLogged(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		for line := range strings.Lines(c.logs.whole()) {
			if strings.Contains(line, text) {
				c.t.Errorf("logged: %q in %s", text, line)
			}
		}
	}
}

// move lets the bodies take the case through states, a moment ago.
func (c *conversation) move(states ...string) {
	c.t.Helper()
	for _, s := range states {
		c.exec(fmt.Sprintf(`UPDATE cases SET state = '%s', updated_at = now() - interval '20 seconds', changed_by = 'kim', changed_why = 'проверка'`, s))
	}
}

// answer is an approved final answer; sending it is the program's.
func (c *conversation) answer(text string) {
	c.t.Helper()
	c.move("approval")
	c.exec(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		SELECT id, round, 'final', 'approved', $1, 'solved', 'kim', 'head', now(), now(), now(), now() FROM cases`, text)
	c.move("publishing")
}

func (c *conversation) exec(query string, args ...any) {
	c.t.Helper()
	conn := c.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), query, args...); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
}
