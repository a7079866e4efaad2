package browser

import (
	"fmt"
	"testing"
)

// tab presses Tab until an element has the focus.
func (v *visitor) tab(css string) {
	v.t.Helper()
	for range 120 {
		v.must(v.Key("Tab", "Tab"))
		if read[bool](v, "document.activeElement.matches("+quoted(css)+")") {
			return
		}
	}
	v.t.Fatalf("Tab does not come to %s\n%s", css, v.Sees())
}

// choose goes down a list that has the focus to a line: others may have lines there
// too.
func (v *visitor) choose(line string) {
	v.t.Helper()
	lines := read[int](v, "document.activeElement.options.length")
	v.must(v.Key("Home", "Home"))
	for range lines {
		if read[string](v, "document.activeElement.selectedOptions[0].text") == line {
			return
		}
		v.must(v.Key("ArrowDown", "ArrowDown"))
	}
	v.t.Fatalf("the list has no line %q\n%s", line, v.Sees())
}

// Two cases are joined to a story and linked, and taken apart again, without a
// mouse.
func TestStoryByKeyboard(t *testing.T) {
	s := open(t)
	ids := s.publish(t, wire("В Переяславке", "Ленина", 3), wire("В Переяславке", "Октябрьской", 30))
	first, second := fmt.Sprintf("/case/%d", ids[0]), fmt.Sprintf("/case/%d", ids[1])
	v := s.as(t, "analyst27", Office())
	const story = "Ураган 29 ноября"
	stories := func() int64 {
		return s.query(t, `SELECT count(*) FROM cases WHERE id IN ($1, $2) AND story_id IS NOT NULL`, ids[0], ids[1])
	}

	v.must(v.Go(second))
	number := read[string](v, "document.querySelector('h1').textContent")
	v.must(v.Go(first), v.Key("KeyG", "п"), v.Await("the marks to be open for choosing", "document.activeElement.name === 'nature'"))
	v.tab("input[name=title]")
	v.must(v.Insert(story), v.Key("Enter", "Enter"), v.Told("Инцидент в сюжете"), v.Has("Сюжет: "+story))

	v.must(v.Go(second), v.Key("KeyG", "g"), v.Await("the marks to be open for choosing", "document.activeElement.name === 'nature'"))
	v.tab("select[name=story]")
	v.choose(story)
	v.tab("form[action$='/story'] button")
	v.must(v.Key("Enter", "Enter"), v.Told("Инцидент в сюжете"), v.Has("Сюжет: "+story))
	if stories() != 2 {
		t.Errorf("%d cases in the story, want 2", stories())
	}
	v.must(v.Go(first), v.Has(number)) // each shows the other

	v.must(v.Go(second), v.Key("KeyG", "п"), v.Await("the marks to be open for choosing", "document.activeElement.name === 'nature'"))
	v.tab("select[name=story]")
	v.must(v.Key("Home", "Home"), v.Await("no story to be chosen", "document.activeElement.value === '0'"))
	v.tab("form[action$='/story'] button")
	v.must(v.Key("Enter", "Enter"), v.Told("вынут из сюжета"))
	if stories() != 1 {
		t.Errorf("%d cases in the story, want 1", stories())
	}

	links := func() int64 {
		return s.query(t, `SELECT count(*) FROM case_links WHERE $1 IN (case_id, other_id) AND $2 IN (case_id, other_id)`, ids[0], ids[1])
	}
	v.must(v.Go(first), v.Key("KeyC", "с"), v.Await("the number to have the focus", "document.activeElement.name === 'number'"),
		v.Insert(number), v.Key("Enter", "Enter"), v.Told("Связан с "+number))
	if links() != 1 {
		t.Error("not linked")
	}
	v.tab("form[action*='/unlink/'] button")
	v.must(v.Key("Enter", "Enter"), v.Told("Связь снята"))
	if links() != 0 {
		t.Error("still linked")
	}
}
