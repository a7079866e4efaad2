package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/rules"
)

type fitCommand struct {
	Region              string `default:"khabarovsk" help:"Pack to fit to."`
	Kind, Thanks, Alarm []int
	Pull                float64 `default:"0.003" help:"Pull of the weights towards zero."`
}

// Run fits the weights that join the signs of a text (classify/weights.go) to the
// examples, each read by a classifier that learned from the ideas of other folds.
func (cmd *fitCommand) Run() error {
	pack, err := rules.LoadEmbedded(cmd.Region)
	if err != nil {
		return fmt.Errorf("pack %s: %w", cmd.Region, err)
	}
	f := &fitting{pull: cmd.Pull}
	err = leaveOut(pack, func(c *classify.Classifier, fold int, ideas []rules.Idea) error {
		for i := range ideas {
			if err := f.read(c, fold, &ideas[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.fit("otherWeights", f.kinds, 1, cmd.Kind)
	f.fit("thanksWeights", f.kinds, 2, cmd.Thanks)
	f.fit("alarmWeights", f.dangers, 1, cmd.Alarm)
	return nil
}

// point is an example's signs and class.
type point struct {
	signs []float64
	class int
	fold  int
}

type fitting struct {
	pull           float64
	kinds, dangers []point // kinds: 0 problem, 1 other, 2 thanks; dangers: 1
}

func (f *fitting) read(c *classify.Classifier, fold int, idea *rules.Idea) error {
	for _, part := range []struct {
		sentences    []string
		kind, danger int
	}{
		{idea.Danger, -1, 1}, {idea.Harmless, -1, 0}, {idea.Problem, 0, 0}, {idea.Other, 1, 0}, {idea.Thanks, 2, 0},
	} {
		for _, text := range part.sentences {
			e, err := c.Explain(text)
			if err != nil {
				return fmt.Errorf("reading «%s»: %w", text, err)
			}
			if part.kind >= 0 {
				f.kinds = append(f.kinds, point{e.Signs, part.kind, fold})
			}
			f.dangers = append(f.dangers, point{e.Signs, part.danger, fold})
		}
	}
	return nil
}

// fit prints the weights for a class against the others, and what they are worth:
// the share of pairs put in order by weights that were fitted to other folds.
func (f *fitting) fit(name string, points []point, class int, mask []int) {
	points = masked(points, mask)
	total := 0.0
	for fold := range lessonFolds {
		var own, others []point
		for i, p := range points {
			if i%lessonFolds == fold {
				own = append(own, p)
			} else {
				others = append(others, p)
			}
		}
		w := logistic(others, class, f.pull)
		total += inOrder(own, class, func(s []float64) float64 { return dot(w, s) }) / lessonFolds
	}
	fmt.Printf("%s: pairs in order %.4f\n", name, total)
	for i, w := range logistic(points, class, f.pull) {
		if w != 0 {
			fmt.Printf("%d:%.3f ", i, w)
		}
	}
	fmt.Println()
	for i, w := range logistic(points, class, f.pull) {
		fmt.Printf("\t%2d %8.3f   alone %.3f\n", i, w, inOrder(points, class, func(s []float64) float64 { return s[i] }))
	}
}

// logistic is a logistic regression by Newton's method.
func logistic(points []point, class int, pull float64) []float64 {
	n := len(points[0].signs)
	w := make([]float64, n)
	for range 25 {
		slope := make([]float64, n)
		bend := make([][]float64, n)
		for i := range bend {
			bend[i] = make([]float64, n)
		}
		for _, p := range points {
			q := 1 / (1 + math.Exp(-dot(w, p.signs)))
			y := 0.0
			if p.class == class {
				y = 1
			}
			for i, a := range p.signs {
				slope[i] += (y - q) * a
				for j, b := range p.signs {
					bend[i][j] += q * (1 - q) * a * b
				}
			}
		}
		for i := range w {
			k := pull * float64(len(points))
			if i == 0 {
				k = 1e-6 * k
			}
			slope[i] -= k * w[i]
			bend[i][i] += k + 1e-9
		}
		for i, d := range solve(bend, slope) {
			w[i] += d
		}
	}
	return w
}

// solve is Gauss's elimination with the largest pivot.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for i := range n {
		top := i
		for r := i; r < n; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[top][i]) {
				top = r
			}
		}
		a[i], a[top], b[i], b[top] = a[top], a[i], b[top], b[i]
		for r := i + 1; r < n; r++ {
			k := a[r][i] / a[i][i]
			for c := i; c < n; c++ {
				a[r][c] -= k * a[i][c]
			}
			b[r] -= k * b[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for c := i + 1; c < n; c++ {
			b[i] -= a[i][c] * b[c]
		}
		b[i] /= a[i][i]
	}
	return b
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// inOrder is the share of pairs, one of the class and one not, whose scores are
// in order: the area under the curve.
func inOrder(points []point, class int, score func([]float64) float64) float64 {
	var upper, lower []float64
	for _, p := range points {
		if p.class == class {
			upper = append(upper, score(p.signs))
		} else {
			lower = append(lower, score(p.signs))
		}
	}
	slices.Sort(lower)
	sum := 0.0
	for _, u := range upper {
		below, _ := slices.BinarySearch(lower, u)
		upTo, _ := slices.BinarySearchFunc(lower, u, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		sum += float64(below+upTo) / 2
	}
	return sum / float64(len(upper)*len(lower))
}

func masked(points []point, mask []int) []point {
	out := slices.Clone(points)
	for i := range out {
		s := make([]float64, len(out[i].signs))
		for _, m := range mask {
			s[m] = out[i].signs[m]
		}
		out[i].signs = s
	}
	return out
}
