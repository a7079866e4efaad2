package inbox_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
)

// A coordinator keeps a template, an executor begins with it; a field that nobody
// filled keeps the answer here.
func TestAnAnswerBeginsWithATemplate(t *testing.T) {
	o := newOffice(t)
	o.check = reply.Check
	form := url.Values{"body": {"city"}, "row": {"3"}, "title": {"Яма"}, "text": {"Сообщение № {номер} принято. Сделаем до {когда}."}}
	if a := o.as("exec").Post("/inbox/templates", form); a.Status != 403 {
		t.Errorf("an executor keeps one: %d", a.Status)
	}
	wrong := url.Values{"body": {"ministry"}, "title": {"Яма"}, "text": {"Сделаем"}}
	if a := o.as("coord").Post("/inbox/templates", wrong); a.Status != 422 || !a.Has("Выберите орган") || !a.Has(">Сделаем</textarea>") {
		t.Errorf("for another body: %d", a.Status)
	}
	o.ok(o.as("coord").Post("/inbox/templates", form))
	page := o.as("exec").Get("/inbox/templates")
	if !page.Has("Сделаем до {когда}.") || page.Has("Новый шаблон") || page.Has("Удалить") {
		t.Errorf("the page of an executor: %s", text(page.Body))
	}

	c := o.open("Яма")
	o.ok(o.do("coord", c.ID, domain.StepAccept))
	o.ok(o.do("exec", c.ID, domain.StepTake))
	id := regexp.MustCompile(`<option value="(\d+)">Яма</option>`).FindStringSubmatch(o.as("exec").Get(taskPath(c)).Body)
	if id == nil {
		t.Fatal("the template is not offered")
	}
	filled := "Сообщение № " + c.Number + " принято. Сделаем до {когда}."
	if shown := o.as("exec").Get(taskPath(c) + "?template=" + id[1]); !shown.Has(">" + filled + "</textarea>") {
		t.Errorf("chosen: %s", text(shown.Body))
	}
	a := o.do("exec", c.ID, domain.StepDraft, "kind", "final", "text", "Своими словами", "template", id[1], "insert", "1")
	if o.ok(a); !regexp.MustCompile(`template=\d+$`).MatchString(a.Location) {
		t.Errorf("inserted: to %q", a.Location)
	}
	if shown := o.as("exec").Get(taskPath(c) + "?template=" + id[1]); !shown.Has(">" + filled + "\n\nСвоими словами</textarea>") {
		t.Errorf("above what was typed: %s", text(shown.Body))
	}
	if a := o.do("exec", c.ID, domain.StepSubmit, "kind", "final", "outcome", "solved", "text", filled); a.Status != 422 || !a.Has("Не заполнено поле шаблона «{когда}»") {
		t.Errorf("with an open field: %d %s", a.Status, text(a.Body))
	}
	remove := regexp.MustCompile(`/inbox/templates/\d+/remove`).FindString(o.as("coord").Get("/inbox/templates").Body)
	o.ok(o.as("coord").Post(remove, url.Values{}))
	if o.as("exec").Get(taskPath(c)).Has("Начать с шаблона") {
		t.Error("what was removed is still offered")
	}
	if a := o.as("coord").Post(remove, url.Values{}); a.Status != 404 {
		t.Errorf("removed twice: %d", a.Status)
	}
}
