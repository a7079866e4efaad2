package casework

import (
	"strings"

	"github.com/otklik/otklik/domain"
)

// AboveView is a post above another: «под записью», its beginning, its address.
type AboveView struct{ Words, Text, URL string }

// aboveRunes is how much of a post above is shown.
const aboveRunes = 160

// Above is what a post stands under and answers. In a conversation last is what the
// post before stood under, which need not be said of each again.
func Above(p domain.CasePost, last domain.PostAbove) []AboveView {
	var out []AboveView
	if p.Under != last {
		out = above(out, "под записью", p.Under)
	}
	return above(out, "в ответ на комментарий", p.Answers)
}

func above(list []AboveView, words string, a domain.PostAbove) []AboveView {
	if a == (domain.PostAbove{}) {
		return list
	}
	v := AboveView{Words: words, URL: a.URL, Text: shortened(a.Text)}
	if v.Text == "" {
		v.Text = "без текста"
	}
	return append(list, v)
}

// shortened is the beginning of a text in one line, cut after a word.
func shortened(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= aboveRunes {
		return string(line)
	}
	cut := string(line[:aboveRunes])
	if i := strings.LastIndexByte(cut, ' '); i > aboveRunes/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
