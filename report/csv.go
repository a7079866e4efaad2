package report

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// ErrTooLong means that a sheet has more rows than the format can hold.
var ErrTooLong = errors.New("more rows than a sheet can hold")

// WriteCSV writes a sheet as Russian Excel opens it by itself: UTF-8 with a byte
// order mark, semicolons, decimal commas. A text that a spreadsheet would take
// for a formula has an apostrophe before it.
func WriteCSV(ctx context.Context, w io.Writer, s Sheet, progress Progress) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	record := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		record[i] = inert(c.Title)
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	n := 0
	for row, err := range s.Rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		for i, c := range s.Columns {
			record[i] = plain(row.at(i), c.Kind, s.Zone)
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		if n++; progress != nil && n%progressEvery == 0 {
			progress(n)
		}
	}
	out.Flush()
	if progress != nil {
		progress(n)
	}
	return out.Error()
}

// plain is a value a program can read back: no spaces in numbers, a share as a
// fraction, a duration as hours:minutes.
func plain(c Cell, kind Kind, zone *time.Location) string {
	if c.Empty() {
		return ""
	}
	switch kind {
	case Number, Share:
		return strings.Replace(strconv.FormatFloat(c.number, 'f', -1, 64), ".", ",", 1)
	case Duration, Worked:
		m := int64(c.lasts.Round(time.Minute) / time.Minute)
		return fmt.Sprintf("%d:%02d", m/60, m%60)
	case Text:
		return inert(c.text)
	case Day, Moment:
	}
	return Words(c, kind, zone)
}

// inert puts an apostrophe before a text that begins like a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
