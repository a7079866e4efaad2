package model

import (
	"math"
	"slices"
)

// Calibration turns distances into confidence: the logistic function of the
// distance itself and of its lead over the best of the others (Platt, 1999, with
// the lead beside).
type Calibration struct {
	Bias  float64 `json:"bias"`
	Score float64 `json:"score"`
	Lead  float64 `json:"lead"`
}

func (c Calibration) confidence(scores []float32, class int32) float64 {
	score, lead := standing(scores, class)
	return logistic(c.Bias + c.Score*score + c.Lead*lead)
}

// standing is a label's distance, and how far it is from the best of the others:
// below zero for all but the best.
func standing(scores []float32, class int32) (score, lead float64) {
	best := math.Inf(-1)
	for i, s := range scores {
		if int32(i) != class {
			best = max(best, float64(s))
		}
	}
	return float64(scores[class]), float64(scores[class]) - best
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// calibrate fits the confidence of the best answers to how often they were right,
// by Newton's method with a mild pull towards zero.
func calibrate(list []held) Calibration {
	type point struct {
		x     [3]float64
		right float64
	}
	points := make([]point, len(list))
	for i, h := range list {
		best := bestOf(h.scores)
		score, lead := standing(h.scores, best)
		points[i] = point{x: [3]float64{1, score, lead}}
		if slices.Contains(h.classes, best) {
			points[i].right = 1
		}
	}
	var w [3]float64
	const pull = 1e-3
	for range 50 {
		var slope [3]float64
		var bend [3][3]float64
		for _, p := range points {
			is := logistic(w[0] + w[1]*p.x[1] + w[2]*p.x[2])
			for i := range 3 {
				slope[i] += (is - p.right) * p.x[i]
				for k := range 3 {
					bend[i][k] += is * (1 - is) * p.x[i] * p.x[k]
				}
			}
		}
		for i := range 3 {
			slope[i] += pull * w[i]
			bend[i][i] += pull
		}
		step := solve(bend, slope)
		for i := range 3 {
			w[i] -= step[i]
		}
	}
	return Calibration{w[0], w[1], w[2]}
}

// solve gives x with a·x = b by Gauss's elimination.
func solve(a [3][3]float64, b [3]float64) [3]float64 {
	for i := range 3 {
		pivot := i
		for k := i + 1; k < 3; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[pivot][i]) {
				pivot = k
			}
		}
		a[i], a[pivot], b[i], b[pivot] = a[pivot], a[i], b[pivot], b[i]
		for k := i + 1; k < 3; k++ {
			rate := a[k][i] / a[i][i]
			for j := i; j < 3; j++ {
				a[k][j] -= rate * a[i][j]
			}
			b[k] -= rate * b[i]
		}
	}
	var x [3]float64
	for i := 2; i >= 0; i-- {
		x[i] = b[i]
		for j := i + 1; j < 3; j++ {
			x[i] -= a[i][j] * x[j]
		}
		x[i] /= a[i][i]
	}
	return x
}

func bestOf(scores []float32) int32 {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return int32(best)
}
