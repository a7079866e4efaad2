package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
)

// verdicts is what the full verdict with models reached.
type verdicts struct {
	Accuracy float64 `json:"accuracy"`
	First    float64 `json:"first"`     // texts a second, each read for the first time
	Allocs   float64 `json:"allocs"`    // a text, in steady state
	Bytes    float64 `json:"bytes"`     // the same
	PerToken float64 `json:"per_token"` // allocations that one word more costs
	RSS      float64 `json:"rss_mb"`
}

// laneTime is how much processor time a lane takes in one round.
const laneTime = 3 * time.Second

// judgeTexts is the process that ownLane runs: it tells what it reached, and then, for
// every line it is given, how many texts a second it judges.
func judgeTexts(rows, kinds, texts string, in io.Reader, out io.Writer) error {
	runtime.GOMAXPROCS(1)
	c, list, err := readLane(rows, kinds, texts)
	if err != nil {
		return err
	}
	posts := make([]domain.Post, len(list))
	for i := range list {
		posts[i] = domain.Post{Text: list[i].Text}
	}
	v := verdicts{First: measure(c, posts).perSecond}
	right := 0
	for i := range posts {
		if slices.Contains(list[i].Labels, rowLabel(c.Judge(&posts[i]).Row)) {
			right++
		}
	}
	v.Accuracy = float64(right) / float64(len(list))
	steady := measure(c, posts)
	v.Allocs, v.Bytes = steady.allocs, steady.bytes
	v.PerToken = perToken(c, posts)
	memory, err := memoryOf(os.Getpid())
	if err != nil {
		return err
	}
	v.RSS = memory.peak
	if err := json.NewEncoder(out).Encode(v); err != nil {
		return fmt.Errorf("tell what was reached: %w", err)
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var rates []float64
		for began := processorTime(); processorTime()-began < laneTime; {
			rates = append(rates, measure(c, posts).perSecond)
		}
		if err := json.NewEncoder(out).Encode(median(rates)); err != nil {
			return fmt.Errorf("tell how fast it was: %w", err)
		}
	}
	return nil
}

// readLane reads the models and the texts.
func readLane(rows, kinds, texts string) (*classify.Classifier, []labelledText, error) {
	ofRows, err := readModel(rows)
	if err != nil {
		return nil, nil, err
	}
	ofKinds, err := readModel(kinds)
	if err != nil {
		return nil, nil, err
	}
	list, err := readLabelled(texts)
	if err != nil {
		return nil, nil, err
	}
	c, err := compiled(classify.Options{Rows: ofRows, Kinds: ofKinds})
	return c, list, err
}

func readModel(file string) (*model.Model, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open the model: %w", err)
	}
	m, err := model.Read(in)
	if err := errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("read the model %s: %w", file, err)
	}
	return m, nil
}

func rowLabel(row int) string {
	if row == 0 {
		return "-"
	}
	return strconv.Itoa(row)
}

// perToken is what one word more costs in allocations: each text said twice over,
// against itself once.
func perToken(c *classify.Classifier, posts []domain.Post) float64 {
	twice := make([]domain.Post, len(posts))
	words := 0
	for i := range posts {
		twice[i].Text = posts[i].Text + " " + posts[i].Text
		words += len(strings.Fields(posts[i].Text))
	}
	measure(c, twice) // buffers grow once
	more := measure(c, twice).allocs - measure(c, posts).allocs
	return max(0, more*float64(len(posts))/float64(words))
}

func readLabelled(path string) ([]labelledText, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the texts: %w", err)
	}
	var out []labelledText
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var t labelledText
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, t)
	}
	return out, lines.Err()
}

// helper is a lane in a process of its own that judges for a while whenever it is asked.
type helper struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

// startHelper starts a lane and reads what it reached.
func startHelper(cmd *exec.Cmd, reached any) (*helper, error) {
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("talk to %s: %w", cmd.Path, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("talk to %s: %w", cmd.Path, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	c := &helper{cmd: cmd, in: in, out: json.NewDecoder(out)}
	if err := c.out.Decode(reached); err != nil {
		return nil, errors.Join(fmt.Errorf("read what %s says: %w", cmd.Path, err), c.end())
	}
	return c, nil
}

// round lets the lane judge for a while.
func (c *helper) round(context.Context) (rate float64, err error) {
	if _, err := io.WriteString(c.in, "go\n"); err != nil {
		return 0, fmt.Errorf("ask %s: %w", c.cmd.Path, err)
	}
	if err := c.out.Decode(&rate); err != nil {
		return 0, fmt.Errorf("read what %s says: %w", c.cmd.Path, err)
	}
	return rate, nil
}

func (c *helper) end() error {
	return errors.Join(c.in.Close(), c.cmd.Wait())
}

// fastLane is fastText: its program judges a file and ends, so what it costs for one
// pass is taken off what it costs for many.
type fastLane struct {
	file, few, many string
	passes, texts   int
}

// newFastLane teaches fastText and looks at what it answers.
func newFastLane(ctx context.Context, dir string, set labelledSet) (*fastLane, float64, error) {
	learn, base := filepath.Join(dir, "learn.txt"), filepath.Join(dir, "fasttext")
	if err := os.WriteFile(learn, []byte(fastLines(set.learn, true)), 0o600); err != nil {
		return nil, 0, fmt.Errorf("write fastText's examples: %w", err)
	}
	teach := exec.CommandContext(ctx, "fasttext", "supervised", "-input", learn, "-output", base,
		"-wordNgrams", "2", "-minn", "3", "-maxn", "6", "-dim", "100", "-epoch", "25", "-lr", "0.5", "-thread", strconv.Itoa(runtime.NumCPU()))
	if out, err := teach.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("teach fastText: %w: %s", err, out)
	}
	f := &fastLane{file: base + ".bin", few: filepath.Join(dir, "few.txt"), many: filepath.Join(dir, "many.txt"), texts: len(set.judge)}
	f.passes = max(10, 15_000/f.texts)
	texts := fastLines(set.judge, false)
	if err := errors.Join(os.WriteFile(f.few, []byte(texts), 0o600), os.WriteFile(f.many, []byte(strings.Repeat(texts, f.passes+1)), 0o600)); err != nil {
		return nil, 0, fmt.Errorf("write fastText's texts: %w", err)
	}
	answers, _, err := fastPredict(ctx, f.file, f.few)
	if err != nil {
		return nil, 0, err
	}
	right := 0
	for i, label := range strings.Fields(answers) {
		if i < f.texts && slices.Contains(set.judge[i].Labels, strings.TrimPrefix(label, "__label__")) {
			right++
		}
	}
	return f, float64(right) / float64(f.texts), nil
}

func (f *fastLane) round(ctx context.Context) (float64, error) {
	_, once, err := fastPredict(ctx, f.file, f.few)
	if err != nil {
		return 0, err
	}
	_, often, err := fastPredict(ctx, f.file, f.many)
	return float64(f.passes*f.texts) / max(often-once, time.Millisecond).Seconds(), err
}

func fastPredict(ctx context.Context, file, texts string) (answers string, spent time.Duration, err error) {
	cmd := exec.CommandContext(ctx, "fasttext", "predict", file, texts)
	out, err := cmd.Output()
	if err != nil {
		return "", 0, fmt.Errorf("let fastText judge: %w", err)
	}
	return string(out), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// fastLines are texts as fastText reads them: a line each, words in lower case.
func fastLines(list []labelledText, labels bool) string {
	var b strings.Builder
	for _, t := range list {
		if labels {
			b.WriteString("__label__" + t.Labels[0] + " ")
		}
		b.WriteString(strings.Join(strings.FieldsFunc(strings.ToLower(t.Text), func(r rune) bool {
			return r != '-' && r != 'ё' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'а' || r > 'я')
		}), " "))
		b.WriteByte('\n')
	}
	return b.String()
}
