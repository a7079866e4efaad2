package text

import (
	"fmt"
	"strings"

	"github.com/jdkato/prose/v2"
)

// Span is a half-open byte range of the normalised text.
type Span struct{ Start, End int }

// Tokenizer cuts a normalised text (lower case, no markup) into rough tokens,
// in order and without overlap. Analyze cuts further where words, numbers and
// punctuation are still glued.
type Tokenizer interface {
	Tokenize(dst []Span, text string) ([]Span, error)
}

// Prose tokenises with github.com/jdkato/prose. Its tagger, segmenter and
// entity extractor know English only and load models; they are off.
type Prose struct{}

// Tokenize implements Tokenizer.
func (Prose) Tokenize(dst []Span, text string) ([]Span, error) {
	doc, err := prose.NewDocument(text,
		prose.WithTagging(false), prose.WithSegmentation(false), prose.WithExtraction(false))
	if err != nil {
		return dst, fmt.Errorf("tokenising: %w", err)
	}
	pos := 0
	for _, token := range doc.Tokens() {
		at := strings.Index(text[pos:], token.Text)
		if at < 0 {
			continue
		}
		start := pos + at
		pos = start + len(token.Text)
		dst = append(dst, Span{start, pos})
	}
	return dst, nil
}
