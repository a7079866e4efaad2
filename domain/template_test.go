package domain

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestATemplateIsFilledAsFarAsTheCaseGoes(t *testing.T) {
	tpl := ReplyTemplate{Text: "Сообщение № {номер}: {место}. Сделаем до {когда}. {место}", Body: "city", Row: 3, Title: "Яма"}
	got := tpl.Fill(map[string]string{"номер": "27-1", "место": ""})
	if want := "Сообщение № 27-1: {место}. Сделаем до {когда}. {место}"; got != want {
		t.Errorf("%q", got)
	}
	if open := OpenFields(got); !slices.Equal(open, []string{"{когда}", "{место}"}) {
		t.Errorf("%q", open)
	}
	if got := (ReplyTemplate{Text: "№ { номер }"}).Fill(map[string]string{"номер": "27-1"}); got != "№ 27-1" {
		t.Errorf("%q", got)
	}
	for text, n := range map[string]int{"всё сделано": 0, "{}": 1, `{"json": 1}`: 1, "до {дата 1, время}": 1,
		"{дата (план)}": 1, "Акт {№ акта} от {дата/время}": 2, "{ ФИО }": 1, "{1-я дата}": 1, "{дом: 5}": 1, "{дата\nокончания}": 1, "Срок {«когда»}": 1,
		"до {дата": 1, "до дата}": 1, "{{место}}": 3, "{а} и {а}": 1} {
		if open := OpenFields(text); len(open) != n {
			t.Errorf("%q: %q", text, open)
		}
	}
	for c, want := range map[*Case]bool{{AgencyID: "city", Row: 3}: true, {AgencyID: "city", Row: 4}: false, {AgencyID: "other", Row: 3}: false} {
		if tpl.For(*c) != want {
			t.Errorf("%s %d", c.AgencyID, c.Row)
		}
	}
	if tpl.Row = 0; !tpl.For(Case{AgencyID: "city", Row: 9}) {
		t.Error("one for every row")
	}
}

func TestATemplateThatCannotBeUsedIsRefused(t *testing.T) {
	good := ReplyTemplate{Body: "city", Title: "Яма", Text: "Сделаем"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[Refusal]func(*ReplyTemplate){
		RefuseNoTemplateBody: func(r *ReplyTemplate) { r.Body = "" },
		RefuseTemplateTitle:  func(r *ReplyTemplate) { r.Title = strings.Repeat("я", 101) },
		RefuseEmptyText:      func(r *ReplyTemplate) { r.Text = " " },
		RefuseLongAnswer:     func(r *ReplyTemplate) { r.Text = strings.Repeat("я", LongestAnswer+1) },
	} {
		bad := good
		if spoil(&bad); !errors.Is(bad.Check(), want) {
			t.Errorf("%s: %v", want, bad.Check())
		}
	}
}
