package domain

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ReplyTemplate is the beginning of an answer that a body keeps. A person fills
// in what is left and answers for the whole.
type ReplyTemplate struct {
	ID     int64
	Body   string
	Row    int // of the decree; 0: whatever the row
	Title  string
	Text   string // with fields: {номер}
	Author string
	At     time.Time
	// Version rises with every change; what it was before is kept.
	Version int
}

// TemplateFields are the fields that are filled from the case.
func TemplateFields() []string {
	return []string{"номер", "категория", "место", "срок", "орган"}
}

// titleLimit is the most characters the name of a template may have.
const titleLimit = 100

// Check refuses a template that could never be used. The error is a Refusal.
func (t ReplyTemplate) Check() error {
	switch {
	case t.Body == "":
		return RefuseNoTemplateBody
	case strings.TrimSpace(t.Title) == "" || utf8.RuneCountInString(t.Title) > titleLimit:
		return RefuseTemplateTitle
	case strings.TrimSpace(t.Text) == "":
		return RefuseEmptyText
	}
	return CheckLength(t.Text)
}

// field is whatever stands in braces: a field of ours, or a place a person fills.
var field = regexp.MustCompile(`\{[^{}]*\}`)

// openField is a field, or a brace that is left of one.
var openField = regexp.MustCompile(`\{[^{}]*\}|[{}]`)

// OpenFields are the fields of a text that nobody has filled, each once; a lone brace
// is what is left of one.
func OpenFields(text string) []string {
	all := openField.FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// Fill puts what is known of a case into the fields; what is not known stays in
// braces, and keeps the answer from going out until a person has filled it.
func (t ReplyTemplate) Fill(values map[string]string) string {
	return field.ReplaceAllStringFunc(t.Text, func(f string) string {
		if v := values[strings.TrimSpace(strings.Trim(f, "{}"))]; v != "" {
			return v
		}
		return f
	})
}

// For reports whether a template is meant for a case.
func (t ReplyTemplate) For(c Case) bool {
	return t.Body == c.AgencyID && (t.Row == 0 || t.Row == c.Row)
}
