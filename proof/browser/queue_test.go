package browser

import (
	"fmt"
	"testing"
)

// wire is danger at a house of a town: it always goes to a person, with at least
// two candidates.
func wire(in, street string, house int) string {
	return fmt.Sprintf("%s на улице %s, %d оборвало провод, он искрит на тротуаре!", in, street, house)
}

func ref(id int64) string { return fmt.Sprintf("case-%d", id) }

// inHand waits until a case is open in the queue and its buttons work.
func (v *visitor) inHand(id int64) {
	v.t.Helper()
	v.must(v.Await("to have the case in hand", `(() => { const p = document.getElementById('pane'); return p && p.dataset.ref === '`+ref(id)+
		`' && !p.hasAttribute('aria-busy') && p.querySelector('button.main:not([disabled])') })()`))
}

func (s *stand) assignedTo(t *testing.T, id int64) bool {
	t.Helper()
	return s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND agency_id <> '' AND state <> 'moderation'`, id) == 1
}

func (s *stand) subject(t *testing.T, id int64) int64 {
	t.Helper()
	return s.query(t, `SELECT decree_row FROM cases WHERE id = $1`, id)
}

// From the queue to a body and back with the mouse.
func TestMouse(t *testing.T) {
	s := open(t)
	id := s.publish(t, wire("В Бикине", "Лазо", 8))[0]
	v := s.as(t, "analyst27", Office())
	v.must(v.Go("/queue?in=bikin"))
	v.inHand(id)
	v.must(v.There("mark.evidence"), v.Click("label.cand", "тротуары"), v.Await("the second candidate", "document.querySelector('#pick-2').checked"))
	v.inHand(id)
	v.must(v.Click("#pane button.main"), v.Told("назначен"), v.Await("an empty list", "!document.querySelector('.line')"))
	if !s.assignedTo(t, id) || s.subject(t, id) != 2 {
		t.Errorf("the case is not where it was sent: row %d", s.subject(t, id))
	}
	v.must(v.Click("#notice button", "Отменить"), v.Told("Отменено"))
	v.inHand(id)
	if s.assignedTo(t, id) {
		t.Error("the undone assignment is still there")
	}
	v.must(v.Click("summary", "Отложить"), v.Click(".menu form button"), v.Told("отложен"), v.Await("an empty list", "!document.querySelector('.line')"))
}

// The same without a mouse, whatever layout the keyboard has.
func TestKeyboard(t *testing.T) {
	s := open(t)
	for i, keys := range []struct{ name, j, k, z string }{{"latin", "j", "k", "z"}, {"russian", "о", "л", "я"}} {
		t.Run(keys.name, func(t *testing.T) {
			ids := s.publish(t, wire("В Вяземском", "Коммунистической", 3+i*10), wire("В Вяземском", "Ленина", 5+i*10))
			v := s.as(t, "analyst27", Office())
			v.must(v.Go("/queue?in=vyazemskiy"))
			v.must(v.Await("two lines", "document.querySelectorAll('.line').length === 2"), v.Await("a thing in hand", "document.querySelector('#pane[data-lease]')"))
			first, second := ids[0], ids[1]
			if read[string](v, "document.querySelector('.line').dataset.ref") != ref(first) {
				first, second = second, first
			}
			v.inHand(first)
			v.must(v.Key("KeyJ", keys.j))
			v.inHand(second)
			v.must(v.Key("KeyK", keys.k))
			v.inHand(first)
			v.must(v.Key("Digit2", "2"), v.Await("the second candidate", "document.querySelector('#pick-2').checked"))
			v.inHand(first)
			v.must(v.Key("Digit1", "1"), v.Await("the first candidate", "document.querySelector('#pick-1').checked"))
			v.inHand(first)
			v.must(v.Key("Enter", "Enter"), v.Told("назначен"))
			v.inHand(second)
			if !s.assignedTo(t, first) {
				t.Error("Enter did not assign")
			}
			v.must(v.Key("KeyZ", keys.z), v.Told("Отменено"))
			if s.assignedTo(t, first) {
				t.Error("Z did not undo")
			}
			v.must(v.Await("two lines again", "document.querySelectorAll('.line').length === 2"))
			for range 2 { // away with both
				at := read[string](v, "document.querySelector('#pane').dataset.ref")
				v.must(v.Key("Enter", "Enter"), v.Await("the next", "(document.querySelector('#pane').dataset.ref || '') !== '"+at+"' && !document.querySelector('#pane[aria-busy]')"))
			}
		})
	}
}

// Two analysts never hold the same case, and see each other at once.
func TestTwoAnalysts(t *testing.T) {
	s := open(t)
	s.publish(t, wire("В Ванино", "Мира", 3), wire("В Ванино", "Портовой", 7))
	a, b := s.as(t, "analyst27", Office()), s.as(t, "analystb27", Office())
	a.must(a.Go("/queue?in=vanino"), a.There("#pane[data-lease]"))
	own := read[string](a, "document.querySelector('#pane').dataset.ref")
	b.must(b.Go("/queue?in=vanino"), b.There("#pane[data-lease]"))
	other := read[string](b, "document.querySelector('#pane').dataset.ref")
	if own == other {
		t.Fatalf("both hold %s", own)
	}
	a.must(a.There("#line-" + other + " .by"))
	b.must(b.There("#line-" + own + " .by"))
	b.must(b.Click("#line-" + own + " a[data-open]"))
	b.must(b.Has("Сейчас с этим работает"))
	a.must(a.Await("what the colleague had to be free while they only look", "!document.querySelector('#line-"+other+" .by')"))
	if read[bool](b, "!!document.querySelector('#pane button.main:not([disabled])')") {
		t.Error("what a colleague has in hand can be decided")
	}
	b.must(b.Click("#line-"+other+" a[data-open]"), b.There("#pane[data-lease][data-ref="+other+"]"))
	b.must(b.Go("/account"))
	a.must(a.Await("the colleague to be gone", "!document.querySelector('#line-"+other+" .by')"))
}

// What somebody else has changed meanwhile is not written over, and said.
func TestStale(t *testing.T) {
	s := open(t)
	id := s.publish(t, wire("В Николаевске-на-Амуре", "Советской", 10))[0]
	a, b := s.as(t, "analyst27", Office()), s.as(t, "analystb27", Office())
	a.Expect("status of 409")
	a.Expect("Status Error Code 409") // htmx says it too
	a.must(a.Go("/queue?in=nikolaevsk"))
	a.inHand(id)
	b.must(b.Go(fmt.Sprintf("/case/%d", id)), b.Click("summary", "Изменить пометки"), b.Type("input[name=sed]", "СЭД-17"), b.Click("form[action$='/marks'] button.main"))
	b.Expect("status of 409")
	b.must(b.Has("Сейчас с этим работает Анна Аналитик"), b.Has("Ничего не записано"))
	// Somebody whom no lease keeps off: it has lapsed there, or is another program's.
	s.run(t, "UPDATE cases SET sed_number = 'СЭД-17', changed_by = 'analystb27', changed_why = 'пометки', updated_at = now() WHERE id = $1", id)
	a.must(a.Click("#pane button.main"), a.There("#notice .bad, #notice .error, #notice h1, #notice p"), a.Has("Алексей Аналитик"))
	if s.assignedTo(t, id) {
		t.Error("a decision on an old version was taken")
	}
	if s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND sed_number = 'СЭД-17'`, id) != 1 {
		t.Error("what the colleague wrote is lost")
	}
}

// On a phone: nothing runs out of the screen, and a case can be decided.
func TestPhone(t *testing.T) {
	s := open(t)
	id := s.publish(t, wire("В Амурске", "Пионерской", 4))[0]
	v := s.as(t, "analyst27", Phone())
	v.must(v.Go("/queue?in=amursk"))
	v.inHand(id)
	v.narrow()
	v.must(v.Click("#pane button.main"), v.Told("назначен"))
	if !s.assignedTo(t, id) {
		t.Error("not assigned")
	}
	v.must(v.Go(fmt.Sprintf("/case/%d", id)), v.Has("Кому поручено"))
	v.narrow()
	v.must(v.Type("textarea[name=text]", "С телефона"), v.Click("form.addnote button"), v.Told("Заметка сохранена"))
}

// A body's whole way on phones: distributed from the menu that stays in reach,
// answered, approved, and nothing runs out of the screen.
func TestTaskOnAPhone(t *testing.T) {
	s := open(t)
	id := s.publish(t, "Хабаровск: во дворе Ленинградской 73 вторую неделю не вывозят мусор, контейнеры переполнены")[0]
	if !s.assignedTo(t, id) {
		a := s.as(t, "analyst27", Phone())
		a.must(a.Go("/queue?at=" + ref(id)))
		a.inHand(id)
		a.must(a.Click("#pane button.main"), a.Told("назначен"))
	}
	task := fmt.Sprintf("/inbox/task/%d", id)
	c := s.as(t, "coordinator27", Phone())
	c.must(c.Go("/inbox"), c.Has("Ленинградской 73"))
	c.narrow()
	c.must(c.Click("a[data-open]", "Ленинградской 73"), c.At(task), c.There(".acts.afloat"))
	c.narrow()
	if in := read[bool](c, "(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('.acts summary').getBoundingClientRect())"); !in {
		t.Error("the button of what can be done is out of reach")
	}
	c.must(c.Click(".acts .menu > summary"), c.Choose("select[name=person]", "Илья Исполнитель"), c.Click("form[action$=distribute] button"), c.At("/inbox"), c.Has("Илья"))

	e := s.as(t, "executor27", Phone())
	e.must(e.Go(task), e.There("#answer"))
	e.narrow()
	e.must(e.Type("#answer textarea[name=text]", "Контейнеры вывезены, график восстановлен."), e.Click("input[name=outcome][value=solved]"),
		e.Click("#answer button.main"), e.Await("the answer to be sent on", "!document.querySelector('#answer')"))
	h := s.as(t, "head27", Phone())
	h.must(h.Go(task), h.Has("график восстановлен"))
	h.narrow()
	h.must(h.Click("button", "Согласовать"), h.Await("the approval", "!document.querySelector('form[action$=approve]')"))
}

// narrow fails when the page is wider than the screen.
func (v *visitor) narrow() {
	v.t.Helper()
	wide, err := v.Overflow()
	v.must(err)
	if wide != "" {
		v.t.Errorf("%s runs out of the screen: %s", read[string](v, "location.pathname"), wide)
	}
}
