package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// hear makes the page remember what it is told live.
const hear = `(() => {
	window.heard = [];
	document.addEventListener('desk:event', e => window.heard.push(e.detail.kind));
	return true;
})()`

// The server goes away and comes back: the page says so, and misses nothing of
// what was committed meanwhile.
func TestLostConnection(t *testing.T) {
	s := open(t)
	id := s.publish(t, wire("В посёлке Чегдомын", "Пионерской", 9))[0]
	v := s.as(t, "analyst27", Office())
	v.Expect("ERR_CONNECTION_REFUSED")
	v.Expect("htmx:sendError") // the list is asked for every 20 s
	v.Expect("htmx:afterRequest")
	v.Expect("ERR_INCOMPLETE_CHUNKED_ENCODING")
	v.Expect("ERR_EMPTY_RESPONSE")
	v.Expect("ERR_CONNECTION_RESET")
	v.must(v.Go("/queue?in=verkhnebureinskiy"))
	v.inHand(id)
	v.must(v.Await("to listen", hear))
	before, now := "Сначала со связью", "Пока связи не было"
	s.note(t, id, before)
	v.must(v.Await("the first event", "window.heard.includes('case_note')"), v.Await("to forget it", "(window.heard = []).length === 0"))

	s.stop()
	v.must(v.Has("Связь с сервером потеряна"))
	s.note(t, id, now)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	v.must(v.Await("the banner to go", "!document.getElementById('link-state')"), v.Await("the missed event", "window.heard.includes('case_note')"))
	v.must(v.Click("#pane button.main"), v.Told("назначен"))
}

func (s *stand) note(t *testing.T, id int64, text string) {
	t.Helper()
	scope := domain.Scope{Region: region, Whole: true}
	if err := s.store.AddNote(t.Context(), scope, id, domain.CaseNote{Text: text, Author: "analystb27", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

// A session that was ended elsewhere: the page says so and leads back.
func TestSessionEnded(t *testing.T) {
	s := open(t)
	a, b := s.as(t, "analystb27", Office()), s.as(t, "analystb27", Office())
	a.Expect("status of 401")
	a.Expect("status of 403")
	a.must(a.Go("/terms"))
	b.must(b.Go("/account"), b.Click("button", "Завершить все, кроме этого"), b.Await("one session", "document.querySelectorAll('main table tbody tr').length === 1"))
	a.must(a.Has("Сеанс закончился"), a.Click("#link-state a"), a.At("/login?to=%2Fterms"))
	a.must(a.Type("input[name=login]", "analystb27"), a.Type("input[name=password]", "demo"), a.Click("button.main"), a.At("/terms"))
}

// What was typed when the session had ended is not lost: the login leads back to its
// page, and there it is offered.
func TestTypedTextOutlivesTheSession(t *testing.T) {
	s := open(t)
	card := fmt.Sprintf("/case/%d", s.publish(t, "Хабаровск: во дворе Калинина 9 третью неделю не вывозят мусор, контейнеры переполнены")[0])
	a, b := s.as(t, "analystb27", Office()), s.as(t, "analystb27", Office())
	a.Expect("status of 401")
	a.Expect("status of 403")
	a.must(a.Go(card), a.Type("form.addnote textarea", "Звонили, обещали завтра"))
	b.must(b.Go("/account"), b.Click("button", "Завершить все, кроме этого"), b.Await("one session", "document.querySelectorAll('main table tbody tr').length === 1"))
	a.must(a.Click("form.addnote button"), a.Has("на ту же страницу"))
	a.must(a.Type("input[name=login]", "analystb27"), a.Type("input[name=password]", "demo"), a.Click("button.main"), a.At(card))
	a.must(a.Click("#notice button", "Вернуть набранное"),
		a.Await("the text to be back", "document.querySelector('form.addnote textarea').value === 'Звонили, обещали завтра'"),
		a.Click("form.addnote button"), a.Has("Звонили, обещали завтра"))
}

// What others do shows on an open page as an offer to draw it anew; what is being
// typed stays until then.
func TestOpenPagesSayThatTheyHaveChanged(t *testing.T) {
	s := open(t)
	id := s.publish(t, "Хабаровск: во дворе Пушкина 7 вторую неделю не вывозят мусор, контейнеры переполнены")[0]
	a := s.as(t, "analyst27", Office())
	if !s.assignedTo(t, id) {
		a.must(a.Go("/queue?at=" + ref(id)))
		a.inHand(id)
		a.must(a.Click("#pane button.main"), a.Told("назначен"))
	}
	task := fmt.Sprintf("/inbox/task/%d", id)
	v := s.as(t, "coordinator27", Office())
	v.must(v.Go("/inbox"), v.Has("Пушкина 7 вторую"))
	v.must(v.Click("a[data-open]", "Пушкина 7 вторую"), v.At(task))
	a.must(a.Go(fmt.Sprintf("/case/%d", id)), a.Type("form.addnote textarea", "не отправлено"))
	s.note(t, id, "Звонили в управление")
	a.must(a.There("#changed"), a.Await("what is typed to stay", "document.querySelector('form.addnote textarea').value === 'не отправлено'"))
	a.must(a.Click("#changed a"), a.Has("Звонили в управление"), a.Await("the offer to go", "!document.getElementById('changed')"))
	v.must(v.Click("form[action$=accept] button"), v.Await("to be accepted", "!document.querySelector('form[action$=accept]')"))
	a.must(a.There("#changed"))

	list := s.as(t, "head27", Office())
	list.must(list.Go("/inbox?tab=distribute"), list.Has("Пушкина 7 вторую"))
	v.must(v.Choose("select[name=person]", "Илья Исполнитель"), v.Click("form[action$=distribute] button"), v.At("/inbox"))
	list.must(list.There("#changed"), list.Click("#changed a"),
		list.Await("the task to leave the list", "document.readyState === 'complete' && !document.body.innerText.includes('Пушкина 7 вторую')"))

	list.Expect("status of 404") // what is no longer theirs is not there for them
	list.must(list.Go(task), list.Has("Пушкина 7 вторую"))
	v.must(v.Go(task), v.Click("summary", "Вернуть в ЦУР"), v.Choose("form[action$=send_back] select", "минздрав края"),
		v.Type("form[action$=send_back] textarea", "Это не наша площадка"), v.Click("form[action$=send_back] button"), v.At("/inbox"))
	s.give(t, id, "min-health")
	list.must(list.There("#changed"), list.Has("Инцидент больше не у вас"), list.Click("#changed a"), list.At("/inbox"))
}

// give has the case go to another body.
func (s *stand) give(t *testing.T, id int64, agency string) {
	t.Helper()
	c, err := s.store.SeenCase(t.Context(), domain.Scope{Region: region, Whole: true, Restricted: true}, id)
	if err != nil {
		t.Fatal(err)
	}
	left := domain.Corrected{Subject: domain.Subject{Row: c.Row, Topic: c.Topic}, Place: c.Place, AgencyID: agency, RouteWhy: "перенаправлено", Deadline: c.Deadline}
	change, err := domain.Assign(c, left, domain.By{Who: "analyst27", Why: "перенаправлено", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ChangeCase(t.Context(), domain.Scope{Region: region, Whole: true, Restricted: true}, change); err != nil {
		t.Fatal(err)
	}
}

// An undecided post comes and goes in a colleague's open queue by itself.
func TestOpenQueuesShowUndecidedPosts(t *testing.T) {
	s := open(t)
	a, b := s.as(t, "analyst27", Office()), s.as(t, "analystb27", Office())
	b.must(b.Go("/queue?kind=undecided"), b.Await("to listen", hear))
	path := undecided(s, t)
	ref := strings.TrimPrefix(path, "/queue?at=")
	b.must(b.Await("to hear of it", "window.heard.includes('review_opened')"), b.There("#line-"+ref))
	a.must(a.Go(path), a.Await("to have it in hand", "document.querySelector('#pane[data-ref=\""+ref+"\"] [data-key=KeyY]:not([disabled])')"),
		a.Key("KeyY", "н"), a.Click("form[action*='/dismiss'] button", "реклама"), a.Told("не обращение: реклама"))
	b.must(b.Await("to hear that it is decided", "window.heard.includes('review_decided')"), b.Await("it to go", "!document.querySelector('#line-"+ref+"')"))
	a.must(a.Key("KeyZ", "я"), a.Told("Отменено"))
	b.must(b.There("#line-" + ref))
}
