package main

import (
	"slices"
	"testing"

	"github.com/otklik/otklik/domain"
)

// A table of bodies that names topics beside them goes by the body: two bodies of one
// topic were one. Of rows the topic tells.
func TestATableOfCorrespondencesGoesByWhatTellsMost(t *testing.T) {
	t.Parallel()
	for label, want := range map[string][2]string{labelAgency: {"3", "4"}, labelRow: {"4", "4"}} {
		m, err := readMapping("names.csv", []byte("Тема;Исполнитель;"+label+"\nЯмы;Комитет дорог;3\nЯмы;Мэрия;4\n"), label)
		if err != nil {
			t.Fatal(err)
		}
		for i, executor := range []string{"Комитет дорог", "Мэрия"} {
			if got, ok := m.of(label, domain.PastIncident{Topic: "Ямы", Executor: executor}); !ok || !slices.Equal(got, []string{want[i]}) {
				t.Errorf("%s of %s: %q", label, executor, got)
			}
		}
	}
}
