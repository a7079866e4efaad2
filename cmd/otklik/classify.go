package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/worker"
)

type classifyCmd struct {
	Region string   `required:"" help:"Регион: имя встроенного пакета или папка."`
	Model  []string `help:"Файл модели рядом с фразами: строк перечня (столбец row или …_rows) или видов сообщений (столбец kind). Можно назвать обе."`
	Text   bool     `help:"Вход — один текст как есть, а не JSONL."`
	File   string   `arg:"" optional:"" default:"-" help:"Файл; «-» или без него — стандартный ввод."`
}

// Help is shown under --help.
func (classifyCmd) Help() string {
	return "Читает файл или стандартный ввод: «otklik classify --region khabarovsk сообщения.jsonl».\n" +
		"Вход: JSONL с полями id, text и необязательными source (id муниципалитета-источника), at (дата или время, без пояса — местное);\n" +
		"с --text весь вход — одно сообщение с id 1.\n" +
		"Выход: JSONL в том же порядке. Смещения evidence считаются в рунах данного текста.\n" +
		"Негодная строка называется в stderr, остальные разбираются; код возврата тогда 1.\n" +
		"О source, которого нет в пакете, сказано в faults строки и в stderr; разбирается она без него."
}

// textIn is one input line.
type textIn struct {
	ID     json.RawMessage `json:"id"`
	Text   *string         `json:"text"`
	Source string          `json:"source"`
	At     string          `json:"at"`
}

// verdictOut is one output line.
type verdictOut struct {
	ID           json.RawMessage   `json:"id"`
	Kind         domain.Kind       `json:"kind"`
	Urgent       bool              `json:"urgent"`
	Row          *int              `json:"row"`
	Category     string            `json:"category"`
	Subcategory  string            `json:"subcategory"`
	Topic        string            `json:"topic"`
	Confidence   float64           `json:"confidence"`
	Reason       string            `json:"reason"`
	Evidence     []domain.Evidence `json:"evidence"`
	Alternatives []alternativeOut  `json:"alternatives"`
	Place        placeOut          `json:"place"`
	Agency       string            `json:"agency"`
	DueDays      int               `json:"due_days"`
	Faults       []domain.Fault    `json:"faults,omitempty"`
}

type alternativeOut struct {
	Row        *int    `json:"row"`
	Confidence float64 `json:"confidence"`
}

type placeOut struct {
	Municipality   string             `json:"municipality"`
	MunicipalityID string             `json:"municipality_id"`
	Settlement     string             `json:"settlement"`
	District       string             `json:"district"`
	Street         string             `json:"street"`
	House          string             `json:"house"`
	Source         domain.PlaceSource `json:"source"`
	Candidates     []string           `json:"candidates,omitempty"`
	Disputed       bool               `json:"disputed,omitempty"`
}

// Run implements the command.
func (c classifyCmd) Run(p *program) error {
	in, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	pack, err := p.pack(c.Region)
	if err != nil {
		return err
	}
	options, err := c.models(p, pack)
	if err != nil {
		return err
	}
	snap, err := worker.Build(pack, options)
	if err != nil {
		return modelFault(err)
	}
	judge := &lineJudge{pack: pack, judge: snap.Judge, router: router.New(pack), now: time.Now(),
		fault: func(err error) { fmt.Fprintln(p.stderr, "otklik:", err) }}
	out := bufio.NewWriterSize(p.stdout, 1<<16)
	if c.Text {
		err = judge.whole(in, out)
	} else {
		err = judge.stream(in, out)
	}
	if flushed := out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("write verdicts: %w", flushed)
	}
	if judge.homeless > 0 {
		judge.fault(fmt.Errorf("source: строк, где назван не муниципалитет пакета, — %d; первая: %w", judge.homeless, judge.firstHomeless))
	}
	if err == nil && judge.bad > 0 {
		err = fmt.Errorf("не разобрано строк: %d", judge.bad)
	}
	return err
}

// open gives the input.
func (c classifyCmd) open(p *program) (io.ReadCloser, error) {
	if c.File == "-" {
		return io.NopCloser(p.stdin), nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, fmt.Errorf("open input: %w", err)
	}
	return f, nil
}

// models reads the models that shall stand beside the phrases.
func (c classifyCmd) models(p *program, pack *rules.Pack) (o classify.Options, err error) {
	o.School = p.school
	for _, path := range c.Model {
		m, err := openModel(path)
		if err != nil {
			return o, err
		}
		warnStrange(p.stderr, path, m, classify.PackOf(pack))
		switch {
		case classify.OfRows(m) && o.Rows == nil:
			o.Rows = m
		case classify.OfKinds(m) && o.Kinds == nil:
			o.Kinds = m
		case classify.OfRows(m) || classify.OfKinds(m):
			return o, fmt.Errorf("%s: такая модель уже названа, нужна одна на строки и одна на виды", path)
		default:
			return o, fmt.Errorf("%s учился столбцу «%s»: рядом с фразами стоят модели строк перечня (row, …_rows) и видов (kind)", path, m.Head.Column)
		}
	}
	return o, nil
}

// lineJudge turns input lines into output lines.
type lineJudge struct {
	pack   *rules.Pack
	judge  worker.Judge
	router *router.Router
	now    time.Time       // of lines that name no time
	fault  func(err error) // is told of every line that cannot be judged
	bad    int             // how many these were

	homeless      int   // lines whose source is no municipality of the pack
	firstHomeless error // tells of the first of them
}

// A block ends at this many lines or bytes: memory stays bounded however long
// the lines are.
const (
	linesAtOnce = 512
	bytesAtOnce = 2 * maxLine
)

// stream judges lines on all cores and writes them in the order they came. Of a
// line that cannot be read the fault is told, and the next ones go on.
func (l *lineJudge) stream(r io.Reader, w io.Writer) error {
	block, size := make([]inputLine, 0, linesAtOnce), 0
	flush := func() error {
		defer func() {
			clear(block) // what was written is not held on to
			block, size = block[:0], 0
		}()
		return l.block(block, w)
	}
	err := eachLine(r, func(line inputLine) error {
		block = append(block, inputLine{line.number, bytes.Clone(line.text), line.err})
		size += len(line.text)
		if len(block) < linesAtOnce && size < bytesAtOnce {
			return nil
		}
		return flush()
	})
	if flushed := flush(); flushed != nil {
		return flushed // it came before what stopped the reading
	}
	return err
}

// whole judges all of the input as one message.
func (l *lineJudge) whole(r io.Reader, w io.Writer) error {
	text, err := io.ReadAll(io.LimitReader(r, maxLine+1))
	if err != nil {
		return fmt.Errorf("read input: %w", err)
	}
	if len(text) > maxLine {
		return fmt.Errorf("текст длиннее %d МБ", maxLine>>20)
	}
	// What is no UTF-8 is one sign a byte, as in a line of JSON.
	plain := string([]rune(strings.TrimPrefix(string(text), "\ufeff")))
	return l.write(w, []inputLine{{number: 1}}, []lineResult{l.one(textIn{ID: json.RawMessage("1"), Text: &plain})})
}

// block writes the verdicts of its lines and tells which are at fault.
func (l *lineJudge) block(lines []inputLine, w io.Writer) error {
	results := make([]lineResult, len(lines))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), max(1, len(lines)))
	for k := range workers {
		wg.Go(func() {
			for i := k; i < len(lines); i += workers {
				results[i] = l.line(lines[i])
			}
		})
	}
	wg.Wait()
	return l.write(w, lines, results)
}

// lineResult is what became of one line.
type lineResult struct {
	verdict  []byte
	homeless string // its source, when that is no municipality of the pack
	err      error
}

// write writes the verdicts, and tells of the lines that are at fault.
func (l *lineJudge) write(w io.Writer, lines []inputLine, results []lineResult) error {
	for i, result := range results {
		if result.err != nil {
			l.bad++
			l.fault(lines[i].fault(result.err))
			continue
		}
		if result.homeless != "" {
			if l.homeless++; l.homeless == 1 {
				l.firstHomeless = lines[i].fault(fmt.Errorf("«%s»", clip([]byte(result.homeless))))
			}
		}
		if _, err := w.Write(append(result.verdict, '\n')); err != nil {
			return fmt.Errorf("write verdict: %w", err)
		}
	}
	return nil
}

func (l *lineJudge) line(line inputLine) lineResult {
	if line.err != nil {
		return lineResult{err: line.err}
	}
	var in textIn
	if err := json.Unmarshal(line.text, &in); err != nil {
		return lineResult{err: domain.JSONFault(err, line.text, `{"id":1,"text":"…"}`)}
	}
	if in.Text == nil {
		return lineResult{err: fmt.Errorf("нет поля text: %s", clip(line.text))}
	}
	return l.one(in)
}

// one judges one text.
func (l *lineJudge) one(in textIn) (result lineResult) {
	at := l.now
	if in.At != "" {
		var ok bool
		if at, ok = domain.ParseMoment(in.At, l.pack.Region.Location); !ok {
			return lineResult{err: fmt.Errorf("at: «%s» — не время: нужен вид 23.11.2026 09:00, 2026-11-23 или 2026-11-23T09:00:00+10:00", in.At)}
		}
	}
	post := domain.Post{ID: domain.NewPostID("text", "-", strings.Trim(string(in.ID), `"`)), Region: l.pack.Region.ID,
		Text: *in.Text, PublishedAt: at}
	if l.knows(in.Source) {
		post.Home = in.Source
	} else if in.Source != "" {
		result.homeless = in.Source
	}
	ingest.Sanitize(&post)
	v := l.verdict(in, &post, at)
	if result.homeless != "" {
		v.Faults = append(v.Faults, domain.Fault{Code: domain.FaultUnknownHome,
			Detail: fmt.Sprintf("source: «%s» — не id муниципалитета из пакета, место по умолчанию не взято", clip([]byte(in.Source)))})
	}
	result.verdict, result.err = json.Marshal(v)
	return result
}

// knows reports whether the source is the id of a municipality.
func (l *lineJudge) knows(source string) bool {
	return slices.ContainsFunc(l.pack.Gazetteer.Municipalities, func(m rules.Municipality) bool { return m.ID == source })
}

func (l *lineJudge) verdict(in textIn, post *domain.Post, at time.Time) verdictOut {
	v := l.judge.Judge(post)
	givenEvidence(v.Evidence, *in.Text, post.Text)
	out := verdictOut{ID: in.ID, Kind: v.Kind, Urgent: v.Urgent, Row: rowOrNull(v.Row), Category: v.Category,
		Subcategory: v.Subcategory, Topic: v.Topic, Confidence: v.Confidence, Reason: v.Reason,
		Evidence: v.Evidence, Alternatives: []alternativeOut{}, Faults: append(v.Faults, post.Faults...)}
	if out.ID == nil {
		out.ID = json.RawMessage("null")
	}
	if out.Evidence == nil {
		out.Evidence = []domain.Evidence{}
	}
	for _, a := range v.Alternatives {
		out.Alternatives = append(out.Alternatives, alternativeOut{rowOrNull(a.Row), a.Confidence})
	}
	pl := v.Place
	out.Place = placeOut{Municipality: pl.MunicipalityName, MunicipalityID: pl.Municipality, Settlement: pl.Settlement,
		District: pl.District, Street: pl.Street, House: pl.House, Source: pl.Source, Candidates: pl.Candidates, Disputed: pl.Disputed}
	l.route(&out, &v, at)
	return out
}

// route adds body and term to a verdict that opens a case.
func (l *lineJudge) route(out *verdictOut, v *domain.Verdict, at time.Time) {
	row := l.pack.Row(v.Row)
	if v.Kind != domain.Problem && (row == nil || !row.Praise) {
		return
	}
	out.DueDays = l.pack.Region.Norms.OrdinaryDays
	if row != nil {
		out.DueDays = row.Days
	}
	if routed, err := l.router.Route(at, v.Row, v.Topic, v.Place); err == nil {
		out.Agency = routed.Agency
	}
}

func rowOrNull(row int) *int {
	if row == 0 {
		return nil
	}
	return &row
}

func clip(line []byte) string {
	const most = 80
	if r := []rune(string(line)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(line)
}
