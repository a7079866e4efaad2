package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
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
	heap := "е" + strings.Repeat("\u0301", 60)
	for name, before := range map[string]string{
		"nothing": "", "emoji": "😀👨‍👩‍👧 🇷🇺 ", "null bytes": "Ну\x00 вот\x00\x00: ", "a heap of marks": heap + " ",
		"mentions and links": "[id1|Мэр], &amp; см. https://example.org/дорога ", "zero-width": "\u200b\u200d ", "Latin": "MAX-канал: ",
	} {
		t.Run(name, func(t *testing.T) {
			text := before + pothole
			got := classifyAll(t, line(t, 1, text))[0]
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
		})
	}
}

func TestClassifyNamesTheBadLine(t *testing.T) {
	good := line(t, 1, pothole)
	for name, c := range map[string]struct {
		input, fault string
		before       int
	}{
		"broken JSON":   {good + "\n" + good + "{\"id\":3,\"text\":\n" + good, "строка 4: не JSON", 2},
		"no text":       {good + `{"id":2,"body":"яма"}`, "строка 2: нет поля text", 1},
		"text a number": {`{"id":2,"text":7}`, "строка 1: не JSON", 0},
		"bad time":      {good + good + `{"id":2,"text":"яма","at":"вчера"}`, "строка 3: at: «вчера»", 2},
		"in the middle": {strings.Repeat(good, linesAtOnce+3) + "нет\n" + strings.Repeat(good, linesAtOnce), fmt.Sprintf("строка %d:", linesAtOnce+4), linesAtOnce + 3},
		"too long":      {good + strings.Repeat("x", maxLine+1), "строка 2: длиннее 16 МБ", 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, nil, c.input, "classify", "--region", "khabarovsk").want(t, 1)
			if !strings.Contains(got.errout, c.fault) {
				t.Errorf("stderr %.200q does not hold %q", got.errout, c.fault)
			}
			if n := strings.Count(got.out, "\n"); n != c.before {
				t.Errorf("%d verdicts before it, want %d", n, c.before)
			}
		})
	}
}

func TestClassifyHardTexts(t *testing.T) {
	if got := command(t, nil, "", "classify", "--region", "khabarovsk").want(t, 0); got.out != "" {
		t.Errorf("of nothing came %q", got.out)
	}
	texts := map[string]string{
		"empty": "", "only emoji": strings.Repeat("😀", 500), "only spaces": " \n\t ", "replacement runes": "\uFFFD\uFFFD яма на дороге",
		"a bomb of marks": "я" + strings.Repeat("\u0338", 100_000), "one word": strings.Repeat("ы", 200_000),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			if got := classifyAll(t, line(t, name, text)); len(got) != 1 {
				t.Errorf("%d verdicts", len(got))
			}
		})
	}
	bom := classifyAll(t, "\xef\xbb\xbf"+line(t, 1, pothole))
	if len(bom) != 1 || bom[0].Row == nil || *bom[0].Row != 3 {
		t.Errorf("after a byte order mark: %+v", bom)
	}
}

// A text of 1 MB is judged by its beginning, says so, takes no time to speak of
// and does its neighbour no harm.
func TestClassifyMegabyte(t *testing.T) {
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
	at := func(source string) judged {
		in := `{"id":1,"text":"Во дворе на дороге огромная яма","source":"` + source + `"}`
		return classifyAll(t, in)[0]
	}
	if got := at("komsomolsk-city"); !strings.Contains(got.Place.Municipality, "Комсомольск") {
		t.Errorf("the place is %+v", got.Place)
	}
	if got := at("ВК Хабаровск"); got.Place.Municipality != "" {
		t.Errorf("an unknown source gives the place %+v", got.Place)
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
	got := commandFrom(t, nil, &brokenPipe{left: 3}, "classify", "--region", "khabarovsk").want(t, 1)
	if strings.Count(got.out, "\n") != 3 || got.errout == "" {
		t.Errorf("stdout %q, stderr %q", got.out, got.errout)
	}
}
