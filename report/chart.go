package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Chart is a picture with the table it was drawn from. Colours come from classes
// (report.css), so that it is right on light, on dark and on paper; the picture
// says its message in words for those who cannot see it.
type Chart struct {
	SVG    template.HTML
	Narrow template.HTML // the same for a phone
	Table  Table
}

// Point is a value with its label.
type Point struct {
	Label string // «03.12»
	Value float64
	Ghost float64 // the same day of the period before
	Link  string
}

// LineOptions say what a line chart shows.
type LineOptions struct {
	ID     string // unique on the page: names title and description
	Title  string // what it shows
	Text   string // the same in words, with the figures that matter
	Series string // name of the line: «эти 30 дней»
	Ghost  string // name of the pale line: «30 дней до них»; "" for none
	Narrow bool   // for a phone
}

const (
	lineHigh                               = 200
	lineLeft, lineRight, lineTop, lineFoot = 40, 12, 24, 22
)

// Line draws values by day, with the period before as a pale dashed line.
func Line(points []Point, o LineOptions) template.HTML {
	lineWide, labels := wide, 7
	if o.Narrow {
		lineWide, labels = narrow, 4
	}
	b := begin(lineWide, lineHigh, "line"+shape(o.Narrow), o.ID, o.Title, o.Text)
	top, ticks := scale(highest(points, o.Ghost != ""))
	x := func(i int) float64 {
		return lineLeft + float64(i)*float64(lineWide-lineLeft-lineRight)/math.Max(1, float64(len(points)-1))
	}
	y := func(v float64) float64 { return lineHigh - lineFoot - v/top*float64(lineHigh-lineFoot-lineTop) }
	for _, t := range ticks {
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%d" y1="%s" y2="%s"/>`, lineLeft, lineWide-lineRight, px(y(t)), px(y(t)))
		label(b, "axis end", lineLeft-6, y(t)+4, NumberWords(t))
	}
	if o.Ghost != "" {
		path(b, "ghost", points, x, y, func(p Point) float64 { return p.Ghost })
	}
	path(b, "main", points, x, y, func(p Point) float64 { return p.Value })
	for i, p := range points {
		if every(i, len(points), labels) {
			anchor := "axis middle"
			if i == len(points)-1 {
				anchor = "axis end"
			}
			label(b, anchor, x(i), lineHigh-6, p.Label)
		}
		words := p.Label + ": " + NumberWords(p.Value)
		if o.Ghost != "" {
			words += "; " + o.Ghost + ": " + NumberWords(p.Ghost)
		}
		fmt.Fprintf(b, `<circle class="dot" cx="%s" cy="%s" r="5"><title>%s</title></circle>`, px(x(i)), px(y(p.Value)), template.HTMLEscapeString(words))
	}
	legend(b, o)
	return end(b)
}

// legend names the lines above them, so that no colour has to be looked up.
func legend(b *strings.Builder, o LineOptions) {
	fmt.Fprintf(b, `<line class="main" x1="%d" x2="%d" y1="9" y2="9"/>`, lineLeft, lineLeft+18)
	label(b, "axis", lineLeft+24, 13, o.Series)
	if o.Ghost != "" {
		at := lineLeft + 40 + 7*len([]rune(o.Series))
		fmt.Fprintf(b, `<line class="ghost" x1="%d" x2="%d" y1="9" y2="9"/>`, at, at+18)
		label(b, "axis", float64(at+24), 13, o.Ghost)
	}
}

func highest(points []Point, ghost bool) float64 {
	most := 0.0
	for _, p := range points {
		most = math.Max(most, p.Value)
		if ghost {
			most = math.Max(most, p.Ghost)
		}
	}
	return most
}

// scale is a round top and the ticks below it; whole numbers, because cases are.
func scale(most float64) (top float64, ticks []float64) {
	if most <= 0 {
		return 1, []float64{0}
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, part := range []float64{5, 2} {
		if most/(step/part*1) <= 4 {
			step /= part
			break
		}
	}
	for most/step > 4 {
		step *= 2
	}
	step = math.Max(1, math.Round(step))
	top = math.Ceil(most/step) * step
	for t := 0.0; t <= top; t += step {
		ticks = append(ticks, t)
	}
	return top, ticks
}

// every chooses about so many labels, the last among them.
func every(i, n, labels int) bool {
	step := max(1, (n+labels-2)/labels)
	return (n-1-i)%step == 0
}

func path(b *strings.Builder, class string, points []Point, x func(int) float64, y func(float64) float64, value func(Point) float64) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(b, `<polyline class="%s" points="`, class)
	for i, p := range points {
		b.WriteString(px(x(i)) + "," + px(y(value(p))) + " ")
	}
	b.WriteString(`"/>`)
}

// BarOptions say what bars show.
type BarOptions struct {
	ID, Title, Text string
	Kind            Kind // how values are written: Number or Share
	Narrow          bool // for a phone: the name above its bar
}

// Widths of pictures: text in them must stay of its size on the screen it is for.
const wide, narrow = 640, 360

func shape(thin bool) string {
	if thin {
		return " narrow"
	}
	return " wide"
}

// barPlaces are the places of a row of bars.
type barPlaces struct{ wide, row, text, down, number, chars int }

func places(thin bool) barPlaces {
	if thin {
		return barPlaces{wide: narrow, row: 40, text: 0, down: 18, number: 64, chars: 48}
	}
	return barPlaces{wide: wide, row: 24, text: 276, down: 0, number: 64, chars: 36}
}

// Bars draws ordered values, one bar a line, with its name before it and its
// value behind it. The order is the caller's.
func Bars(points []Point, o BarOptions) template.HTML {
	g := places(o.Narrow)
	b := begin(g.wide, g.row*len(points)+4, "bars"+shape(o.Narrow), o.ID, o.Title, o.Text)
	most := highest(points, false)
	for i, p := range points {
		at := i*g.row + 4
		if p.Link != "" {
			b.WriteString(`<a href="` + template.HTMLEscapeString(safeLink(p.Link)) + `">`)
		}
		fmt.Fprintf(b, `<g><title>%s</title>`, template.HTMLEscapeString(p.Label))
		label(b, "name", 0, float64(at)+14, shorten(p.Label, g.chars))
		long := 0.0
		if most > 0 {
			long = math.Max(0, p.Value/most) * float64(g.wide-g.text-g.number)
		}
		if p.Value > 0 {
			long = math.Max(long, 2)
		}
		fmt.Fprintf(b, `<rect class="bar" x="%d" y="%d" width="%s" height="16"/>`, g.text, at+g.down+2, px(long))
		label(b, "value", float64(g.text)+long+6, float64(at+g.down)+14, Words(Cell{set: true, number: p.Value}, o.Kind, nil))
		b.WriteString("</g>")
		if p.Link != "" {
			b.WriteString("</a>")
		}
	}
	return end(b)
}

const sparkWide, sparkHigh = 96, 20

// Spark is a small line for a row of a table.
func Spark(values []float64, words string) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart spark" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s"><title>%s</title>`,
		sparkWide, sparkHigh, sparkWide, sparkHigh, template.HTMLEscapeString(words), template.HTMLEscapeString(words))
	most := 0.0
	for _, v := range values {
		most = math.Max(most, v)
	}
	if most > 0 {
		x := func(i int) float64 { return 2 + float64(i)*(sparkWide-6)/math.Max(1, float64(len(values)-1)) }
		y := func(v float64) float64 { return sparkHigh - 3 - v/most*(sparkHigh-6) }
		b.WriteString(`<polyline class="main" points="`)
		for i, v := range values {
			b.WriteString(px(x(i)) + "," + px(y(v)) + " ")
		}
		last := len(values) - 1
		fmt.Fprintf(&b, `"/><circle class="last" cx="%s" cy="%s" r="2"/>`, px(x(last)), px(y(values[last])))
	}
	return end(&b)
}

func begin(across, high int, class, id, title, text string) *strings.Builder {
	b := &strings.Builder{}
	if across == narrow {
		id += "-narrow" // the same picture stands beside it
	}
	id = template.HTMLEscapeString(id)
	// A group, not an image: its parts may be links, which an image would hide.
	fmt.Fprintf(b, `<svg class="chart %s" viewBox="0 0 %d %d" role="group" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		class, across, high, id, id, id, template.HTMLEscapeString(title), id, template.HTMLEscapeString(text))
	return b
}

func end(b *strings.Builder) template.HTML {
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func label(b *strings.Builder, class string, x, y float64, text string) {
	fmt.Fprintf(b, `<text class="%s" x="%s" y="%s">%s</text>`, class, px(x), px(y), template.HTMLEscapeString(text))
}

// px writes a coordinate to a tenth.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// shorten keeps the beginning of a name; the whole is in the title.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ,/") + "…"
}
