package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
)

// The topics of what a region teaches are finer labels of its rows, as the columns of
// a table are; where rows do not consist of them they teach nothing.
func TestTopicsAreFinerLabelsOfRows(t *testing.T) {
	gather := func(label string, topic func(i int) string) []model.Example {
		l := &lessons{label: label, at: map[string]int{}, left: map[string]int{}}
		for i := range 60 {
			l.add(domain.FromImport, model.Example{Text: fmt.Sprint("текст ", string([]rune{rune('а' + i%30), rune('а' + i/30)})),
				Labels: []string{fmt.Sprint(i % 2)}, Finer: l.finer(topic(i))}, "", time.Time{})
		}
		learn, aside := l.split()
		examples, finer := withTopics(append(learn, aside...))
		if (finer != "") != (examples[0].Finer != "") {
			t.Errorf("%s: finer column %q, yet a label %q", label, finer, examples[0].Finer)
		}
		return examples
	}
	nested := func(i int) string { return fmt.Sprint("тема ", i%6) }
	for name, c := range map[string]struct {
		label string
		topic func(i int) string
		want  bool
	}{
		"rows of topics":      {labelRow, nested, true},
		"groups of topics":    {labelPastGroup, nested, true},
		"bodies":              {labelAgency, nested, false},
		"topics of many rows": {labelRow, func(i int) string { return fmt.Sprint("тема ", i/10) }, false},
		"without topics":      {labelRow, func(int) string { return "" }, false},
	} {
		if got := gather(c.label, c.topic)[0].Finer != ""; got != c.want {
			t.Errorf("%s: finer labels %t, want %t", name, got, c.want)
		}
	}
}
