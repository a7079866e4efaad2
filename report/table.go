// Package report turns figures into what people read and file: tables that are
// the same on screen, in XLSX and in CSV, charts as SVG, and the statistics of
// surges. It knows neither the store nor the pages.
package report

import (
	"iter"
	"time"

	"github.com/otklik/otklik/domain"
)

// Kind is the type of a column: every cell of it is of this type or empty.
type Kind uint8

// Kinds of column.
const (
	Text     Kind = iota
	Number        // counts and amounts
	Share         // part of a whole, 0..1
	Day           // a calendar day
	Moment        // an instant, shown in the region's zone
	Duration      // a stretch of time by the calendar: days, hours, minutes
	Worked        // a stretch of working time: hours and minutes, never days
)

// Column is the head of a column.
type Column struct {
	Title string
	Kind  Kind
	Width float64 // in characters, for spreadsheets; 0: by kind
	Hint  string  // what is counted and how, shown on hover and on the sheet about the report
	Whole bool    // a text that is not broken over lines: a number of a case
}

// Cell is one value. The zero Cell is empty.
type Cell struct {
	set    bool
	text   string
	number float64
	at     time.Time
	day    domain.Date
	lasts  time.Duration

	Link  string // where the value leads; "" nowhere
	Tone  string // class of its colour on screen: "", "warning", "alarm", "quiet"
	Chart *Chart // shown on screen instead of the value
}

// Str is a text; an empty one is an empty cell.
func Str(s string) Cell { return Cell{set: s != "", text: s} }

// Num is a number.
func Num[N int | int32 | int64 | float64](n N) Cell { return Cell{set: true, number: float64(n)} }

// Part is the share of part in whole; empty when there is no whole.
func Part(part, whole int64) Cell {
	if whole == 0 {
		return Cell{}
	}
	return Cell{set: true, number: float64(part) / float64(whole)}
}

// On is a calendar day.
func On(d domain.Date) Cell { return Cell{set: d != domain.Date{}, day: d} }

// At is an instant; the zero time is an empty cell.
func At(t time.Time) Cell { return Cell{set: !t.IsZero(), at: t} }

// Lasting is a stretch of time.
func Lasting(d time.Duration) Cell { return Cell{set: true, lasts: d} }

// Empty reports that a cell holds no value.
func (c Cell) Empty() bool { return !c.set }

// To makes the value lead somewhere.
func (c Cell) To(link string) Cell { c.Link = link; return c }

// Toned gives the value a colour on screen.
func (c Cell) Toned(tone string) Cell { c.Tone = tone; return c }

// Row is one line of a table.
type Row struct {
	Cells []Cell
	Level int  // depth in a tree, 0 at the top; the first cell is indented by it
	Total bool // a line that sums up others
}

// Table is a table whole in memory, as pages show it.
type Table struct {
	Title   string // what it shows
	Note    string // the filter, the period, the moment
	Columns []Column
	Rows    []Row
	Zone    *time.Location
}

// Sheet is a table that may be too long to be held: its rows are read once, one
// by one. Reading ends at the first error.
type Sheet struct {
	Title   string
	Note    string
	Columns []Column
	Rows    iter.Seq2[Row, error]
	Zone    *time.Location
}

// Sheet is the same table as a sheet: print, XLSX and CSV have the same numbers.
func (t Table) Sheet() Sheet {
	return Sheet{Title: t.Title, Note: t.Note, Columns: t.Columns, Zone: t.Zone, Rows: func(yield func(Row, error) bool) {
		for _, r := range t.Rows {
			if !yield(r, nil) {
				return
			}
		}
	}}
}

// at is the cell of a column; rows may be shorter than the head.
func (r Row) at(column int) Cell {
	if column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}
