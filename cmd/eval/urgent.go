package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
)

// urgentFile holds sentences with dangers and their look-alikes, written together
// with the phrases: the figure says that nothing was lost, no more.
const urgentFile = "classify/testdata/urgent.jsonl"

type urgentCommand struct {
	Show bool `help:"Print the wrong ones."`
}

// Run counts dangers found and false alarms.
func (cmd *urgentCommand) Run() error {
	c, err := loadClassifier("")
	if err != nil {
		return err
	}
	u, err := scoreUrgent(c, urgentFile)
	if err != nil {
		return err
	}
	u.print()
	if cmd.Show {
		for _, text := range u.wrong {
			fmt.Printf("\n%s\n", text)
			explain(c, text, 5, "   ")
		}
	}
	return nil
}

type urgentScore struct {
	dangers, found, calm, alarms int
	wrong                        []string
}

func (u *urgentScore) print() {
	fmt.Printf("figure urgent_recall %.4f\n", ratio(u.found, u.dangers))
	fmt.Printf("figure urgent_false_alarms %.4f\n", ratio(u.alarms, u.calm))
}

func scoreUrgent(c *classify.Classifier, path string) (*urgentScore, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading urgent sentences: %w", err)
	}
	u := &urgentScore{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		var s struct {
			Urgent bool   `json:"urgent"`
			Text   string `json:"text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		u.add(s.Urgent, c.Judge(&domain.Post{Text: s.Text}).Urgent, s.Text)
	}
	return u, lines.Err()
}

func (u *urgentScore) add(want, got bool, text string) {
	switch {
	case want && got:
		u.found++
	case got:
		u.alarms++
	}
	if want {
		u.dangers++
	} else {
		u.calm++
	}
	if want != got {
		u.wrong = append(u.wrong, text)
	}
}
