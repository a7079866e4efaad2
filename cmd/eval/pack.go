package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
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
	pack := &rules.Pack{Topics: topics, Signals: signals}
	if region != "" {
		err = readPart(filepath.Join("rules", region, "categories.yaml"), pack)
	}
	return pack, err
}

// readPart takes the categories of a pack that does not load as a whole.
func readPart(path string, pack *rules.Pack) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading categories: %w", err)
	}
	var part struct {
		Categories []rules.Category `yaml:"categories"`
	}
	if err := yaml.Unmarshal(content, &part); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	pack.Categories = part.Categories
	return nil
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
