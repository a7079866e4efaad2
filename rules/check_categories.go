package rules

import (
	"fmt"
	"strings"
	"unicode"
)

// categories: rows 1..n without gap, each with days, known topics of its own,
// and enough sentences.
func (c *checker) categories() {
	topics := map[string]*Topic{}
	for i := range c.p.Topics {
		if t := &c.p.Topics[i]; topics[t.ID] == nil { // of two with one id the first counts
			topics[t.ID] = t
		}
	}
	if len(c.p.Categories) == 0 {
		c.fault(c.p.at["region"], CodeEmpty, "в перечне нет ни одной строки", "заполните categories.yaml")
	}
	seen, owner := map[int]bool{}, map[string]int{}
	expected := 1
	for i := range c.p.Categories {
		row := &c.p.Categories[i]
		expected = c.rowNumber(row, expected, seen)
		c.row(row)
		c.rowTopics(row, topics, owner)
	}
}

// rowNumber answers the number the next row must have.
func (c *checker) rowNumber(row *Category, expected int, seen map[int]bool) int {
	at := Pos{row.File, row.Line}
	switch {
	case seen[row.Row]:
		c.fault(at, CodeRowDuplicate, fmt.Sprintf("строка %d уже есть", row.Row), "исправьте номер или удалите повтор")
		return expected
	case row.Row != expected:
		c.fault(at, CodeRowGap, fmt.Sprintf("после строки %d идёт строка %d", expected-1, row.Row),
			"номера идут подряд с единицы, как в перечне")
	}
	seen[row.Row] = true
	return row.Row + 1
}

// mostDays is the longest term of a row: the calendar is known a year ahead.
const mostDays = 365

// isReason tells words from a slip like «x», «no» or «false».
func isReason(s string) bool {
	russian := strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
	return russian && len(strings.Fields(s)) > 1
}

func (c *checker) row(row *Category) {
	at := Pos{row.File, row.Line}
	if row.Days <= 0 || row.Days > mostDays {
		c.fault(at, CodeRowDays, fmt.Sprintf("строка %d: срок %d дней", row.Row, row.Days),
			fmt.Sprintf("впишите срок из перечня, от 1 до %d", mostDays))
	}
	if row.Restricted != "" && !isReason(row.Restricted) {
		c.fault(at, CodeBadValue, fmt.Sprintf("строка %d: restricted «%s» — не причина", row.Row, row.Restricted),
			"впишите причину словами, хотя бы двумя, или удалите restricted: любое значение, и «false» тоже, закрывает строку")
	}
	if row.Category == "" || row.Subcategory == "" {
		c.fault(at, CodeEmpty, fmt.Sprintf("строка %d: нет категории или подкатегории", row.Row), "перепишите их из перечня дословно")
	}
	if len(row.Topics) == 0 {
		c.fault(at, CodeRowNoTopic, fmt.Sprintf("строка %d: ни одной темы, её ничто не найдёт", row.Row), "впишите topics")
	}
}

func (c *checker) rowTopics(row *Category, topics map[string]*Topic, owner map[string]int) {
	at := Pos{row.File, row.Line}
	match, miss, known := 0, 0, 0
	for _, id := range row.Topics {
		t := topics[id]
		if t == nil {
			c.fault(at, CodeTopicUnknown, fmt.Sprintf("строка %d: темы «%s» нет", row.Row, id),
				"исправьте имя или заведите тему в topics/")
			continue
		}
		known++
		if other, taken := owner[id]; taken {
			c.fault(at, CodeTopicTwice, fmt.Sprintf("тема «%s» уже у строки %d", id, other),
				"оставьте её у одной строки: по теме определяется строка")
			continue
		}
		owner[id] = row.Row
		match, miss = match+len(t.Match), miss+len(t.Miss)
	}
	if known > 0 && (match < minMatch || miss < minMiss) {
		t := topics[firstKnown(row.Topics, topics)]
		c.fault(Pos{t.File, t.Line}, CodeFewSentences,
			fmt.Sprintf("строка %d: предложений match %d, miss %d", row.Row, match, miss),
			fmt.Sprintf("допишите: нужно не меньше %d match и %d miss", minMatch, minMiss))
	}
}

func firstKnown(ids []string, topics map[string]*Topic) string {
	for _, id := range ids {
		if topics[id] != nil {
			return id
		}
	}
	return ""
}
