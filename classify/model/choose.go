package model

import (
	"cmp"
	"math"
	"slices"
)

// How the label is told from the distances, by trials on held-out folds
// (docs/models.md).
const (
	ownShare   = 0.5   // of a label's own separator beside those of its finer labels
	finerScale = 0.135 // of the logarithm of what the finer labels give it
	finerSharp = 8     // how much a distance counts among the finer labels
	finerLeast = 1e-4  // chance of a label whose finer ones are all far

	// rareLift is what a label gains as the first answer by being rare: as many texts of
	// a rare label are taken for a frequent one as the other way only with it.
	rareLift   = 0.06
	rarestSeen = 0.7 // a label without an example gains no more than that

	// restSharp is how much the score counts among the labels that are not the first: they
	// share what confidence it leaves.
	restSharp = 5
)

// nesting says how finer labels lie in the labels: the shares of each in them. Nil
// when there are none.
type nesting [][]float32

// chooser turns the distances from all separators into an order of labels.
type chooser struct {
	labels int
	nested nesting
	lifts  []float32 // by label
}

func newChooser(nested nesting, counts []int) chooser {
	c := chooser{labels: len(counts), nested: nested, lifts: make([]float32, len(counts))}
	for class, n := range counts {
		c.lifts[class] = float32(-rareLift * math.Log(max(rarestSeen, float64(n))))
	}
	return c
}

// judged is a text that was judged. The slices are the chooser's caller's.
type judged struct {
	own   []float32 // distances from the labels' own separators
	joint []float32 // with what the finer labels say; the same where there are none
	first int32     // the label that is answered
}

// judge joins the distances, by label and then by finer label. joint is memory for
// the answer.
func (c *chooser) judge(distances, joint []float32) judged {
	j := judged{own: distances[:c.labels], joint: distances[:c.labels]}
	if len(c.nested) > 0 {
		j.joint = joint[:c.labels]
		c.join(j.joint, j.own, distances[c.labels:])
	}
	for class := range j.joint {
		if j.joint[class]+c.lifts[class] > j.joint[j.first]+c.lifts[j.first] {
			j.first = int32(class)
		}
	}
	return j
}

// join gives each label what its finer labels give it: the sum of their chances.
func (c *chooser) join(joint, own, finer []float32) {
	clear(joint)
	nearest, sum := float64(slices.Max(finer)), 0.0
	for i, d := range finer {
		chance := math.Exp(finerSharp * (float64(d) - nearest))
		sum += chance
		for class, share := range c.nested[i] {
			joint[class] += share * float32(chance)
		}
	}
	for class := range joint {
		joint[class] = ownShare*own[class] + finerScale*float32(math.Log(float64(joint[class])/sum+finerLeast))
	}
}

// ranked puts the labels in the order of the answers: the first one, then the others
// by their scores.
func (j *judged) ranked(dst []int32) []int32 {
	dst = dst[:0]
	for class := range j.joint {
		dst = append(dst, int32(class))
	}
	slices.SortFunc(dst, func(a, b int32) int {
		if a == j.first || b == j.first {
			return cmp.Compare(order(b == j.first), order(a == j.first))
		}
		return cmp.Or(cmp.Compare(j.joint[b], j.joint[a]), cmp.Compare(a, b))
	})
	return dst
}

func order(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// chances gives what the labels after the first one share of the confidence that it
// leaves; by label, the first one's is none. dst is memory for the answer.
func (j *judged) chances(dst []float32) []float32 {
	best, sum := float32(math.Inf(-1)), float32(0)
	for class, s := range j.joint {
		if int32(class) != j.first {
			best = max(best, s)
		}
	}
	dst = dst[:0]
	for class, s := range j.joint {
		chance := float32(0)
		if int32(class) != j.first {
			chance = float32(math.Exp(restSharp * float64(s-best)))
		}
		dst = append(dst, chance)
		sum += chance
	}
	for class := range dst {
		dst[class] /= sum
	}
	return dst
}

// answers appends the labels in the order given, each with its confidence.
func (j *judged) answers(dst []Answer, c Calibration, labels []string, order []int32, chances []float32) []Answer {
	first := c.confidence(j)
	for _, class := range order {
		a := Answer{Label: labels[class], Confidence: first}
		if class != j.first {
			a.Confidence = min(first, (1-first)*float64(chances[class]))
		}
		dst = append(dst, a)
	}
	return dst
}
