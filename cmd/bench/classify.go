package main

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Sizes of the measurement.
const (
	classifyTexts  = 10_000
	classifyRounds = 5
)

// benchClassify judges the texts of the mix on one core, each round other texts.
func benchClassify(ctx context.Context, o options, r *report) error {
	r.part(fmt.Sprintf("Classify on one core: %d rounds of %d texts, none twice", classifyRounds, classifyTexts))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		return err
	}
	began := time.Now()
	c, err := classify.Compile(pack, classify.Options{})
	if err != nil {
		return err
	}
	r.say("compiling the pack takes %.2f s, once at start and at every switch", time.Since(began).Seconds())
	m, err := newMix(pack, o.Seed+1, 1, time.Now())
	if err != nil {
		return err
	}
	measure(c, m.posts(0, classifyTexts)) // the words of the language become known
	var all []effort
	for range classifyRounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		all = append(all, measure(c, m.posts(0, classifyTexts)))
	}
	share, err := proseShare(pack, m)
	if err != nil {
		return err
	}
	sayEfforts(r, all, share)
	return nil
}

// proseShare is how much of the time of judging goes into prose's tokeniser,
// taken apart because taking it costs time too.
func proseShare(pack *rules.Pack, m *mix) (float64, error) {
	clock := &stopwatch{}
	c, err := classify.Compile(pack, classify.Options{NewTokenizer: clock.wrap})
	if err != nil {
		return 0, err
	}
	measure(c, m.posts(0, classifyTexts))
	return clock.share(c, m.posts(0, classifyTexts)), nil
}

// effort is what judging some texts took.
type effort struct {
	perSecond, byClock, allocs, bytes, runes float64 // texts by processor time and by the clock; the rest per text
}

func measure(c *classify.Classifier, posts []domain.Post) effort {
	runes := 0
	for i := range posts {
		runes += len([]rune(posts[i].Text))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, busy := time.Now(), processorTime()
	for i := range posts {
		c.Judge(&posts[i])
	}
	took, used := time.Since(began), processorTime()-busy
	runtime.ReadMemStats(&after)
	n := float64(len(posts))
	return effort{perSecond: n / used.Seconds(), byClock: n / took.Seconds(), runes: float64(runes) / n,
		allocs: float64(after.Mallocs-before.Mallocs) / n, bytes: float64(after.TotalAlloc-before.TotalAlloc) / n}
}

func sayEfforts(r *report, all []effort, prose float64) {
	of := func(f func(effort) float64) float64 {
		values := make([]float64, len(all))
		for i, e := range all {
			values[i] = f(e)
		}
		return median(values)
	}
	rate := of(func(e effort) float64 { return e.perSecond })
	allocs := of(func(e effort) float64 { return e.allocs })
	r.say("%.0f texts/s by the clock, which other programs share", of(func(e effort) float64 { return e.byClock }))
	r.say("%.0f texts/s of processor time (%.0f µs each, %.0f characters), %.0f allocations and %.1f KB a text; %.0f %% of the time in prose's tokeniser",
		rate, 1e6/rate, of(func(e effort) float64 { return e.runes }), allocs, of(func(e effort) float64 { return e.bytes })/1024, 100*prose)
	r.figure("classify_texts_per_second", "%.0f", rate)
	r.figure("classify_allocs_per_text", "%.0f", allocs)
	r.figure("classify_bytes_per_text", "%.0f", of(func(e effort) float64 { return e.bytes }))
	r.figure("classify_prose_share", "%.2f", prose)
}

// processorTime is what all threads of this process have used, garbage
// collection included: a core's second whoever else wants the core.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the arguments are constants
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stopwatch times what the tokenisers it has wrapped do.
type stopwatch struct{ spent time.Duration }

func (s *stopwatch) wrap() text.Tokenizer { return &timedTokenizer{inner: text.NewProse(), clock: s} }

// share of the time of judging that goes into tokenising.
func (s *stopwatch) share(c *classify.Classifier, posts []domain.Post) float64 {
	s.spent = 0
	began := time.Now()
	for i := range posts {
		c.Judge(&posts[i])
	}
	return s.spent.Seconds() / time.Since(began).Seconds()
}

type timedTokenizer struct {
	inner text.Tokenizer
	clock *stopwatch
}

// Tokenize implements text.Tokenizer.
func (t *timedTokenizer) Tokenize(dst []text.Span, s string) ([]text.Span, error) {
	began := time.Now()
	defer func() { t.clock.spent += time.Since(began) }()
	return t.inner.Tokenize(dst, s)
}
