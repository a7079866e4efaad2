package browser

import (
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
