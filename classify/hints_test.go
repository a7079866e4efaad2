package classify

import (
	"bytes"
	"errors"
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

// With places the hints tell municipality, settlement and street, and nothing else is
// told otherwise; without a place they are the same.
func TestHintsTellPlaces(t *testing.T) {
	h := HintsOf(embeddedClassifier(t, "khabarovsk"))
	told := func(h model.Hinter, s string) (names []string) {
		doc, err := text.NewAnalyzer(nil).Analyze(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, hint := range h.Append(nil, doc) {
			names = append(names, hint.Name)
		}
		return names
	}
	const placed = "Комсомольск-на-Амуре, на улице Зелёной огромная яма"
	plain, with := told(h, placed), told(h.WithPlaces(), placed)
	if len(with) != len(plain)+3 || !slices.Equal(plain, with[:len(plain)]) || !slices.Contains(with, "#Комсомольск-на-Амуре") || !slices.Contains(with, "/Зеленая улица") {
		t.Errorf("%v\nbeside %v", with, plain)
	}
	const nowhere = "Огромная яма, пробил колесо"
	if plain, with := told(h, nowhere), told(h.WithPlaces(), nowhere); !slices.Equal(plain, with) {
		t.Errorf("%v beside %v", with, plain)
	}
	if p := h.Pack(); p.Region != "khabarovsk" || p.Hash != h.classifier.pack.Hash || p.Hash == "" {
		t.Errorf("%+v", p)
	}
}

// A body that only the place tells is learned by it, where places may be tried; the
// model then judges beside no other region's pack.
func TestBodiesAreLearnedByPlaces(t *testing.T) {
	h := HintsOf(embeddedClassifier(t, "khabarovsk"))
	// Each village stands once: what several have in common is their district alone.
	var examples []model.Example
	held := map[string]string{}
	taken := map[string]int{}
	for _, s := range h.classifier.pack.Gazetteer.Settlements {
		switch n := taken[s.Municipality]; {
		case s.Municipality != "khabarovskiy" && s.Municipality != "komsomolskiy":
		case n < 20:
			taken[s.Municipality]++
			examples = append(examples, model.Example{Text: "село " + s.Name + ", темно", Labels: []string{s.Municipality}})
		case held[s.Municipality] == "":
			held[s.Municipality] = s.Name
		}
	}
	if len(held) != 2 {
		t.Fatalf("villages enough of two districts are not there: %v", taken)
	}
	m, err := model.Train(t.Context(), examples, model.Options{Column: "орган", Seed: 1, Hints: h, Places: true})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := model.Train(t.Context(), examples, model.Options{Column: "орган", Seed: 1, Hints: h})
	if err != nil {
		t.Fatal(err)
	}
	if m.Head.Places != (m.Head.Report.Accuracy > plain.Head.Report.Accuracy) || plain.Head.Places {
		t.Errorf("places %v with %v right, without %v", m.Head.Places, m.Head.Report.Accuracy, plain.Head.Report.Accuracy)
	}
	if !m.Head.Places {
		t.Fatal("places did not help: the test shows nothing")
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	back, err := model.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := back.Use(HintsOf(embeddedClassifier(t, "kaliningrad"))); !errors.Is(err, model.ErrOtherPlaces) {
		t.Errorf("beside another region's places: %v", err)
	}
	if err := back.Use(h); err != nil {
		t.Fatal(err)
	}
	for municipality, name := range held {
		if best, err := back.Best("село "+name+", яма", 1); err != nil || best[0].Label != municipality {
			t.Errorf("%s: %+v, %v", name, best, err)
		}
	}
	if _, strange := back.Strange(h.Pack()); strange {
		t.Error("the pack it has learned with is strange to it")
	}
	if learned, strange := back.Strange(model.Pack{Region: "khabarovsk", Hash: "other"}); !strange || learned != h.Pack() {
		t.Errorf("%+v, %v", learned, strange)
	}
}
