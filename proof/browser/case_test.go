package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A case from a resident's words to an answer that reached them: the analyst,
// the executor, the head, and the machine that brings it under the words.
func TestFromWordsToAnswer(t *testing.T) {
	s := open(t)
	id := s.publish(t, "Хабаровск: во дворе Ленина 5 третью неделю не вывозят мусор, контейнеры переполнены")[0]
	if !s.assignedTo(t, id) {
		a := s.as(t, "analyst27", Office())
		a.must(a.Go("/queue?at=" + ref(id)))
		a.inHand(id)
		a.must(a.Click("#pane button.main"), a.Told("назначен"))
	}
	task := fmt.Sprintf("/inbox/task/%d", id)

	c := s.as(t, "coordinator27", Office())
	c.must(c.Go("/inbox"), c.Click("a[data-open]", "не вывозят мусор"), c.At(task), c.Click("form[action$=accept] button"), c.Await("to be accepted", "!document.querySelector('form[action$=accept]')"))
	c.must(c.Choose("select[name=person]", "Илья Исполнитель"), c.Click("form[action$=distribute] button"), c.At("/inbox"), c.Has("Илья"))

	e := s.as(t, "executor27", Office())
	e.must(e.Go("/inbox"), e.Click("a[data-open]", "не вывозят мусор"), e.At(task), e.There("#answer"))
	e.must(e.Type("#answer textarea[name=text]", "Контейнеры вывезены сегодня, график восстановлен."), e.Click("input[name=outcome][value=solved]"),
		e.Click("#answer button", "Сохранить черновик"), e.Told("Черновик сохранён"))
	e.must(e.Go(task), e.There("#answer"), e.Click("input[name=outcome][value=solved]"), e.Click("#answer button.main"),
		e.Await("the answer to be sent on", "!document.querySelector('#answer')"))

	h := s.as(t, "head27", Office())
	h.must(h.Go(task), h.Has("график восстановлен"), h.Click("button", "Согласовать"), h.Await("the approval", "!document.querySelector('form[action$=approve]')"))

	s.answered(t, id)
}

// answered: a note and a file in the card, and the answer under the author's words,
// brought there by the machine.
func (s *stand) answered(t *testing.T, id int64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "снимок.png")
	if err := os.WriteFile(path, []byte("\x89PNG\r\n\x1a\nпоказ"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := s.as(t, "analyst27", Office())
	card := fmt.Sprintf("/case/%d", id)
	v.must(v.Go(card), v.Key("KeyN", "т"), v.Await("the note to have the focus", "document.activeElement.name === 'text'"), v.Insert("Звонили в управление"),
		v.Click("form.addnote button"), v.Told("Заметка сохранена"), v.Has("Звонили в управление"))
	v.must(v.Click("summary", "Приложить файл"), v.Attach("form[action$='/file'] input[type=file]", path), v.Click("form[action$='/file'] button"), v.Told("Файл приложен"))
	const sent = `SELECT count(*) FROM deliveries WHERE case_id = $1 AND state = 'delivered'`
	v.must(s.await("the answer to be delivered", func() (bool, error) { return s.query(t, sent, id) > 0, nil }))
	v.must(v.Go(card), v.Has("ответ доставлен автору"), v.Has("график восстановлен"))
	if n := s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND state IN ('satisfaction', 'done') AND outcome = 'solved'`, id); n != 1 {
		t.Errorf("after the answer the case is not answered:\n%s", v.Sees())
	}
}
