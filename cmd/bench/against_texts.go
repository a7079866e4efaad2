package main

import (
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/rules"
)

// asideShare is one part of so many that is judged and not learned.
const asideShare = 3

// aside goes by the words of a text: copies fall on one side.
func aside(text string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.Join(strings.Fields(strings.ToLower(text)), " "))) // never fails
	return h.Sum32()%asideShare == 0
}

// complaints reads the labelled table: «|» divides rows that are right alike, «?» says
// that none is known.
func complaints(path string) ([]labelledText, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the labelled complaints: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	text, label, topic := slices.Index(rows[0], "text"), slices.Index(rows[0], region+"_rows"), slices.Index(rows[0], "topic")
	if text < 0 || label < 0 || topic < 0 {
		return nil, fmt.Errorf("%s has no columns text, topic and %s_rows", path, region)
	}
	var out []labelledText
	for _, r := range rows[1:] {
		if r[label] != "?" && r[label] != "" && strings.TrimSpace(r[text]) != "" {
			out = append(out, labelledText{Text: r[text], Labels: strings.Split(r[label], "|"), Finer: r[topic]})
		}
	}
	return out, nil
}

// ownSentences are the test sentences of topics with the rows of their decree. They are
// short: three of them make a text as long as a complaint.
func ownSentences() ([]labelledText, error) {
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		return nil, err
	}
	rowOf := map[string]string{}
	for i := range pack.Categories {
		for _, id := range pack.Categories[i].Topics {
			rowOf[id] = strconv.Itoa(pack.Categories[i].Row)
		}
	}
	var out []labelledText
	for i := range pack.Topics {
		t := &pack.Topics[i]
		row, ok := rowOf[t.ID]
		if !ok {
			row = "-"
		}
		for s := range slices.Chunk(t.Match, 2) {
			out = append(out, labelledText{Text: strings.Join(s, ". "), Labels: []string{row}, Finer: t.ID})
		}
	}
	return out, nil
}
