package main

import (
	"strings"
	"testing"
)

func TestFigureBeyondItsTargetIsNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		value float64
		says  string
	}{
		{"rows_accuracy", 0.7499, "rows_accuracy_khabarovsk is 0.7499, its target is ≥ 0.75"},
		{"rows_accuracy", 0.75, ""},
		{"news_false_share", 0.0051, "news_false_share_khabarovsk is 0.0051, its target is ≤ 0.005"},
		{"news_false_share", 0.005, ""},
		{"sentences_failed", 1, "sentences_failed_khabarovsk is 1, its target is ≤ 0"},
		{"urgent_recall", 0.94, "its target is ≥ 0.95"},
		{"classify_texts_per_second", 1, ""},
	} {
		var out strings.Builder
		f := newFigures(&out)
		f.add(c.name, "khabarovsk", c.value)
		err := f.err()
		if (err == nil) != (c.says == "") || (err != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s %v: error %v, want %q", c.name, c.value, err, c.says)
		}
		if !strings.HasPrefix(out.String(), "figure "+c.name+"_khabarovsk ") {
			t.Errorf("%s: no line is printed: %q", c.name, out.String())
		}
	}
}

func TestWorstRegionIsShown(t *testing.T) {
	var out strings.Builder
	f := newFigures(&out)
	for region, v := range map[string]float64{"a": 0.9, "b": 0.8} {
		f.add("rows_accuracy", region, v)
		f.add("news_false_share", region, 1-v)
		f.add("classify_texts_per_second", region, 100_000*v)
	}
	f.printWorst()
	want := "figure classify_texts_per_second 80000\nfigure news_false_share 0.2\nfigure rows_accuracy 0.8\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("printed:\n%s\nwant at the end:\n%s", out.String(), want)
	}
}
