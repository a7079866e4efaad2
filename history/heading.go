package history

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/otklik/otklik/tables"
)

// columns are where a sheet has what, by folded name; of double ones all.
type columns map[string][]int

func (c columns) of(column string) []int { return c[tables.FoldName(column)] }

// heading reads a line as one; ok is false when it names too few columns.
func heading(cells []string) (c columns, ok bool) {
	c = columns{}
	for i, cell := range cells {
		if name := tables.FoldName(cell); name != "" {
			c[name] = append(c[name], i)
		}
	}
	return c, len(c.of(colText)) > 0 && slices.ContainsFunc(labels(), func(l string) bool { return len(c.of(l)) > 0 })
}

// head takes the first line that names the columns for the heading.
func (r *reader) head(l tables.Line) {
	if r.looked++; r.looked > headWithin {
		return
	}
	c, ok := heading(l.Cells)
	if !ok {
		return
	}
	r.columns, r.found = c, true
	doubt := func(line int, words string) { r.out.Doubts = append(r.out.Doubts, Remark{l.Sheet, line, words}) }
	if l.SheetHidden {
		doubt(0, "лист скрыт, но прочитан")
	}
	if len(c.of(colNumber)) == 0 && len(c.of(colID)) == 0 {
		doubt(l.Number, "нет столбцов «"+colNumber+"» и «"+colID+"»: повторы узнаются по тексту и дате создания")
	}
	for _, column := range read() {
		if n := len(c.of(column)); n > 1 {
			doubt(l.Number, fmt.Sprintf("столбцов «%s» %d: в каждой строке взята первая заполненная ячейка", column, n))
		}
	}
}

// read are the columns that are read.
func read() []string {
	return []string{colText, colNumber, colID, colRegion, colDepartment, colExecutor, colCreated, colEnded, colGroup, colTopic, colPlace,
		colSettlement, colNature, colStep, colOutcome}
}

// endSheet says of a sheet without a heading that it was passed over, and of one
// with hidden lines that they were not.
func (r *reader) endSheet() {
	switch {
	case r.begun && r.columns == nil && r.looked > 0:
		r.out.Skipped = append(r.out.Skipped, Remark{r.sheet, 0, "лист пропущен: нет строки заголовка со столбцом «" + colText + "»"})
	case r.hidden > 0:
		r.out.Doubts = append(r.out.Doubts, Remark{r.sheet, 0, fmt.Sprintf("взяты и скрытые строки (фильтром или вручную): %d, первая из них — строка %d", r.hidden, r.first)})
	}
}

// totalForm is what begins a line of totals: «Итого», «Всего: 12», «Итого инцидентов 12».
var totalForm = regexp.MustCompile(`(?i)^(?:итого|всего)(?:[\s/:.,—–-]*(?:итого|всего|по [а-яё]+|инцидент[а-яё]*|строк[а-яё]*|запис[а-яё]*|сообщени[а-яё]*))*[\s:.,—–-]*\d*[\s.]*$`)

// noIncident says of a line that belongs to the table why it is none of its rows. A
// heading that is repeated, as where one sheet was put under another, may name the
// columns in another order.
func (r *reader) noIncident(l tables.Line) string {
	if c, ok := heading(l.Cells); ok {
		r.columns = c
		return "ещё раз заголовок"
	}
	text := r.get(l, colText)
	first := l.Cells[slices.IndexFunc(l.Cells, func(c string) bool { return strings.TrimSpace(c) != "" })]
	switch {
	case tables.SameName(text, colText):
		return "ещё раз заголовок"
	case totalForm.MatchString(text), totalForm.MatchString(strings.TrimSpace(first)):
		return "строка итогов"
	}
	return ""
}
