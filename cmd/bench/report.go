package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// report prints lines for people as they come and keeps the figures for the
// end, one line each: «figure NAME VALUE».
type report struct {
	w     io.Writer
	lines []string
}

func (r *report) part(title string) { fmt.Fprintf(r.w, "\n%s\n", title) }

func (r *report) say(format string, args ...any) { fmt.Fprintf(r.w, "  "+format+"\n", args...) }

func (r *report) figure(name, format string, value float64) {
	r.lines = append(r.lines, "figure "+name+" "+fmt.Sprintf(format, value))
}

func (r *report) figures() error {
	_, err := fmt.Fprintln(r.w, "\n"+strings.Join(r.lines, "\n"))
	return err
}

// median of values; 0 of none. Of an even number it is the mean of the middle two.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}

func least(values []float64) float64 { return slices.Min(values) }

func most(values []float64) float64 { return slices.Max(values) }
