package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// The server holds to what the page says: what a colleague has in hand is refused,
// kindly, and by whom.
func TestDecidingWhatAColleagueHas(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	d.Get("/queue") // Anna has it
	d.as("boris", domain.Office{Role: domain.RoleAnalyst})
	want(t, d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c)), http.StatusConflict, "Сейчас с этим работает anna", "до ", "Ничего не записано")
	marks := version(c)
	marks.Set("pos", "ПОС-1")
	want(t, d.Post(fmt.Sprintf("/case/%d/marks", c.ID), marks), http.StatusConflict, "anna")
	if now := d.now(c.ID); now.State != domain.Moderation || now.Version != c.Version {
		t.Fatalf("decided over a colleague: %+v", now)
	}
	d.as("anna", domain.Office{Role: domain.RoleAnalyst})
	if a := d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c)); a.Status != http.StatusSeeOther {
		t.Errorf("the one who has it: %d %s", a.Status, a.Body)
	}
}

// The queue decides what is in the queue: of what a body has it shows the case and
// leads to its card, and a form made by hand changes nothing.
func TestTheQueueDoesNotDecideWhatABodyHas(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
	c = d.now(c.ID)
	for _, page := range []pagetest.Answer{d.Get(fmt.Sprintf("/queue?at=case-%d", c.ID)),
		d.part("GET", fmt.Sprintf("/queue/pane/case/%d?pick=8&agency=min-transport", c.ID), nil)} {
		want(t, page, http.StatusOK, "уже не в очереди", fmt.Sprintf(`href="/case/%d"`, c.ID), "Поручено")
		if page.Has(`id="decide"`) || page.Has("data-lease") || page.Has(`data-key="Enter"`) {
			t.Error("the queue offers to decide what a body has")
		}
	}
	form := version(c)
	form.Set("agency", "min-transport")
	form.Set("closing", "spam")
	form.Set("until", "2h")
	for _, what := range []string{"assign", "reject", "aside", "split"} {
		form.Set("post", "1")
		want(t, d.Post(fmt.Sprintf("/queue/case/%d/%s", c.ID, what), form), http.StatusConflict, "уже не в очереди", "карточка")
	}
	if now := d.now(c.ID); now.Version != c.Version {
		t.Errorf("changed: %+v", now)
	}
}

// After the last send-back the control centre decides whose a case is, and for that
// takes it from the body that has it: with a reason, to a body, and back again.
func TestTheCardTakesACaseFromItsBody(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
	c = d.now(c.ID)
	card := fmt.Sprintf("/case/%d", c.ID)
	want(t, d.Get(card), http.StatusOK, "Забрать и передать другому органу", `name="agency" required`)
	form := version(c)
	want(t, d.Post(card+"/withdraw", form), http.StatusUnprocessableEntity, "Выберите орган")
	form.Set("agency", "min-transport")
	want(t, d.Post(card+"/withdraw", form), http.StatusUnprocessableEntity, "почему инцидент передаётся")
	form.Set("why", "Провод над краевой дорогой")
	form.Set("agency", c.AgencyID)
	want(t, d.Post(card+"/withdraw", form), http.StatusUnprocessableEntity, "и так у этого органа")
	form.Set("agency", "no-such")
	if a := d.Post(card+"/withdraw", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a body that is not there: %d", a.Status)
	}
	form.Set("agency", "min-transport")
	if a := d.Post(card+"/withdraw", form); a.Status != http.StatusSeeOther || a.Location != card {
		t.Fatalf("%d to %s: %s", a.Status, a.Location, a.Body)
	}
	now := d.now(c.ID)
	if now.State != domain.Coordination || now.AgencyID != "min-transport" || !now.Deadline.Due.Equal(c.Deadline.Due) {
		t.Errorf("taken: %+v", now)
	}
	a := d.Get(card)
	want(t, a, http.StatusOK, "передан другому органу", "Провод над краевой дорогой", `data-key="KeyZ"`)
	want(t, d.Post(card+"/withdraw", form), http.StatusConflict)
	undo := regexp.MustCompile(`/undo/\d+`).FindString(a.Body)
	d.Post(undo, nil)
	if now = d.now(c.ID); now.AgencyID != c.AgencyID {
		t.Errorf("taken back: %+v", now)
	}
}

// A corrected row does not move a case that a body has; why another body would have
// it stands by that body's name.
func TestWhyIsAboutTheBodyThatHasTheCase(t *testing.T) {
	d := newCasesDesk(t, garbage)
	c := d.only()
	if c.State.Queued() {
		d.Post(fmt.Sprintf("/queue/case/%d/assign", c.ID), version(c))
		c = d.now(c.ID)
	}
	card := fmt.Sprintf("/case/%d", c.ID)
	why := c.RouteWhy
	if why == "" {
		t.Fatal("the case says nothing of why its body has it")
	}
	want(t, d.Get(card), http.StatusOK, why)
	form := version(c)
	form.Set("pick", "70")
	form.Set("in_municipality", c.Place.Municipality)
	if a := d.Post(card+"/correct", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	now := d.now(c.ID)
	if now.AgencyID != c.AgencyID || now.Proposed == c.AgencyID {
		t.Fatalf("the row leads to the same body: %+v", now)
	}
	a := d.Get(card)
	want(t, a, http.StatusOK, "По исправленным сведениям отвечает")
	if a.Has(`<p class="quiet small">` + now.RouteWhy + `</p>`) {
		t.Error("the reason of another body stands under the one that has the case")
	}
}

// A corrected row that leaves less than two days (R6) is the controller's to decide:
// the new term, or the one before, with a why, and taken back like any deed.
func TestTheControllerDecidesWhichTermHolds(t *testing.T) {
	d := newCasesDesk(t, garbage)
	c := d.only()
	long, registered := c.Deadline, pagetest.Noon().AddDate(0, 0, -15)
	long.Days, long.Due, long.Reason = 30, pagetest.Noon().AddDate(0, 0, 15), "обычный порядок: 30 дней"
	long.Control = long.Due
	ordinary := 0
	if _, err := d.store.ChangeCase(t.Context(), d.sees(), domain.CaseChange{CaseID: c.ID, Version: c.Version, Who: "anna", At: pagetest.Noon(),
		Row: &ordinary, Deadline: &long, RegisteredAt: &registered}); err != nil {
		t.Fatal(err)
	}
	c = d.now(c.ID)
	card := fmt.Sprintf("/case/%d", c.ID)
	form := version(c)
	form.Set("pick", "3")
	form.Set("in_municipality", c.Place.Municipality)
	if a := d.Post(card+"/correct", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	c = d.now(c.ID)
	if c.Dispute.Why == "" || c.ForControl == "" || !c.Dispute.Before.Due.Equal(long.Due) || c.Deadline.Due.Equal(long.Due) {
		t.Fatalf("corrected: %+v", c)
	}
	form = version(c)
	form.Set("keep", "old")
	form.Set("why", "Автору назван срок")
	want(t, d.Post(card+"/term", form), http.StatusForbidden, "контролёр")
	if a := d.Get(card); a.Has("/term") {
		t.Error("an analyst is offered the controller's word")
	}
	d.as("clara", domain.Office{Role: domain.RoleController})
	want(t, d.Get(card), http.StatusOK, "Решает контролёр", "Действует новый срок", "Вернуть прежний срок")
	bare := version(c)
	bare.Set("keep", "old")
	want(t, d.Post(card+"/term", bare), http.StatusUnprocessableEntity, "почему срок такой")
	bare = version(c)
	bare.Set("why", "так")
	want(t, d.Post(card+"/term", bare), http.StatusUnprocessableEntity, "какой срок действует")
	if a := d.Post(card+"/term", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	now := d.now(c.ID)
	if !now.Deadline.Due.Equal(long.Due) || now.Deadline.Days != 30 || now.Dispute.Why != "" || now.ForControl != "" {
		t.Errorf("the old term: %+v", now)
	}
	a := d.Get(card)
	want(t, a, http.StatusOK, "действует прежний срок. Автору назван срок")
	want(t, d.Post(card+"/term", form), http.StatusConflict) // a second click
	d.Post(regexp.MustCompile(`/undo/\d+`).FindString(a.Body), nil)
	if now = d.now(c.ID); now.Dispute.Why == "" || !now.Deadline.Due.Equal(c.Deadline.Due) {
		t.Fatalf("taken back: %+v", now)
	}
	form = version(now)
	form.Set("keep", "new")
	form.Set("why", "Успеют")
	if a := d.Post(card+"/term", form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if now = d.now(c.ID); now.ForControl != "" || !now.Deadline.Due.Equal(c.Deadline.Due) {
		t.Errorf("the new term: %+v", now)
	}
	want(t, d.Post(card+"/term", func() url.Values { f := version(now); f.Set("keep", "new"); f.Set("why", "ещё раз"); return f }()), http.StatusConflict)
}

// Whoever is named sees restricted cases, and the demonstration names somebody for
// each step of their way.
func TestTheDemonstrationNamesPeopleForRestrictedCases(t *testing.T) {
	for _, code := range []string{"27", "39"} {
		for _, role := range []domain.Role{domain.RoleAnalyst, domain.RoleHead, domain.RoleController} {
			found := false
			for _, u := range demo.People() {
				found = found || u.Restricted && strings.HasSuffix(u.Login, code) && u.Offices[0].Role == role
			}
			if !found {
				t.Errorf("nobody of %s is named as %s", code, role)
			}
		}
	}
}

// A restricted case is not given to where nobody sees it without a word: the warning
// comes before, and can be confirmed.
func TestARestrictedCaseIsGivenToWhoSeesIt(t *testing.T) {
	d := newCasesDesk(t, wire)
	c := d.only()
	yes := true
	if _, err := d.store.ChangeCase(t.Context(), d.sees(), domain.CaseChange{CaseID: c.ID, Version: c.Version, Who: "anna", At: pagetest.Noon(), Restricted: &yes}); err != nil {
		t.Fatal(err)
	}
	u := pagetest.Person("anna", domain.Office{Role: domain.RoleAnalyst})
	u.Region, u.Restricted = casesRegion, true
	d.As(u)
	sees := d.sees()
	sees.Restricted = true
	now := func() domain.Case {
		t.Helper()
		k, err := d.store.SeenCase(t.Context(), sees, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	c = now()
	want(t, d.Get(fmt.Sprintf("/queue?at=case-%d", c.ID)), http.StatusOK, "никто не назван", `name="unnamed"`)
	form, path := version(c), fmt.Sprintf("/queue/case/%d/assign", c.ID)
	want(t, d.Post(path, form), http.StatusUnprocessableEntity, "поручение там никто не увидит")
	if now().Version != c.Version {
		t.Fatal("given without a word")
	}
	if _, err := d.store.AddUser(t.Context(), domain.User{Region: casesRegion, Login: "head", Name: "Раиса", Restricted: true, Active: true,
		Offices: []domain.Office{{Role: domain.RoleHead, AgencyID: c.Proposed}}}, "x", domain.Doer{Login: "admin", Region: casesRegion, At: pagetest.Noon()}); err != nil {
		t.Fatal(err)
	}
	if a := d.Get(fmt.Sprintf("/queue?at=case-%d", c.ID)); a.Has("никто не назван") {
		t.Error("warned though somebody is named")
	}
	form.Set("agency", "min-transport")
	want(t, d.Post(path, form), http.StatusUnprocessableEntity, "никто не назван")
	form.Set("unnamed", "1")
	if a := d.Post(path, form); a.Status != http.StatusSeeOther || now().AgencyID != "min-transport" {
		t.Errorf("confirmed: %d %s", a.Status, a.Body)
	}
}
