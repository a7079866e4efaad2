package classify

import (
	"strings"

	"github.com/otklik/otklik/classify/text"
)

// mockFrom is the weight from which thanks may be scorn or a complaint beside
// thanks: a person reads them.
const mockFrom = 1.5

// Marks of scorn that no phrase can hold.
const (
	quotedWeight   = 2.0 // «чистый» двор
	laughterWeight = 2.0 // a laughing face
)

// maxQuotedWords is how many words in quotes may be meant otherwise than said;
// more are a name or somebody's words.
const maxQuotedWords = 2

// mockery says why thanks may not be meant, "" when nothing speaks against them.
func (c *Classifier) mockery(s *scratch, doc *text.Doc) string {
	said := s.match.total(c.kinds.mockery)
	var marks []string
	add := func(is bool, weight float64, words string) {
		if is {
			said += weight
			marks = append(marks, words)
		}
	}
	add(scareQuotes(doc), quotedWeight, "слово в кавычках")
	add(c.words.laughs(doc), laughterWeight, "смех")
	if said < mockFrom {
		return ""
	}
	if quoted := c.quoteGroup(s.match, doc, c.kinds.mockery); quoted != "" {
		marks = append([]string{strings.Trim(quoted, " ()")}, marks...)
	}
	return "благодарность похожа на насмешку: " + strings.Join(marks, ", ")
}

// scareQuotes: a word or two in quotes that begin with no capital: no name, but
// what the author does not believe («чистый» двор).
func scareQuotes(doc *text.Doc) bool {
	open := -1
	for i := range doc.Tokens {
		if doc.Token(i) != `"` {
			continue
		}
		if open >= 0 && i-open > 1 && i-open-1 <= maxQuotedWords && !doc.Tokens[open+1].Upper && doc.Tokens[open+1].Kind == text.Word {
			return true
		}
		open = i
	}
	return false
}
