package terms

import (
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/report"
)

// columns of the table. The same value is shown, printed and written to XLSX.
func (b *board) columns() []report.Column {
	reaction := "Первая реакция"
	if b.norms.FirstReaction > 0 {
		reaction += ", норма " + report.WorkedWords(b.norms.FirstReaction)
	}
	period := " За период: " + periodWords(b.q.weeks) + "."
	return []report.Column{
		{Title: "Орган", Width: 44, Hint: "Вместе с подведомственными; они ниже с отступом"},
		{Title: "Открыто", Kind: report.Number, Hint: "Ответа ещё нет, срок идёт"},
		{Title: "Сегодня", Kind: report.Number, Hint: "Срок истекает сегодня в 23:59 по местному времени"},
		{Title: "1–3 дня", Kind: report.Number, Hint: "Срок завтра, послезавтра или на третий день"},
		{Title: "Просрочено", Kind: report.Number, Hint: "Срок прошёл, ответа нет"},
		{Title: reaction, Kind: report.Worked, Width: 16, Hint: "Медиана рабочего времени от поручения органу до первых слов автору; рабочий календарь региона, ожидание ответа автора не считается. Точность — десятая часть." + period},
		{Title: "Ответ", Kind: report.Duration, Width: 14, Hint: "Медиана календарного времени от регистрации до окончательного ответа; точность — десятая часть. Срок: " + b.norms.Answer + "." + period},
		{Title: "В срок", Kind: report.Share, Hint: "Доля данных до срока среди окончательных ответов и просроченных инцидентов без ответа: каждый просроченный на сейчас считается не в срок." + period},
		{Title: "Дано ответов", Kind: report.Number, Hint: "Окончательных." + period},
		{Title: "Решено", Kind: report.Number, Hint: "Ответы с итогом «Решено»." + period},
		{Title: "Разъяснено", Kind: report.Number, Hint: "Ответы с итогом «Разъяснено»: проблема осталась, объяснено почему." + period},
		{Title: "Возвращено", Kind: report.Number, Hint: "Орган вернул как не своё." + period},
		{Title: "Повторно", Kind: report.Number, Hint: "Автор ответил «не решено», инцидент снова в работе." + period},
		{Title: "12 недель", Width: 34, Hint: "Поступило по неделям, последняя — текущая"},
	}
}

func (b *board) table() report.Table {
	t := report.Table{Title: b.title(), Note: b.note(), Columns: b.columns(), Zone: b.region.Zone}
	lines := b.shown()
	if len(lines) > 1 {
		lines = append([]line{{id: b.q.agency, name: "Всего", total: true, figures: b.total()}}, lines...)
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, b.row(l))
	}
	return t
}

func (b *board) title() string {
	if name := b.bodyName(); name != "" {
		return "Сроки: " + name
	}
	return "Сроки по органам"
}

func (b *board) note() string {
	return fmt.Sprintf("%s, на %s; ответы с %s", b.region.Name, b.now.In(b.region.Zone).Format("02.01.2006 15:04"), b.q.begin(b.today).Words())
}

func (b *board) row(l line) report.Row {
	f := l.figures
	number := func(n int64, list domain.TermList, tone string) report.Cell {
		c := report.Num(n)
		if n == 0 {
			return c.Toned("quiet")
		}
		return c.To(b.listPath(list, l.id)).Toned(tone)
	}
	name := report.Str(l.name)
	if !l.total && l.id != b.q.agency {
		q := b.q
		q.agency = l.id
		name = name.To(q.path())
	}
	return report.Row{Level: l.level, Total: l.total, Cells: []report.Cell{
		name, number(f.open, domain.TermOpen, ""), number(f.today, domain.TermToday, "due-soon"), number(f.soon, domain.TermSoon, "due-near"),
		number(f.overdue, domain.TermOverdue, "due-late"), b.reaction(f), median(f.answer), b.inTime(f, l.id), number(f.answered, domain.TermAnswered, ""),
		number(f.solved, domain.TermSolved, ""), number(f.explained, domain.TermExplained, ""),
		number(f.sentBack, domain.TermSentBack, ""), number(f.reopened, domain.TermReopened, ""), b.line(f),
	}}
}

func median(t domain.Times) report.Cell {
	if m, ok := t.Median(); ok {
		return report.Lasting(m)
	}
	return report.Cell{}
}

func (b *board) reaction(f *figures) report.Cell {
	c := median(f.reaction)
	if m, ok := f.reaction.Median(); ok && b.norms.FirstReaction > 0 && m > b.norms.FirstReaction {
		return c.Toned("due-late")
	}
	return c
}

// inTime counts what is overdue and not answered at all as not in time: of answers
// alone a body that lets everything lie would show a hundred per cent. It leads to
// what was late, or else to what is: that is what one asks next.
func (b *board) inTime(f *figures, id string) report.Cell {
	c := report.Part(f.inTime, f.answered+f.overdue)
	switch {
	case f.answered > f.inTime:
		return c.To(b.listPath(domain.TermLate, id))
	case f.overdue > 0:
		return c.To(b.listPath(domain.TermOverdue, id))
	}
	return c
}

// line is drawn on the page; a file has the numbers.
func (b *board) line(f *figures) report.Cell {
	words := make([]string, len(f.weeks))
	for i, n := range f.weeks {
		words[i] = report.NumberWords(n)
	}
	numbers := strings.Join(words, " ")
	c := report.Str(numbers)
	c.Chart = &report.Chart{SVG: report.Spark(f.weeks[:], "поступило по неделям: "+numbers)}
	return c
}
