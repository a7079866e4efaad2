package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// cells are texts put together by what is known of them, the widest knowledge first.
type cells struct {
	name string
	keys [][]string // by text, from the widest cell to the narrowest
}

// toldCells are the cells by the true topic and by the place that the text tells.
func toldCells(records []map[string]string) ([]cells, error) {
	c, err := smallPack(placesPack, rules.SharedTopics())
	if err != nil {
		return nil, err
	}
	topic, municipality, street := cells{name: "true topic"}, cells{name: "… and municipality told"}, cells{name: "… and street told"}
	level := cells{name: "true topic and municipality, and the level of the true body"}
	for _, r := range records {
		p := c.Judge(&domain.Post{Text: r["text"]}).Place
		wide := []string{"", r["topic"]}
		with := append(slices.Clone(wide), r["topic"]+"|"+p.Municipality)
		topic.keys = append(topic.keys, wide)
		municipality.keys = append(municipality.keys, with)
		street.keys = append(street.keys, append(slices.Clone(with), r["topic"]+"|"+p.Municipality+"|"+p.Street))
		level.keys = append(level.keys, append(slices.Clone(with), r["topic"]+"|"+p.Municipality+"|"+levelOf(r["responsible"])))
	}
	return []cells{topic, municipality, street, level}, nil
}

// levelOf is whose a body is: the region's, a town's or district's, or nobody's.
func levelOf(body string) string {
	switch {
	case strings.Contains(body, "города") || strings.Contains(body, "г."):
		return "town"
	case strings.Contains(body, "района") || strings.Contains(body, "округа"):
		return "district"
	case strings.Contains(body, "области"):
		return "region"
	}
	return "other"
}

// line counts how often the most frequent label of a text's cell is its own.
func (c cells) line(records []map[string]string, column string) string {
	counts := map[string]map[string]int{}
	for i, keys := range c.keys {
		for depth, key := range keys {
			key = fmt.Sprint(depth, key)
			if counts[key] == nil {
				counts[key] = map[string]int{}
			}
			counts[key][records[i][column]]++
		}
	}
	heldOut, seen := 0, 0
	for i, keys := range c.keys {
		own := records[i][column]
		last := len(keys) - 1
		if most(counts[fmt.Sprint(last, keys[last])], "") == own {
			seen++
		}
		for depth := last; depth >= 0; depth-- {
			if guess := most(counts[fmt.Sprint(depth, keys[depth])], own); guess != "" {
				if guess == own {
					heldOut++
				}
				break
			}
		}
	}
	return fmt.Sprintf("%s by %-58s held out %.3f, seen %.3f", column, c.name, ratio(heldOut, len(records)), ratio(seen, len(records)))
}

// most is the most frequent label, one example of without left out; "" of none.
func most(counts map[string]int, without string) string {
	best, found := 0, ""
	for label, n := range counts {
		if label == without {
			n--
		}
		if n > best || n == best && n > 0 && label < found {
			best, found = n, label
		}
	}
	return found
}

// withTruth learns a column with the places, and is told what is true of the texts in
// other columns, also of those held out: what a perfect judge of these would give.
func withTruth(records []map[string]string, column string, told []string) (model.Scores, error) {
	c, err := smallPack(placesPack, rules.SharedTopics())
	if err != nil {
		return model.Scores{}, err
	}
	hints := truthHints{classify.HintsOf(c).WithPlaces(), map[string][]model.Hint{}}
	for _, r := range records {
		for _, name := range told {
			hints.truths[r["text"]] = append(hints.truths[r["text"]], model.Hint{Name: "true " + name + " " + r[name], Value: truthHint})
		}
	}
	examples, finer := labelledBy(records, column)
	m, err := model.Train(context.Background(), examples, model.Options{Column: column, Finer: finer, Seed: 1, Hints: hints})
	if err != nil {
		return model.Scores{}, fmt.Errorf("learn %s with what is true: %w", column, err)
	}
	return m.Head.Report, nil
}

// truthHint is what a place counts for: twice that gave no more.
const truthHint = 3

// truthHints tell beside others what is true of a text.
type truthHints struct {
	model.Hinter
	truths map[string][]model.Hint
}

// Append implements model.Hinter.
func (h truthHints) Append(dst []model.Hint, doc *text.Doc) []model.Hint {
	return append(h.Hinter.Append(dst, doc), h.truths[doc.Source]...)
}
