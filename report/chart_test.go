package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/report"
)

// wellFormed reads a picture as XML and returns its text.
func wellFormed(t rapid.TB, svg string) string {
	t.Helper()
	var words []string
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.Join(words, "|")
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if c, ok := tok.(xml.CharData); ok {
			words = append(words, string(c))
		}
	}
}

func TestLineNamesWhatItShows(t *testing.T) {
	points := []report.Point{{Label: "01.12", Value: 4, Ghost: 2}, {Label: "02.12", Value: 12345, Ghost: 7}}
	svg := string(report.Line(points, report.LineOptions{ID: "days", Title: "Инциденты по дням", Text: "всего 12 349", Series: "эти дни", Ghost: "дни до них"}))
	words := strings.ReplaceAll(wellFormed(t, svg), "\u00a0", " ")
	for _, want := range []string{"Инциденты по дням", "всего 12 349", "эти дни", "дни до них", "02.12: 12 345; дни до них: 7", "15 000"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not in %s", want, words)
		}
	}
	if !strings.Contains(svg, `aria-labelledby="days-t days-d"`) {
		t.Error("the picture has no name")
	}
}

// Any numbers give a picture that stays within its frame.
func TestChartsStayWithinTheirFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e7), 0, 40).Draw(t, "values")
		points := make([]report.Point, len(values))
		for i, v := range values {
			points[i] = report.Point{Label: "01.12", Value: float64(int64(v))}
		}
		for _, svg := range []string{
			string(report.Line(points, report.LineOptions{ID: "a", Title: "т", Series: "с", Ghost: "п"})),
			string(report.Bars(points, report.BarOptions{ID: "b", Title: "т"})),
			string(report.Spark(values, "слова")),
		} {
			wellFormed(t, svg)
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Fatalf("not a number in\n%s", svg)
			}
			for _, bad := range []string{`y="-`, `x="-`, `width="-`, ",-"} {
				if strings.Contains(svg, bad) {
					t.Fatalf("%s in\n%s", bad, svg)
				}
			}
		}
	})
}
