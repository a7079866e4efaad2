package model

import (
	"fmt"
	"testing"
)

// A label's own words are an example of it: what nobody has complained of in them
// yet is known by them.
func TestLabelsTeachTheirNames(t *testing.T) {
	var examples []Example
	for _, e := range sentences(90, 5) {
		name := map[string]string{"дороги": "Содержание автомобильных дорог", "мусор, дворы": "Вывоз отходов во Льговском районе", `вода "горячая"`: "3"}[e.Labels[0]]
		examples = append(examples, Example{Text: e.Text, Labels: []string{name}})
	}
	m := train(t, examples)
	for text, want := range map[string]string{
		"Когда займутся этим в Льговском районе": "Вывоз отходов во Льговском районе",
		"Жалоба на содержание автомобильных":     "Содержание автомобильных дорог",
	} {
		answers, err := m.Best(text, 1)
		if err != nil || len(answers) != 1 || answers[0].Label != want {
			t.Errorf("%q: %+v, %v; want %q", text, answers, err, want)
		}
	}
	if m.Head.Counts[0]+m.Head.Counts[1]+m.Head.Counts[2] != len(examples) {
		t.Errorf("names are counted as examples: %v", m.Head.Counts)
	}
}

// What is held out is judged as by somebody who has never met it: a label whose only
// example is held out is not known by its name either.
func TestHeldOutLabelsAreNotKnownByName(t *testing.T) {
	examples := sentences(90, 5)
	const lone = 30
	for i := range lone {
		name := fmt.Sprintf("Содержание %[1]s и %[1]s", string([]rune{'к', rune('а' + i%8), 'л', rune('о' + i/8), 'м', 'ы', 'ш'}))
		examples = append(examples, Example{Text: name, Labels: []string{name}})
	}
	if got, most := train(t, examples).Head.Report.Accuracy, float64(len(examples)-lone)/float64(len(examples)); got > most {
		t.Errorf("%.3f right on what was held out, more than the %.3f that anybody could know", got, most)
	}
}
