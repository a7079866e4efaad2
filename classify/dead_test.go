package classify

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
				if f.Code == CodePhraseDead {
					dead = append(dead, fmt.Sprintf("%s:%d", f.File, f.Line))
				}
			}
			if !slices.Equal(dead, []string{"base/topics/own.yaml:6"}) {
				t.Errorf("phrases that nothing fires: %v", dead)
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
