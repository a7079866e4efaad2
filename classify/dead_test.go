package classify

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/rules"
)

// A phrase that no text fires is named with its place; one that some text fires
// is not, whichever of its alternatives that takes.
func TestPhrasesThatNothingFires(t *testing.T) {
	for _, c := range []struct {
		name   string
		phrase rules.Phrase
		dead   bool
	}{
		{"a Latin letter", rules.Phrase{Any: []string{"зюбрa"}}, true},
		{"a dot inside", rules.Phrase{Any: []string{"зюб.мюкл"}}, true},
		{"a dot behind", rules.Phrase{Any: []string{"зюб."}}, true},
		{"not of the same stem", rules.Phrase{Any: []string{"зюбра"}, Not: []string{"зюбры"}}, true},
		{"not is a part of all", rules.Phrase{All: []string{"зюбра мюкла"}, Not: []string{"мюкла"}}, true},
		{"three near within one", rules.Phrase{Near: []string{"зюбра", "мюкла", "тюпка"}, Within: 1}, true},

		{"three near within two", rules.Phrase{Near: []string{"зюбра", "мюкла", "тюпка"}, Within: 2}, false},
		{"another alternative", rules.Phrase{Any: []string{"зюбра|мюкла"}, Not: []string{"зюбра"}}, false},
		{"another of any", rules.Phrase{Any: []string{"зюбра", "мюкла|тюпка"}, Not: []string{"зюбра", "мюкла"}}, false},
		{"in order", rules.Phrase{All: []string{"вызов > на > дом"}, Any: []string{"детский_сад|школ*"}, Near: []string{"=врач"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.phrase.File, c.phrase.Line, c.phrase.Weight = "a.yaml", 7, 2
			faults := compile(t, rules.Topic{ID: "a", Title: "А", Phrases: []rules.Phrase{c.phrase}}).deadPhrases()
			faults = slices.DeleteFunc(faults, func(f rules.Fault) bool { return f.Code == CodeWordDead })
			if (len(faults) == 1) != c.dead || len(faults) > 1 {
				t.Fatalf("faults %v, dead: %v", faults, c.dead)
			}
			if c.dead && (faults[0].File != "a.yaml" || faults[0].Line != 7 || faults[0].Code != CodePhraseDead) {
				t.Errorf("%+v", faults[0])
			}
		})
	}
}

// The bad packs whose fault only the classifier can tell.
func TestBadPhrases(t *testing.T) {
	const bad = "../rules/testdata/bad"
	found, err := filepath.Glob(bad + "/phrase-dead-*")
	if err != nil || len(found) < 4 {
		t.Fatalf("%d packs, %v", len(found), err)
	}
	for _, dir := range found {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			files, err := rules.Collect(os.DirFS(dir), "base", os.DirFS("absent"))
			if err != nil {
				t.Fatal(err)
			}
			pack, err := rules.Load(files)
			if err != nil {
				t.Fatal(err)
			}
			var dead []string
			for _, f := range Check(pack) {
				if f.Code == CodePhraseDead || f.Code == CodeWordDead {
					dead = append(dead, fmt.Sprintf("%s:%d", f.File, f.Line))
				}
			}
			if !slices.Equal(dead, []string{"base/topics/own.yaml:6"}) {
				t.Errorf("phrases that nothing fires: %v", dead)
			}
		})
	}
}

// A single word that can never count is named, and only that.
func TestWordsThatNeverCount(t *testing.T) {
	for _, c := range []struct {
		name   string
		phrase rules.Phrase
		want   string // the word; "" for none
	}{
		{"a Latin letter beside a good word", rules.Phrase{Any: []string{"зюбрa|мюкла"}}, "зюбрa"},
		{"in one of any", rules.Phrase{Any: []string{"мюкла", "тюп.ка"}}, "тюп.ка"},
		{"in a sequence", rules.Phrase{Any: []string{"мюкла|зюбрa_тюпка"}}, "зюбрa_тюпка"},
		{"in not", rules.Phrase{Any: []string{"мюкла"}, Not: []string{"зюбрa"}}, "зюбрa"},
		{"forbidden by not", rules.Phrase{Any: []string{"мюкла|=зюбра"}, Not: []string{"зюбра"}}, "=зюбра"},
		{"a word of a term that is forbidden", rules.Phrase{Any: []string{"мюкла", "зюбра > тюпка"}, Not: []string{"тюпка"}}, "зюбра > тюпка"},

		{"a beginning with a not of one word", rules.Phrase{Any: []string{"зюбр*"}, Not: []string{"=зюбр"}}, ""},
		{"in order", rules.Phrase{All: []string{"вызов > на > дом"}, Any: []string{"детский_сад|школ*"}, Near: []string{"=врач"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.phrase.File, c.phrase.Line, c.phrase.Weight = "a.yaml", 7, 2
			faults := compile(t, rules.Topic{ID: "a", Title: "А", Phrases: []rules.Phrase{c.phrase}}).deadPhrases()
			if c.want == "" {
				if len(faults) > 0 {
					t.Fatal(faults)
				}
				return
			}
			for _, f := range faults {
				if f.Code != CodeWordDead || f.File != "a.yaml" || f.Line != 7 || !strings.Contains(f.What, c.want) {
					t.Errorf("%+v", f)
				}
			}
			if want := len(slices.Collect(slotsOf(c.want))); len(faults) != want {
				t.Errorf("%d faults, want %d: %v", len(faults), want, faults)
			}
		})
	}
}

func TestEveryPhraseOfTheEmbeddedPacksCanFire(t *testing.T) {
	for _, region := range rules.EmbeddedRegions() {
		for _, f := range embeddedClassifier(t, region).deadPhrases() {
			t.Error(f)
		}
	}
}
