package model

import (
	"math"
	"slices"
)

// Calibration turns distances into confidence: the logistic function of the
// score itself and of its lead over the best of the others (Platt, 1999, with the
// lead beside); where finer labels have a say, of the label's own separator too.
type Calibration struct {
	Bias    float64 `json:"bias"`
	Score   float64 `json:"score"`
	Lead    float64 `json:"lead"`
	Own     float64 `json:"own,omitempty"`
	OwnLead float64 `json:"own_lead,omitempty"`
}

// signs are how many numbers the confidence is made of.
const signs = 5

func (c Calibration) weights() [signs]float64 {
	return [signs]float64{c.Bias, c.Score, c.Lead, c.Own, c.OwnLead}
}

// confidence is that in the first label.
func (c Calibration) confidence(j *judged) float64 {
	sum := 0.0
	for i, x := range j.signs() {
		sum += c.weights()[i] * x
	}
	return logistic(sum)
}

// signs are what the confidence in the first label is made of.
func (j *judged) signs() [signs]float64 {
	score, lead := standing(j.joint, j.first)
	x := [signs]float64{1, score, lead}
	if &j.own[0] != &j.joint[0] {
		x[3], x[4] = standing(j.own, j.first)
	}
	return x
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

// calibrate fits the confidence of the first answers to how often they were right,
// by Newton's method with a mild pull towards zero.
func calibrate(list []held) Calibration {
	type point struct {
		x     [signs]float64
		right float64
	}
	points := make([]point, len(list))
	for i := range list {
		h := &list[i]
		points[i].x = h.signs()
		if slices.Contains(h.classes, h.first) {
			points[i].right = 1
		}
	}
	var w [signs]float64
	const pull = 1e-3
	for range 50 {
		var slope [signs]float64
		var bend [signs][signs]float64
		for _, p := range points {
			sum := 0.0
			for i := range signs {
				sum += w[i] * p.x[i]
			}
			is := logistic(sum)
			for i := range signs {
				slope[i] += (is - p.right) * p.x[i]
				for k := range signs {
					bend[i][k] += is * (1 - is) * p.x[i] * p.x[k]
				}
			}
		}
		for i := range signs {
			slope[i] += pull * w[i]
			bend[i][i] += pull
		}
		step := solve(bend, slope)
		for i := range signs {
			w[i] -= step[i]
		}
	}
	return Calibration{w[0], w[1], w[2], w[3], w[4]}
}

// solve gives x with a·x = b by Gauss's elimination.
func solve(a [signs][signs]float64, b [signs]float64) [signs]float64 {
	for i := range signs {
		pivot := i
		for k := i + 1; k < signs; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[pivot][i]) {
				pivot = k
			}
		}
		a[i], a[pivot], b[i], b[pivot] = a[pivot], a[i], b[pivot], b[i]
		for k := i + 1; k < signs; k++ {
			rate := a[k][i] / a[i][i]
			for j := i; j < signs; j++ {
				a[k][j] -= rate * a[i][j]
			}
			b[k] -= rate * b[i]
		}
	}
	var x [signs]float64
	for i := signs - 1; i >= 0; i-- {
		x[i] = b[i]
		for j := i + 1; j < signs; j++ {
			x[i] -= a[i][j] * x[j]
		}
		x[i] /= a[i][i]
	}
	return x
}
