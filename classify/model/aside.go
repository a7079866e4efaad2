package model

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/otklik/otklik/domain"
)

// AsideRule names how examples are kept aside, so that a model learned by another
// rule is known to have seen what it would be judged by.
const AsideRule = "sha256(letters)/5"

// Aside reports whether a text is of the fifth that no model of a region learns:
// models are compared on it. It goes by the letters of the text, so that copies
// with other spaces, digits, signs or marks fall on one side.
func Aside(text string) bool {
	sum := sha256.Sum256([]byte(Letters(text)))
	return binary.BigEndian.Uint64(sum[:8])%5 == 0
}

// Letters is a text down to its words in small letters: what makes two texts the
// same example.
func Letters(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(text), "ё", "е"), func(r rune) bool { return !unicode.IsLetter(r) }), " ")
}

// Terms are what a new model must keep to take the place of the present one.
type Terms struct {
	Margin float64 // the share of a label's examples that may be lost
	Least  int     // labels with fewer examples are looked at together
}

// fewest examples that say anything of a model.
const fewest = 20

// Comparison is how a new model does beside the present one on the same examples.
type Comparison struct {
	N       int      `json:"n"`
	Present Scores   `json:"present"`
	Next    Scores   `json:"next"`
	Worse   []Change `json:"worse,omitempty"` // labels that lose more than the margin
	Better  bool     `json:"better"`
	// Unseen is the bound that the examples choose for the new one, of rows only.
	Unseen domain.UnseenBound `json:"unseen"`
	Reason string             `json:"reason"` // Russian
}

// Change is a label whose share of right answers is another.
type Change struct {
	Label   string  `json:"label"`
	N       int     `json:"n"`
	Present float64 `json:"present"`
	Next    float64 `json:"next"`
}

// rareLabels is the name under which labels with few examples stand together.
const rareLabels = "редкие метки"

// Compare judges two models by what they said of the same examples. The new one is
// better when it is right more often than chance gives, no label loses more than the
// margin (one example less is no loss), and no rare one, of which the share says little,
// is lost entirely.
func Compare(present, next []Outcome, t Terms) Comparison {
	c := Comparison{N: len(next), Present: Score(present), Next: Score(next)}
	if c.N < fewest {
		c.Reason = fmt.Sprintf("отложено только %d примеров, а судить можно от %d: накопите исправлений или загрузите выгрузку", c.N, fewest)
		return c
	}
	for _, l := range changes(present, next, max(1, t.Least)) {
		lost := l.Present - l.Next
		oneLess := lost*float64(l.N) < 1.5 // is chance
		if lost > t.Margin+1e-9 && !oneLess {
			c.Worse = append(c.Worse, l)
		}
	}
	figures := fmt.Sprintf("на %d отложенных примерах верно %s против %s", c.N, percent(c.Next.Accuracy), percent(c.Present.Accuracy))
	gained, lost := changed(present, next)
	switch {
	case c.Next.Accuracy <= c.Present.Accuracy:
		c.Reason = "не лучше действующей: " + figures
	case chance(gained, lost) > mostChance:
		c.Reason = fmt.Sprintf("не лучше действующей сверх случая: %s (исправлено %d, испорчено %d)", figures, gained, lost)
	case len(c.Worse) > 0:
		c.Reason = figures + ", но хуже: " + worseWords(c.Worse)
	default:
		c.Better, c.Reason = true, "лучше действующей: "+figures+", ни одна метка не потеряла больше "+percent(t.Margin)+" и больше одного примера; редкие (меньше "+fmt.Sprint(max(1, t.Least))+" примеров) смотрятся вместе, и ни одна из них не забыта"
	}
	return c
}

// Lost are the labels that the present model has learned from so many examples, and
// the next one does not know: no example kept aside need bear them, so that comparing
// does not show their loss.
func Lost(present, next *Head, least int) []string {
	var lost []string
	for i, label := range present.Labels {
		if present.Counts[i] >= max(1, least) && !slices.Contains(next.Labels, label) {
			lost = append(lost, label)
		}
	}
	return lost
}

// Lacking is the comparison with one that does not know labels of the present one:
// it is not better, however often it is right.
func (c Comparison) Lacking(lost []string) Comparison {
	if len(lost) == 0 {
		return c
	}
	words := make([]string, min(fewNamed, len(lost)))
	for i := range words {
		words[i] = "«" + lost[i] + "»"
	}
	c.Better = false
	c.Reason = "не знает меток, которые знает действующая: " + strings.Join(andMore(words, len(lost)), ", ") + " (та училась по таблице --map или по другим примерам)"
	return c
}

// fewNamed is how many labels a reason names.
const fewNamed = 5

// andMore says of how many the words are the first.
func andMore(words []string, all int) []string {
	if more := all - len(words); more > 0 {
		words = append(words, fmt.Sprintf("и ещё %d", more))
	}
	return words
}

// mostChance is how likely two equally good models may be to differ so much in favour of
// the new one: four examples more and none lost are enough, three are not.
const mostChance = 0.1

// changed counts the examples that the new model alone has right, and the present alone.
func changed(present, next []Outcome) (gained, lost int) {
	for i := range next {
		switch was, is := present[i].isRight(), next[i].isRight(); {
		case is && !was:
			gained++
		case was && !is:
			lost++
		}
	}
	return gained, lost
}

// chance is how likely it is that of the examples on which two equally good models differ
// so many or more speak for one (McNemar's exact test, one-sided).
func chance(gained, lost int) float64 {
	n := gained + lost
	all, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for k := gained; k <= n; k++ {
		one, _ := math.Lgamma(float64(k + 1))
		other, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(all - one - other - float64(n)*math.Ln2)
	}
	return sum
}

// changes are the shares of right answers by label: the truth of an example is its
// first label.
func changes(present, next []Outcome, least int) []Change {
	type count struct{ n, present, next int }
	counts := map[string]*count{}
	for i := range next {
		label := next[i].Right[0]
		if counts[label] == nil {
			counts[label] = &count{}
		}
		k := counts[label]
		k.n++
		if present[i].isRight() {
			k.present++
		}
		if next[i].isRight() {
			k.next++
		}
	}
	rare := count{}
	var list []Change
	add := func(label string, k count) {
		n := float64(k.n)
		list = append(list, Change{label, k.n, float64(k.present) / n, float64(k.next) / n})
	}
	for label, k := range counts {
		forgotten := k.present > 1 && k.next == 0
		if k.n >= least || forgotten {
			add(label, *k)
			continue
		}
		rare.n, rare.present, rare.next = rare.n+k.n, rare.present+k.present, rare.next+k.next
	}
	if rare.n > 0 {
		add(rareLabels, rare)
	}
	slices.SortFunc(list, func(a, b Change) int {
		if a.Present-a.Next != b.Present-b.Next {
			if a.Present-a.Next > b.Present-b.Next {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Label, b.Label)
	})
	return list
}

func worseWords(list []Change) string {
	var words []string
	for _, c := range list[:min(fewNamed, len(list))] {
		words = append(words, fmt.Sprintf("«%s» %s вместо %s (примеров %d)", c.Label, percent(c.Next), percent(c.Present), c.N))
	}
	return strings.Join(andMore(words, len(list)), ", ")
}

// percent writes a share as Russian does: «87,5 %».
func percent(share float64) string {
	return strings.Replace(fmt.Sprintf("%.1f %%", 100*share), ".", ",", 1)
}
