package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/rules"
)

// What training a table of that size may take on two cores.
const (
	learnRowsWritten = 100_000
	learnMinutes     = 10
	learnMegabytes   = 4096
)

// benchLearn learns a generated table with hints, as `otklik train` does.
func benchLearn(ctx context.Context, o options, r *report) error {
	r.part(fmt.Sprintf("Learning %d texts, %d cores", learnRowsWritten, runtime.GOMAXPROCS(0)))
	c, err := compiled(classify.Options{})
	if err != nil {
		return err
	}
	examples := writtenExamples(c.Pack(), o.Seed)
	began := time.Now()
	m, err := model.Train(ctx, examples, model.Options{Column: "topic", Seed: 1, Hints: classify.HintsOf(c), Progress: func(done, all int) {
		r.say("%d of %d after %.0f s", done, all, time.Since(began).Seconds())
	}})
	if err != nil {
		return fmt.Errorf("learn the table: %w", err)
	}
	took := time.Since(began)
	memory, err := memoryOf(os.Getpid())
	if err != nil {
		return err
	}
	r.say("%.3f right on what was held out", m.Head.Report.Accuracy)
	r.say("%d labels, %.1f minutes by the clock, %.1f of processor time, peak %.0f MB (limits: %d minutes, %d MB)",
		len(m.Labels()), took.Minutes(), processorTime().Minutes(), memory.peak, learnMinutes, learnMegabytes)
	r.figure("learn_100k_minutes", "%.1f", took.Minutes())
	r.figure("learn_100k_rss_mb", "%.0f", memory.peak)
	return nil
}

// writtenExamples are texts of two or three sentences of a topic with streets, numbers
// and mistyped words, so that hardly any comes twice.
func writtenExamples(pack *rules.Pack, seed uint64) []model.Example {
	rng := rand.New(rand.NewPCG(seed, 3))
	var topics []*rules.Topic
	for i := range pack.Topics {
		if len(pack.Topics[i].Match) > 1 {
			topics = append(topics, &pack.Topics[i])
		}
	}
	out := make([]model.Example, learnRowsWritten)
	for i := range out {
		t := topics[rng.IntN(len(topics))]
		var b strings.Builder
		for range 2 + rng.IntN(2) {
			b.WriteString(mistyped(rng, t.Match[rng.IntN(len(t.Match))]))
			b.WriteString(". Дом " + strconv.Itoa(1+rng.IntN(200)) + ", заявка " + strconv.Itoa(rng.IntN(100_000)) + ". ")
		}
		out[i] = model.Example{Text: b.String(), Labels: []string{t.ID}}
	}
	return out
}

// mistyped doubles a letter of every tenth word or so.
func mistyped(rng *rand.Rand, s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if runes := []rune(w); rng.IntN(10) == 0 && len(runes) > 3 {
			at := 1 + rng.IntN(len(runes)-2)
			words[i] = string(runes[:at]) + string(runes[at]) + string(runes[at:])
		}
	}
	return strings.Join(words, " ")
}
