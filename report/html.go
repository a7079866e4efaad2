package report

import (
	"html/template"
	"io"
	"strconv"
	"strings"
)

// WriteHTML writes a table for a page: a caption, a head with hints, links where
// cells lead somewhere. Everything that is not ours is escaped; there is no
// inline style and no script. Classes: report, many, n (numbers),
// at (moments), total, level-1…3.
func WriteHTML(w io.Writer, t Table) error {
	b := &htmlWriter{}
	many := ""
	if len(t.Columns) > manyColumns {
		many = "many"
	}
	b.add("<table").class("report", many).add(">")
	if t.Title != "" {
		b.add(`<caption>`).text(t.Title)
		if t.Note != "" {
			b.add(` <span class="quiet">`).text(t.Note).add(`</span>`)
		}
		b.add("</caption>")
	}
	b.add("\n<thead><tr>")
	for _, c := range t.Columns {
		b.add(`<th scope="col"`).class(columnClass(c)).attribute("title", c.Hint).add(">").text(c.Title).add("</th>")
	}
	b.add("</tr></thead>\n<tbody>\n")
	for _, r := range t.Rows {
		b.row(t, r)
	}
	b.add("</tbody></table>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// HTML is WriteHTML for templates.
func (t Table) HTML() template.HTML {
	var b strings.Builder
	_ = WriteHTML(&b, t) // a builder never fails
	return template.HTML(b.String())
}

type htmlWriter struct{ strings.Builder }

func (b *htmlWriter) add(s string) *htmlWriter { b.WriteString(s); return b }

func (b *htmlWriter) text(s string) *htmlWriter { return b.add(template.HTMLEscapeString(s)) }

func (b *htmlWriter) attribute(name, value string) *htmlWriter {
	if value == "" {
		return b
	}
	return b.add(" " + name + `="`).text(value).add(`"`)
}

func (b *htmlWriter) class(names ...string) *htmlWriter {
	return b.attribute("class", strings.Join(strings.Fields(strings.Join(names, " ")), " "))
}

// manyColumns need the whole width of an office's screen: their moments may take
// two lines.
const manyColumns = 10

func columnClass(c Column) string {
	switch {
	case c.Kind == Moment:
		return "n at"
	case c.Kind != Text:
		return "n"
	case c.Whole:
		return "nowrap"
	}
	return ""
}

func (b *htmlWriter) row(t Table, r Row) {
	total := ""
	if r.Total {
		total = "total"
	}
	b.add("<tr").class(total)
	if r.at(0).Link != "" {
		b.add(` data-item tabindex="-1"`) // lists of pages are walked by keys
	}
	b.add(">")
	for i, c := range t.Columns {
		cell, tag, level := r.at(i), "td", ""
		if i == 0 {
			tag = `th scope="row"`
			if r.Level > 0 {
				level = "level-" + strconv.Itoa(min(r.Level, 3))
			}
		}
		b.add("<"+tag).class(columnClass(c), level, cell.Tone).attribute("data-label", c.Title).add(">")
		b.value(cell, Words(cell, c.Kind, t.Zone), i == 0)
		b.add("</" + tag[:2] + ">")
	}
	b.add("</tr>\n")
}

func (b *htmlWriter) value(c Cell, words string, first bool) {
	switch {
	case c.Chart != nil:
		b.add(string(c.Chart.SVG))
	case c.Link != "" && words != "":
		b.add("<a")
		if first {
			b.add(" data-open")
		}
		b.attribute("href", safeLink(c.Link)).add(">").text(words).add("</a>")
	default:
		b.text(words)
	}
}

// safeLink lets through addresses of this site and of the web, nothing that runs.
func safeLink(link string) string {
	for _, begin := range []string{"/", "?", "#", "https://", "http://"} {
		if strings.HasPrefix(link, begin) {
			return link
		}
	}
	return "#"
}
