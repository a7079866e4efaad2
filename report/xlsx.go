package report

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Limits of the format (ECMA-376; Excel specifications and limits).
const (
	cellChars = 32767
	sheetRows = 1_048_576
	nameChars = 31
)

// progressEvery is how often Progress is told.
const progressEvery = 200

// Progress is told how many rows are written so far.
type Progress func(done int)

// WriteXLSX writes sheets as one workbook: real dates in the region's zone,
// numbers as numbers, a frozen head with a filter, one page wide in print with
// the head repeated. The last sheet says what the others show. It ends with the
// context's error when that is done; what was written to w by then is no workbook.
func WriteXLSX(ctx context.Context, w io.Writer, sheets []Sheet, progress Progress) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	book := &workbook{file: f, styles: map[string]int{}, progress: progress}
	for i, s := range sheets {
		if err := book.add(ctx, s, i); err != nil {
			return fmt.Errorf("sheet %q: %w", s.Title, err)
		}
	}
	if err := book.about(ctx, sheets); err != nil {
		return fmt.Errorf("sheet about the report: %w", err)
	}
	f.SetActiveSheet(0)
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

type workbook struct {
	file     *excelize.File
	styles   map[string]int
	names    []string
	written  int
	progress Progress
}

// add streams one sheet.
func (b *workbook) add(ctx context.Context, s Sheet, n int) error {
	name := b.name(s.Title)
	if err := b.sheet(name, n, s); err != nil {
		return err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := b.head(stream, s); err != nil {
		return err
	}
	rows, err := b.rows(ctx, stream, s)
	if err != nil {
		return err
	}
	if len(s.Columns) > 0 {
		if err := b.file.AutoFilter(name, "A1:"+cellName(len(s.Columns), max(2, rows+1)), nil); err != nil {
			return fmt.Errorf("filter: %w", err)
		}
	}
	return stream.Flush()
}

// sheet makes an empty sheet set up for print. The head repeats on every page.
func (b *workbook) sheet(name string, n int, s Sheet) error {
	if n == 0 {
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	yes, landscape, paper, wide, high := true, "landscape", 9, 1, 0 // A4, any number of pages high
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &paper, FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return err
	}
	head := "&L" + printable(s.Title)
	if err := b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: head, OddFooter: "&L" + printable(s.Note) + "&R&P / &N"}); err != nil {
		return err
	}
	return b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + strings.ReplaceAll(name, "'", "''") + "'!$1:$1", Scope: name})
}

// printable fits a text into a page head, where & begins a code and 255
// characters are the most.
func printable(s string) string {
	return strings.ReplaceAll(cut(strings.Join(strings.Fields(s), " "), 100), "&", "&&")
}

func (b *workbook) head(stream *excelize.StreamWriter, s Sheet) error {
	for i, c := range s.Columns {
		if err := stream.SetColWidth(i+1, i+1, width(c)); err != nil {
			return err
		}
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	style, err := b.style("head", &excelize.Style{
		Font:      &excelize.Font{Bold: true},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"},
		Border:    []excelize.Border{{Type: "bottom", Style: 1, Color: "808080"}},
	})
	if err != nil {
		return err
	}
	cells := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		cells[i] = excelize.Cell{StyleID: style, Value: safeXML(c.Title)}
	}
	return stream.SetRow("A1", cells)
}

func width(c Column) float64 {
	if c.Width > 0 {
		return c.Width
	}
	switch c.Kind {
	case Text:
		return 32
	case Moment:
		return 17
	case Number, Share, Day, Duration, Worked:
	}
	return 12
}

func (b *workbook) rows(ctx context.Context, stream *excelize.StreamWriter, s Sheet) (int, error) {
	n := 0
	for row, err := range s.Rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return n, err
		}
		if n+2 > sheetRows {
			return n, fmt.Errorf("%w: %d rows", ErrTooLong, n)
		}
		cells := make([]any, len(s.Columns))
		for i, c := range s.Columns {
			if cells[i], err = b.cell(row, i, c.Kind, s.Zone); err != nil {
				return n, err
			}
		}
		if err := stream.SetRow(cellName(1, n+2), cells); err != nil {
			return n, err
		}
		n++
		if b.written++; b.progress != nil && b.written%progressEvery == 0 {
			b.progress(b.written)
		}
	}
	if b.progress != nil {
		b.progress(b.written)
	}
	return n, nil
}

// cell is a value of its own type. Text is stored as text whatever it begins
// with: a formula is another type of cell, and we never write one. Styles are
// named so that a workbook has one of each.
func (b *workbook) cell(r Row, column int, kind Kind, zone *time.Location) (any, error) {
	c := r.at(column)
	style, err := b.cellStyle(kind, r, column, c.number == math.Trunc(c.number))
	if err != nil || c.Empty() {
		return excelize.Cell{StyleID: style}, err
	}
	out := excelize.Cell{StyleID: style}
	switch kind {
	case Text:
		out.Value = safeXML(c.text)
	case Number, Share:
		out.Value = c.number
	case Day:
		out.Value = time.Date(c.day.Year, c.day.Month, c.day.Day, 0, 0, 0, 0, time.UTC)
	case Moment:
		out.Value = c.at.In(inZone(zone)) // written as the wall clock reads
	case Duration, Worked:
		out.Value = c.lasts.Hours() / 24
	}
	return out, nil
}

func (b *workbook) cellStyle(kind Kind, r Row, column int, whole bool) (int, error) {
	style := &excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}}
	if format := format(kind, whole); format != "" {
		style.CustomNumFmt = &format
	} else if kind == Text {
		style.NumFmt = 49 // text: stays text when somebody edits the cell
		style.Alignment.WrapText = true
		if column == 0 {
			style.Alignment.Indent = min(r.Level, 15)
		}
	}
	if r.Total {
		style.Font = &excelize.Font{Bold: true}
	}
	return b.style(fmt.Sprintf("%d %v %d %v", kind, r.Total, style.Alignment.Indent, whole), style)
}

func format(kind Kind, whole bool) string {
	switch kind {
	case Number:
		if !whole {
			return "#,##0.0#"
		}
		return "#,##0"
	case Share:
		return "0%"
	case Day:
		return "dd.mm.yyyy"
	case Moment:
		return "dd.mm.yyyy hh:mm"
	case Duration, Worked:
		return "[h]:mm"
	case Text:
	}
	return ""
}

func (b *workbook) style(key string, s *excelize.Style) (int, error) {
	if id, ok := b.styles[key]; ok {
		return id, nil
	}
	id, err := b.file.NewStyle(s)
	if err != nil {
		return 0, fmt.Errorf("style %s: %w", key, err)
	}
	b.styles[key] = id
	return id, nil
}

// about is the sheet that says what the others show: title, filter, meaning of
// the columns.
func (b *workbook) about(ctx context.Context, sheets []Sheet) error {
	t := Table{Title: "О выгрузке", Columns: []Column{{Title: "Лист", Width: 31}, {Title: "Что показано", Width: 100}}}
	for i, s := range sheets {
		t.Rows = append(t.Rows, Row{Cells: []Cell{Str(b.names[i]), Str(s.Title)}, Total: true})
		if s.Note != "" {
			t.Rows = append(t.Rows, Row{Cells: []Cell{{}, Str(s.Note)}})
		}
		for _, c := range s.Columns {
			if c.Hint != "" {
				t.Rows = append(t.Rows, Row{Cells: []Cell{Str(c.Title), Str(c.Hint)}})
			}
		}
	}
	told := b.progress
	b.progress = nil
	defer func() { b.progress = told }()
	return b.add(ctx, t.Sheet(), len(sheets))
}

// name is a sheet's name: unique, at most 31 characters, without []:*?/\ and not
// within apostrophes.
func (b *workbook) name(title string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return r
	}, safeXML(title))
	clean = strings.Trim(cut(strings.Join(strings.Fields(clean), " "), nameChars-4), "' ")
	if clean == "" {
		clean = "Лист"
	}
	name := clean
	for n := 2; b.taken(name); n++ {
		name = fmt.Sprintf("%s %d", clean, n)
	}
	b.names = append(b.names, name)
	return name
}

func (b *workbook) taken(name string) bool {
	for _, n := range b.names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// safeXML drops what XML 1.0 cannot hold and cuts to what a cell can.
func safeXML(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return r
		case r < 0x20, r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return cut(s, cellChars)
}

// cut shortens to n UTF-16 units, which is what Excel counts, marking it.
func cut(s string, n int) string {
	units, end := 0, 0
	for i, r := range s {
		size := 1
		if r > 0xFFFF {
			size = 2
		}
		if units+size > n {
			return strings.TrimRight(s[:end], " ") + "…"
		}
		if units += size; units < n {
			end = i + utf8.RuneLen(r)
		}
	}
	return s
}

func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		panic(err) // both are within the limits checked before
	}
	return name
}
