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
// punctuation are still glued. A Tokenizer belongs to one Analyzer.
type Tokenizer interface {
	Tokenize(dst []Span, text string) ([]Span, error)
}

// Prose tokenises with github.com/jdkato/prose. Its tagger, segmenter and
// entity extractor know English only and load models; they are off.
//
// prose treats each stretch between white space by itself, and is the dearest
// part of judging. It has nothing to say of a stretch of Cyrillic letters and
// punctuation, so it is not asked; what it made of others is remembered, because they
// repeat.
type Prose struct {
	known map[string][]Span // spans relative to the stretch
}

// maxKnown bounds what a Prose remembers.
const maxKnown = 1 << 16

// NewProse returns a Prose that remembers nothing yet.
func NewProse() *Prose { return &Prose{known: map[string][]Span{}} }

// Tokenize implements Tokenizer.
func (p *Prose) Tokenize(dst []Span, text string) ([]Span, error) {
	for start := 0; start < len(text); {
		if text[start] == ' ' || text[start] == '\n' {
			start++
			continue
		}
		n, plain := stretch(text[start:])
		end := start + n
		if plain {
			dst = append(dst, Span{start, end})
			start = end
			continue
		}
		spans, err := p.tokens(text[start:end])
		if err != nil {
			return dst, err
		}
		for _, s := range spans {
			dst = append(dst, Span{start + s.Start, start + s.End})
		}
		start = end
	}
	return dst, nil
}

// stretch is how far the text goes without white space; the normaliser leaves only
// these two kinds of it. A plain one is Cyrillic letters and common punctuation only:
// where else than between the two prose splits, at Latin contractions and in emoticons,
// makes no difference, for Analyze takes each sign of punctuation by itself.
func stretch(text string) (n int, plain bool) {
	plain = true
	for n < len(text) && text[n] != ' ' && text[n] != '\n' {
		if plain && n+1 < len(text) && (isPlainPair(text[n], text[n+1]) || text[n:n+2] == "ё") {
			n += 2
			continue
		}
		plain = plain && isPlainSign(text[n])
		n++
	}
	return n, plain
}

func isPlainSign(b byte) bool {
	switch b {
	case '.', ',', '!', '?', ':', ';', '(', ')', '"':
		return true
	}
	return false
}

func (p *Prose) tokens(word string) ([]Span, error) {
	if spans, ok := p.known[word]; ok {
		return spans, nil
	}
	spans, err := split(word)
	if err != nil {
		return nil, err
	}
	if len(p.known) >= maxKnown {
		clear(p.known)
	}
	p.known[strings.Clone(word)] = spans
	return spans, nil
}

// split asks prose.
func split(word string) ([]Span, error) {
	doc, err := prose.NewDocument(word,
		prose.WithTagging(false), prose.WithSegmentation(false), prose.WithExtraction(false))
	if err != nil {
		return nil, fmt.Errorf("tokenising: %w", err)
	}
	var spans []Span
	pos := 0
	for _, token := range doc.Tokens() {
		at := strings.Index(word[pos:], token.Text)
		if at < 0 {
			continue
		}
		spans = append(spans, Span{pos + at, pos + at + len(token.Text)})
		pos += at + len(token.Text)
	}
	return spans, nil
}
