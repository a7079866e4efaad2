package storage

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
)

// stamp turns a time into a column value: the zero time and times that no
// calendar here knows are NULL. PostgreSQL keeps microseconds.
func stamp(t time.Time) pgtype.Timestamptz {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return pgtype.Timestamptz{}
	}
	return pgtype.Timestamptz{Time: t.UTC().Truncate(time.Microsecond), Valid: true}
}

// moment is the way back: NULL is the zero time.
func moment(t pgtype.Timestamptz) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

func day(t time.Time) pgtype.Date {
	return pgtype.Date{Time: time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC), Valid: true}
}

// small fits a number into an integer column.
func small(n int) int32 {
	return int32(max(math.MinInt32, min(math.MaxInt32, n))) //nolint:gosec // clamped
}

// toJSON encodes what a jsonb column keeps. A value that JSON cannot say (NaN)
// is the data's fault.
func toJSON(what string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w: %w", what, domain.ErrRefused, err)
	}
	return b, nil
}

// listJSON is toJSON with NULL for an empty list.
func listJSON[T any](what string, list []T) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return toJSON(what, list)
}

// fromJSON decodes a jsonb column; NULL leaves v alone.
func fromJSON(what string, b []byte, v any) error {
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decode stored %s: %w", what, err)
	}
	return nil
}

// convertAll turns rows into values and stops at the first that cannot be read.
func convertAll[R, V any](rows []R, convert func(R) (V, error)) ([]V, error) {
	out := make([]V, 0, len(rows))
	for _, r := range rows {
		v, err := convert(r)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// clean makes text of our own making (errors, reasons) acceptable to
// PostgreSQL. Texts of posts are mended at the rim, with a fault that says so.
func clean(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

// commentOf is never empty: identity has no NULL and no blank.
func commentOf(id domain.PostID) string {
	if id.Comment == "" {
		return "0"
	}
	return id.Comment
}

// toInt8 is a reference; 0 is NULL.
func toInt8(id int64) pgtype.Int8 { return pgtype.Int8{Int64: id, Valid: id != 0} }
