package main

import (
	"fmt"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

type sentencesCommand struct {
	Prefix string `arg:"" optional:"" help:"Only topics whose id begins so; \"urgent\" for the dangers."`
	Region string `help:"Pack whose rows count; empty: topics only."`
}

// Run prints each failing sentence with the topics that scored and why.
func (cmd *sentencesCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	failed, total := 0, 0
	for i := range c.Pack().Topics {
		t := &c.Pack().Topics[i]
		if strings.HasPrefix(t.ID, cmd.Prefix) {
			total += len(t.Match) + len(t.Miss)
		}
	}
	for _, f := range c.CheckSentences() {
		if !cmd.wants(c.Pack(), f) {
			continue
		}
		failed++
		fmt.Printf("%s:%d %s\n", f.File, f.Line, f.What)
		if s := quoted(f.What); s != "" {
			explain(c, s, 3, "   ")
		}
	}
	fmt.Printf("%d of %d sentences fail\n", failed, total)
	return nil
}

// wants: the fault's file and line lie in a topic that begins with the prefix.
func (cmd *sentencesCommand) wants(p *rules.Pack, f rules.Fault) bool {
	if cmd.Prefix == "" {
		return true
	}
	owner := ""
	line := 0
	for i := range p.Topics {
		if t := &p.Topics[i]; t.File == f.File && t.Line <= f.Line && t.Line >= line {
			owner, line = t.ID, t.Line
		}
	}
	if owner == "" {
		owner = "urgent"
	}
	return strings.HasPrefix(owner, cmd.Prefix)
}

// quoted is the sentence inside the first «…» of a fault's text.
func quoted(s string) string {
	_, rest, ok := strings.Cut(s, "«")
	for _, end := range []string{"» должно", "» не должно"} {
		if head, _, found := strings.Cut(rest, end); found && ok {
			return head
		}
	}
	return ""
}

type explainCommand struct {
	Text   string `arg:"" help:"The text."`
	Region string `help:"Pack whose rows count; empty: topics only."`
}

// Run prints the verdict and the scores behind it.
func (cmd *explainCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	v := c.Judge(&domain.Post{Text: cmd.Text})
	fmt.Printf("kind %s  urgent %t  row %d  topic %q  confidence %.2f  margin %.2f  language %s\n%s\n",
		v.Kind, v.Urgent, v.Row, v.Topic, v.Confidence, v.Margin, v.Language, v.Reason)
	fmt.Printf("place %+v\n", v.Place)
	for _, e := range v.Evidence {
		fmt.Printf("  %d-%d «%s» %s\n", e.Start, e.End, e.Text, e.Why)
	}
	explain(c, cmd.Text, 12, "  ")
	return nil
}

func explain(c *classify.Classifier, text string, most int, indent string) {
	e, err := c.Explain(text)
	if err != nil {
		fmt.Println(indent, err)
		return
	}
	fmt.Printf("%skind: problem %.1f thanks %.1f other %.1f; odds of danger %.1f, of other %.1f\n",
		indent, e.Problem, e.Thanks, e.Other, e.DangerOdds, e.OtherOdds)
	for i, g := range e.Groups {
		if i == most {
			break
		}
		fmt.Printf("%s%-32s row %d  score %.1f\n", indent, g.Name, g.Row, g.Score)
		for _, p := range g.Phrases {
			fmt.Printf("%s    %s:%d weight %.1f %s\n", indent, p.File, p.Line, p.Weight, shorten(phraseText(p), 110))
		}
	}
}

func phraseText(p *rules.Phrase) string {
	var parts []string
	for _, list := range []struct {
		name  string
		terms []string
	}{{"all", p.All}, {"any", p.Any}, {"near", p.Near}, {"not", p.Not}} {
		if len(list.terms) > 0 {
			parts = append(parts, list.name+": "+strings.Join(list.terms, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

func shorten(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:runes]) + "…"
}
