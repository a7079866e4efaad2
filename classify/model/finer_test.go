package model

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestFinerColumn(t *testing.T) {
	topics := []string{"ямы", "знаки", "свалка", "контейнер", "баки"}
	group := map[string]string{"ямы": "дороги", "знаки": "дороги", "свалка": "мусор", "контейнер": "мусор", "баки": "мусор"}
	var labels []string
	topic, number, street, same, empty := Column{Name: "тема"}, Column{Name: "номер"}, Column{Name: "улица"}, Column{Name: "группа"}, Column{Name: "пусто"}
	for i := range 60 {
		of := topics[i%len(topics)]
		labels = append(labels, group[of])
		topic.Cells = append(topic.Cells, of)
		number.Cells = append(number.Cells, fmt.Sprint(i))
		street.Cells = append(street.Cells, fmt.Sprint("улица ", i%7))
		same.Cells = append(same.Cells, group[of])
		empty.Cells = append(empty.Cells, "")
	}
	if got := FinerColumn(labels, []Column{number, street, same, topic, empty}); got != "тема" {
		t.Errorf("found %q", got)
	}
	if got := FinerColumn(labels, []Column{number, street, same, empty}); got != "" {
		t.Errorf("no column is finer, found %q", got)
	}
	if got := FinerColumn(topic.Cells, []Column{{Name: "группа", Cells: labels}}); got != "" {
		t.Errorf("the coarse column is no finer one: %q", got)
	}
}

// nested are texts of three groups of three topics each; one in eight has the words of
// its group only.
func nested(n int, seed uint64) []Example {
	dice := rand.New(rand.NewPCG(seed, 9))
	var out []Example
	for i := range n {
		topic := i % 9
		word := fmt.Sprint("тема", string(rune('а'+topic)), "слово")
		if dice.IntN(8) == 0 {
			word = fmt.Sprint("группа", string(rune('а'+topic/3)))
		}
		out = append(out, Example{Text: fmt.Sprintf("%s %s у дома %d", openings[dice.IntN(len(openings))], word, i),
			Labels: []string{fmt.Sprint("группа ", topic/3)}, Finer: fmt.Sprint("тема ", topic)})
	}
	return out
}

// A model that has learned finer labels is written and read with them, judges by them
// and answers with none of them.
func TestFinerLabelsAreLearned(t *testing.T) {
	m, err := Train(t.Context(), nested(270, 1), Options{Column: "группа", Finer: "тема", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(bytes.NewReader(file(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	if h := back.Head; len(h.Labels) != 3 || len(h.Finer) != 9 || h.FinerColumn != "тема" || h.Report.Accuracy < 0.95 {
		t.Fatalf("head %+v", h)
	}
	hits := 0
	for _, e := range nested(90, 2) {
		want, _ := m.Best(e.Text, 9)
		got, err := back.Best(e.Text, 9)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) || len(got) != 3 {
			t.Fatalf("%q: %+v, want %+v (%v)", e.Text, got, want, err)
		}
		sum := 0.0
		for i, a := range got {
			sum += a.Confidence
			if a.Confidence > got[0].Confidence || i > 1 && a.Confidence > got[i-1].Confidence {
				t.Errorf("%q: a later answer is surer: %+v", e.Text, got)
			}
		}
		if sum > 1+1e-6 {
			t.Errorf("%q: confidence of %v in all", e.Text, sum)
		}
		if got[0].Label == e.Labels[0] {
			hits++
		}
	}
	if hits < 85 {
		t.Errorf("%d of 90 right", hits)
	}
	plain := nested(270, 1)
	for i := range plain {
		plain[i].Finer = ""
	}
	other, err := Train(t.Context(), plain, Options{Column: "группа", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if len(other.Head.Finer) != 0 || bytes.Equal(file(t, m), file(t, other)) {
		t.Error("the finer labels change nothing: the test shows nothing")
	}
}

// What the finer labels give a label counts beside its own separator, and a rare label
// is first where it is nearly as near as a frequent one.
func TestChoosing(t *testing.T) {
	c := newChooser(nesting{{1, 0}, {0, 1}, {0, 1}}, []int{10, 10})
	j := c.judge([]float32{0.1, 0, -1, 0.5, 0.4}, make([]float32, 2))
	if j.first != 1 || j.own[0] != 0.1 || j.joint[1] <= j.joint[0] {
		t.Errorf("%+v", j)
	}
	c = newChooser(nil, []int{1000, 2})
	for distance, want := range map[float32]int32{0.3: 1, 1.2: 0} {
		j := c.judge([]float32{distance, 0}, nil)
		if j.first != want {
			t.Errorf("lead %v of the frequent label: first is %d", distance, j.first)
		}
		if order := j.ranked(nil); order[0] != want || len(order) != 2 {
			t.Errorf("order %v", order)
		}
	}
}

// The products of the texts change nothing but the time.
func TestProductsLearnTheSame(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	vectors, labels := make([]vector, 80), make([][]int32, 80)
	for i := range vectors {
		for row := range uint32(30) {
			if dice.IntN(4) == 0 {
				vectors[i] = append(vectors[i], feature{row, dice.Float32()})
			}
		}
		labels[i] = []int32{int32(i % 3)}
	}
	o := separating{cost: 0.7, rounds: 60, bias: biasValue, seed: 1, learned: func() {}}
	learned, err := separators(t.Context(), vectors, labels, 30, 3, o)
	if err != nil {
		t.Fatal(err)
	}
	lengths := make([]float64, len(vectors))
	for i, v := range vectors {
		lengths[i] = float64(gramOf(vectors, 30, biasValue)[i][i])
		if sum := biasValue * biasValue; len(v) > 0 && lengths[i] <= sum {
			t.Fatalf("text %d: length %v", i, lengths[i])
		}
	}
	for class := range learned {
		var holders []int32
		for i := range labels {
			if labels[i][0] == int32(class) {
				holders = append(holders, int32(i))
			}
		}
		s := separator{vectors: vectors, lengths: lengths, options: o} // without products
		for row, w := range s.learn(t.Context(), holders, 30, uint64(class)) {
			if math.Abs(float64(w-learned[class][row])) > 1e-3 {
				t.Fatalf("label %d, row %d: %v with products, %v without", class, row, learned[class][row], w)
			}
		}
	}
}
