package tables

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// merge are cells of one column that show what stands in the first of them.
type merge struct {
	column, from, to int // column from 0, lines from 1
}

// mostMerges are those of one book; no export has more.
const mostMerges = 1 << 18

// mergesOf finds the cells of a book that reach over several lines, by sheet. The
// library tells them only with the whole sheet in memory.
func mergesOf(raw []byte) (map[string][]merge, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("книга не читается: «%w»", err)
	}
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	out, left := map[string][]merge{}, mostMerges
	for sheet, name := range sheetParts(parts) {
		found, err := partMerges(parts[name], left)
		if err != nil {
			return nil, fmt.Errorf("лист «%s» не читается: «%w»", sheet, err)
		}
		left -= len(found)
		slices.SortFunc(found, func(a, b merge) int { return a.from - b.from })
		out[sheet] = found
	}
	return out, nil
}

// sheetParts are the parts of a book that hold its sheets. A book whose list cannot be
// read has none: the library says what is wrong with it.
func sheetParts(parts map[string]*zip.File) map[string]string {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	out := map[string]string{}
	if decodePart(parts["xl/workbook.xml"], &book) != nil || decodePart(parts["xl/_rels/workbook.xml.rels"], &links) != nil {
		return out
	}
	for _, s := range book.Sheets {
		for _, l := range links.Links {
			name := strings.TrimPrefix(l.Target, "/")
			if name == l.Target {
				name = path.Join("xl", name)
			}
			if l.ID == s.ID && parts[name] != nil {
				out[s.Name] = name
			}
		}
	}
	return out
}

func decodePart(part *zip.File, to any) error {
	if part == nil {
		return errors.New("нет части книги")
	}
	r, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // only read
	return xml.NewDecoder(r).Decode(to)
}

var mergeForm = regexp.MustCompile(`<(?:\w+:)?mergeCell\s[^<]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"`)

// partMerges goes through a sheet tag by tag without keeping it.
func partMerges(part *zip.File, most int) (out []merge, err error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // only read
	for b := bufio.NewReaderSize(r, 64<<10); len(out) < most; {
		tag, err := b.ReadSlice('>')
		if bytes.Contains(tag, []byte("mergeCell ")) {
			if m := mergeForm.FindSubmatch(tag); m != nil {
				if one, ok := mergeOf(m); ok {
					out = append(out, one)
				}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
	return out, nil
}

func mergeOf(m [][]byte) (one merge, ok bool) {
	column, from, err := excelize.CellNameToCoordinates(string(m[1]) + string(m[2]))
	if err != nil {
		return one, false
	}
	_, to, err := excelize.CellNameToCoordinates(string(m[3]) + string(m[4]))
	return merge{column - 1, from, to}, err == nil && to > from
}

// reach follows the merged cells down a sheet.
type reach struct {
	merges []merge // still below, by their first line
	open   map[int]opened
}

type opened struct {
	to   int
	says string
}

// at is what reaches down to a line. It is asked line by line.
func (r *reach) at(line int, cells []string) map[int]string {
	if len(r.merges) == 0 && len(r.open) == 0 {
		return nil
	}
	maps.DeleteFunc(r.open, func(_ int, o opened) bool { return o.to < line })
	var out map[int]string
	for column, o := range r.open {
		if out == nil {
			out = map[int]string{}
		}
		out[column] = o.says
	}
	for len(r.merges) > 0 && r.merges[0].from <= line {
		m := r.merges[0]
		r.merges = r.merges[1:]
		if m.from == line && m.column < len(cells) && cells[m.column] != "" {
			if r.open == nil {
				r.open = map[int]opened{}
			}
			r.open[m.column] = opened{m.to, cells[m.column]}
		}
	}
	return out
}
