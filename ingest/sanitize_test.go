package ingest

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
)

func codes(p domain.Post) string {
	var out []string
	for _, f := range p.Faults {
		out = append(out, string(f.Code))
	}
	return strings.Join(out, ",")
}

func TestSanitizeNamesEveryMend(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	cases := []struct {
		name   string
		post   domain.Post
		text   string
		faults string
	}{
		{"plain", domain.Post{Text: "Яма на дороге 🙂", PublishedAt: now}, "Яма на дороге 🙂", ""},
		{"empty", domain.Post{}, "", ""},
		{"nul parts words", domain.Post{Text: "яма\x00на\x00дороге\x00"}, "яма на дороге ", "nul_bytes"},
		{"broken utf-8", domain.Post{Text: "яма\xff\xfe."}, "яма\uFFFD.", "invalid_utf8"},
		{"marks", domain.Post{Text: "я" + strings.Repeat("\u0301", 5000) + "ма"}, "я" + strings.Repeat("\u0301", MaxMarks) + "ма", "combining_marks"},
		{"decomposed й stays", domain.Post{Text: "и\u0306 е\u0308"}, "и\u0306 е\u0308", ""},
		{"far future", domain.Post{PublishedAt: time.Unix(1<<50, 0)}, "", "unknown_shape"},
		{"raw nul escape", domain.Post{Raw: []byte(`{"text":"a\u0000b"}`)}, "", ""},
		{"raw too long", domain.Post{Raw: make([]byte, MaxRawBytes+1)}, "", "text_too_long"},
		{"raw broken", domain.Post{Raw: []byte("\"\xff\"")}, "", "invalid_utf8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := c.post
			Sanitize(&p)
			if p.Text != c.text {
				t.Errorf("text %q, want %q", p.Text, c.text)
			}
			if got := codes(p); got != c.faults {
				t.Errorf("faults %q, want %q", got, c.faults)
			}
		})
	}
}

func TestSanitizePartsNames(t *testing.T) {
	t.Parallel()
	p := domain.Post{Author: domain.Author{Name: "Анна\x00Иванова"}}
	Sanitize(&p)
	if p.Author.Name != "Анна Иванова" || len(p.Faults) != 0 {
		t.Errorf("name %q, faults %v", p.Author.Name, p.Faults)
	}
}

// What stands behind a NUL stays where it was, so that spans of the text hold.
func TestSanitizeKeepsOffsetsBehindNUL(t *testing.T) {
	t.Parallel()
	said := "а\x00б\x00\x00 яма"
	p := domain.Post{Text: said}
	Sanitize(&p)
	before, after := []rune(said), []rune(p.Text)
	if len(before) != len(after) {
		t.Fatalf("%d runes became %d: %q", len(before), len(after), p.Text)
	}
	for i, r := range before {
		if r != 0 && after[i] != r {
			t.Errorf("rune %d is %q, was %q", i, after[i], r)
		}
	}
	if words := strings.Fields(p.Text); len(words) != 3 {
		t.Errorf("words %q", words)
	}
}

func TestSanitizeCutsAMegabyteOnACharacter(t *testing.T) {
	t.Parallel()
	p := domain.Post{Text: "a" + strings.Repeat("я", 1<<20)}
	Sanitize(&p)
	if len(p.Text) > MaxTextBytes || !utf8.ValidString(p.Text) {
		t.Fatalf("%d bytes, valid %v", len(p.Text), utf8.ValidString(p.Text))
	}
	if codes(p) != "text_too_long" {
		t.Fatalf("faults %q", codes(p))
	}
}

func TestSanitizeDropsImpossiblePoints(t *testing.T) {
	t.Parallel()
	for _, g := range []domain.Geo{{Lat: math.NaN()}, {Lon: math.Inf(1)}, {Lat: 91}} {
		p := domain.Post{Geo: &g}
		Sanitize(&p)
		if p.Geo != nil {
			t.Errorf("%v kept", g)
		}
	}
}

func TestSanitizeIsIdempotentAndAlwaysStorable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := domain.Post{
			Text:   string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")),
			Raw:    rapid.SliceOf(rapid.Byte()).Draw(t, "raw"),
			Author: domain.Author{Name: string(rapid.SliceOf(rapid.Byte()).Draw(t, "name"))},
		}
		Sanitize(&p)
		for _, s := range []string{p.Text, p.Author.Name, string(p.Raw)} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("not storable: %q", s)
			}
		}
		text, faults := p.Text, codes(p)
		Sanitize(&p)
		if p.Text != text || codes(p) != faults {
			t.Fatalf("second pass changed %q (%s) to %q (%s)", text, faults, p.Text, codes(p))
		}
	})
}
