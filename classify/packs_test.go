package classify

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

func TestSentencesOfEmbeddedPacks(t *testing.T) {
	for _, region := range rules.EmbeddedRegions() {
		t.Run(region, func(t *testing.T) {
			for _, f := range embeddedClassifier(t, region).CheckSentences() {
				t.Error(f)
			}
		})
	}
}

func TestCheckSentencesFindsFaults(t *testing.T) {
	c := compile(t, rules.Topic{
		ID: "a", Title: "А", File: "a.yaml", Line: 1, MatchLine: []int{5, 6, 7}, MissLine: []int{9},
		Phrases: []rules.Phrase{{Any: []string{"яма"}, Weight: 2}},
		Match:   []string{"прошу убрать яму", "прошу убрать мусор", "ну и ну"},
		Miss:    []string{"прошу: яма"},
	})
	faults := c.CheckSentences()
	if len(faults) != 3 {
		t.Fatalf("faults %v, want three", faults)
	}
	for i, line := range []int{6, 7, 9} {
		if faults[i].Line != line || faults[i].File != "a.yaml" || faults[i].Code != CodeSentence {
			t.Errorf("fault %d is %+v, want line %d", i, faults[i], line)
		}
	}
}

// Bounds on sentences that were written together with the phrases: they tell that
// nothing was lost, not how strangers' sentences would do (docs/accuracy.md).
func TestUrgentSentences(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	f, err := os.Open("testdata/urgent.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var dangers, found, calm, alarms int
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s struct {
			Urgent bool
			Text   string
		}
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		got := c.Judge(&domain.Post{Text: s.Text}).Urgent
		switch {
		case s.Urgent:
			dangers++
			if got {
				found++
			}
		default:
			calm++
			if got {
				alarms++
			}
		}
	}
	if dangers < 100 || calm < 100 {
		t.Fatalf("%d dangers, %d look-alikes: at least 100 of each", dangers, calm)
	}
	if recall := float64(found) / float64(dangers); recall < 0.95 {
		t.Errorf("recall %.3f of dangers, at least 0.95", recall)
	}
	if share := float64(alarms) / float64(calm); share > 0.05 {
		t.Errorf("false alarms %.3f, at most 0.05", share)
	}
}
