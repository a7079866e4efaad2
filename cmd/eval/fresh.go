package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// freshFolder holds sentences written before the phrases were seen and tuned
// on afterwards; its README says what each file is worth.
const freshFolder = "classify/testdata/fresh"

type freshCommand struct {
	Show   bool   `help:"Print the wrong ones."`
	Half   string `enum:"all,odd,even" default:"all" help:"Which sentences: tune on one half, check on the other."`
	Only   string `help:"Only files whose name begins so: urgent, kinds, rows."`
	Region string `default:"khabarovsk" help:"Pack for urgency and kinds; rows take their own."`
}

// Run scores every file of the folder.
func (cmd *freshCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(freshFolder, "*.jsonl"))
	if err != nil {
		return fmt.Errorf("listing %s: %w", freshFolder, err)
	}
	for _, path := range names {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		if !strings.HasPrefix(name, cmd.Only) {
			continue
		}
		if err := cmd.scoreFile(c, path, name); err != nil {
			return err
		}
	}
	if !strings.HasPrefix("rows", cmd.Only) {
		return nil
	}
	return cmd.scoreRows()
}

func (cmd *freshCommand) scoreFile(c *classify.Classifier, path, name string) error {
	lines, err := readFresh(path)
	if err != nil {
		return err
	}
	lines = half(lines, cmd.Half)
	var wrong []string
	if strings.HasPrefix(name, "urgent") {
		u := &urgentScore{}
		for _, l := range lines {
			u.add(l.Urgent, c.Judge(&domain.Post{Text: l.Text}).Urgent, l.Text)
		}
		fmt.Printf("figure fresh_%s_recall %.4f\nfigure fresh_%s_false_alarms %.4f\n",
			name, ratio(u.found, u.dangers), name, ratio(u.alarms, u.calm))
		wrong = u.wrong
	} else {
		wrong = scoreFreshKinds(c, name, lines)
	}
	cmd.show(c, wrong)
	return nil
}

func (cmd *freshCommand) show(c *classify.Classifier, wrong []string) {
	if !cmd.Show {
		return
	}
	for _, text := range wrong {
		fmt.Printf("\n%s\n", text)
		_, sentence, found := strings.Cut(text, "| ")
		if !found {
			sentence = text
		}
		explain(c, sentence, 4, "   ")
	}
}

// freshLine is a line of a .jsonl file: urgency or kind.
type freshLine struct {
	Urgent bool        `json:"urgent"`
	Kind   domain.Kind `json:"kind"`
	Text   string      `json:"text"`
}

func readFresh(path string) ([]freshLine, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading fresh sentences: %w", err)
	}
	var out []freshLine
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		var l freshLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		out = append(out, l)
	}
	return out, lines.Err()
}

// kindsScore counts how many kinds are right, how many others are taken for a
// problem and how many problems are missed.
type kindsScore struct {
	n, problems, missed, others, taken int
	wrong                              []string
}

func (s *kindsScore) add(want, got domain.Kind, text string) {
	s.n++
	if want == domain.Problem {
		s.problems++
		s.missed += count(got != domain.Problem)
	} else {
		s.others++
		s.taken += count(got == domain.Problem)
	}
	if got != want {
		s.wrong = append(s.wrong, fmt.Sprintf("%s, not %s| %s", got, want, text))
	}
}

func (s *kindsScore) right() float64 { return 1 - ratio(len(s.wrong), s.n) }

// scoreFreshKinds prints the score of a file; it returns the wrong ones.
func scoreFreshKinds(c *classify.Classifier, name string, lines []freshLine) []string {
	s := &kindsScore{}
	for _, l := range lines {
		s.add(l.Kind, c.Judge(&domain.Post{Text: l.Text}).Kind, l.Text)
	}
	fmt.Printf("figure fresh_%s_right %.4f\n", name, s.right())
	fmt.Printf("figure fresh_%s_false_problems %.4f\n", name, ratio(s.taken, s.others))
	fmt.Printf("figure fresh_%s_missed %.4f\n", name, ratio(s.missed, s.problems))
	return s.wrong
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// scoreRows scores <region>.csv of each region (columns row, text).
func (cmd *freshCommand) scoreRows() error {
	var total blindScore
	for _, region := range rules.EmbeddedRegions() {
		path := filepath.Join(freshFolder, region+".csv")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		records, err := readCSV(path)
		if err != nil {
			return err
		}
		c, err := loadClassifier(region)
		if err != nil {
			return err
		}
		b, wrong, err := scoreBlind(c, half(records, cmd.Half), path)
		if err != nil {
			return err
		}
		b.printFresh("_" + region)
		total.merge(b)
		cmd.show(c, wrong)
	}
	total.printFresh("")
	return nil
}

// scoreBlind judges sentences with the row they belong to.
func scoreBlind(c *classify.Classifier, records []map[string]string, path string) (blindScore, []string, error) {
	var b blindScore
	var wrong []string
	for _, r := range records {
		row, err := strconv.Atoi(strings.TrimSpace(r["row"]))
		if err != nil {
			return b, nil, fmt.Errorf("reading %s: %w", path, err)
		}
		v := c.Judge(&domain.Post{Text: r["text"]})
		b.n++
		if v.Row == row && len(v.Alternatives) > 0 {
			b.top1++
		} else {
			wrong = append(wrong, fmt.Sprintf("row %d, not %d| %s", v.Row, row, r["text"]))
		}
		if slices.ContainsFunc(v.Alternatives, func(a domain.Alternative) bool { return a.Row == row }) {
			b.top3++
		}
	}
	return b, wrong, nil
}

func (b *blindScore) merge(other blindScore) {
	b.n += other.n
	b.top1 += other.top1
	b.top3 += other.top3
}

func (b *blindScore) printFresh(suffix string) {
	fmt.Printf("figure fresh_rows_top1%s %.4f\nfigure fresh_rows_top3%s %.4f\n",
		suffix, ratio(b.top1, b.n), suffix, ratio(b.top3, b.n))
}
