// Package history reads what a region's work of the past was exported to, so that
// it can be learned from: exports of «Инцидент Менеджмент», as Excel leaves them.
// What it says of a file is for the person who brought it, in Russian.
package history

import (
	"cmp"
	"fmt"
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
	columns  columns           // of the sheet; nil before its heading
	hidden   int               // lines of the sheet that are hidden, and were taken
	first    int               // of these
	seen     map[string]string // by key
	numbered map[string]string // by ID, of those that have a number too
}

func (r *reader) line(l tables.Line) {
	if !r.begun || l.Sheet != r.sheet {
		r.endSheet()
		r.begun, r.sheet, r.columns, r.looked, r.hidden = true, l.Sheet, nil, 0, 0
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
	if why := r.noIncident(l); why != "" {
		r.out.Skipped = append(r.out.Skipped, Remark{l.Sheet, l.Number, why})
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
	if l.Hidden {
		if r.hidden++; r.hidden == 1 {
			r.first = l.Number
		}
	}
	r.out.Incidents = append(r.out.Incidents, p)
}

// mostChars is how long a text may be: twice what a cell of Excel holds.
const mostChars = 65_536

// incident reads a line; why says why it is no incident to learn from.
func (r *reader) incident(l tables.Line) (p domain.PastIncident, doubts []string, why string) {
	text := r.get(l, colText)
	label := func(column string) string { return r.label(l, column, &doubts) }
	p = domain.PastIncident{Number: r.number(l, colNumber, &doubts), ExternalID: r.number(l, colID, &doubts),
		TopicGroup: label(colGroup), Topic: label(colTopic), Department: label(colDepartment), Executor: label(colExecutor),
		Municipality: label(colPlace), Settlement: label(colSettlement),
		Nature: label(colNature), Step: label(colStep), Outcome: label(colOutcome)}
	region := label(colRegion)
	switch {
	case errorOfExcel(text):
		return p, nil, "вместо текста ошибка Excel: «" + text + "»"
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

// date reads a date: a number of Excel's, or one of the ways to write it.
func (r *reader) date(l tables.Line, column string, doubts *[]string) time.Time {
	s := cmp.Or(r.get(l, column), r.merged(l, column, doubts))
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
