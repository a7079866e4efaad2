package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/otklik/otklik/classify/model"
)

func TestAnchorsMarkWhatIsNotReached(t *testing.T) {
	var out bytes.Buffer
	printAnchors(&out, []string{"category", "khabarovsk_rows"}, map[string]model.Scores{
		"category":        {Accuracy: 0.82, MacroF1: 0.55, Top3: 0.98, Sure: 0.4},
		"khabarovsk_rows": {Accuracy: 0.88, MacroF1: 0.61, Top3: 0.97, Sure: 0.7},
	})
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{
		"right 0.820 (0.831; 0.87, not reached) macro-F1 0.550 (0.451; 0.55) top-3 0.980 (0.966; 0.97) sure 0.400 (0.50, not reached)",
		"right 0.880 (0.825; 0.88) macro-F1 0.610 (0.453; 0.62, not reached) top-3 0.970 sure 0.700",
	} {
		if !strings.HasSuffix(lines[i+1], want) {
			t.Errorf("%q, want %q", lines[i+1], want)
		}
	}
}
