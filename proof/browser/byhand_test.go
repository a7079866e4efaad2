package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/otklik/otklik/platform/vk/vkfake"
)

// A wall that takes no comments: the machine says so, a person answers by hand,
// proves it, and the case is closed.
func TestAnswerByHand(t *testing.T) {
	s := open(t)
	s.vk.SetFaults(func(method string) *vkfake.Fault {
		if method != "wall.createComment" {
			return nil
		}
		return &vkfake.Fault{Method: method, Code: 213} // comments are closed
	})
	defer s.vk.SetFaults(nil)
	id := s.publish(t, "Хабаровск: во дворе Истомина 42 третью неделю не вывозят мусор, контейнеры переполнены")[0]
	s.approved(t, id, "Площадка убрана, вывоз ежедневный.")
	v := s.as(t, "analyst27", Office())
	v.must(s.await("the answer to be refused by the wall", func() (bool, error) {
		return s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND state = 'send_failed'`, id) == 1, nil
	}))
	card := fmt.Sprintf("/case/%d", id)
	const box = "form[action$='/answered']"

	v.Expect("status of 422")
	v.must(v.Go(card), v.Has("Не доставлен"), v.Key("KeyP", "з"), v.There(box), v.Click(box+" button"), v.Has("Нужно подтверждение"))
	if n := s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND state = 'send_failed'`, id); n != 1 {
		t.Error("an answer without a proof was taken")
	}

	shot := filepath.Join(t.TempDir(), "снимок ответа.png")
	if err := os.WriteFile(shot, []byte("\x89PNG\r\n\x1a\nпоказ"), 0o600); err != nil {
		t.Fatal(err)
	}
	const link = "https://vk.com/wall-700_1?reply=77"
	v.must(v.Go(card), v.Key("KeyP", "з"), v.Await("the address to have the focus", "document.activeElement.name === 'url'"),
		v.Insert(link), v.Attach(box+" input[type=file]", shot), v.Click(box+" button"), v.Told("Готово"))
	v.must(v.There("a[href='"+link+"']"), v.Has("подтверждение"), v.Has("снимок ответа.png"), v.Has("Причина закрытия"),
		v.Await("nothing left to record", "!document.querySelector("+quoted(box)+")"))
	if n := s.query(t, `SELECT count(*) FROM cases c JOIN replies r ON r.case_id = c.id WHERE c.id = $1 AND c.state = 'done'
		AND c.outcome = 'solved' AND r.proof_url = '`+link+`' AND r.proof_file IS NOT NULL`, id); n != 1 {
		t.Errorf("the case is not closed with its proof:\n%s", v.Sees())
	}
}

// approved brings a new case to an approved answer: by the analyst where the
// machine left it to a person, then the coordinator, the executor and the head.
func (s *stand) approved(t *testing.T, id int64, answer string) {
	t.Helper()
	if !s.assignedTo(t, id) {
		a := s.as(t, "analyst27", Office())
		a.must(a.Go("/queue?at=" + ref(id)))
		a.inHand(id)
		a.must(a.Click("#pane button.main"), a.Told("назначен"))
	}
	task := fmt.Sprintf("/inbox/task/%d", id)
	c := s.as(t, "coordinator27", Office())
	c.must(c.Go(task), c.Choose("select[name=person]", "Илья Исполнитель"), c.Click("form[action$=distribute] button"), c.At("/inbox"), c.Has("Илья"))
	e := s.as(t, "executor27", Office())
	e.must(e.Go(task), e.Type("#answer textarea[name=text]", answer), e.Click("input[name=outcome][value=solved]"),
		e.Click("#answer button.main"), e.Await("the answer to be sent on", "!document.querySelector('#answer')"))
	h := s.as(t, "head27", Office())
	h.must(h.Go(task), h.Has(answer), h.Click("button", "Согласовать"), h.Await("the approval", "!document.querySelector('form[action$=approve]')"))
}
