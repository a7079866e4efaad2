package main

import (
	"fmt"
	"os"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/rules"
)

// loadClassifier compiles the embedded pack of a region. While that pack has
// faults elsewhere (or region is empty) it falls back to the shared topics
// alone, without rows, so that phrases can be tried all the same.
func loadClassifier(region string) (*classify.Classifier, error) {
	pack, err := loadPack(region)
	if err != nil {
		return nil, err
	}
	return classify.Compile(pack, classify.Options{})
}

func loadPack(region string) (*rules.Pack, error) {
	if region != "" {
		pack, err := rules.LoadEmbedded(region)
		if err == nil {
			return pack, nil
		}
		fmt.Fprintf(os.Stderr, "%s: the pack does not load, topics only:\n%s\n", region, firstLines(err.Error(), 3))
	}
	topics, signals, err := rules.LoadTopics(rules.SharedTopics())
	if err != nil {
		fmt.Fprintf(os.Stderr, "topics have faults:\n%s\n", firstLines(err.Error(), 20))
	}
	if len(topics) == 0 {
		return nil, fmt.Errorf("no topics: %w", err)
	}
	return &rules.Pack{Topics: topics, Signals: signals}, nil
}

func firstLines(s string, n int) string {
	for i, r := range s {
		if r == '\n' {
			if n--; n == 0 {
				return s[:i]
			}
		}
	}
	return s
}
