package main

import (
	"fmt"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// lessonFolds is how many parts the ideas are cut into: each part is judged by
// a classifier that learned from the others.
const lessonFolds = 5

type lessonCommand struct {
	Region string `default:"khabarovsk" help:"Pack to score."`
	Show   bool   `help:"Print the wrong ones."`
}

// Run cross-validates the example sentences, idea by idea.
func (cmd *lessonCommand) Run() error {
	pack, err := rules.LoadEmbedded(cmd.Region)
	if err != nil {
		return fmt.Errorf("pack %s: %w", cmd.Region, err)
	}
	s, err := crossValidate(pack)
	if err != nil {
		return err
	}
	s.print(func(name string, value float64) { fmt.Printf("figure %s %.4f\n", name, value) })
	if cmd.Show {
		for _, w := range append(s.urgent.wrong, s.kinds.wrong...) {
			fmt.Println(w)
		}
	}
	return nil
}

// lessonScore is what the sentences left out were taken for.
type lessonScore struct {
	urgent urgentScore
	kinds  kindsScore
}

func (s *lessonScore) print(figure func(name string, value float64)) {
	figure("lesson_urgent_recall", ratio(s.urgent.found, s.urgent.dangers))
	figure("lesson_urgent_false_alarms", ratio(s.urgent.alarms, s.urgent.calm))
	figure("lesson_kinds_right", s.kinds.right())
	figure("lesson_kinds_false_problems", ratio(s.kinds.taken, s.kinds.others))
	figure("lesson_kinds_missed", ratio(s.kinds.missed, s.kinds.problems))
}

// crossValidate judges every example by a classifier that learned from the ideas
// of the other folds: no paraphrase of a sentence helps to judge it.
func crossValidate(pack *rules.Pack) (*lessonScore, error) {
	s := &lessonScore{}
	err := leaveOut(pack, func(c *classify.Classifier, _ int, ideas []rules.Idea) error {
		for i := range ideas {
			s.judge(c, &ideas[i])
		}
		return nil
	})
	return s, err
}

// leaveOut calls f for each fold with its ideas and a classifier that learned
// without them.
func leaveOut(pack *rules.Pack, f func(c *classify.Classifier, fold int, ideas []rules.Idea) error) error {
	for fold := range lessonFolds {
		part := *pack
		part.Signals.Ideas = nil
		var left []rules.Idea
		for i, idea := range pack.Signals.Ideas {
			if i%lessonFolds == fold {
				left = append(left, idea)
			} else {
				part.Signals.Ideas = append(part.Signals.Ideas, idea)
			}
		}
		c, err := classify.Compile(&part, classify.Options{})
		if err != nil {
			return fmt.Errorf("fold %d: %w", fold, err)
		}
		if err := f(c, fold, left); err != nil {
			return fmt.Errorf("fold %d: %w", fold, err)
		}
	}
	return nil
}

func (s *lessonScore) judge(c *classify.Classifier, idea *rules.Idea) {
	for _, part := range []struct {
		sentences []string
		urgent    bool
		kind      domain.Kind // "" when it may be any
	}{
		{idea.Danger, true, domain.Problem},
		{idea.Harmless, false, ""},
		{idea.Problem, false, domain.Problem},
		{idea.Other, false, domain.Other},
		{idea.Thanks, false, domain.Thanks},
	} {
		for _, text := range part.sentences {
			v := c.Judge(&domain.Post{Text: text})
			if part.urgent || part.kind == "" {
				s.urgent.add(part.urgent, v.Urgent, text)
			}
			if part.kind != "" && !part.urgent {
				s.kinds.add(part.kind, v.Kind, text)
			}
		}
	}
}
