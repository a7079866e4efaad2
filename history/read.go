// Package history reads what a region's work of the past was exported to, so that
// it can be learned from: exports of «Инцидент Менеджмент», as Excel leaves them.
// What it says of a file is for the person who brought it, in Russian.
package history

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/tables"
)

// Options of a reading.
type Options struct {
	Region string         // name of the region: lines of another are skipped; "" takes all
	Zone   *time.Location // of the dates
}

// Remark is about one line.
type Remark struct {
	Sheet string
	Line  int // 0: about the sheet
	Words string
}

func (r Remark) String() string {
	var at []string
	if r.Sheet != "" {
		at = append(at, "лист «"+r.Sheet+"»")
	}
	if r.Line > 0 {
		at = append(at, "строка "+strconv.Itoa(r.Line))
	}
	if len(at) == 0 {
		return r.Words
	}
	return strings.Join(at, ", ") + ": " + r.Words
}

// Reading is what a file holds.
type Reading struct {
	Incidents []domain.PastIncident
	Lines     int      // with something in them, below the headings
	Skipped   []Remark // lines that were not taken
	Doubts    []Remark // lines that were, without something
}

// Columns that are read. An export has 47; the others say nothing of what an
// incident is about.
const (
	colText       = "Текст инцидента"
	colNumber     = "Номер инцидента"
	colID         = "ID"
	colRegion     = "Регион"
	colDepartment = "Отдел"
	colExecutor   = "Исполнитель"
	colCreated    = "Дата создания"
	colEnded      = "Дата окончания"
	colGroup      = "Группа тем"
	colTopic      = "Тема"
	colPlace      = "Муниципалитет"
	colSettlement = "Населенный пункт"
	colNature     = "Тип инцидента"
	colStep       = "Текущий шаг инцидента"
	colOutcome    = "Итог"
)

// labels are the columns of which one at least must be there, and be filled.
func labels() []string { return []string{colTopic, colGroup, colDepartment} }

// headWithin is how far down a sheet its heading is looked for.
const headWithin = 20

// Read reads an export: a workbook, or CSV in whatever encoding.
func Read(raw []byte, o Options) (Reading, error) {
	r := reader{options: o, seen: map[string]string{}, numbered: map[string]string{}, zone: o.Zone}
	if r.zone == nil {
		r.zone = time.UTC
	}
	if err := tables.EachLine(raw, colText, func(l tables.Line) error { r.line(l); return nil }); err != nil {
		return Reading{}, err
	}
	r.endSheet()
	if !r.found {
		return Reading{}, fmt.Errorf("нет строки заголовка: в первых %d строках ни одного листа нет столбца «%s» и хотя бы одного из «%s»",
			headWithin, colText, strings.Join(labels(), "», «"))
	}
	return r.out, nil
}

type reader struct {
	options Options
	zone    *time.Location
	out     Reading
	found   bool // a heading, on any sheet

	sheet    string
	begun    bool
	looked   int               // lines looked at for a heading
	columns  map[string]int    // of the sheet; nil before its heading
	seen     map[string]string // by key
	numbered map[string]string // by ID, of those that have a number too
}

func (r *reader) line(l tables.Line) {
	if !r.begun || l.Sheet != r.sheet {
		r.endSheet()
		r.begun, r.sheet, r.columns, r.looked = true, l.Sheet, nil, 0
	}
	if empty(l.Cells) {
		return
	}
	if r.columns == nil {
		r.head(l)
		return
	}
	r.out.Lines++
	if l.Fault != "" {
		r.out.Skipped = append(r.out.Skipped, Remark{l.Sheet, l.Number, l.Fault})
		return
	}
	p, doubts, why := r.incident(l)
	if why != "" {
		r.out.Skipped = append(r.out.Skipped, Remark{l.Sheet, l.Number, why})
		return
	}
	for _, d := range doubts {
		r.out.Doubts = append(r.out.Doubts, Remark{l.Sheet, l.Number, d})
	}
	r.out.Incidents = append(r.out.Incidents, p)
}

// head takes the first line that names the columns for the heading.
func (r *reader) head(l tables.Line) {
	if r.looked++; r.looked > headWithin {
		return
	}
	columns := map[string]int{}
	for i, c := range l.Cells {
		name := tables.FoldName(c)
		if _, twice := columns[name]; !twice && name != "" {
			columns[name] = i
		}
	}
	has := func(column string) bool { _, ok := columns[tables.FoldName(column)]; return ok }
	any := false
	for _, c := range labels() {
		any = any || has(c)
	}
	if !has(colText) || !any {
		return
	}
	r.columns, r.found = columns, true
	if !has(colNumber) && !has(colID) {
		r.out.Doubts = append(r.out.Doubts, Remark{l.Sheet, l.Number,
			"нет столбцов «" + colNumber + "» и «" + colID + "»: повторы узнаются по тексту и дате создания"})
	}
}

// endSheet says of a sheet without a heading that it was passed over.
func (r *reader) endSheet() {
	if r.begun && r.columns == nil && r.looked > 0 {
		r.out.Skipped = append(r.out.Skipped, Remark{r.sheet, 0, "лист пропущен: нет строки заголовка со столбцом «" + colText + "»"})
	}
}

// mostChars is how long a text may be: twice what a cell of Excel holds.
const mostChars = 65_536

// incident reads a line; why says why it is no incident to learn from.
func (r *reader) incident(l tables.Line) (p domain.PastIncident, doubts []string, why string) {
	text := r.get(l, colText)
	p = domain.PastIncident{Number: number(r.get(l, colNumber)), ExternalID: number(r.get(l, colID)),
		TopicGroup: r.label(l, colGroup), Topic: r.label(l, colTopic), Department: r.label(l, colDepartment), Executor: r.label(l, colExecutor),
		Municipality: r.label(l, colPlace), Settlement: r.label(l, colSettlement),
		Nature: r.label(l, colNature), Step: r.label(l, colStep), Outcome: r.label(l, colOutcome)}
	region := r.label(l, colRegion)
	switch {
	case strings.IndexFunc(text, unicode.IsLetter) < 0:
		return p, nil, "нет текста"
	case utf8.RuneCountInString(text) > mostChars:
		return p, nil, fmt.Sprintf("текст длиннее %d знаков", mostChars)
	case r.options.Region != "" && region != "" && !tables.SameName(region, r.options.Region):
		return p, nil, "другой регион: «" + region + "»"
	case p.Topic == "" && p.TopicGroup == "" && p.Department == "":
		return p, nil, "нет ни темы, ни органа: учиться нечему"
	}
	p.Text = domain.Mask(text)
	p.CreatedAt = r.date(l, colCreated, &doubts)
	p.EndedAt = r.date(l, colEnded, &doubts)
	here := Remark{l.Sheet, l.Number, ""}
	at := strings.TrimSuffix(here.String(), ": ")
	if before, twice := r.twice(p); twice {
		return p, nil, "повтор: этот инцидент уже есть (" + before + ")"
	}
	r.seen[p.Key()] = at
	if p.Number != "" && p.ExternalID != "" {
		r.numbered[p.ExternalID] = at
	}
	return p, doubts, ""
}

// twice finds the line that has an incident already: by its number, and by its ID
// where one of the two has no number.
func (r *reader) twice(p domain.PastIncident) (at string, twice bool) {
	if at, twice = r.seen[p.Key()]; twice || p.ExternalID == "" {
		return at, twice
	}
	if p.Number == "" {
		at, twice = r.numbered[p.ExternalID]
		return at, twice
	}
	at, twice = r.seen[domain.PastIncident{ExternalID: p.ExternalID}.Key()]
	return at, twice
}

// get gives a cell's text as it was meant: without the apostrophe that Excel or
// the export put before it, and without what no text holds.
func (r *reader) get(l tables.Line, column string) string {
	i, ok := r.columns[tables.FoldName(column)]
	if !ok || i >= len(l.Cells) {
		return ""
	}
	s := strings.ToValidUTF8(l.Cells[i], "")
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, s)
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "'"))
}

// label is get of a value out of a list: a dash or an error of Excel is none. Who
// adds a phone to a body's name has it hidden; a disease in a topic's name is
// nobody's.
func (r *reader) label(l tables.Line, column string) string {
	s := strings.Join(strings.Fields(r.get(l, column)), " ")
	if s == "-" || s == "–" || s == "—" || strings.HasPrefix(s, "#") && strings.ToUpper(s) == s {
		return ""
	}
	return domain.MaskNumbers(s)
}

// plainNumber is a number as Excel keeps a long one: 1.2345E+7, 123.0.
var plainNumber = regexp.MustCompile(`^\d+(?:\.\d+)?(?:[eE]\+?\d+)?$`)

// number gives a whole number as people write it; anything else stays as it is.
func number(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "-" || strings.HasPrefix(s, "#") {
		return ""
	}
	const exact = 1 << 53 // beyond, Excel itself has lost digits
	if strings.ContainsAny(s, ".eE") && plainNumber.MatchString(s) {
		if f, err := strconv.ParseFloat(s, 64); err == nil && f == math.Trunc(f) && f < exact {
			return strconv.FormatInt(int64(f), 10)
		}
	}
	return s
}

// date reads a date: a number of Excel's, or one of the ways to write it.
func (r *reader) date(l tables.Line, column string, doubts *[]string) time.Time {
	s := r.get(l, column)
	if s == "" || s == "-" {
		return time.Time{}
	}
	if days, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil {
		if t, ok := tables.ExcelTime(days, l.Days1904); ok {
			return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, r.zone)
		}
	} else if t, ok := domain.ParseMoment(s, r.zone); ok {
		return t
	}
	*doubts = append(*doubts, fmt.Sprintf("«%s» не прочитана: «%s»", cmp.Or(column, "дата"), clip(s)))
	return time.Time{}
}

func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func empty(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
