package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
)

type modelsCommand struct {
	Only string `help:"Only this column: category, topic, responsible, khabarovsk_rows, kaliningrad_rows."`
}

// modelFolds is into how many parts the table is cut; each is judged by what the
// others teach.
const modelFolds = 5

// Run learns every column of the labelled table and prints what models reach on
// parts they have not seen: alone, and for decree rows together with the phrases.
func (cmd *modelsCommand) Run() error {
	records, err := dataRecords("kursk_train.csv")
	if err != nil || records == nil {
		return err
	}
	for _, column := range []string{"category", "topic", "responsible", "khabarovsk_rows", "kaliningrad_rows"} {
		if cmd.Only != "" && cmd.Only != column {
			continue
		}
		region, rows := strings.CutSuffix(column, "_rows")
		if !rows {
			region = "khabarovsk"
		}
		if err := alone(records, column, region); err != nil {
			return err
		}
		if rows {
			if err := together(records, column, region); err != nil {
				return err
			}
		}
	}
	return nil
}

// alone prints what the training itself has measured on held-out parts.
func alone(records []map[string]string, column, region string) error {
	c, err := loadClassifier(region)
	if err != nil {
		return err
	}
	m, err := model.Train(context.Background(), labelledBy(records, column), model.Options{Column: column, Seed: 1, Hints: classify.HintsOf(c), Folds: modelFolds})
	if err != nil {
		return fmt.Errorf("train %s: %w", column, err)
	}
	printScores(column, m.Head.Report)
	return nil
}

// together prints what phrases and model reach together, each text judged by a
// model that has not seen it.
func together(records []map[string]string, column, region string) error {
	pack, err := loadPack(region)
	if err != nil {
		return err
	}
	phrases, err := classify.Compile(pack, classify.Options{})
	if err != nil {
		return err
	}
	parts := make([][]map[string]string, modelFolds)
	for _, r := range records {
		h := fnv.New32a()
		_, _ = h.Write([]byte(strings.Join(strings.Fields(strings.ToLower(r["text"])), " ")))
		fold := h.Sum32() % modelFolds
		parts[fold] = append(parts[fold], r)
	}
	var outcomes []model.Outcome
	for fold, part := range parts {
		var others []map[string]string
		for i, p := range parts {
			if i != fold {
				others = append(others, p...)
			}
		}
		m, err := model.Train(context.Background(), labelledBy(others, column), model.Options{Column: column, Seed: 1, Hints: classify.HintsOf(phrases)})
		if err != nil {
			return fmt.Errorf("train %s: %w", column, err)
		}
		joined, err := classify.Compile(pack, classify.Options{Rows: m})
		if err != nil {
			return err
		}
		outcomes = append(outcomes, rowOutcomes(joined, part, column)...)
	}
	printScores(column+" with phrases", model.Score(outcomes))
	return nil
}

// rowOutcomes are the rows a classifier offers for the texts that are scored.
func rowOutcomes(c *classify.Classifier, records []map[string]string, column string) []model.Outcome {
	var out []model.Outcome
	for _, r := range records {
		right := labelsOf(r[column])
		if right == nil {
			continue
		}
		v := c.Judge(&domain.Post{Text: r["text"]})
		o := model.Outcome{Right: right, Answers: []model.Answer{{Label: rowLabel(v.Row), Confidence: v.Confidence}}}
		for i, a := range v.Alternatives {
			if i > 0 {
				o.Answers = append(o.Answers, model.Answer{Label: rowLabel(a.Row), Confidence: a.Confidence})
			}
		}
		out = append(out, o)
	}
	return out
}

func rowLabel(row int) string {
	if row == 0 {
		return "-"
	}
	return strconv.Itoa(row)
}

// labelsOf are the labels of a cell, nil when it is not to be scored.
func labelsOf(cell string) []string {
	if cell == "" || cell == "?" {
		return nil
	}
	return strings.Split(cell, "|")
}

func labelledBy(records []map[string]string, column string) []model.Example {
	var out []model.Example
	for _, r := range records {
		if labels := labelsOf(r[column]); labels != nil && strings.TrimSpace(r["text"]) != "" {
			out = append(out, model.Example{Text: r["text"], Labels: labels})
		}
	}
	return out
}

func printScores(name string, s model.Scores) {
	fmt.Printf("%s: n %d accuracy %.3f macro_f1 %.3f top3 %.3f calibration %.3f sure %.2f from %.2f\n",
		name, s.N, s.Accuracy, s.MacroF1, s.Top3, s.CalibrationError, s.Sure, s.SureFrom)
}
