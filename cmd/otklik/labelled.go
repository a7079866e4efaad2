package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/tables"
)

// read gives the labelled texts of the table.
func (c labelled) read() ([]model.Example, left, error) {
	var examples []model.Example
	t, err := c.open()
	if err != nil {
		return nil, left{}, err
	}
	out, err := c.each(t, func(_ tables.Row, e model.Example) { examples = append(examples, e) })
	return examples, out, err
}

// readWith is read with the labels of a finer column: the named one, "" for one that
// the table is found to have, «-» for none.
func (c labelled) readWith(with string) (examples []model.Example, finer string, out left, err error) {
	t, err := c.open()
	if err != nil {
		return nil, "", left{}, err
	}
	columns, err := c.candidates(t, with)
	if err != nil {
		return nil, "", left{}, err
	}
	var labels []string
	out, err = c.each(t, func(row tables.Row, e model.Example) {
		examples = append(examples, e)
		labels = append(labels, strings.Join(e.Labels, c.Alternatives))
		for i := range columns {
			columns[i].Cells = append(columns[i].Cells, row.Get(columns[i].Name))
		}
	})
	if err != nil {
		return nil, "", out, err
	}
	finer = with
	if with == "" {
		finer = model.FinerColumn(labels, columns)
	}
	for _, column := range columns {
		if column.Name == finer {
			return model.WithFiner(examples, column), finer, out, nil
		}
	}
	return examples, "", out, nil
}

// candidates are the columns that may hold finer labels.
func (c labelled) candidates(t *tables.Table, with string) ([]model.Column, error) {
	switch {
	case with == "-":
		return nil, nil
	case with != "" && !t.Has(with):
		return nil, c.noColumn(t, with)
	case with != "":
		return []model.Column{{Name: with}}, nil
	}
	var columns []model.Column
	for _, name := range t.Columns() {
		if !tables.SameName(name, c.Text) && !tables.SameName(name, c.Label) {
			columns = append(columns, model.Column{Name: name})
		}
	}
	return columns, nil
}

func (c labelled) noColumn(t *tables.Table, name string) error {
	return fmt.Errorf("%s: в таблице нет столбца %s (есть: %s)", c.In, name, tables.Names(t.Columns()))
}

// open opens the table and looks whether it has the columns.
func (c labelled) open() (*tables.Table, error) {
	raw, err := os.ReadFile(c.In)
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	if tables.IsBook(raw) {
		return nil, fmt.Errorf("%s: это книга Excel, а здесь читается только CSV: сохраните лист как «CSV UTF-8»", c.In)
	}
	text, err := tables.ToUTF8(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.In, err)
	}
	t, err := tables.Open(text, c.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.In, err)
	}
	if !t.Has(c.Label) {
		return nil, c.noColumn(t, c.Label)
	}
	for _, name := range []string{c.Text, c.Label} {
		if n := countOf(t, name); n > 1 {
			return nil, fmt.Errorf("%s: столбец %s стоит в таблице %d раза: который из них, не ясно, переименуйте лишние", c.In, name, n)
		}
	}
	return t, nil
}

// countOf is how often a heading stands in a table.
func countOf(t *tables.Table, name string) int {
	n := 0
	for _, other := range t.Columns() {
		if tables.SameName(other, name) {
			n++
		}
	}
	return n
}

// each gives the labelled texts in turn, and tells what was left out.
func (c labelled) each(t *tables.Table, fn func(tables.Row, model.Example)) (left, error) {
	var out left
	for {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("%s: %w", c.In, err)
		}
		label := strings.TrimSpace(row.Get(c.Label))
		e := model.Example{Text: row.Get(c.Text), Labels: c.labels(label)}
		switch {
		case label != "" && len(e.Labels) == 0 && strings.Contains(label, c.Skip) && c.Skip != "":
			out.asked++
		case len(e.Labels) == 0:
			out.noLabel++
		case strings.TrimSpace(e.Text) == "":
			out.noText++
		default:
			fn(row, e)
		}
	}
}
