package main

import (
	"encoding/json"
	"fmt"
	"github.com/otklik/otklik/classify"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/worker"
)

// judged is an output line as a reader of the format sees it.
type judged struct {
	ID           json.RawMessage
	Kind         string
	Urgent       *bool
	Row          *int
	Category     string
	Subcategory  string
	Confidence   *float64
	Evidence     []span
	Alternatives []struct {
		Row        *int
		Confidence float64
	}
	Place   *struct{ Municipality, Settlement, Street, House string }
	Agency  string
	DueDays int `json:"due_days"`
	Faults  []struct{ Code string }
}

type span struct {
	Start, End int
	Text, Why  string
}

// line is an input line.
func line(t *testing.T, id any, text string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"id": id, "text": text})
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func classifyAll(t *testing.T, input string) []judged {
	t.Helper()
	got := command(t, nil, input, "classify", "--region", "khabarovsk").want(t, 0)
	var out []judged
	dec := json.NewDecoder(strings.NewReader(got.out))
	for dec.More() {
		var j judged
		if err := dec.Decode(&j); err != nil {
			t.Fatal(err)
		}
		out = append(out, j)
	}
	return out
}

const pothole = "На Карла Маркса, 120 огромная яма, машины бьют колёса, Хабаровск"

func TestClassifyKeepsTheOrderAndTheIDs(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	const n = 2*linesAtOnce + 7
	for i := range n {
		text := pothole
		if i%3 == 0 {
			text = strings.Repeat("очень ", i%50) + "длинное сообщение ни о чём"
		}
		in.WriteString(line(t, i, text))
	}
	got := classifyAll(t, in.String())
	if len(got) != n {
		t.Fatalf("%d lines out, %d in", len(got), n)
	}
	for i, j := range got {
		if string(j.ID) != fmt.Sprint(i) {
			t.Fatalf("line %d has id %s", i, j.ID)
		}
	}
	got = classifyAll(t, `{"id":9007199254740993,"text":"а"}`+"\n"+`{"id":"п-1","text":"а"}`+"\r\n\n"+`{"text":"а"}`)
	if len(got) != 3 || string(got[0].ID) != "9007199254740993" || string(got[1].ID) != `"п-1"` || string(got[2].ID) != "null" {
		t.Errorf("ids: %+v", got)
	}
}

func TestClassifyAnswersWhatTheFormatPromises(t *testing.T) {
	t.Parallel()
	got := classifyAll(t, line(t, 1, pothole)+line(t, 2, "Сосед по ночам громко поёт, помогите унять")+line(t, 3, "Спасибо врачам третьей поликлиники, вылечили!"))
	hole, ordinary, thanks := got[0], got[1], got[2]
	if hole.Kind != "problem" || hole.Row == nil || *hole.Row != 3 || hole.Category != "Автомобильные дороги" || hole.Subcategory != "ямы, выбоины" ||
		hole.DueDays != 10 || hole.Agency == "" {
		t.Errorf("a pothole: %+v", hole)
	}
	if p := hole.Place; p == nil || p.Settlement != "Хабаровск" || p.House != "120" || !strings.Contains(p.Street, "Карла Маркса") {
		t.Errorf("its place: %+v", p)
	}
	if ordinary.Kind != "problem" || ordinary.Row != nil || ordinary.DueDays != 30 {
		t.Errorf("outside the list: row %v, %+v", ordinary.Row, ordinary)
	}
	if thanks.Kind != "thanks" || thanks.DueDays != 0 || thanks.Agency != "" {
		t.Errorf("thanks: %+v", thanks)
	}
	raw := command(t, nil, line(t, 2, "Сосед по ночам громко поёт"), "classify", "--region", "khabarovsk").want(t, 0)
	if !strings.Contains(raw.out, `"row":null`) {
		t.Errorf("an absent row is not null: %s", raw.out)
	}
	for _, j := range got {
		if j.Urgent == nil || j.Confidence == nil || *j.Confidence < 0 || *j.Confidence > 1 || j.Place == nil {
			t.Errorf("a field is missing or out of range: %+v", j)
		}
		alternativesHold(t, j)
	}
}

// alternativesHold: at most three, best first, the chosen one first.
func alternativesHold(t *testing.T, j judged) {
	t.Helper()
	if len(j.Alternatives) > 3 || j.Kind == "problem" && len(j.Alternatives) == 0 {
		t.Errorf("%d alternatives of a %s", len(j.Alternatives), j.Kind)
	}
	for i, a := range j.Alternatives {
		if i > 0 && a.Confidence > j.Alternatives[i-1].Confidence {
			t.Errorf("alternatives are not in order: %+v", j.Alternatives)
		}
	}
	if len(j.Alternatives) > 0 && (number(j.Alternatives[0].Row) != number(j.Row) || j.Alternatives[0].Confidence != *j.Confidence) {
		t.Errorf("the first alternative is %+v, chosen is row %d with %f", j.Alternatives[0], number(j.Row), *j.Confidence)
	}
}

func number(row *int) int {
	if row == nil {
		return 0
	}
	return *row
}

// Offsets count runes of the text as it was given, whatever stands before.
func TestClassifyOffsetsAreRunesOfTheGivenText(t *testing.T) {
	t.Parallel()
	heap := "е" + strings.Repeat("\u0301", 60)
	befores := map[string]string{
		"nothing": "", "emoji": "😀👨‍👩‍👧 🇷🇺 ", "null bytes": "Ну\x00 вот\x00\x00: ", "a null byte between words": "там\x00яма\x00", "a heap of marks": heap + " ",
		"mentions and links": "[id1|Мэр], &amp; доколе? См. https://example.org/дорога ", "zero-width": "\u200b\u200d ", "Latin": "MAX-канал: ",
	}
	var in strings.Builder
	for name, before := range befores {
		in.WriteString(line(t, name, before+pothole))
	}
	for _, got := range classifyAll(t, in.String()) {
		name, err := strconv.Unquote(string(got.ID))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { evidenceHolds(t, befores[name]+pothole, got) })
	}
}

// evidenceHolds: the spans lie where the text says what they say.
func evidenceHolds(t *testing.T, text string, got judged) {
	t.Helper()
	if got.Row == nil || *got.Row != 3 || len(got.Evidence) == 0 {
		t.Fatalf("row %v, evidence %v", got.Row, got.Evidence)
	}
	runes, words := []rune(text), ""
	for _, e := range got.Evidence {
		if e.Start < 0 || e.End > len(runes) || e.Start >= e.End || e.Why == "" {
			t.Fatalf("a span outside the text of %d runes: %+v", len(runes), e)
		}
		if cut := string(runes[e.Start:e.End]); cut != e.Text {
			t.Errorf("%d–%d is %q, it says %q", e.Start, e.End, cut, e.Text)
		}
		words += " " + e.Text
	}
	if !strings.Contains(words, "яма") || !strings.Contains(words, "Карла Маркса") {
		t.Errorf("the evidence is %q", words)
	}
}

// A file is read like the standard input, which «-» names; --text takes all of it
// for one message.
func TestClassifyReadsAFile(t *testing.T) {
	t.Parallel()
	lines, text := filepath.Join(t.TempDir(), "lines.jsonl"), filepath.Join(t.TempDir(), "text.txt")
	both := line(t, 1, pothole) + line(t, 2, pothole)
	message := "\ufeff" + strings.Replace(pothole, ", ", ",\n", 1)
	for name, body := range map[string]string{lines: both, text: message} {
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for args, c := range map[string]struct {
		stdin string
		want  int
	}{
		lines:            {"", 2},
		"-":              {both, 2},
		"":               {both, 2},
		"--text " + text: {"", 1},
		"--text -":       {message, 1},
		"--text":         {message, 1},
	} {
		got := command(t, nil, c.stdin, append([]string{"classify", "--region", "khabarovsk"}, strings.Fields(args)...)...).want(t, 0)
		if n := strings.Count(got.out, "\n"); n != c.want || strings.Count(got.out, `"row":3,"category"`) != c.want {
			t.Errorf("%q: %d verdicts, want %d of row 3: %s", args, n, c.want, got.out)
		}
	}
}

// A bad line is named and costs no other its verdict; the code tells of it.
func TestClassifyNamesTheBadLine(t *testing.T) {
	t.Parallel()
	good := line(t, 1, pothole)
	for name, c := range map[string]struct {
		input, fault string
		good, bad    int
	}{
		"broken JSON":   {good + good + "{\"id\":3,\"text\":\n" + good, "строка 3: не JSON", 3, 1},
		"no text":       {good + `{"id":2,"body":"яма"}`, "строка 2: нет поля text", 1, 1},
		"text a number": {`{"id":2,"text":7}`, "строка 1: поле text", 0, 1},
		"bad time":      {good + good + `{"id":2,"text":"яма","at":"вчера"}`, "строка 3: at: «вчера»", 2, 1},
		"in the middle": {strings.Repeat(good, linesAtOnce+3) + "нет\n" + strings.Repeat(good, linesAtOnce), fmt.Sprintf("строка %d:", linesAtOnce+4), 2*linesAtOnce + 3, 1},
		"too long":      {good + strings.Repeat("x", maxLine+1) + "\n" + good, "строка 2: длиннее 16 МБ", 2, 1},
		"two of them":   {"нет\n" + good + `{"id":2}` + "\n" + good, "строка 3: нет поля text", 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, nil, c.input, "classify", "--region", "khabarovsk").want(t, 1)
			if !strings.Contains(got.errout, c.fault) || !strings.Contains(got.errout, fmt.Sprintf("не разобрано строк: %d", c.bad)) {
				t.Errorf("stderr %.300q does not hold %q and the count", got.errout, c.fault)
			}
			russian(t, name, got.errout)
			if n := strings.Count(got.out, "\n"); n != c.good {
				t.Errorf("%d verdicts, want %d", n, c.good)
			}
		})
	}
}

func TestClassifyHardTexts(t *testing.T) {
	t.Parallel()
	if got := command(t, nil, "", "classify", "--region", "khabarovsk").want(t, 0); got.out != "" {
		t.Errorf("of nothing came %q", got.out)
	}
	texts := map[string]string{
		"empty": "", "only emoji": strings.Repeat("😀", 500), "only spaces": " \n\t ", "replacement runes": "\uFFFD\uFFFD яма на дороге",
		"a bomb of marks": "я" + strings.Repeat("\u0338", 100_000), "one word": strings.Repeat("ы", 200_000),
	}
	var in strings.Builder
	for name, text := range texts {
		in.WriteString(line(t, name, text))
	}
	if got := classifyAll(t, in.String()); len(got) != len(texts) {
		t.Errorf("%d verdicts of %d texts", len(got), len(texts))
	}
	bom := classifyAll(t, "\xef\xbb\xbf"+line(t, 1, pothole))
	if len(bom) != 1 || bom[0].Row == nil || *bom[0].Row != 3 {
		t.Errorf("after a byte order mark: %+v", bom)
	}
}

// A text of 1 MB is judged by its beginning, says so, takes no time to speak of
// and does its neighbour no harm.
func TestClassifyMegabyte(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(pothole+".\n", 9_500)
	if len(text) < 1<<20 {
		t.Fatalf("only %d bytes", len(text))
	}
	began := time.Now()
	got := classifyAll(t, line(t, 1, text)+line(t, 2, pothole))
	if len(got) != 2 || len(got[0].Evidence) == 0 || number(got[1].Row) != 3 {
		t.Fatalf("verdicts %+v", got)
	}
	if len(got[0].Faults) == 0 || got[0].Faults[0].Code != "text_too_long" {
		t.Errorf("faults %v", got[0].Faults)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestClassifyUsesTheSourceAsHome(t *testing.T) {
	t.Parallel()
	at := func(source string) judged {
		in := `{"id":1,"text":"Во дворе на дороге огромная яма","source":"` + source + `"}`
		return classifyAll(t, in)[0]
	}
	if got := at("komsomolsk-city"); !strings.Contains(got.Place.Municipality, "Комсомольск") {
		t.Errorf("the place is %+v", got.Place)
	}
	if got := at("ВК Хабаровск"); got.Place.Municipality != "" || len(got.Faults) != 1 || got.Faults[0].Code != "unknown_home" {
		t.Errorf("an unknown source gives the place %+v, faults %v", got.Place, got.Faults)
	}
	in := line(t, 1, pothole) + `{"text":"яма","source":"vk"}` + "\n" + `{"text":"яма","source":"tg"}` + "\n"
	got := command(t, nil, in, "classify", "--region", "khabarovsk").want(t, 0)
	if !strings.Contains(got.errout, "source: строк, где назван не муниципалитет пакета, — 2; первая: строка 2: «vk»") {
		t.Errorf("unknown sources are not told of: %s", got.errout)
	}
}

// Of a text that is no UTF-8 every byte is one sign, however long its JSON would be;
// only what is longer than the limit is called so.
func TestClassifyTakesABrokenTextWhole(t *testing.T) {
	t.Parallel()
	broken := pothole + " " + strings.Repeat("\xff", 3<<20)
	got := command(t, nil, broken, "classify", "--region", "khabarovsk", "--text").want(t, 0)
	var v judged
	if err := json.Unmarshal([]byte(got.out), &v); err != nil || number(v.Row) != 3 {
		t.Errorf("row %d, %v, %s", number(v.Row), err, got.errout)
	}
	evidenceHolds(t, pothole, v)
	long := command(t, nil, strings.Repeat("x", maxLine+1), "classify", "--region", "khabarovsk", "--text").want(t, 1)
	if !strings.Contains(long.errout, "текст длиннее 16 МБ") {
		t.Errorf("a text over the limit: %s", long.errout)
	}
}

// brokenPipe fails after a while, as a reader whose disk is gone.
type brokenPipe struct{ left int }

func (b *brokenPipe) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	b.left--
	return copy(p, `{"id":1,"text":"яма на дороге"}`+"\n"), nil
}

func TestClassifyReportsABrokenInput(t *testing.T) {
	t.Parallel()
	got := commandFrom(t, nil, &brokenPipe{left: 3}, "classify", "--region", "khabarovsk").want(t, 1)
	if strings.Count(got.out, "\n") != 3 || got.errout == "" {
		t.Errorf("stdout %q, stderr %q", got.out, got.errout)
	}
}

// longLines gives lines of 8 MB and remembers how much was read of them.
type longLines struct {
	left int
	line []byte
	rest []byte
	read int
}

func (l *longLines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.left == 0 {
			return 0, io.EOF
		}
		l.left, l.rest = l.left-1, l.line
	}
	n := copy(p, l.rest)
	l.rest, l.read = l.rest[n:], l.read+n
	return n, nil
}

// firstWrite notes how much had been read when the first verdict came.
type firstWrite struct {
	from *longLines
	at   int
	n    int
}

func (w *firstWrite) Write(p []byte) (int, error) {
	if w.n++; w.n == 1 {
		w.at = w.from.read
	}
	return len(p), nil
}

// Long lines are not gathered until they fill the memory.
func TestClassifyHoldsFewLongLines(t *testing.T) {
	t.Parallel()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	snap, err := worker.Build(pack, classify.Options{School: school})
	if err != nil {
		t.Fatal(err)
	}
	const lines, length = 12, 8 << 20
	in := &longLines{left: lines, line: []byte(`{"id":"` + strings.Repeat("x", length) + `","text":"яма"}` + "\n")}
	out := &firstWrite{from: in}
	judge := &lineJudge{pack: pack, judge: snap.Judge, router: router.New(pack), now: time.Now()}
	if err := judge.stream(in, out); err != nil {
		t.Fatal(err)
	}
	if out.n != lines || out.at > bytesAtOnce+2*length {
		t.Errorf("%d verdicts, the first after %d MB", out.n, out.at>>20)
	}
}
