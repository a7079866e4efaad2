// Package tables reads what people save from a spreadsheet: CSV in whatever
// encoding and with whatever divider. Its errors are for the person who saved the
// table, in Russian, with the line.
package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Table is a table under way.
type Table struct {
	csv    *csv.Reader
	comma  string
	head   []string
	col    map[string]int
	column string // that which must be there
	above  int    // lines that were cut off before the reader began
}

// Open reads the heading of a table in UTF-8 (see ToUTF8). What divides the columns
// is what brings the wanted column to light; Excel says it in a line «sep=;» of its
// own, or not at all. Names of columns are compared without case.
func Open(text []byte, column string) (*Table, error) {
	t := &Table{column: name(column)}
	body := bytes.TrimLeft(text, " \r\n")
	t.above = bytes.Count(text[:len(text)-len(body)], []byte("\n"))
	if sep, rest, ok := bytes.Cut(body, []byte("\n")); ok && len(bytes.TrimRight(sep, "\r")) == 5 && bytes.HasPrefix(bytes.ToLower(sep), []byte("sep=")) {
		body = rest
		t.above++
	}
	var shown []string
	for _, comma := range []string{",", ";", "\t"} {
		head, err := t.open(body, comma)
		if errors.Is(err, io.EOF) {
			return nil, errors.New("таблица пуста")
		}
		if err != nil {
			return nil, fmt.Errorf("заголовок CSV: «%w»", err)
		}
		if t.Has(column) {
			return t, nil
		}
		if len(head) > len(shown) {
			shown = head
		}
	}
	return nil, fmt.Errorf("в CSV нет столбца %s (есть: %s)", column, strings.Join(shown, ", "))
}

func (t *Table) open(body []byte, comma string) (head []string, err error) {
	t.comma, t.csv, t.col = comma, csv.NewReader(bytes.NewReader(body)), map[string]int{}
	t.csv.Comma = rune(comma[0])
	t.csv.FieldsPerRecord, t.csv.LazyQuotes = -1, true
	if t.head, err = t.csv.Read(); err != nil {
		return nil, err
	}
	for i, column := range t.head {
		t.col[name(column)] = i
	}
	return t.head, nil
}

func name(column string) string { return strings.ToLower(strings.TrimSpace(column)) }

// Columns are the names of the heading.
func (t *Table) Columns() []string { return t.head }

// Has reports whether the heading names a column.
func (t *Table) Has(column string) bool {
	_, ok := t.col[name(column)]
	return ok
}

// Row is a row of a table.
type Row struct {
	Line  int // where it begins
	cells []string
	col   map[string]int
}

// Get gives the cell under a column, "" where there is none.
func (r Row) Get(column string) string {
	if i, ok := r.col[name(column)]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// Next reads a row; io.EOF after the last.
func (t *Table) Next() (Row, error) {
	cells, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return Row{}, io.EOF
	}
	if err != nil {
		return Row{}, fmt.Errorf("строка %d: не читается как CSV: «%w»", t.line(), err)
	}
	if cells, err = t.fit(cells); err != nil {
		return Row{}, fmt.Errorf("строка %d: %w", t.line(), err)
	}
	return Row{Line: t.line(), cells: cells, col: t.col}, nil
}

// line is where the row read last begins.
func (t *Table) line() int {
	line, _ := t.csv.FieldPos(0)
	return t.above + line
}

// fit brings a row down to the columns of the heading. A text in the last column
// may hold the divider without quotes; elsewhere one too many would put words
// into the wrong column, which nobody would notice.
func (t *Table) fit(row []string) ([]string, error) {
	n := len(t.head)
	if len(row) <= n {
		return row, nil
	}
	if strings.Join(row[n:], "") == "" { // empty cells behind the table
		return row[:n], nil
	}
	if t.col[t.column] == n-1 {
		return append(row[:n-1:n-1], strings.Join(row[n-1:], t.comma)), nil
	}
	return nil, fmt.Errorf("столбцов %d, а в заголовке %d: текст с «%s» внутри возьмите в кавычки", len(row), n, strings.TrimSpace(t.comma))
}
