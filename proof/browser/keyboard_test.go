package browser

import (
	"fmt"
	"testing"
	"time"
)

// The whole way of a case, from the queue to closed, without a mouse: everybody
// here has only hands, which cannot click.
func TestFromQueueToClosedByKeyboard(t *testing.T) {
	s := open(t)
	for _, layout := range []struct {
		name    string
		russian bool
		house   int
	}{{"latin", false, 4}, {"russian", true, 9}} {
		t.Run(layout.name, func(t *testing.T) {
			id := s.publish(t, wire("В Охотске", "Ленина", layout.house))[0]
			s.analyse(t, id, layout.russian, layout.house)
			words := fmt.Sprintf("В Охотске на улице Ленина, %d ", layout.house)
			s.distribute(t, id, words, layout.russian)
			s.answer(t, id, words, layout.russian)
			const sent = `SELECT count(*) FROM deliveries WHERE case_id = $1 AND state = 'delivered'`
			if err := s.await("the answer to be delivered", func() (bool, error) { return s.query(t, sent, id) > 0, nil }); err != nil {
				t.Fatal(err)
			}
			// The days in which the author may answer pass.
			if ok, err := s.store.CloseUnrated(t.Context(), id, time.Now().Add(time.Hour), time.Now()); err != nil || !ok {
				t.Fatalf("not closed: %v, %v", ok, err)
			}
			h := s.byKeys(t, "analyst27", layout.russian)
			h.must(h.Go(fmt.Sprintf("/case/%d", id)), h.Has("ответ доставлен автору"), h.Has("Причина закрытия: нет ответа от автора"))
		})
	}
}

// analyse puts a case right in every way, and assigns it.
func (s *stand) analyse(t *testing.T, id int64, russian bool, house int) {
	t.Helper()
	h := s.byKeys(t, "analyst27", russian)
	h.must(h.Go("/queue?in=okhotsk"))
	h.settled(ref(id))
	h.press("Digit2")
	h.must(h.Await("the second candidate", "document.querySelector('#pick-2').checked"))
	h.settled(ref(id))

	h.press("KeyN")
	h.focus("#find")
	h.must(h.Insert("контейн"), h.There("#found label"))
	found := h.see("document.querySelector('#found input').value")
	h.press("Enter")
	h.must(h.Await("the category that was found", "document.querySelector('#decide input[name=pick]:checked')?.value === "+quoted(found)))
	h.settled(ref(id))

	h.press("KeyV")
	h.focus("#in-m")
	h.fill("input[name=in_street]", "Портовая")
	h.fill("input[name=in_house]", fmt.Sprint(house))
	h.press("Escape")
	h.press("KeyD")
	h.focus("#agency")
	h.choose("Управление жилищно-к")
	h.must(h.Await("the body that was chosen", "document.querySelector('#body summary').innerText.includes('ЖКХ')"))
	h.settled(ref(id))
	h.press("Escape", "Enter")
	h.must(h.Told("назначен"))
	got := s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND agency_id = 'khab-housing' AND state = 'coordination'
		AND place ->> 'street' ILIKE '%портовая%' AND place ->> 'house' = '`+fmt.Sprint(house)+`' AND decree_row::text = '`+found+`'`, id)
	if got != 1 {
		t.Fatalf("the case is not what was chosen: row %s\n%s", found, h.Sees())
	}
}

// distribute: the coordinator accepts the case and gives it to an executor.
func (s *stand) distribute(t *testing.T, id int64, words string, russian bool) {
	t.Helper()
	h := s.byKeys(t, "coordinator27", russian)
	task := fmt.Sprintf("/inbox/task/%d", id)
	h.must(h.Go("/inbox"))
	h.walk(words)
	h.press("Enter")
	h.must(h.At(task))
	h.press("KeyA")
	h.must(h.Await("to be accepted", "!document.querySelector('form[action$=accept]') && document.readyState === 'complete'"))
	if h.see("location.pathname") != task {
		h.must(h.Go(task))
	}
	h.press("KeyY")
	h.focus("select[name=person]")
	h.down("Илья")
	h.tab("form[action$=distribute] button")
	h.press("Enter")
	h.must(h.At("/inbox"), h.Has("Илья"))
}

// answer: the executor writes, the head approves.
func (s *stand) answer(t *testing.T, id int64, words string, russian bool) {
	t.Helper()
	task := fmt.Sprintf("/inbox/task/%d", id)
	e := s.byKeys(t, "executor27", russian)
	e.must(e.Go("/inbox"))
	e.walk(words)
	e.press("Enter")
	e.must(e.At(task))
	e.press("KeyE")
	e.focus("textarea[name=text]")
	e.must(e.Insert("Провод убран, линия под напряжением отключена."))
	e.press("Escape", "KeyD")
	// The notice may be gone by the time it is looked for: what was kept is asked for.
	if err := s.await("the draft to be kept", func() (bool, error) {
		return s.query(t, `SELECT count(*) FROM replies WHERE case_id = $1 AND state = 'draft' AND text LIKE 'Провод убран%'`, id) == 1, nil
	}); err != nil {
		t.Fatal(err)
	}
	e.must(e.Has("Черновик: вы"), e.Go(task))
	e.press("KeyE")
	e.focus("textarea[name=text]")
	e.tab("input[name=outcome]")
	e.press("Space")
	e.must(e.Await("the outcome", "document.querySelector('input[name=outcome][value=solved]').checked"))
	e.press("KeyS")
	e.must(e.Await("the answer to be sent on", "!document.querySelector('#answer')"))

	h := s.byKeys(t, "head27", russian)
	h.must(h.Go(task), h.Has("Провод убран"))
	h.press("KeyA")
	h.must(h.Await("the approval", "!document.querySelector('form[action$=approve]')"))
}
