package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/otklik/otklik/classify/model"
)

type scoreCmd struct {
	Model string `required:"" help:"Файл модели."`
	labelled
	hinting
	Report int `help:"Показать столько самых частых путаниц."`
}

// Help is shown under --help.
func (scoreCmd) Help() string {
	return "Последняя строка — JSON: n, accuracy, macro_f1, weighted_f1, top3, texts_per_second. Метка, которой при обучении не было, считается ошибкой."
}

// Run implements the command.
func (c scoreCmd) Run(p *program) error {
	m, err := openModel(c.Model)
	if err != nil {
		return err
	}
	if m.Head.Hints {
		hints, err := c.hints(p)
		if err != nil {
			return err
		}
		if err := m.Use(hints); err != nil {
			return modelFaultOf(c.Model, err)
		}
		if told, ok := hints.(model.PackHinter); ok {
			warnStrange(p.stderr, c.Model, m, told.Pack())
		}
	}
	examples, skipped, err := c.read()
	if err != nil {
		return err
	}
	if len(examples) == 0 {
		return trainFault(c.labelled, model.ErrNoExamples)
	}
	if m.Head.Column != c.Label {
		fmt.Fprintf(p.stderr, "модель училась столбцу %s, а сверяется со столбцом %s\n", m.Head.Column, c.Label)
	}
	began := time.Now()
	outcomes := make([]model.Outcome, len(examples))
	for i, e := range examples {
		if err := p.ctx.Err(); err != nil {
			return errors.New("прервано")
		}
		best, err := m.Best(e.Text, 3)
		if err != nil {
			return modelFaultOf(fmt.Sprintf("текст %d", i+1), err)
		}
		outcomes[i] = model.Outcome{Answers: best, Right: e.Labels}
	}
	took := time.Since(began).Seconds()
	fmt.Fprintf(p.stdout, "текстов %d, пропущено строк %d\n", len(examples), skipped.sum())
	confusions := model.Confusions(outcomes)
	for _, f := range confusions[:min(max(0, c.Report), len(confusions))] {
		fmt.Fprintf(p.stdout, "%4d × верно «%s», названо «%s»\n", f.N, f.Truth, f.Answer)
	}
	return json.NewEncoder(p.stdout).Encode(struct {
		model.Scores
		PerSecond float64 `json:"texts_per_second"`
	}{model.Score(outcomes), float64(len(examples)) / max(took, 1e-9)})
}

// openModel reads a model's file; why it is refused is said in words.
func openModel(path string) (*model.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	m, err := model.Read(f)
	if err != nil {
		return nil, modelFaultOf(path, err)
	}
	return m, nil
}
