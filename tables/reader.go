package tables

import (
	"bytes"
	"fmt"
	"strings"
)

// reader reads CSV as people save and mend it: a quote that stands inside a text and
// is not doubled makes its cell plain and takes no other row along. (encoding/csv
// reads on to the next quote before a divider, however far that is.)
type reader struct {
	text  []byte
	comma byte
	width int // columns of the heading; 0: not known
	at    int
	line  int // of at
}

func newReader(text []byte, comma byte) *reader { return &reader{text: text, comma: comma, line: 1} }

// record is a row as it stands in the file; a fault says in words why its cells are
// not to be trusted.
type record struct {
	cells []string
	line  int // where it begins
	fault string
}

// next reads a row; false after the last. Empty lines are none.
func (r *reader) next() (record, bool) {
	for r.at < len(r.text) && r.lineEnd(r.at) > 0 {
		r.at += r.lineEnd(r.at)
		r.line++
	}
	if r.at >= len(r.text) {
		return record{}, false
	}
	rec := record{line: r.line}
	plain := false // a cell's quotes were no quoting
	for more := true; more; {
		cell, end, state := r.cell(len(rec.cells))
		switch {
		case state == brokenQuotes:
			plain = true
		case state == swallows && rec.fault == "":
			rec.fault = fmt.Sprintf("кавычка, открытая в столбце %d, закрыта только в строке %d, а между ними, похоже, другие строки таблицы: закройте её",
				len(rec.cells)+1, r.line+bytes.Count(r.text[r.at:end], []byte("\n")))
		}
		rec.cells = append(rec.cells, cell)
		r.line += bytes.Count(r.text[r.at:end], []byte("\n"))
		r.at = end
		if more = end < len(r.text) && r.text[end] == r.comma; more {
			r.at++
		}
	}
	if r.at < len(r.text) {
		r.at += r.lineEnd(r.at)
		r.line++
	}
	if n := len(rec.cells); plain && rec.fault == "" && r.width > 0 && n != r.width {
		rec.fault = fmt.Sprintf("кавычки внутри текста не удвоены, и столбцов вышло %d, а в заголовке %d: удвойте их", n, r.width)
	}
	return rec, true
}

// lineEnd is how long the end of a line at i is; 0 where there is none.
func (r *reader) lineEnd(i int) int {
	switch {
	case r.text[i] == '\n':
		return 1
	case r.text[i] == '\r' && i+1 < len(r.text) && r.text[i+1] == '\n':
		return 2
	case r.text[i] == '\r' && i+1 == len(r.text):
		return 1
	}
	return 0
}

type quoting int

const (
	whole        quoting = iota
	brokenQuotes         // begins with a quote, and is no quoted cell
	swallows             // quoted, and seems to hold rows of the table
)

// cell reads the cell at the reader's place: what it says and where it ends.
func (r *reader) cell(column int) (cell string, end int, state quoting) {
	if r.at < len(r.text) && r.text[r.at] == '"' {
		if closing, end := r.quoted(); end > 0 {
			inside := r.text[r.at+1 : closing]
			cell = strings.ReplaceAll(strings.ReplaceAll(string(inside), `""`, `"`), "\r\n", "\n")
			if r.holdsRows(inside, column) {
				return cell, end, swallows
			}
			return cell, end, whole
		}
		state = brokenQuotes
	}
	for end = r.at; end < len(r.text) && r.text[end] != r.comma && r.lineEnd(end) == 0; {
		end++
	}
	return string(r.text[r.at:end]), end, state
}

// quoted looks for the closing quote and the end of the cell behind it; end is 0 when
// it is no quoted cell: the quote that ought to close has text behind it, there is
// none, or on a later line an empty quoted cell stands.
func (r *reader) quoted() (closing, end int) {
	broken := false // over lines
	for i := r.at + 1; i < len(r.text); i++ {
		switch {
		case r.text[i] == '\n':
			broken = true
		case r.text[i] != '"':
		case i+1 < len(r.text) && r.text[i+1] == '"':
			if broken && r.text[i-1] == r.comma && i+2 < len(r.text) && (r.text[i+2] == r.comma || r.lineEnd(i+2) > 0) {
				return 0, 0
			}
			i++
		default:
			return i, r.behind(i + 1)
		}
	}
	return 0, 0
}

// behind is where a cell ends whose quote closed before i; 0 when text follows.
func (r *reader) behind(i int) int {
	for i < len(r.text) && r.text[i] != r.comma && (r.text[i] == ' ' || r.text[i] == '\t') {
		i++
	}
	if i == len(r.text) || r.text[i] == r.comma || r.lineEnd(i) > 0 {
		return i
	}
	return 0
}

// holdsRows: what stands in quotes over several lines begins as the rest of a row and
// ends as the beginning of one.
func (r *reader) holdsRows(inside []byte, column int) bool {
	if r.width < 2 || r.comma == ',' && r.width < 3 {
		return false
	}
	first, rest, several := bytes.Cut(inside, []byte("\n"))
	if !several {
		return false
	}
	last := rest[bytes.LastIndexByte(rest, '\n')+1:]
	return r.dividers(first) >= r.width-1-column && r.dividers(last) >= column
}

// dividers counts those that divide cells: in a text a space or the line's end
// follows, or digits stand on both sides.
func (r *reader) dividers(s []byte) (n int) {
	digit := func(i int) bool { return i >= 0 && s[i] >= '0' && s[i] <= '9' }
	for i := range len(s) - 1 {
		inText := s[i+1] == ' ' || s[i+1] == '\r' || digit(i-1) && digit(i+1)
		if s[i] == r.comma && !inText {
			n++
		}
	}
	return n
}
