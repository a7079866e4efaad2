package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/otklik/otklik/classify/text"
)

// themes are what the sentences of a label are put together of.
var themes = map[string][]string{
	"дороги":         {"яма", "асфальт", "колдобина", "разбитая дорога", "выбоина", "тротуар провалился"},
	"мусор, дворы":   {"свалка", "контейнер переполнен", "не вывозят мусор", "помойка", "бак полный"},
	`вода "горячая"`: {"нет горячей воды", "холодные краны", "отключили воду", "ржавая вода"},
}

var openings = []string{"Здравствуйте,", "Сколько можно!", "Опять", "На нашей улице", "Третий день", "Примите меры:", "Во дворе", "Почему"}

func sentences(n int, seed uint64) []Example {
	dice := rand.New(rand.NewPCG(seed, 7))
	labels := []string{"дороги", "мусор, дворы", `вода "горячая"`}
	var out []Example
	for i := range n {
		label := labels[i%len(labels)]
		words := themes[label]
		out = append(out, Example{Text: fmt.Sprintf("%s %s у дома %d", openings[dice.IntN(len(openings))], words[dice.IntN(len(words))], dice.IntN(100)),
			Labels: []string{label}})
	}
	return out
}

func train(t *testing.T, examples []Example) *Model {
	t.Helper()
	m, err := Train(t.Context(), examples, Options{Column: "тема", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func file(t *testing.T, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLearnsWhatCanBeToldApart(t *testing.T) {
	m := train(t, sentences(300, 1))
	var outcomes []Outcome
	for _, e := range sentences(300, 2) {
		best, err := m.Best(e.Text, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(best) != 3 || best[0].Confidence < best[1].Confidence || best[0].Confidence <= 0 || best[0].Confidence > 1 {
			t.Fatalf("%q: %+v", e.Text, best)
		}
		outcomes = append(outcomes, Outcome{best, e.Labels})
	}
	if s := Score(outcomes); s.Accuracy < 0.98 || s.CalibrationError > 0.1 {
		t.Errorf("%+v", s)
	}
	if r := m.Head.Report; r.N != 300 || r.Accuracy < 0.95 || r.Sure < 0.9 {
		t.Errorf("report on what was held out: %+v", r)
	}
}

// A form nobody has written is told by its letters; a text without a known word
// has no confidence.
func TestUnseenWords(t *testing.T) {
	m := train(t, sentences(300, 1))
	best, err := m.Best("колдобинища", 1)
	if err != nil || best[0].Label != "дороги" {
		t.Errorf("%+v, %v", best, err)
	}
	for _, text := range []string{"", "🙂🙂", "\x00\xff", "zzz"} {
		best, err := m.Best(text, 5)
		if err != nil || len(best) != 3 || best[0].Confidence != 0 {
			t.Errorf("%q: %+v, %v", text, best, err)
		}
	}
}

func TestSameTableSameFile(t *testing.T) {
	examples := sentences(90, 1)
	first := file(t, train(t, examples))
	if !bytes.Equal(first, file(t, train(t, examples))) {
		t.Error("the same table gave two models")
	}
	if bytes.Equal(first, file(t, train(t, examples[:60]))) {
		t.Error("another table gave the same model")
	}
}

func TestFileComesBackWhole(t *testing.T) {
	m := train(t, sentences(90, 1))
	back, err := Read(bytes.NewReader(file(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range sentences(60, 5) {
		want, _ := m.Best(e.Text, 3)
		got, err := back.Best(e.Text, 3)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q: %+v, want %+v (%v)", e.Text, got, want, err)
		}
	}
	if back.Head.Column != "тема" || fmt.Sprint(back.Labels()) != fmt.Sprint(m.Labels()) || back.Head.Counts[0] != 30 {
		t.Errorf("head %+v", back.Head)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	whole := file(t, train(t, sentences(60, 1)))
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/97 {
		want := ErrBrokenModel
		if cut < len(magic) {
			want = ErrNotModel
		}
		if _, err := Read(bytes.NewReader(whole[:cut])); !errors.Is(err, want) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/97 {
		broken := bytes.Clone(whole)
		broken[at] ^= 0x40
		if _, err := Read(bytes.NewReader(broken)); err == nil {
			t.Errorf("a bit changed at %d is not seen", at)
		}
	}
	if _, err := Read(strings.NewReader("id,text\n1,яма\n")); !errors.Is(err, ErrNotModel) {
		t.Errorf("a table: %v", err)
	}
}

func TestNumbersThatAreNoneAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(m *Model){
		"unit":   func(m *Model) { m.units[0] = float32(math.NaN()) },
		"bias":   func(m *Model) { m.bias[1] = float32(math.Inf(1)) },
		"weight": func(m *Model) { m.words.weights[3] = float32(math.Inf(-1)) },
		"count":  func(m *Model) { m.Head.Counts = []int{-1, 2, 3} },
	} {
		m, err := Read(bytes.NewReader(file(t, train(t, sentences(60, 1)))))
		if err != nil {
			t.Fatal(err)
		}
		spoil(m)
		if _, err := Read(bytes.NewReader(file(t, m))); !errors.Is(err, ErrBrokenModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestModelOfOtherFeaturesIsRefused(t *testing.T) {
	m := train(t, sentences(60, 1))
	for name, change := range map[string]func(h *Head){
		"features": func(h *Head) { h.Features = "words" },
		"format":   func(h *Head) { h.Format++ },
	} {
		other := &Model{Head: m.Head, words: m.words, sparse: m.sparse, nested: m.nested, units: m.units, bias: m.bias}
		change(&other.Head)
		if _, err := Read(bytes.NewReader(file(t, other))); !errors.Is(err, ErrOtherFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTablesThatTeachNothing(t *testing.T) {
	if _, err := Train(t.Context(), nil, Options{}); !errors.Is(err, ErrNoExamples) {
		t.Errorf("no example: %v", err)
	}
	if _, err := Train(t.Context(), []Example{{Text: "яма", Labels: []string{"a"}}, {Text: "лужа", Labels: []string{"a"}}}, Options{}); !errors.Is(err, ErrOneLabel) {
		t.Errorf("one label: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Train(ctx, sentences(60, 1), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// A label seen once is kept; labels with commas and quotes come back as they were.
func TestLabelSeenOnce(t *testing.T) {
	examples := append(sentences(60, 1), Example{Text: "Медведь вышел к школе", Labels: []string{`редкое, "одно"`}})
	m, err := Read(bytes.NewReader(file(t, train(t, examples))))
	if err != nil {
		t.Fatal(err)
	}
	best, err := m.Best("медведь вышел к школе", 1)
	if err != nil || best[0].Label != `редкое, "одно"` {
		t.Errorf("%+v, %v", best, err)
	}
}

// Of an example with several right labels each is right.
func TestSeveralRightLabels(t *testing.T) {
	examples := sentences(120, 1)
	for i := range examples {
		if examples[i].Labels[0] == "дороги" {
			examples[i].Labels = []string{"тротуары", "дороги"}
		}
	}
	m := train(t, examples)
	if r := m.Head.Report; r.Accuracy < 0.95 {
		t.Errorf("%+v", r)
	}
}

// Figures are those scikit-learn 1.2.1 gives for the same pairs:
// f1_score(['a','a','b','c'], ['a','b','b','b'], average=…).
func TestScores(t *testing.T) {
	answer := func(labels ...string) []Answer {
		var list []Answer
		for _, l := range labels {
			list = append(list, Answer{Label: l, Confidence: 0.5})
		}
		return list
	}
	s := Score([]Outcome{
		{answer("a"), []string{"a"}},
		{answer("b", "a"), []string{"a"}},
		{answer("b"), []string{"b", "x"}},
		{answer("b", "d", "e", "c"), []string{"c"}},
	})
	for name, v := range map[string][2]float64{
		"accuracy": {s.Accuracy, 0.5}, "macro": {s.MacroF1, (2.0/3 + 0.5 + 0) / 3},
		"weighted": {s.WeightedF1, (2*2.0/3 + 0.5 + 0) / 4}, "top3": {s.Top3, 0.75}, "calibration": {s.CalibrationError, 0},
	} {
		if math.Abs(v[0]-v[1]) > 1e-9 {
			t.Errorf("%s %.6f, want %.6f", name, v[0], v[1])
		}
	}
	if s.Sure != 0 {
		t.Errorf("half of equal confidence cannot be sure: %+v", s)
	}
}

// leastSureWrong are 500 outcomes, of which the 200 least sure are wrong.
func leastSureWrong() (list []Outcome) {
	for i := range 500 {
		right := "a"
		if i >= 300 {
			right = "b"
		}
		list = append(list, Outcome{[]Answer{{"a", 1 - float64(i)/500}}, []string{right}})
	}
	return list
}

func TestSureShare(t *testing.T) {
	list := leastSureWrong()
	s := Score(list)
	if s.Sure < 0.6 || s.Sure > 0.632 || s.SureFrom < 0.37 || s.SureFrom > 0.402 || s.SureRight < 0.95 {
		t.Errorf("share %v from %v, right %v", s.Sure, s.SureFrom, s.SureRight)
	}
}

func TestHeadIsReadable(t *testing.T) {
	b := file(t, train(t, sentences(60, 1)))
	text := b[len(magic)+4:]
	var head map[string]any
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&head); err != nil || head["column"] != "тема" {
		t.Errorf("%v, %v", head, err)
	}
}

// Whatever the text, its features are in order and stay within the space.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "Яма на дороге", "\x00\xff", strings.Repeat("а", 500), "e\u0301\u0301\u0301", "👨‍👩‍👧‍👦 ул. Ленина, д. 5"} {
		f.Add(s)
	}
	r := newReader(nil)
	f.Fuzz(func(t *testing.T, s string) {
		read, err := r.read(s)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range read.own {
			if f.id >= space || f.value < 1 || i > 0 && read.own[i-1].id > f.id {
				t.Fatalf("%q: feature %d %+v", s, i, f)
			}
		}
	})
}

// teller hints at a label by a word that the texts do not hold.
type teller struct{}

func (teller) Append(dst []Hint, doc *text.Doc) []Hint {
	if len(doc.Words)%2 == 0 {
		return append(dst, Hint{Name: "even", Value: 1}, Hint{Name: "even", Value: 0.5})
	}
	return append(dst, Hint{Name: "odd", Value: 1})
}

// What the words do not tell, a hint does; a model that has learned with hints does
// not judge without them.
func TestHintsAreLearned(t *testing.T) {
	var examples []Example
	for i := range 120 {
		n := 3 + i%4
		label := "чётные"
		if n%2 == 1 {
			label = "нечётные"
		}
		examples = append(examples, Example{Text: strings.Repeat("слово ", n), Labels: []string{label}})
	}
	right := func(o Options) float64 {
		m, err := Train(t.Context(), examples, o)
		if err != nil {
			t.Fatal(err)
		}
		hits := 0
		for n := 7; n < 17; n++ { // lengths that were not shown
			best, err := m.Best(strings.Repeat("слово ", n), 1)
			if err != nil {
				t.Fatal(err)
			}
			if (best[0].Label == "чётные") == (n%2 == 0) {
				hits++
			}
		}
		return float64(hits) / 10
	}
	if got := right(Options{Hints: teller{}}); got != 1 {
		t.Errorf("with hints %v are right", got)
	}
	if got := right(Options{}); got > 0.8 {
		t.Errorf("without hints %v are right: the test shows nothing", got)
	}
	m, err := Train(t.Context(), examples, Options{Hints: teller{}})
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(bytes.NewReader(file(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := back.Best("слово", 1); !errors.Is(err, ErrNoHints) {
		t.Errorf("without its hints: %v", err)
	}
	if err := back.Use(teller{}); err != nil {
		t.Fatal(err)
	}
	if best, err := back.Best("слово слово слово слово", 1); err != nil || best[0].Label != "чётные" {
		t.Errorf("%+v, %v", best, err)
	}
}

// What is held back anyway counts among the texts, and never as sure.
func TestBound(t *testing.T) {
	list := leastSureWrong()
	for range 500 {
		list = append(list, Outcome{nil, []string{"a"}})
	}
	b := Bound(list)
	if b.Share < 0.3 || b.Share > 0.316 || b.From > 0.402 || b.From < 0.37 || b.Right < 0.95 || b.N != 1000 || b.Answered != 500 {
		t.Errorf("%+v", b)
	}
	if got := b.Confidence(0.8); got != b.From {
		t.Errorf("in force from %v", got)
	}
	b.Answered = 199
	if got := b.Confidence(0.8); got != 0.8 {
		t.Errorf("with few examples from %v", got)
	}
	none := Bound([]Outcome{{[]Answer{{"a", 1}}, []string{"b"}}, {nil, []string{"a"}}})
	if none.Answered = 300; none.Share != 0 || none.Confidence(0.8) <= 1 {
		t.Errorf("%+v: nothing is right, and something would go unseen", none)
	}
}
