package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
)

type dataCommand struct {
	Region string `default:"khabarovsk" help:"Pack to score."`
	Show   int    `default:"0" help:"Print this many wrong texts."`
	Row    string `help:"With --show: only texts whose truth or answer is this row (0 = ordinary order)."`
	Half   string `enum:"all,odd,even" default:"all" help:"Which texts: tune on one half, check on the other."`
}

// Run scores kursk_train.csv and prints the confusions.
func (cmd *dataCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	records, err := dataRecords("kursk_train.csv")
	if err != nil || records == nil {
		return err
	}
	records = half(records, cmd.Half)
	pairs, wrong := judgeRows(c, records, cmd.Region+"_rows")
	s := score(pairs)
	fmt.Printf("%s: n %d accuracy %.4f macro_f1 %.4f\n", cmd.Region, s.n, s.accuracy, s.macroF1)
	for _, l := range s.labels {
		fmt.Printf("  row %-4s precision %.2f recall %.2f f1 %.2f support %d\n", l.Label, l.Precision, l.Recall, l.F1, l.Support)
	}
	printConfusions(pairs)
	printStrangers(s, wrong)
	shown := 0
	for _, w := range wrong {
		if shown == cmd.Show {
			break
		}
		if cmd.Row != "" && w.truth != cmd.Row && w.answer != cmd.Row {
			continue
		}
		shown++
		fmt.Printf("\n[%s] truth %s answer %s (%s; %s)\n%s\n", w.id, w.labels, w.answer, w.verdict.Topic, w.verdict.Kind, shorten(w.text, 500))
		explain(c, w.text, 4, "   ")
	}
	return nil
}

func half[T any](records []T, which string) []T {
	if which == "all" {
		return records
	}
	var kept []T
	for i, r := range records {
		if (i%2 == 1) == (which == "odd") {
			kept = append(kept, r)
		}
	}
	return kept
}

// pair is one scored text: the true label and the answered one.
type pair struct{ truth, answer string }

type wrongText struct {
	pair
	id, text, labels string
	verdict          domain.Verdict
}

// judgeRows answers the texts whose label in column is not "?". «a|b» means
// that any of them is right: a right answer is then its own truth.
func judgeRows(c *classify.Classifier, records []map[string]string, column string) ([]pair, []wrongText) {
	var pairs []pair
	var wrong []wrongText
	for _, r := range records {
		labels := r[column]
		if labels == "?" || labels == "" {
			continue
		}
		v := c.Judge(&domain.Post{Text: r["text"]})
		options := strings.Split(strings.ReplaceAll(labels, "-", "0"), "|")
		p := pair{truth: options[0], answer: strconv.Itoa(v.Row)}
		if slices.Contains(options, p.answer) {
			p.truth = p.answer
		} else {
			wrong = append(wrong, wrongText{p, r["id"], r["text"], labels, v})
		}
		pairs = append(pairs, p)
	}
	return pairs, wrong
}

func printConfusions(pairs []pair) {
	lines := model.Confusions(outcomesOf(pairs))
	fmt.Println("confusions (truth → answer):")
	for _, l := range lines[:min(len(lines), 25)] {
		fmt.Printf("  %s → %s: %d\n", l.Truth, l.Answer, l.N)
	}
}

// printStrangers lists the answers with rows that are no text's truth: each such
// row adds a zero to macro-F1.
func printStrangers(s scores, wrong []wrongText) {
	fmt.Println("rows answered that are no text's truth:")
	for _, w := range wrong {
		if slices.ContainsFunc(s.labels, func(l model.LabelScore) bool { return l.Label == w.answer && l.Support == 0 }) {
			fmt.Printf("  %s → %s %s: %s\n", w.truth, w.answer, w.verdict.Topic, shorten(w.verdict.Reason, 120))
		}
	}
}

// readCSV reads a file with a header line into records by column name.
func readCSV(path string) ([]map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading data: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	records := make([]map[string]string, 0, len(rows))
	for _, row := range rows[min(1, len(rows)):] {
		r := make(map[string]string, len(row))
		for i, value := range row {
			r[strings.TrimPrefix(rows[0][i], "\ufeff")] = value
		}
		records = append(records, r)
	}
	return records, nil
}
