package history

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/tables"
)

// get gives a cell's text as it was meant: without the apostrophe that Excel or
// the export put before it, and without what no text holds. Of double columns the
// first filled one.
func (r *reader) get(l tables.Line, column string) string {
	for _, i := range r.columns.of(column) {
		if i < len(l.Cells) {
			if s := meant(l.Cells[i]); s != "" {
				return s
			}
		}
	}
	return ""
}

func meant(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "'"))
}

// label is a value out of a list, of double columns the first that has one. Where
// cells are merged it is the one above that reaches down here. Who adds a phone to a
// body's name has it hidden; a disease in a topic's name is nobody's.
func (r *reader) label(l tables.Line, column string, doubts *[]string) string {
	for _, i := range r.columns.of(column) {
		if i >= len(l.Cells) {
			continue
		}
		if s := r.value(meant(l.Cells[i]), column, doubts); s != "" {
			return s
		}
	}
	return r.value(r.merged(l, column, doubts), column, doubts)
}

// merged is what merged cells above say for a line, with a word about it.
func (r *reader) merged(l tables.Line, column string, doubts *[]string) string {
	for _, i := range r.columns.of(column) {
		if s := meant(l.Merged[i]); s != "" {
			*doubts = append(*doubts, "«"+column+"» из объединённых ячеек выше: «"+clip(domain.MaskNumbers(s))+"»")
			return s
		}
	}
	return ""
}

// value is a label, or none: a dash, or an error of Excel, which is told.
func (r *reader) value(s, column string, doubts *[]string) string {
	s = strings.Join(strings.Fields(s), " ")
	switch {
	case s == "-" || s == "–" || s == "—":
		return ""
	case errorOfExcel(s):
		*doubts = append(*doubts, "«"+column+"»: ошибка Excel «"+clip(s)+"», взято без этого")
		return ""
	}
	return domain.MaskNumbers(s)
}

// errorOfExcel: what a formula says that has no value, in English and in Russian.
func errorOfExcel(s string) bool {
	switch strings.ToUpper(s) {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
		"#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!", "#ДЕЛ/0!", "#ИМЯ?", "#ЧИСЛО!", "#ПУСТО!", "#ПЕРЕНОС!", "#ВЫЧИСЛ!":
		return true
	}
	return false
}

// exponent is a number as Excel writes a long one; in Russian with a comma.
var (
	exponent  = regexp.MustCompile(`^(\d+)(?:[.,](\d+))?[eE]\+?(\d{1,3})$`)
	withZeros = regexp.MustCompile(`^(\d+)\.0+$`)
)

// number gives a whole number as people write it; anything else stays as it is. Of
// what Excel has rounded many incidents bear the same: it is nobody's, and told.
func (r *reader) number(l tables.Line, column string, doubts *[]string) string {
	s := strings.Join(strings.Fields(r.get(l, column)), " ")
	if s == "-" || errorOfExcel(s) {
		return ""
	}
	if m := withZeros.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	m := exponent.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	const exact = 1 << 53 // beyond, Excel itself has lost digits
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	power, _ := strconv.Atoi(m[3]) // three digits
	if err == nil && f == math.Trunc(f) && f < exact && len(m[2]) >= power {
		return strconv.FormatInt(int64(f), 10)
	}
	*doubts = append(*doubts, "«"+column+"» округлён в Excel: «"+clip(s)+"», инцидент узнаётся без него")
	return ""
}
