package classify

import (
	"encoding/csv"
	"os"
	"testing"

	"github.com/otklik/otklik/domain"
)

// thanksFile holds sentences of thanks, meant and in scorn, written before the
// phrases that tell them apart. The half «aside» was only counted: whoever mends
// the phrases looks at «seen» alone.
const thanksFile = "testdata/thanks.csv"

// thanksCount is what became of the sentences of one half and meaning.
type thanksCount struct{ all, kept, doubted int }

func countThanks(t *testing.T, c *Classifier) map[string]thanksCount {
	t.Helper()
	f, err := os.Open(thanksFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]thanksCount{}
	for _, row := range rows[1:] {
		v := c.Judge(&domain.Post{Text: row[2]})
		n := counts[row[0]+" "+row[1]]
		n.all++
		switch {
		case v.Kind == domain.Thanks && v.Doubt != "":
			n.doubted++
		case v.Kind != domain.Problem:
			n.kept++
		}
		counts[row[0]+" "+row[1]] = n
	}
	return counts
}

// Scorn comes to a person or is a problem, thanks that are meant are kept.
func TestScornIsNotKeptAsThanks(t *testing.T) {
	for _, region := range []string{"khabarovsk", "kaliningrad"} {
		counts := countThanks(t, embeddedClassifier(t, region))
		for half, most := range map[string]struct{ missed, doubted float64 }{
			"seen":  {0.05, 0.05},
			"aside": {0.1, 0.1},
		} {
			scorn, meant := counts[half+" scorn"], counts[half+" sincere"]
			missed, doubted := float64(scorn.kept)/float64(scorn.all), float64(meant.doubted)/float64(meant.all)
			t.Logf("%s, %s: of %d in scorn %d kept, of %d meant %d doubted", region, half, scorn.all, scorn.kept, meant.all, meant.doubted)
			if scorn.all < 25 || meant.all < 25 {
				t.Errorf("%s: %d and %d sentences are too few", half, scorn.all, meant.all)
			}
			if missed > most.missed || doubted > most.doubted {
				t.Errorf("%s, %s: kept of scorn %.2f, most %.2f; doubted of thanks %.2f, most %.2f", region, half, missed, most.missed, doubted, most.doubted)
			}
		}
	}
}

// The thanks of the examples were written by others with other things in mind.
func TestExamplesOfThanksAreBelieved(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	all, doubted := 0, 0
	for _, idea := range c.pack.Signals.Ideas {
		for _, text := range idea.Thanks {
			all++
			if v := c.Judge(&domain.Post{Text: text}); v.Doubt != "" && v.Kind == domain.Thanks {
				doubted++
			}
		}
	}
	t.Logf("of %d thanks %d doubted", all, doubted)
	if all < 100 || float64(doubted)/float64(all) > 0.05 {
		t.Errorf("of %d thanks %d are doubted", all, doubted)
	}
}

func TestDoubtOfThanksNamesItsWords(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, doubt := range map[string]string{
		"Спасибо администрации за наше счастливое купание в лужах у подъезда": "благодарность похожа на насмешку: «за … купание», «лужах»",
		"Спасибо за «чистый» двор":                 "благодарность похожа на насмешку: слово в кавычках",
		"Спасибо за чистый двор 😂":                 "благодарность похожа на насмешку: смех",
		"Спасибо за чистый двор":                   "",
		"Спасибо магазину «Чистый двор» за скидку": "",
	} {
		if v := c.Judge(&domain.Post{Text: text}); v.Doubt != doubt {
			t.Errorf("%s: %s, doubt %q, want %q", text, v.Kind, v.Doubt, doubt)
		}
	}
}

func TestScareQuotes(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, want := range map[string]bool{
		"спасибо «умельцам»": true, "спасибо \"добрым людям\"": true, "спасибо «Роднику»": false,
		"сказали «приходите завтра в десять»": false, "спасибо \"\" вам": false, "дом «5»": false, "без кавычек": false,
	} {
		doc, err := c.newScratch().analyzer.Analyze(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := scareQuotes(doc); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
