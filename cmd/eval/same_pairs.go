package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/rules"
)

// pairsFile holds pairs of posts that tell of one problem, or only look so: crossings,
// parts of a street, stops, entrances, buildings, opposite complaints.
const pairsFile = "classify/testdata/same_pairs.jsonl"

type samePair struct {
	Kind string   `json:"kind"`
	Same bool     `json:"same"`
	Say  []string `json:"say"`
}

// evalPairs plays each pair alone. None is kept aside: they are for what the generator
// has no places for.
func evalPairs(c *classify.Classifier, pack *rules.Pack, figures *figures, show bool) error {
	raw, err := os.ReadFile(pairsFile)
	if err != nil {
		return fmt.Errorf("read the pairs: %w", err)
	}
	var all sameScore
	pairs := 0
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); pairs++ {
		var p samePair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return fmt.Errorf("%s: %w", pairsFile, err)
		}
		s := play(c, pack, p.told(), show)
		all.joined, all.joinedRight = all.joined+s.joined, all.joinedRight+s.joinedRight
		all.again, all.found, all.offered = all.again+s.again, all.found+s.found, all.offered+s.offered
	}
	figures.print("same_pairs_precision", "", ratio(all.joinedRight, all.joined))
	figures.print("same_pairs_recall", "", ratio(all.found, all.again))
	figures.print("same_pairs_recall_offered", "", ratio(all.found+all.offered, all.again))
	fmt.Printf("same pairs: %d, joined %d\n", pairs, all.joined)
	return nil
}

func (p *samePair) told() []told {
	t := &teller{now: start()}
	for i, text := range p.Say {
		event := 1
		if !p.Same {
			event += i
		}
		t.add(text, "khabarovsk-city", t.now.Add(time.Duration(i)*time.Hour), event)
	}
	return t.posts
}
