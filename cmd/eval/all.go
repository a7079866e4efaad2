package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

type allCommand struct{}

// Run prints every figure of `make eval`, one line each: "figure NAME VALUE".
// NAME_region is one region's; NAME alone is the worst of the regions, for the
// blind sentences all of them together. A figure beyond its target is an error.
func (cmd *allCommand) Run() error {
	var blind blindScore
	figures := newFigures(os.Stdout)
	school := classify.NewSchool()
	for _, region := range rules.EmbeddedRegions() {
		pack, err := rules.LoadEmbedded(region)
		if err != nil {
			return fmt.Errorf("pack %s: %w", region, err)
		}
		c, err := classify.Compile(pack, classify.Options{School: school})
		if err != nil {
			return fmt.Errorf("pack %s: %w", region, err)
		}
		if err := evalRegion(c, pack, &blind, figures); err != nil {
			return err
		}
	}
	blind.print("", figures)
	if err := evalLesson(figures); err != nil {
		return err
	}
	if err := evalSame(school, figures, false); err != nil {
		return err
	}
	if err := evalExport(figures); err != nil {
		return err
	}
	models := modelsCommand{Folds: 5}
	if err := models.Run(); err != nil {
		return err
	}
	var ceilings ceilingsCommand
	if err := ceilings.Run(); err != nil {
		return err
	}
	figures.printWorst()
	return figures.err()
}

func evalRegion(c *classify.Classifier, pack *rules.Pack, blind *blindScore, figures *figures) error {
	region := pack.Region.ID
	figures.add("sentences_failed", region, float64(len(c.CheckSentences())))
	if err := evalRows(c, pack, figures); err != nil {
		return err
	}
	if err := evalKinds(c, region, figures); err != nil {
		return err
	}
	u, err := scoreUrgent(c, urgentFile)
	if err != nil {
		return err
	}
	figures.add("urgent_recall", region, ratio(u.found, u.dangers))
	figures.add("urgent_false_alarms", region, ratio(u.alarms, u.calm))
	if err := evalPlaces(c, region, figures); err != nil {
		return err
	}
	return evalBlind(c, region, blind, figures)
}

// evalLesson cross-validates the example sentences: what strangers' sentences
// would give. Regions share them, one pack stands for all.
func evalLesson(figures *figures) error {
	region := rules.EmbeddedRegions()[0]
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		return fmt.Errorf("pack %s: %w", region, err)
	}
	s, err := crossValidate(pack)
	if err != nil {
		return fmt.Errorf("cross-validating the examples: %w", err)
	}
	s.print(func(name string, value float64) { figures.print(name, "", value) })
	return nil
}

func evalRows(c *classify.Classifier, pack *rules.Pack, figures *figures) error {
	region := pack.Region.ID
	path, ok := dataFile("kursk_train.csv")
	if !ok {
		fmt.Printf("skipped: rows_accuracy_%s, rows_macro_f1_%s: ../shared/data/kursk_train.csv is absent\n", region, region)
		return nil
	}
	records, err := readCSV(path)
	if err != nil {
		return err
	}
	if _, ok := records[0][region+"_rows"]; !ok {
		fmt.Printf("skipped: rows_accuracy_%s: the file has no column %s_rows\n", region, region)
		return nil
	}
	pairs, _ := judgeRows(c, records, region+"_rows")
	s := score(pairs)
	figures.add("rows_accuracy", region, s.accuracy)
	figures.add("rows_macro_f1", region, s.macroF1)
	evalUnseen(c, pack, records, figures)
	figures.add("classify_texts_per_second", region, textsPerSecond(c, records))
	return nil
}

func evalKinds(c *classify.Classifier, region string, figures *figures) error {
	for _, f := range kindFiles() {
		texts, err := judged(c, f.name, "all")
		if err != nil {
			return err
		}
		if len(texts) > 0 {
			figures.add(f.figure, region, ratio(len(wrongKinds(texts, f.problem)), len(texts)))
		}
	}
	return nil
}

// blindScore counts sentences that nobody tunes on.
type blindScore struct{ n, top1, top3 int }

// print gives the scores of one region, or with "" of all together.
func (b *blindScore) print(region string, figures *figures) {
	if b.n == 0 {
		fmt.Printf("skipped: blind_rows_top1 %s: classify/testdata/blind has no sentences\n", region)
		return
	}
	figures.print("blind_rows_top1", region, ratio(b.top1, b.n))
	figures.print("blind_rows_top3", region, ratio(b.top3, b.n))
}

// evalBlind scores classify/testdata/blind/<region>.csv (columns row, text).
// Only the figures are shown: whoever sees the wrong ones would tune on them.
func evalBlind(c *classify.Classifier, region string, total *blindScore, figures *figures) error {
	path := filepath.Join("classify", "testdata", "blind", region+".csv")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("skipped: blind_rows_top1_%s: %s is absent\n", region, path)
		return nil
	}
	records, err := readCSV(path)
	if err != nil {
		return err
	}
	b, _, err := scoreBlind(c, records, path)
	if err != nil {
		return err
	}
	b.print(region, figures)
	total.merge(b)
	return nil
}

// textsPerSecond judges the texts on all cores for about a second.
func textsPerSecond(c *classify.Classifier, records []map[string]string) float64 {
	start := time.Now()
	var judged sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	counts := make([]int, workers)
	for w := range workers {
		judged.Go(func() {
			for time.Since(start) < time.Second {
				for i := w; i < len(records); i += workers {
					c.Judge(&domain.Post{Text: records[i]["text"]})
					counts[w]++
				}
			}
		})
	}
	judged.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return float64(sum) / time.Since(start).Seconds()
}
