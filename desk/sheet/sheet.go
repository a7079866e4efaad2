// Package sheet gives the tables of pages as XLSX files: one way for all of them.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"net/url"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/report"
)

// Most is how many rows a page gives at once; longer files are ordered
// (desk/exports), where they can be watched and stopped.
const Most = 50_000

// Path is the address of a page's file: all that the page is narrowed by is kept,
// where one is in a long list (drop) is not. "" when the person may not export.
func Path(r *page.Request, path string, drop ...string) string {
	v := r.URL.Query()
	for _, name := range drop {
		v.Del(name)
	}
	return Address(r, path, v)
}

// Address is Path for a page that is narrowed by more than its address says.
func Address(r *page.Request, path string, v url.Values) string {
	if !r.Can(access.Export, access.Object{}) {
		return ""
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// Lines are the rows of a list that is read whole.
func Lines[T any](lines []T, row func(T) report.Row) iter.Seq2[report.Row, error] {
	return Rows(func() ([]T, error) {
		now := lines
		lines = nil
		return now, nil
	}, row)
}

// Rows are the rows of a list that is read page by page: next gives a page, none
// at the end.
func Rows[T any](next func() ([]T, error), row func(T) report.Row) iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		for {
			lines, err := next()
			if err != nil {
				yield(report.Row{}, err)
				return
			}
			if len(lines) == 0 {
				return
			}
			for _, l := range lines {
				if !yield(row(l), nil) {
					return
				}
			}
		}
	}
}

// Send answers with a workbook of that name. It is written whole before it is
// sent: a failure on the way is an error page, not half a file; and so is a table
// of more than Most rows. The journal says who has taken what out.
func Send(r *page.Request, name string, sheets ...report.Sheet) error {
	rows := 0
	for i := range sheets {
		sheets[i].Rows = capped(sheets[i].Rows, &rows)
	}
	var b bytes.Buffer
	err := report.WriteXLSX(r.Context(), &b, sheets, nil)
	if errors.Is(err, errMany) {
		return page.Invalid("", "В таблице больше "+report.NumberWords(Most)+" строк, в один файл столько не выгружается. Сузьте список: период короче, один орган, одна категория.")
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := r.Note("export", "export", "", fmt.Sprintf("выгружена таблица «%s», строк: %d", name, rows)); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name+".xlsx"))
	if _, err := b.WriteTo(r.W); err != nil {
		r.Log.Debug("the reader of a file is gone", "err", err)
	}
	return nil
}

// errMany: more rows than a page gives at once.
var errMany = errors.New("too many rows for a file of a page")

func capped(rows iter.Seq2[report.Row, error], n *int) iter.Seq2[report.Row, error] {
	return func(yield func(report.Row, error) bool) {
		for row, err := range rows {
			if *n++; *n > Most && err == nil {
				yield(report.Row{}, errMany)
				return
			}
			if !yield(row, err) {
				return
			}
		}
	}
}
