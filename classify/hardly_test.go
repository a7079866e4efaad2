package classify

import (
	"testing"

	"github.com/otklik/otklik/classify/text"
)

// The fewer marks of a channel a text bears, the less it must say to be a complaint.
func TestHardly(t *testing.T) {
	plain := func(margin float64) kindScore { return kindScore{margin: margin, voiced: true} }
	news, like := signs{}, signs{}
	news[signReport], like[signOther] = newsy, likeOther
	for _, c := range []struct {
		name  string
		shape text.Shape
		score kindScore
		signs signs
		want  bool
	}{
		{"bold", text.Shape{Bold: 1, Paragraphs: 1}, plain(3.9), signs{}, true},
		{"bold, plainly a complaint", text.Shape{Bold: 1, Paragraphs: 1}, plain(4), signs{}, false},
		{"two marks", text.Shape{Links: 1, LatinWords: 2, Paragraphs: 1}, plain(3.9), signs{}, true},
		{"a link", text.Shape{Links: 1, Paragraphs: 1}, plain(1.4), signs{}, true},
		{"a link, and what is wrong", text.Shape{Links: 1, Paragraphs: 1}, plain(1.5), signs{}, false},
		{"a link and a question", text.Shape{Links: 1, Questions: 1, Paragraphs: 1}, plain(1), signs{}, false},
		{"a dash alone", text.Shape{Dashes: 1, Paragraphs: 1}, plain(0.5), signs{}, false},
		{"two paragraphs", text.Shape{Paragraphs: 2}, plain(1.4), signs{}, true},
		{"two paragraphs, and what is wrong", text.Shape{Paragraphs: 2}, plain(1.5), signs{}, false},
		{"three paragraphs", text.Shape{Paragraphs: 3}, plain(1.9), signs{}, true},
		{"three paragraphs, and what is wrong", text.Shape{Paragraphs: 3}, plain(2), signs{}, false},
		{"a story of news", text.Shape{Paragraphs: 3}, plain(5.9), news, true},
		{"a complaint of a story's length", text.Shape{Paragraphs: 3}, plain(6), news, false},
		{"two paragraphs with words of news", text.Shape{Paragraphs: 2}, plain(1.5), news, false},
		{"a long text with a word of news", text.Shape{Paragraphs: 1}, kindScore{margin: 0.4, voiced: true, long: true}, news, true},
		{"the same, and what is wrong", text.Shape{Paragraphs: 1}, kindScore{margin: 0.5, voiced: true, long: true}, news, false},
		{"a short text with a word of news", text.Shape{Paragraphs: 1}, plain(0), news, false},
		{"like what is none", text.Shape{Paragraphs: 1}, kindScore{margin: 1.4, learned: true}, like, true},
		{"like it, with a complaint in words", text.Shape{Paragraphs: 1}, kindScore{margin: 1.4, learned: true, voiced: true}, like, false},
		{"like it, and a question", text.Shape{Paragraphs: 1, Questions: 1}, kindScore{margin: 1.4, learned: true}, like, false},
		{"like it, and what is wrong", text.Shape{Paragraphs: 1}, kindScore{margin: 1.5, learned: true}, like, false},
		{"no mark", text.Shape{Paragraphs: 1}, plain(0), signs{}, false},
	} {
		if got := c.score.hardly(&c.shape, &c.signs) != ""; got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
