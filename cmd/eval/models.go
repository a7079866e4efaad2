package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

type modelsCommand struct {
	Only  string `help:"Only this column: category, topic, responsible, khabarovsk_rows, kaliningrad_rows."`
	Folds int    `default:"5" help:"Into how many parts the table is cut; each is judged by what the others teach."`
}

// Run learns every column of the labelled table and prints what models reach on
// parts they have not seen: alone, and for decree rows together with the phrases.
func (cmd *modelsCommand) Run() error {
	if cmd.Folds < 2 {
		return fmt.Errorf("--folds is %d: what is judged must not be what has taught, so at least 2", cmd.Folds)
	}
	records, err := dataRecords("kursk_train.csv")
	if err != nil || records == nil {
		return err
	}
	var columns []string
	reached := map[string]model.Scores{}
	for _, column := range []string{"category", "topic", "responsible", "khabarovsk_rows", "kaliningrad_rows"} {
		if cmd.Only != "" && cmd.Only != column {
			continue
		}
		columns = append(columns, column)
		region, rows := strings.CutSuffix(column, "_rows")
		if reached[column], err = alone(records, column, cmd.Folds); err != nil {
			return err
		}
		if rows {
			if reached[column], err = together(records, column, region, cmd.Folds); err != nil {
				return err
			}
		}
	}
	printAnchors(os.Stdout, columns, reached)
	return nil
}

// alone prints what the training itself has measured on held-out parts.
func alone(records []map[string]string, column string, folds int) (model.Scores, error) {
	c, places, err := hintingPack(column)
	if err != nil {
		return model.Scores{}, err
	}
	examples, finer := labelledBy(records, column)
	m, err := model.Train(context.Background(), examples, model.Options{Column: column, Finer: finer, Seed: 1, Hints: classify.HintsOf(c), Folds: folds, Places: places})
	if err != nil {
		return model.Scores{}, fmt.Errorf("train %s: %w", column, err)
	}
	printScores(withWords(column, m), m.Head.Report)
	return m.Head.Report, nil
}

// placesPack is a small pack of the labelled table's region: where it is told who
// answers, its places tell more than those of another region.
const placesPack = "rules/testdata/packs/kursk"

// hintingPack is the pack whose phrases hint at a column, and whether its places may.
func hintingPack(column string) (c *classify.Classifier, places bool, err error) {
	region, rows := strings.CutSuffix(column, "_rows")
	switch {
	case rows:
		c, err = loadClassifier(region)
	case column == "responsible":
		places = true
		c, err = smallPack(placesPack, rules.SharedTopics())
	default:
		c, err = loadClassifier("khabarovsk")
	}
	return c, places, err
}

// together prints what phrases and model reach together, each text judged by a
// model that has not seen it.
func together(records []map[string]string, column, region string, folds int) (model.Scores, error) {
	pack, err := loadPack(region)
	if err != nil {
		return model.Scores{}, err
	}
	phrases, err := classify.Compile(pack, classify.Options{})
	if err != nil {
		return model.Scores{}, err
	}
	parts := make([][]map[string]string, folds)
	for _, r := range records {
		h := fnv.New32a()
		_, _ = h.Write([]byte(strings.Join(strings.Fields(strings.ToLower(r["text"])), " ")))
		fold := h.Sum32() % uint32(folds)
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
		examples, finer := labelledBy(others, column)
		m, err := model.Train(context.Background(), examples, model.Options{Column: column, Finer: finer, Seed: 1, Hints: classify.HintsOf(phrases)})
		if err != nil {
			return model.Scores{}, fmt.Errorf("train %s: %w", column, err)
		}
		joined, err := classify.Compile(pack, classify.Options{Rows: m})
		if err != nil {
			return model.Scores{}, err
		}
		outcomes = append(outcomes, rowOutcomes(joined, part, column)...)
	}
	s := model.Score(outcomes)
	printScores(column+" with phrases", s)
	return s, nil
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

// labelledBy gives the texts with the labels of a column, and the column of finer ones
// that `otklik train` would find beside it.
func labelledBy(records []map[string]string, column string) (examples []model.Example, finer string) {
	names := slices.Sorted(maps.Keys(records[0]))
	columns := make([]model.Column, len(names))
	var labels []string
	for _, r := range records {
		right := labelsOf(r[column])
		if right == nil || strings.TrimSpace(r["text"]) == "" {
			continue
		}
		examples, labels = append(examples, model.Example{Text: r["text"], Labels: right}), append(labels, r[column])
		for i, name := range names {
			columns[i].Name, columns[i].Cells = name, append(columns[i].Cells, r[name])
		}
	}
	columns = slices.DeleteFunc(columns, func(c model.Column) bool { return c.Name == column || c.Name == "text" })
	finer = model.FinerColumn(labels, columns)
	for _, c := range columns {
		if c.Name == finer {
			examples = model.WithFiner(examples, c)
		}
	}
	return examples, finer
}

func withWords(column string, m *model.Model) string {
	if m.Head.Places {
		return column + " with places"
	}
	return column
}

func printScores(name string, s model.Scores) {
	fmt.Printf("%s: n %d accuracy %.3f macro_f1 %.3f top3 %.3f calibration %.3f sure %.2f right %.3f from %.2f\n",
		name, s.N, s.Accuracy, s.MacroF1, s.Top3, s.CalibrationError, s.Sure, s.SureRight, s.SureFrom)
}
