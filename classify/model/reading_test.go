package model

import (
	"math"
	"testing"
)

// Who judges adds up words it remembers, who learns the features of a text: both must
// read the same, whatever stands twice and whatever words have in common.
func TestJudgingReadsAsLearningDoes(t *testing.T) {
	m := train(t, sentences(300, 1))
	p := m.reader()
	for _, src := range []string{
		"", "мусор", "мусор мусор мусор бак", "вода, водами, водой, отключили воду и водную воду во дворе",
		"не вывозят мусор не вывозят мусор", "ааааааа алала", "щъхю",
	} {
		doc, hints, err := p.analyze(src)
		if err != nil {
			t.Fatal(err)
		}
		p.gather(doc)
		want := make([]float64, m.columns())
		for _, f := range m.words.weigh(nil, p.readDoc(doc, hints)) {
			for column := range want {
				want[column] += float64(m.sparse.weight(f.id, column)) * float64(f.value)
			}
		}
		for column, score := range p.scores {
			if math.Abs(float64(score)-want[column]) > 1e-3 {
				t.Errorf("%q, column %d: %v, learned as %v", src, column, score, want[column])
			}
		}
	}
}
