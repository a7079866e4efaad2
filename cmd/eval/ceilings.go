package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify/model"
)

type ceilingsCommand struct{}

// Run prints how far the people who labelled the table agree with themselves: what no
// judge of the texts can go beyond, and for the bodies what knowing topic and place gives.
func (cmd *ceilingsCommand) Run() error {
	records, err := dataRecords("kursk_train.csv")
	if err != nil || records == nil {
		return err
	}
	near, err := nearest(records)
	if err != nil {
		return err
	}
	fmt.Println("ceilings: texts whose nearest other one (cosine of stems by rarity) is like them at least so much; the share of these pairs whose labels agree, A")
	fmt.Println("(95 % bounds); and the most that a judge of such texts can have right, between A and its root: if the labels of one text fall by chances p,")
	fmt.Println("two agree in the sum of p², and the best answer is right in the largest p, which lies between that sum and its root:")
	for _, column := range columnsOfTable() {
		for _, like := range []float64{0.4, 0.5, 0.6, 0.7, 0.9} {
			fmt.Println(" ", agreementOf(records, near, column, like).line(column, like))
		}
	}
	return cmd.bodies(records)
}

// bodies prints what knowing the true topic gives for the body that answers.
func (cmd *ceilingsCommand) bodies(records []map[string]string) error {
	told, err := toldCells(records)
	if err != nil {
		return err
	}
	fmt.Println("the body that most others of a cell have (held out: itself left out, of a cell without others the wider cell's; seen: itself among them, the most that knowing the cell can give):")
	for _, c := range told {
		fmt.Println(" ", c.line(records, "responsible"))
	}
	for _, told := range [][]string{{"topic"}, {"topic", "category"}} {
		scores, err := withTruth(records, "responsible", told)
		if err != nil {
			return err
		}
		printScores("  responsible learned with places, the true "+strings.Join(told, " and ")+" told", scores)
	}
	return nil
}

func columnsOfTable() []string {
	return []string{"category", "topic", "responsible", "khabarovsk_rows", "kaliningrad_rows"}
}

// neighbour is the nearest other text, -1 for none.
type neighbour struct {
	at   int
	like float64
}

// nearest finds for every text the one that shares most with it: the cosine between
// stems, each by the logarithm of its count times that of its rarity.
func nearest(records []map[string]string) ([]neighbour, error) {
	vectors, err := stemVectors(records)
	if err != nil {
		return nil, err
	}
	holders := map[string][]int{}
	for i, v := range vectors {
		for stem := range v {
			holders[stem] = append(holders[stem], i)
		}
	}
	out := make([]neighbour, len(vectors))
	like := make([]float64, len(vectors))
	for i, v := range vectors {
		clear(like)
		for stem, weight := range v {
			for _, k := range holders[stem] {
				like[k] += weight * vectors[k][stem]
			}
		}
		like[i], out[i].at = 0, -1
		for k, l := range like {
			if l > out[i].like {
				out[i] = neighbour{k, l}
			}
		}
	}
	return out, nil
}

// stemVectors are the texts as stems, each with a length of one.
func stemVectors(records []map[string]string) ([]map[string]float64, error) {
	vectors, texts := make([]map[string]float64, len(records)), map[string]int{}
	analyzer := newStems()
	for i, r := range records {
		stems, err := analyzer.of(r["text"])
		if err != nil {
			return nil, fmt.Errorf("text %s: %w", r["id"], err)
		}
		vectors[i] = stems
		for stem := range stems {
			texts[stem]++
		}
	}
	for _, v := range vectors {
		sum := 0.0
		for stem, n := range v {
			v[stem] = (1 + math.Log(n)) * math.Log(float64(1+len(records))/float64(texts[stem]))
			sum += v[stem] * v[stem]
		}
		for stem := range v {
			v[stem] /= math.Sqrt(sum)
		}
	}
	return vectors, nil
}

// agreement is how often near texts bear the same label.
type agreement struct{ pairs, agree int }

func agreementOf(records []map[string]string, near []neighbour, column string, like float64) agreement {
	var a agreement
	met := map[[2]int]bool{}
	for i, n := range near {
		pair := [2]int{min(i, n.at), max(i, n.at)}
		if n.at < 0 || n.like < like || met[pair] {
			continue
		}
		met[pair] = true
		one, other := labelsOf(records[i][column]), labelsOf(records[n.at][column])
		if one == nil || other == nil {
			continue // not to be scored
		}
		a.pairs++
		if slices.ContainsFunc(one, func(label string) bool { return slices.Contains(other, label) }) {
			a.agree++
		}
	}
	return a
}

// ninetyFive is how many standard errors bound a share at 95 %.
const ninetyFive = 1.96

func (a agreement) line(column string, like float64) string {
	if a.pairs == 0 {
		return fmt.Sprintf("%-17s like ≥ %.1f: no pairs", column, like)
	}
	low, high := model.Wilson(a.agree, a.pairs, ninetyFive)
	share := ratio(a.agree, a.pairs)
	return fmt.Sprintf("%-17s like ≥ %.1f: %4d pairs, agree %.3f (%.2f–%.2f), at most right %.3f–%.3f (with the bounds up to %.2f)",
		column, like, a.pairs, share, low, high, share, math.Sqrt(share), math.Sqrt(high))
}
