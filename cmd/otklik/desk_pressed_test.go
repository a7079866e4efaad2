package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
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

// Whom a private answer did not reach is named on the card, with the choice of a case
// of their own.
func TestTheCardNamesWhoWasNotAnswered(t *testing.T) {
	d := newCasesDesk(t, wire, wire)
	c := d.answeredCase()
	if c.Posts != 2 {
		t.Fatalf("%d posts", c.Posts)
	}
	d.run(fmt.Sprintf(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at, planned_at, published_at, plan_left)
		SELECT %d, 1, 'final', 'published', 'Провод подняли', 'solved', 'exec', 'head', now(), now(), now(), now(), now(), now(),
		       jsonb_build_array(jsonb_build_object('to', jsonb_build_object('platform', i.platform, 'owner', i.owner, 'post', i.post, 'comment', i.comment), 'reason', 'seen_private', 'words', ''))
		  FROM post_ids i WHERE i.post = '2'`, c.ID))
	card := fmt.Sprintf("/case/%d", c.ID)
	a := d.Get(card)
	want(t, a, http.StatusOK, "Ответ получили не все", "Мария Житель", "Отделить их в новый инцидент и ответить")
	form := version(d.now(c.ID))
	form.Set("unanswered", "1")
	form.Set("post", regexp.MustCompile(`name="unanswered" value="1"><input type="hidden" name="post" value="(\d+)"`).FindStringSubmatch(a.Body)[1])
	d.as("clara", domain.Office{Role: domain.RoleController})
	if a := d.Get(card); !a.Has("Ответ получили не все") || a.Has("Отделить их в новый инцидент и ответить") {
		t.Error("a controller is offered the analyst's deed, or does not read of it")
	}
	want(t, d.Post(card+"/split", form), http.StatusForbidden)
	d.as("anna", domain.Office{Role: domain.RoleAnalyst})
	if a := d.Post(card+"/split", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := d.Get(card); a.Has("Ответ получили не все") || !a.Has("ответ до этих авторов не дошёл") {
		t.Errorf("after it: %s", a.Body)
	}
	if now := d.now(c.ID); now.Posts != 1 || now.State != domain.Satisfaction {
		t.Errorf("left: %+v", now)
	}
}
