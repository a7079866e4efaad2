package model

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otklik/otklik/classify/text"
)

// A word that says nothing of the label, but of the finer one by which the label was
// chosen, is among the words that weighed.
func TestWhyKnowsFinerLabels(t *testing.T) {
	var list []Example
	for i := range 240 {
		group, topic := []string{"двор", "дорога"}[i/3%2], i%3
		words := fmt.Sprintf("%s %s во вторник номер %d", group, []string{"лавочка", "шлагбаум", "газон"}[topic], i)
		list = append(list, Example{Text: words, Labels: []string{group}, Finer: fmt.Sprint(group, topic)})
	}
	plain := slices.Clone(list)
	for i := range plain {
		plain[i].Finer = ""
	}
	finer, err := Train(t.Context(), list, Options{Column: "группа", Finer: "тема", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := Train(t.Context(), plain, Options{Column: "группа", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	share := func(m *Model) float32 {
		a := text.NewAnalyzer(nil)
		doc, err := a.Analyze("двор шлагбаум во вторник")
		if err != nil {
			t.Fatal(err)
		}
		p := m.Predictor(a.Lexicon())
		p.Best(doc, nil, 1)
		if at := p.Why("двор", 3); len(at) == 0 || at[0] != 0 {
			t.Errorf("%v: the word of the label is not the first", at)
		}
		return p.weights[1] / p.weights[0]
	}
	if with, without := share(finer), share(alone); with < without+0.1 {
		t.Errorf("the word of the finer label weighs %.3f of that of the label, %.3f without finer labels", with, without)
	}
}
