// Package tables reads what people save from a spreadsheet: CSV in whatever
// encoding and with whatever divider. Its errors are for the person who saved the
// table, in Russian, with the line.
package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Table is a table under way.
type Table struct {
	rows   *reader
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
	text = lineFeeds(text)
	t := &Table{column: name(column)}
	body := bytes.TrimLeft(text, " \r\n")
	t.above = bytes.Count(text[:len(text)-len(body)], []byte("\n"))
	if sep, rest, ok := bytes.Cut(body, []byte("\n")); ok && len(bytes.TrimRight(sep, "\r")) == 5 && bytes.HasPrefix(bytes.ToLower(sep), []byte("sep=")) {
		body = rest
		t.above++
	}
	var shown []string
	for _, comma := range []string{",", ";", "\t"} {
		head, ok := t.open(body, comma)
		if !ok {
			return nil, errors.New("таблица пуста")
		}
		if t.Has(column) {
			return t, nil
		}
		if len(head) > len(shown) {
			shown = head
		}
	}
	return nil, fmt.Errorf("в CSV нет столбца %s (есть: %s)", column, Names(shown))
}

// Names are columns as a fault shows them. What has no heading begins with what
// citizens wrote, and that belongs into no journal.
func Names(columns []string) string {
	const most, longest = 60, 40
	var out []string
	for _, c := range columns[:min(len(columns), most)] {
		if r := []rune(c); len(r) > longest {
			c = fmt.Sprintf("… (%d знаков)", len(r))
		}
		out = append(out, c)
	}
	if n := len(columns) - most; n > 0 {
		out = append(out, fmt.Sprintf("и ещё %d", n))
	}
	return strings.Join(out, ", ")
}

func (t *Table) open(body []byte, comma string) (head []string, ok bool) {
	t.comma, t.rows, t.col = comma, newReader(body, comma[0]), map[string]int{}
	first, ok := t.rows.next()
	t.head, t.rows.width = first.cells, len(first.cells)
	for i, column := range t.head {
		t.col[name(column)] = i
	}
	return t.head, ok
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
	rec, ok := t.rows.next()
	if !ok {
		return Row{}, io.EOF
	}
	line := t.above + rec.line
	if rec.fault != "" {
		return Row{}, fmt.Errorf("строка %d: %s", line, rec.fault)
	}
	cells, err := t.fit(rec.cells)
	if err != nil {
		return Row{}, fmt.Errorf("строка %d: %w", line, err)
	}
	return Row{Line: line, cells: cells, col: t.col}, nil
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
	return nil, errors.New(tooMany(len(row), n, t.comma))
}

func tooMany(cells, columns int, comma string) string {
	return fmt.Sprintf("столбцов %d, а в заголовке %d: текст с «%s» внутри возьмите в кавычки", cells, columns, strings.TrimSpace(comma))
}
