package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// plain is a screen that runs no script: everything is forms and links.
func plain() Look {
	look := Office()
	look.NoScript = true
	return look
}

// state waits until a case is in a state: a form without script is on its way when
// its button is pressed, and the page before it may hold every word of the next.
func (s *stand) state(t *testing.T, id int64, want string) {
	t.Helper()
	if err := s.await(fmt.Sprintf("case %d in %q", id, want), func() (bool, error) {
		return s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND state = $2`, id, want) == 1, nil
	}); err != nil {
		t.Fatal(err)
	}
}

// The queue: another candidate, another category, place and body, not a case,
// joining, asking, putting aside, many at once, and taking it back.
func TestQueueWithoutScript(t *testing.T) {
	s := open(t)
	ids := s.publish(t, wire("В посёлке Солнечный", "Ленина", 21), wire("В посёлке Солнечный", "Строителей", 4),
		wire("В посёлке Солнечный", "Парковой", 8), wire("В посёлке Солнечный", "Геологов", 2))
	v := s.as(t, "analyst27", plain())
	open := func(id int64) {
		t.Helper()
		v.must(v.Go("/queue?in=solnechnyy&at="+ref(id)), v.Has("оборвало провод"), v.There("#pane[data-ref="+ref(id)+"]"))
	}

	open(ids[0])
	v.must(v.Click("label.cand", "тротуары"), v.Click("#pane button.main"), v.Told("назначен"))
	s.state(t, ids[0], "coordination")
	if row := s.subject(t, ids[0]); row != 2 {
		t.Errorf("assigned as row %d, the chosen one is 2", row)
	}
	v.must(v.Click("#notice button", "Отменить"), v.Told("Отменено"))
	s.state(t, ids[0], "moderation")

	open(ids[0])
	v.must(v.Click("#other > summary"), v.Choose("#other select", "ямы, выбоины"),
		v.Click("#place > summary"), v.Type("#place input[name=in_house]", "23"),
		v.Click("#body > summary"), v.Choose("#agency", "Министерство транспорта"), v.Click("#pane button.main"), v.Told("назначен"))
	if n := s.query(t, `SELECT count(*) FROM cases WHERE id = $1 AND decree_row = 3 AND agency_id = 'min-transport' AND place->>'house' = '23'`, ids[0]); n != 1 {
		t.Errorf("what was corrected without script is not kept:\n%s", v.Sees())
	}

	open(ids[1])
	v.must(v.Click("summary.button", "Присоединить"), v.Type("input[name=into_number]", s.number(t, ids[2])),
		v.Click("form[action*='/join'] button", "к этому номеру"), v.Told("присоединён"))
	s.state(t, ids[1], "attached")

	open(ids[3])
	v.must(v.Click("summary.button", "Отложить"), v.Click("form[action*='/aside'] button"), v.Told("отложен"), v.Click("#notice button", "Отменить"), v.Told("Отменено"))
	open(ids[3])
	v.must(v.Click("summary.button", "Не обращение"), v.Click("form[action*='/reject'] button"), v.Told("отклонён"))
	s.state(t, ids[3], "rejected")

	open(ids[2])
	v.must(v.Click("#pane .pickpost input"), v.Click("#split button"), v.Told("тделен"))
	v.must(v.Go("/queue?in=solnechnyy"), v.Click("input[name=case]"), v.Click("form.bulk summary"), v.Click("form.bulk button[value=aside]"), v.At("/queue/bulk/"))
	v.must(v.Go("/queue"), v.Choose("select[name=kind]", "рочные"), v.Click(".queue-filter button"), v.At("/queue?"))
}

// number is what people call a case.
func (s *stand) number(t *testing.T, id int64) string {
	t.Helper()
	year, n := s.query(t, `SELECT split_part(number, '-', 2)::bigint FROM cases WHERE id = $1`, id), s.query(t, `SELECT split_part(number, '-', 3)::bigint FROM cases WHERE id = $1`, id)
	return fmt.Sprintf("27-%d-%06d", year, n)
}

// The card: a note, a file, marks, a story, a link and its end, a correction.
func TestCardWithoutScript(t *testing.T) {
	s := open(t)
	ids := s.publish(t, wire("В Переяславке", "Постышева", 5), wire("В Переяславке", "Индустриальной", 9))
	card, other := fmt.Sprintf("/case/%d", ids[0]), s.number(t, ids[1])
	path := filepath.Join(t.TempDir(), "акт.pdf")
	if err := os.WriteFile(path, []byte("%PDF-1.4 показ"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := s.as(t, "analyst27", plain())
	v.must(v.Go(card), v.Type("textarea[name=text]", "Без скрипта"), v.Click("form.addnote button"), v.Told("Заметка сохранена"), v.Has("Без скрипта"))
	v.must(v.Click("summary", "Приложить файл"), v.Attach("form[action$='/file'] input[type=file]", path), v.Click("form[action$='/file'] button"), v.Told("Файл приложен"), v.Has("акт.pdf"))
	v.must(v.Click("summary", "Изменить пометки"), v.Type("input[name=pos]", "ПОС-5"), v.Click("form[action$='/marks'] button"), v.Has("ПОС: ПОС-5"))
	v.must(v.Click("summary", "Изменить пометки"), v.Type("input[name=title]", "Обрыв в Переяславке"), v.Click("form[action$='/story'] button"), v.Has("Сюжет: Обрыв в Переяславке"))
	v.must(v.Click("summary", "Связать"), v.Type("input[name=number]", other), v.Click("form[action$='/link'] button"), v.Told("Связан с "+other))
	v.must(v.Click("form[action*='/unlink/'] button"), v.Told("Связь снята"))
	v.must(v.Click("summary", "Исправить"), v.Choose("select[name=pick]", "ямы, выбоины"), v.Type("input[name=why]", "по фото"), v.Click("form[action$='/correct'] button"), v.Told("Исправлено"))
	if row := s.subject(t, ids[0]); row != 3 {
		t.Errorf("corrected to row %d, want 3", row)
	}
	v.must(v.Click("#notice button", "Отменить"), v.Told("Отменено"))
}

// The tasks: distributing from the list, accepting, a draft, approval with
// rework, a question, sending back with a proposed body.
func TestTasksWithoutScript(t *testing.T) {
	s := open(t)
	ids := s.publish(t, "Хабаровск: во дворе Калинина 80 третью неделю не вывозят мусор, контейнеры переполнены",
		"Хабаровск: во дворе Дикопольцева 26 месяц не вывозят мусор, баки переполнены")
	for _, id := range ids {
		if !s.assignedTo(t, id) {
			a := s.as(t, "analyst27", plain())
			a.must(a.Go("/queue?at="+ref(id)), a.Click("#pane button.main"), a.Told("назначен"))
		}
	}
	task := func(id int64) string { return fmt.Sprintf("/inbox/task/%d", id) }
	c := s.as(t, "coordinator27", plain())
	c.must(c.Go("/inbox"), c.Click(fmt.Sprintf("input[name=task][value^='%d-']", ids[0])), c.Choose("#give select[name=person]", "Илья Исполнитель"),
		c.Click("#give button"))
	s.state(t, ids[0], "execution")
	c.must(c.Go("/inbox"), c.Has("Илья"))

	e := s.as(t, "executor27", plain())
	e.must(e.Go("/inbox"), e.Click("a[data-open]", "Калинина 80"), e.At(task(ids[0])), e.Type("#answer textarea[name=text]", "Вывезено, мусора нет."),
		e.Click("#answer button", "Сохранить черновик"), e.Told("Черновик сохранён"))
	e.must(e.Go(task(ids[0])), e.Await("the draft to be kept", "document.querySelector('#answer textarea').value === 'Вывезено, мусора нет.'"), e.Click("input[name=outcome][value=solved]"), e.Click("#answer button.main"),
		e.Await("the answer to be sent on", "!document.querySelector('#answer')"))
	s.state(t, ids[0], "approval")

	h := s.as(t, "head27", plain())
	h.must(h.Go(task(ids[0])), h.Click("summary", "На доработку"), h.Type("form[action$=rework] textarea", "Назовите день"), h.Click("form[action$=rework] button"),
		h.Await("the answer to be sent back", "!document.querySelector('form[action$=rework]')"))
	s.state(t, ids[0], "execution")
	e.must(e.Go(task(ids[0])), e.Has("Назовите день"), e.Type("#answer textarea[name=text]", "Вывезено 28 ноября, мусора нет."), e.Click("input[name=outcome][value=solved]"),
		e.Click("#answer button.main"), e.Await("the answer to be sent on", "!document.querySelector('#answer')"))
	h.must(h.Go(task(ids[0])), h.Has("28 ноября"), h.Click("form[action$=approve] button"), h.Await("the approval", "!document.querySelector('form[action$=approve]')"))

	c.must(c.Go(task(ids[1])), c.Click("form[action$=accept] button"), c.Await("to be accepted", "!document.querySelector('form[action$=accept]')"))
	c.must(c.Go(task(ids[1])), c.Click("summary", "Вернуть в ЦУР"), c.Choose("form[action$=send_back] select", "минЖКХ"),
		c.Type("form[action$=send_back] textarea", "Площадка областная"), c.Click("form[action$=send_back] button"),
		c.Await("the list", "location.pathname === '/inbox' && document.readyState === 'complete'"))
	s.state(t, ids[1], "returned")
	a := s.as(t, "analyst27", plain())
	a.must(a.Go("/queue?at="+ref(ids[1])), a.Has("Площадка областная"), a.Has("Предлагают"))
}

// Every other place can be read.
func TestReadWithoutScript(t *testing.T) {
	s := open(t)
	v := s.as(t, "analyst27", plain())
	for _, path := range []string{"/terms", "/terms/list?list=open", "/analytics", "/search?q=провод", "/sources", "/rules", "/rules/try", "/exports", "/account"} {
		v.must(v.Go(path), v.Await("a heading", "document.querySelector('h1') && document.querySelector('nav a[aria-current], h1')"))
	}
	v.must(v.Go("/rules/try"), v.Type("main textarea", "На Ленина 5 огромная яма"), v.Click("main button.main"), v.Has("Кандидаты"))
}
