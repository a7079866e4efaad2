package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// answeredCase takes the only case through its body to an answer that its author has read.
func (d *casesDesk) answeredCase() domain.Case {
	d.t.Helper()
	c := d.only()
	if c.State.Queued() {
		d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
	}
	for _, to := range []domain.State{domain.Execution, domain.Approval, domain.Publishing} {
		d.move(c.ID, to, "")
	}
	d.move(c.ID, domain.Satisfaction, domain.Solved)
	return d.now(c.ID)
}

func (d *casesDesk) move(id int64, to domain.State, outcome domain.Outcome) {
	d.t.Helper()
	c := d.now(id)
	ch := domain.CaseChange{CaseID: id, Version: c.Version, Who: "система", At: pagetest.Noon(), To: to}
	if outcome != "" {
		ch.Outcome = &outcome
	}
	if _, err := d.store.ChangeCase(d.t.Context(), d.sees(), ch); err != nil {
		d.t.Fatal(err)
	}
}

// Of an author who pressed «Не решено» and wrote nothing the controller decides on the
// card: «Закрыть без слов автора» ends the case, once, and nobody else is offered it.
func TestTheControllerClosesWithoutTheAuthorsWords(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.answeredCase()
	card := fmt.Sprintf("/case/%d", c.ID)
	over := func() url.Values {
		f := version(d.now(c.ID))
		f.Set("means", "over")
		return f
	}
	d.as("clara", domain.Office{Role: domain.RoleController})
	if a := d.Get(card); a.Has("Закрыть без слов автора") {
		t.Error("offered though nobody pressed")
	}
	if a := d.Post(card+"/voice", over()); a.Status != http.StatusConflict || d.now(c.ID).State != domain.Satisfaction {
		t.Errorf("closed though nobody pressed: %d, %s", a.Status, d.now(c.ID).State)
	}
	d.run(fmt.Sprintf("UPDATE cases SET for_controller = '%s', changed_by = 'система', updated_at = now() WHERE id = %d", domain.WordsUnsolved, c.ID))

	d.as("anna", domain.Office{Role: domain.RoleAnalyst})
	if a := d.Get(card); a.Has("Закрыть без слов автора") {
		t.Error("an analyst is offered the controller's word")
	}
	want(t, d.Post(card+"/voice", over()), http.StatusForbidden)

	d.as("clara", domain.Office{Role: domain.RoleController})
	want(t, d.Get(card), http.StatusOK, "Закрыть без слов автора", "Автор нажал «Не решено», но не написал", "вернуть в работу")
	form := over()
	for _, means := range []string{"", "anything"} {
		form.Set("means", means)
		want(t, d.Post(card+"/voice", form), http.StatusUnprocessableEntity, "Выберите")
	}
	form.Set("means", "solved") // nobody has said so
	want(t, d.Post(card+"/voice", form), http.StatusConflict)
	form.Set("means", "over")
	if a := d.Post(card+"/voice", form); a.Status != http.StatusSeeOther || a.Location != card {
		t.Fatalf("%d to %s: %s", a.Status, a.Location, a.Body)
	}
	now := d.now(c.ID)
	if now.State != domain.Done || now.Closing != domain.DialoguePointless || now.ForControl != "" {
		t.Errorf("closed: %+v", now)
	}
	a := d.Get(card)
	want(t, a, http.StatusOK, "автору сказано почему", "срок оценки истёк: "+domain.WordsUnsolved)
	if a.Has("Закрыть без слов автора") {
		t.Error("offered again")
	}
	want(t, d.Post(card+"/voice", form), http.StatusConflict) // a second click
}
