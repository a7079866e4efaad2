package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// learnBoth learns the models of rows and of kinds as `otklik train` does, and writes
// their files.
func learnBoth(ctx context.Context, dir string, learn []labelledText) (rows, kinds string, err error) {
	c, err := compiled(classify.Options{})
	if err != nil {
		return "", "", err
	}
	examples := make([]model.Example, len(learn))
	for i, t := range learn {
		examples[i] = model.Example{Text: t.Text, Labels: t.Labels, Finer: t.Finer}
	}
	hints := classify.HintsOf(c)
	rows, kinds = filepath.Join(dir, "rows.model"), filepath.Join(dir, "kinds.model")
	if err := learnOne(ctx, rows, examples, model.Options{Column: "row", Finer: "topic", Seed: 1, Hints: hints}); err != nil {
		return "", "", err
	}
	return rows, kinds, learnOne(ctx, kinds, kindsOf(c.Pack(), learn), model.Options{Column: "kind", Seed: 1, Hints: hints})
}

// kindsOf: what people complain of in the table, and of the project's own sentences what
// is news, advertising, talk or thanks.
func kindsOf(pack *rules.Pack, learn []labelledText) []model.Example {
	var out []model.Example
	add := func(kind domain.Kind, texts ...string) {
		for _, text := range texts {
			out = append(out, model.Example{Text: text, Labels: []string{string(kind)}})
		}
	}
	for _, t := range learn {
		add(domain.Problem, t.Text)
	}
	for _, idea := range pack.Signals.Ideas {
		add(domain.Problem, idea.Problem...)
		add(domain.Other, idea.Other...)
		add(domain.Thanks, idea.Thanks...)
	}
	return out
}

func learnOne(ctx context.Context, path string, examples []model.Example, o model.Options) error {
	m, err := model.Train(ctx, examples, o)
	if err != nil {
		return fmt.Errorf("learn the column %s: %w", o.Column, err)
	}
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	if err := errors.Join(m.Write(out), out.Close()); err != nil {
		return fmt.Errorf("write the model: %w", err)
	}
	return nil
}
