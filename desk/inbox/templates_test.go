package inbox_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
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

// A template is changed over the version that was seen, what it said before stays,
// and it can be looked at without being kept. Administrators keep those of all bodies.
func TestATemplateHasItsHistory(t *testing.T) {
	o := newOffice(t)
	o.check = reply.Check
	o.ok(o.as("coord").Post("/inbox/templates", url.Values{"body": {"city"}, "title": {"Яма"}, "text": {"Сообщение № {номер} принято. Сделаем до {когда}."}}))
	path := regexp.MustCompile(`/inbox/templates/\d+`).FindString(o.as("coord").Get("/inbox/templates").Body)
	page := o.as("coord").Get(path)
	for _, want := range []string{"Сообщение № 27-2026-000001 принято.", "Впишет человек: {когда}", "редакция 1"} {
		if !page.Has(want) {
			t.Errorf("the page lacks %q: %s", want, text(page.Body))
		}
	}
	change := func(login, words, version string, more ...string) pagetest.Answer {
		form := url.Values{"title": {"Яма"}, "text": {words}, "version": {version}}
		for _, name := range more {
			form.Set(name, "1")
		}
		return o.as(login).Post(path, form)
	}
	if a := change("coord", "Иначе, {место}", "1", "look"); a.Status != 200 || !a.Has("Иначе, ул. Ленина, 5") || o.as("coord").Get(path).Has("Иначе") {
		t.Errorf("a look keeps nothing: %d %s", a.Status, text(a.Body))
	}
	o.ok(change("coord", "Сделаем {когда}.", "1"))
	if a := change("head", "Другое", "1"); a.Status != 409 || !a.Has("Сделаем {когда}.") || !a.Has(">Другое</textarea>") {
		t.Errorf("over what was not seen: %d %s", a.Status, text(a.Body))
	}
	if a := change("coord", "Позвоните Иванову Ивану Ивановичу", "2"); a.Status != 422 || !a.Has("Иванов") {
		t.Errorf("with a full name in it: %d %s", a.Status, text(a.Body))
	}
	if a := change("exec", "Тайком", "2"); a.Status != 403 {
		t.Errorf("an executor changes it: %d", a.Status)
	}
	if page := o.as("exec").Get(path); page.Status != 200 || page.Has("<textarea") || !page.Has("Сделаем {когда}.") || !page.Has("Редакция 1") || !page.Has("Сделаем до {когда}.") {
		t.Errorf("the page of an executor: %s", text(page.Body))
	}
	o.desk.As(pagetest.Person("boss", domain.Office{Role: domain.RoleAdministrator}))
	if a := o.desk.Get("/inbox/templates"); !a.Has("Сделаем {когда}.") || !a.Has("минтранс") {
		t.Errorf("an administrator sees: %s", text(a.Body))
	}
	o.ok(o.desk.Post(path, url.Values{"title": {"Яма"}, "text": {"От администратора"}, "version": {"2"}}))
	o.desk.As(pagetest.Person("minister", domain.Office{Role: domain.RoleHead, AgencyID: "ministry"}))
	if a := o.desk.Get(path); a.Status != 404 {
		t.Errorf("another body's: %d", a.Status)
	}
	if a := o.desk.Post(path, url.Values{"title": {"Яма"}, "text": {"Чужое"}, "version": {"3"}}); a.Status != 404 {
		t.Errorf("another body's is changed: %d", a.Status)
	}
}
