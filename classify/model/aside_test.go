package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otklik/otklik/classify/model"
)

func TestAsideIsAFifthAndCopiesStayTogether(t *testing.T) {
	aside := 0
	for i := range 5000 {
		one, two := strings.Repeat("а", i%97+1), strings.Repeat("б", i/97+1)
		first := model.Aside("Нет воды ещё " + one + " " + two)
		if first {
			aside++
		}
		if model.Aside(fmt.Sprintf("  нет  ВОДЫ, %d еще: %s — %s! 🙏", i, one, two)) != first {
			t.Fatalf("a copy of %d is on the other side", i)
		}
	}
	if aside < 850 || aside > 1150 {
		t.Errorf("%d of 5000 are aside", aside)
	}
}

// said are outcomes: n examples of a label of which some are answered rightly.
func said(list ...any) []model.Outcome {
	var out []model.Outcome
	for i := 0; i < len(list); i += 3 {
		label, n, right := list[i].(string), list[i+1].(int), list[i+2].(int)
		for k := range n {
			answer := label
			if k >= right {
				answer = "другое"
			}
			out = append(out, model.Outcome{Right: []string{label}, Answers: []model.Answer{{Label: answer, Confidence: 0.9}}})
		}
	}
	return out
}

func TestCompare(t *testing.T) {
	terms := model.Terms{Margin: 0.1, Least: 5}
	for name, c := range map[string]struct {
		present, next []model.Outcome
		better        bool
		reason        string
	}{
		"better everywhere":      {said("а", 20, 10, "б", 20, 10), said("а", 20, 15, "б", 20, 10), true, "лучше действующей: на 40 отложенных примерах верно 62,5 % против 50,0 %"},
		"the same":               {said("а", 20, 10, "б", 20, 10), said("а", 20, 11, "б", 20, 9), false, "не лучше действующей"},
		"by one example":         {said("а", 20, 14), said("а", 20, 15), false, "не лучше действующей сверх случая: на 20 отложенных примерах верно 75,0 % против 70,0 % (исправлено 1, испорчено 0)"},
		"by three":               {said("а", 20, 12), said("а", 20, 15), false, "сверх случая"},
		"by four":                {said("а", 20, 12), said("а", 20, 16), true, "лучше действующей"},
		"worse":                  {said("а", 20, 10), said("а", 20, 9), false, "не лучше действующей"},
		"better but for one":     {said("а", 20, 10, "б", 20, 10), said("а", 20, 20, "б", 20, 7), false, "но хуже: «б» 35,0 % вместо 50,0 % (примеров 20)"},
		"one loses just so much": {said("а", 20, 10, "б", 20, 10), said("а", 20, 20, "б", 20, 8), true, ""},
		"one example less":       {said("а", 40, 20, "б", 5, 5), said("а", 40, 30, "б", 5, 4), true, ""},
		"two of them":            {said("а", 40, 20, "б", 5, 5), said("а", 40, 30, "б", 5, 3), false, "«б» 60,0 % вместо 100,0 % (примеров 5)"},
		"one that is rare":       {said("а", 40, 20, "б", 2, 2, "в", 4, 2), said("а", 40, 30, "б", 2, 1, "в", 4, 3), true, ""},
		"the rare ones together": {said("а", 40, 20, "б", 2, 2, "в", 4, 4), said("а", 40, 30, "б", 2, 1, "в", 4, 2), false, "редкие метки"},
		"a rare one forgotten":   {said("а", 40, 20, "б", 4, 4, "в", 4, 0), said("а", 40, 30, "б", 4, 0, "в", 4, 4), false, "но хуже: «б» 0,0 % вместо 100,0 % (примеров 4)"},
		"one that was chance":    {said("а", 40, 20, "б", 4, 1, "в", 4, 0), said("а", 40, 30, "б", 4, 0, "в", 4, 4), true, "ни одна из них не забыта"},
		"too few to judge by":    {said("а", 10, 1), said("а", 10, 10), false, "отложено только 10"},
		"nothing to judge by":    {nil, nil, false, "отложено только 0"},
	} {
		got := model.Compare(c.present, c.next, terms)
		if got.Better != c.better || !strings.Contains(got.Reason, c.reason) || got.N != len(c.next) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A label that nothing kept aside bears is lost unseen by the comparing: the heads of
// the models tell.
func TestALostLabelIsNoBetter(t *testing.T) {
	better := model.Compare(said("а", 20, 10), said("а", 20, 20), model.Terms{Margin: 0.1, Least: 5})
	present := model.Head{Labels: []string{"а", "б", "в", "г", "д", "е", "ж", "з"}, Counts: []int{90, 5, 4, 5, 6, 7, 8, 9}}
	for name, c := range map[string]struct {
		next   []string
		better bool
		reason string
	}{
		"all are known":          {present.Labels, true, "лучше действующей"},
		"and more":               {append([]string{"я"}, present.Labels...), true, "лучше действующей"},
		"one with few examples":  {[]string{"а", "б", "г", "д", "е", "ж", "з"}, true, "лучше действующей"},
		"one with just so many":  {[]string{"а", "в", "г", "д", "е", "ж", "з"}, false, "не знает меток, которые знает действующая: «б» ("},
		"five are named":         {[]string{"а", "ж"}, false, "действующая: «б», «г», «д», «е», «з» ("},
		"more than can be named": {[]string{"я", "у"}, false, "действующая: «а», «б», «г», «д», «е», и ещё 2 ("},
	} {
		got := better.Lacking(model.Lost(&present, &model.Head{Labels: c.next}, 5))
		if got.Better != c.better || !strings.Contains(got.Reason, c.reason) || got.N != better.N {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if lost := model.Lost(&present, &model.Head{Labels: present.Labels[:2]}, 0); len(lost) != 6 {
		t.Errorf("of any size: %q", lost)
	}
}
