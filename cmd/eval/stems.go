package main

import "github.com/otklik/otklik/classify/text"

// stems counts the stems of texts.
type stems struct{ analyzer *text.Analyzer }

func newStems() stems { return stems{text.NewAnalyzer(nil)} }

func (s stems) of(src string) (map[string]float64, error) {
	doc, err := s.analyzer.Analyze(src)
	if err != nil {
		return nil, err
	}
	counts := map[string]float64{}
	for pos := range doc.Words {
		counts[doc.Stem(pos)]++
	}
	return counts, nil
}
