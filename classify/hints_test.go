package classify

import (
	"slices"
	"testing"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
)

// The hints name the topic, its group and the likeness; a text of nothing has none.
func TestHintsNameTopics(t *testing.T) {
	h := HintsOf(embeddedClassifier(t, "khabarovsk"))
	hints := func(s string) map[string]float32 {
		doc, err := text.NewAnalyzer(nil).Analyze(s)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]float32{}
		for _, hint := range h.Append(nil, doc) {
			if _, twice := out[hint.Name]; twice {
				t.Errorf("%q is hinted at twice", hint.Name)
			}
			out[hint.Name] = hint.Value
		}
		return out
	}
	got := hints("На Ленина огромная яма, пробил колесо, сделайте ямочный ремонт")
	if got["roads.potholes"] <= 0 || got["~roads.potholes"] <= 0 || got["roads"] < got["roads.potholes"] {
		t.Errorf("%v", got)
	}
	if got := hints("🙂"); len(got) != 0 {
		t.Errorf("of a smile: %v", got)
	}
	doc, err := text.NewAnalyzer(nil).Analyze("Не вывозят мусор")
	if err != nil {
		t.Fatal(err)
	}
	first := h.Append(nil, doc)
	if !slices.Equal(first, h.Append(make([]model.Hint, 0, 100), doc)) {
		t.Error("the same text gave other hints")
	}
}
