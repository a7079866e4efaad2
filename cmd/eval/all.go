package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

type allCommand struct{}

// Run prints every figure of `make eval`, one line each: "figure NAME VALUE".
// NAME_region is one region's; NAME alone is the worst of the regions, for the
// blind sentences all of them together.
func (cmd *allCommand) Run() error {
	var blind blindScore
	worst := worstFigures{}
	for _, region := range rules.EmbeddedRegions() {
		pack, err := rules.LoadEmbedded(region)
		if err != nil {
			return fmt.Errorf("pack %s: %w", region, err)
		}
		c, err := classify.Compile(pack, classify.Options{})
		if err != nil {
			return fmt.Errorf("pack %s: %w", region, err)
		}
		if err := evalRegion(c, region, &blind, worst); err != nil {
			return err
		}
	}
	blind.print("")
	worst.print()
	return nil
}

// worstFigures keeps for each figure the worst of the regions.
type worstFigures map[string]float64

// add prints a region's figure and keeps it when it is the worst; more tells
// whether a higher value is better.
func (w worstFigures) add(name, region string, value float64, more bool) {
	fmt.Printf("figure %s_%s %.4g\n", name, region, value)
	if have, ok := w[name]; !ok || more == (value < have) {
		w[name] = value
	}
}

func (w worstFigures) print() {
	for _, name := range slices.Sorted(maps.Keys(w)) {
		fmt.Printf("figure %s %.4g\n", name, w[name])
	}
}

func evalRegion(c *classify.Classifier, region string, blind *blindScore, worst worstFigures) error {
	worst.add("sentences_failed", region, float64(len(c.CheckSentences())), false)
	if err := evalRows(c, region, worst); err != nil {
		return err
	}
	if err := evalKinds(c, region, worst); err != nil {
		return err
	}
	u, err := scoreUrgent(c, urgentFile)
	if err != nil {
		return err
	}
	worst.add("urgent_recall", region, ratio(u.found, u.dangers), true)
	worst.add("urgent_false_alarms", region, ratio(u.alarms, u.calm), false)
	return evalBlind(c, region, blind)
}

func evalRows(c *classify.Classifier, region string, worst worstFigures) error {
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
	worst.add("rows_accuracy", region, s.accuracy, true)
	worst.add("rows_macro_f1", region, s.macroF1, true)
	worst.add("classify_texts_per_second", region, textsPerSecond(c, records), true)
	return nil
}

func evalKinds(c *classify.Classifier, region string, worst worstFigures) error {
	for _, f := range []struct {
		figure, file string
		problem      bool
	}{{"news_false_share", "telegram_news.csv", false}, {"complaints_missed", "kursk_train.csv", true}} {
		wrong, n, err := wrongKinds(c, f.file, f.problem, "all")
		if err != nil {
			return err
		}
		if n > 0 {
			worst.add(f.figure, region, ratio(len(wrong), n), false)
		}
	}
	return nil
}

// blindScore counts sentences that nobody tunes on.
type blindScore struct{ n, top1, top3 int }

func (b *blindScore) print(suffix string) {
	if b.n == 0 {
		fmt.Printf("skipped: blind_rows_top1%s: classify/testdata/blind has no sentences\n", suffix)
		return
	}
	fmt.Printf("figure blind_rows_top1%s %.4f\nfigure blind_rows_top3%s %.4f\n",
		suffix, ratio(b.top1, b.n), suffix, ratio(b.top3, b.n))
}

// evalBlind scores classify/testdata/blind/<region>.csv (columns row, text).
// Only the figures are shown: whoever sees the wrong ones would tune on them.
func evalBlind(c *classify.Classifier, region string, total *blindScore) error {
	path := filepath.Join("classify", "testdata", "blind", region+".csv")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("skipped: blind_rows_top1_%s: %s is absent\n", region, path)
		return nil
	}
	records, err := readCSV(path)
	if err != nil {
		return err
	}
	var b blindScore
	for _, r := range records {
		row, err := strconv.Atoi(strings.TrimSpace(r["row"]))
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		v := c.Judge(&domain.Post{Text: r["text"]})
		b.n++
		if v.Row == row && len(v.Alternatives) > 0 {
			b.top1++
		}
		if slices.ContainsFunc(v.Alternatives, func(a domain.Alternative) bool { return a.Row == row }) {
			b.top3++
		}
	}
	b.print("_" + region)
	total.n += b.n
	total.top1 += b.top1
	total.top3 += b.top3
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
