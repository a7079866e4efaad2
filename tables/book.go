package tables

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook: far above any export, far below the memory of a machine.
const (
	mostUnpacked = 512 << 20
	unpackToDisk = 16 << 20 // what is larger goes through a temporary file
	mostFiles    = 2000
)

// Line is one line of a sheet, as it stands there: numbers as they are stored,
// dates as the numbers Excel keeps.
type Line struct {
	Sheet  string // "" in CSV
	Number int    // as the person sees it
	Cells  []string
	Fault  string // why the cells of a line of CSV are not to be trusted; "" as a rule
	// Hidden: a filter or a person has hidden the line, or its whole sheet.
	Hidden, SheetHidden bool
	// Merged is what cells say that reach down to this line from one above, by column.
	Merged map[int]string
	// Days1904: numbers of dates count from 1904, as Excel for Mac once did.
	Days1904 bool
}

// IsBook reports whether a file is packed as an Excel book is (.xlsx).
func IsBook(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// EachLine hands every line of a workbook or of a CSV in whatever encoding to fn,
// sheet by sheet, until fn returns an error. In CSV the divider is the one that
// brings the column to light. Of formulas the value is taken that was there when
// the book was saved; of merged cells it stands in the first, and Merged tells it to
// the lines below.
func EachLine(raw []byte, column string, fn func(Line) error) error {
	switch {
	case IsBook(raw):
		return eachBookLine(raw, fn)
	case bytes.HasPrefix(raw, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return errors.New("книга прежнего формата .xls или под паролем: сохраните её как .xlsx без пароля")
	case len(bytes.TrimSpace(raw)) == 0:
		return errors.New("файл пуст")
	case bytes.IndexByte(raw[:min(len(raw), 512)], 0) >= 0 && !looksUTF16(raw):
		return errors.New("это не книга Excel и не таблица CSV")
	}
	return eachCSVLine(raw, column, fn)
}

func looksUTF16(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) || len(raw) > 1 && (raw[0] == 0) != (raw[1] == 0)
}

// headWithin is how far down a heading is looked for.
const headWithin = 20

func eachCSVLine(raw []byte, column string, fn func(Line) error) error {
	text, err := ToUTF8(raw)
	if err != nil {
		return err
	}
	text = lineFeeds(text)
	comma, head, width := divider(text, column)
	r := newReader(text, comma)
	for {
		rec, ok := r.next()
		if !ok {
			return nil
		}
		if rec.line == head {
			r.width = width
		} else if n := len(rec.cells); r.width > 0 && n > r.width && rec.fault == "" && strings.Join(rec.cells[r.width:], "") != "" {
			rec.fault = tooMany(n, r.width, string(comma))
		}
		if err := fn(Line{Number: rec.line, Cells: rec.cells, Fault: rec.fault}); err != nil {
			return err
		}
	}
}

// divider is what divides the columns, with the line of the heading and how many
// columns that has.
func divider(text []byte, column string) (comma byte, line, width int) {
	for _, comma := range []byte(",;\t") {
		r := newReader(text, comma)
		for range headWithin {
			rec, ok := r.next()
			if !ok {
				break
			}
			if slices.ContainsFunc(rec.cells, func(c string) bool { return SameName(c, column) }) {
				return comma, rec.line, len(rec.cells)
			}
		}
	}
	return ',', 0, 0
}

// eachBookLine reads a workbook. What it unpacks to is measured before anything
// is read: the sizes a file names are its own word.
func eachBookLine(raw []byte, fn func(Line) error) (err error) {
	if err := measure(raw, mostUnpacked); err != nil {
		return err
	}
	told := false // fn has failed: that is no fault of the book
	defer func() {
		if p := recover(); p != nil && !told {
			err = fmt.Errorf("книга испорчена: %v", p)
		} else if p != nil {
			panic(p)
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: unpackToDisk})
	if err != nil {
		return fmt.Errorf("книга не читается: «%w»", err)
	}
	defer func() { _ = f.Close() }() // only read
	merges, err := mergesOf(raw)
	if err != nil {
		return err
	}
	days1904 := false
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		days1904 = *p.Date1904
	}
	for _, sheet := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(sheet)
		if err != nil {
			return fmt.Errorf("лист «%s» не читается: «%w»", sheet, err)
		}
		down := reach{merges: merges[sheet]}
		if err := eachSheetLine(f, sheet, func(l Line) error {
			l.Days1904, l.SheetHidden, l.Merged = days1904, !visible, down.at(l.Number, l.Cells)
			told = true
			err := fn(l)
			told = err != nil
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func eachSheetLine(f *excelize.File, sheet string, fn func(Line) error) error {
	rows, err := f.Rows(sheet)
	if err != nil {
		return fmt.Errorf("лист «%s» не читается: «%w»", sheet, err)
	}
	defer func() { _ = rows.Close() }()
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("лист «%s», строка %d: «%w»", sheet, number, err)
		}
		if err := fn(Line{Sheet: sheet, Number: number, Cells: cells, Hidden: rows.GetRowOpts().Hidden}); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return fmt.Errorf("лист «%s» не читается: «%w»", sheet, err)
	}
	return nil
}

// measure unpacks a book into nothing.
func measure(raw []byte, most int64) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return fmt.Errorf("книга не читается: «%w»", err)
	}
	if len(z.File) > mostFiles {
		return fmt.Errorf("в книге %d файлов: так много в книге Excel не бывает", len(z.File))
	}
	left := most
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			return fmt.Errorf("книга не читается: %s: «%w»", part.Name, err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		_ = r.Close()
		if err != nil {
			return fmt.Errorf("книга не читается: %s: «%w»", part.Name, err)
		}
		if left -= n; left < 0 {
			return fmt.Errorf("книга распаковывается больше чем в %d МБ: разделите её на части", most>>20)
		}
	}
	return nil
}

// ExcelTime is the wall time of a number that Excel keeps for a date, as UTC; to
// the second. It is not ok beyond the years Excel knows.
func ExcelTime(days float64, days1904 bool) (t time.Time, ok bool) {
	const most = 2_958_466 // 31.12.9999
	if !(days >= 1 && days < most) {
		return time.Time{}, false
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if days1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := int(days)
	seconds := time.Duration((days - float64(whole)) * 24 * float64(time.Hour)).Round(time.Second)
	return first.AddDate(0, 0, whole).Add(seconds), true
}

// SameName reports whether two headings name one column: case, ё, spaces and the
// apostrophes of Excel aside.
func SameName(a, b string) bool { return FoldName(a) == FoldName(b) }

// FoldName is a heading as SameName compares it.
func FoldName(s string) string {
	s = strings.Trim(strings.ToLower(strings.ReplaceAll(s, "\u00a0", " ")), "'’`\ufeff \t\r\n")
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "ё", "е")
}
