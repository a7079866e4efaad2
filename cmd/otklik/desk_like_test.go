package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/otklik/otklik/domain"
)

// The same in other words is one case. What is less certain waits beside it: the queue
// says so, one key joins it; a person who takes it out again is not asked a second time.
func TestTheSameInOtherWordsIsOffered(t *testing.T) {
	d := newCasesDesk(t,
		"В Хабаровске на улице Калинина второй день нет света, когда включат?",
		"Отключили свет в Хабаровске по улице Калинина, второй день сидим без света, в аварийной службе не берут трубку",
		"В Хабаровске, улица Калинина, 15: второй день нет света, когда включат?",
		"В Хабаровске на улице Шевченко второй день нет света, когда включат?")
	list, err := d.store.RecentCases(t.Context(), casesRegion, 10)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	var first, house domain.Case
	for _, c := range list {
		switch {
		case c.Posts == 2:
			first = c
		case c.Place.House == "15":
			house = c
		}
	}
	if first.ID == 0 || house.ID == 0 || house.State != domain.Moderation {
		t.Fatalf("%+v", list)
	}
	want(t, d.Get(fmt.Sprintf("/case/%d", first.ID)), http.StatusOK, house.Number, "похож")
	pane := fmt.Sprintf("/queue/pane/case/%d", house.ID)
	want(t, d.part("GET", pane, nil), http.StatusOK, "Похоже на <a", "То же, что "+first.Number, `data-key="KeyL"`, "похоже на")
	form := version(house)
	form.Set("into", first.Number)
	want(t, d.part("POST", fmt.Sprintf("/queue/case/%d/join", house.ID), form), http.StatusOK, house.Number+" присоединён к "+first.Number)
	if c := d.now(first.ID); c.Posts != 3 {
		t.Fatalf("joined: %+v", c)
	}
	if a := d.Post(fmt.Sprintf("/case/%d/unjoin", house.ID), version(d.now(house.ID))); a.Status != http.StatusSeeOther {
		t.Fatalf("taken out: %d %s", a.Status, a.Body)
	}
	if a := d.part("GET", pane, nil); a.Has("То же, что") || a.Has(`value="`+first.Number+`"`) {
		t.Error("what a person has taken out is offered again")
	}
}
