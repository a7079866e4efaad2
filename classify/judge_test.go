package classify

import (
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"pgregory.net/rapid"
)

// decree is a small pack: two rows, an ordinary topic, a praise row.
func decree(t *testing.T) *Classifier {
	t.Helper()
	phrase := func(weight float64, terms ...string) rules.Phrase { return rules.Phrase{Any: terms, Weight: weight} }
	pack := &rules.Pack{
		Hash: "hash",
		Categories: []rules.Category{
			{Row: 1, Category: "Дороги", Subcategory: "ямы", Days: 10, Topics: []string{"pits"}},
			{Row: 2, Category: "Дороги", Subcategory: "тротуары", Days: 10, Topics: []string{"walks"}},
			{Row: 3, Category: "Питание", Subcategory: "все устраивает", Days: 10, Topics: []string{"praise"}, Praise: true},
		},
		Topics: []rules.Topic{
			{ID: "pits", Title: "Ямы", Phrases: []rules.Phrase{phrase(3, "яма"), phrase(1, "дорога")}},
			{ID: "walks", Title: "Тротуары", Phrases: []rules.Phrase{phrase(2, "тротуар*")}},
			{ID: "dogs", Title: "Собаки", Phrases: []rules.Phrase{phrase(2, "собак*")}},
			{ID: "hint", Title: "Намёк", Phrases: []rules.Phrase{phrase(1, "забор*")}},
			{ID: "praise", Title: "Хвалят", Phrases: []rules.Phrase{phrase(3, "вкусно")}},
		},
		Signals: rules.Signals{
			Voice:  []rules.Phrase{phrase(2, "=прошу")},
			Thanks: []rules.Phrase{phrase(2, "спасибо")},
			Other:  []rules.Phrase{phrase(4, "скидка")},
			Calm:   []rules.Phrase{phrase(2, "потушили")},
			Urgent: []rules.Urgent{{ID: "fire", Title: "пожар", Phrases: []rules.Phrase{phrase(2, "пожар")}}},
		},
	}
	c, err := Compile(pack, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func judge(c *Classifier, s string) domain.Verdict { return c.Judge(&domain.Post{Text: s}) }

func TestVerdicts(t *testing.T) {
	c := decree(t)
	for _, test := range []struct {
		name, in string
		kind     domain.Kind
		row      int
		topic    string
		urgent   bool
	}{
		{"unmistakable", "прошу убрать яму", domain.Problem, 1, "pits", false},
		{"the better of two", "прошу: тротуар цел, а дорога с ямами", domain.Problem, 1, "pits", false},
		{"ordinary order has its topic", "прошу отловить собак", domain.Problem, 0, "dogs", false},
		{"a hint names nothing", "прошу починить забор", domain.Problem, 0, "", false},
		{"no topic at all", "прошу ответить", domain.Problem, 0, "", false},
		{"advertising", "скидка на заборы, ямы копаем", domain.Other, 0, "", false},
		{"talk", "ну да, бывает", domain.Other, 0, "", false},
		{"thanks without a row", "спасибо большое", domain.Thanks, 0, "", false},
		{"praise has its row", "спасибо, вкусно", domain.Thanks, 3, "praise", false},
		{"danger", "у нас пожар", domain.Problem, 0, "", true},
		{"danger that is over", "прошу ответить: пожар потушили", domain.Problem, 0, "", false},
		{"English", "There is a very deep pothole in our street, please repair it soon", domain.Other, 0, "", false},
		{"empty", "", domain.Other, 0, "", false},
		{"only emoji", "😡😡😡", domain.Other, 0, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := judge(c, test.in)
			if v.Kind != test.kind || v.Row != test.row || v.Topic != test.topic || v.Urgent != test.urgent {
				t.Errorf("got %s row %d topic %q urgent %t (%s)", v.Kind, v.Row, v.Topic, v.Urgent, v.Reason)
			}
			if v.Reason == "" || v.PackHash != "hash" {
				t.Errorf("no reason or pack: %+v", v)
			}
		})
	}
}

func TestConfidenceOfEvidence(t *testing.T) {
	c := decree(t)
	if v := judge(c, "прошу убрать яму"); v.Confidence < 0.8 {
		t.Errorf("unique strong evidence gives %.2f", v.Confidence)
	}
	if v := judge(c, "прошу починить забор"); v.Confidence >= 0.5 {
		t.Errorf("a hint gives %.2f", v.Confidence)
	}
	clear, rival := judge(c, "прошу: тротуар"), judge(c, "прошу: тротуар и собаки")
	if rival.Confidence >= clear.Confidence || rival.Margin >= clear.Margin {
		t.Errorf("a rival changes nothing: %.2f, alone %.2f", rival.Confidence, clear.Confidence)
	}
}

func TestConfidenceIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.Float64Range(0, 20).Draw(t, "score")
		lead := rapid.Float64Range(-20, 20).Draw(t, "lead")
		more := rapid.Float64Range(0, 5).Draw(t, "more")
		c := confidence(score, lead)
		if c < 0 || c > 1 || math.IsNaN(c) {
			t.Fatalf("confidence %f", c)
		}
		if confidence(score+more, lead) < c || confidence(score, lead+more) < c {
			t.Fatalf("confidence(%f, %f) falls with more evidence", score, lead)
		}
	})
}

func TestAlternativesBestFirst(t *testing.T) {
	v := judge(decree(t), "прошу: ямы на дороге, тротуар, собаки, забор")
	if len(v.Alternatives) != 3 {
		t.Fatalf("%d alternatives", len(v.Alternatives))
	}
	if v.Alternatives[0].Row != v.Row || v.Alternatives[0].Confidence != v.Confidence {
		t.Errorf("the chosen one is not first: %+v", v.Alternatives)
	}
	rows := map[int]bool{}
	for i, a := range v.Alternatives {
		if i > 0 && a.Confidence > v.Alternatives[i-1].Confidence {
			t.Errorf("not in order: %+v", v.Alternatives)
		}
		if rows[a.Row] {
			t.Errorf("row %d twice", a.Row)
		}
		rows[a.Row] = true
	}
}

func TestEvidencePointsIntoTheOriginal(t *testing.T) {
	in := "<p>Прошу!&nbsp;Огромная я\u0301ма у дома</p>"
	v := judge(decree(t), in)
	if len(v.Evidence) != 1 {
		t.Fatalf("evidence %+v", v.Evidence)
	}
	e := v.Evidence[0]
	if got := string([]rune(in)[e.Start:e.End]); got != e.Text || got != "я\u0301ма" {
		t.Errorf("span %q, text %q", got, e.Text)
	}
	if !strings.Contains(e.Why, "стр. 1") {
		t.Errorf("why %q", e.Why)
	}
}

func TestFingerprint(t *testing.T) {
	c := decree(t)
	one := judge(c, "Во дворе третий месяц лежит огромная куча веток")
	same := judge(c, "<b>во дворе</b> третий месяц лежит ОГРОМНАЯ куча веток!!! 😡 https://vk.com/wall1")
	other := judge(c, "Во дворе третий месяц лежит огромная куча мусора")
	if one.Fingerprint == "" || one.Fingerprint != same.Fingerprint {
		t.Errorf("copies have fingerprints %q and %q", one.Fingerprint, same.Fingerprint)
	}
	if one.Fingerprint == other.Fingerprint {
		t.Error("another text has the same fingerprint")
	}
	if v := judge(c, "Когда уже?"); v.Fingerprint != "" {
		t.Errorf("a short text has fingerprint %q", v.Fingerprint)
	}
}

func TestLanguage(t *testing.T) {
	c := decree(t)
	for in, want := range map[string]string{
		"Прошу отремонтировать дорогу к посёлку":               "ru",
		"Please repair the road to our village":                "en",
		"Прошу відремонтувати дорогу до нашої оселі, її немає": "uk",
		"Біздің көшеде жарық жоқ, жөндеуді сұраймыз":           "kk",
		"5":  "ru",
		"ok": "ru",
		"Не работает Wi-Fi и GPS в центре города": "ru",
	} {
		if v := judge(c, in); v.Language != want {
			t.Errorf("%q is %s, want %s", in, v.Language, want)
		}
	}
}

func TestJudgeIsSafeForConcurrentUse(t *testing.T) {
	c := decree(t)
	texts := []string{"прошу убрать яму", "спасибо, вкусно", "у нас пожар", "скидка", "прошу: тротуар и собаки"}
	want := make([]string, len(texts))
	for i, s := range texts {
		want[i] = judge(c, s).Reason
	}
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for i := range 500 {
				k := i % len(texts)
				if got := judge(c, texts[k]).Reason; got != want[k] {
					t.Errorf("%q: %q, alone %q", texts[k], got, want[k])
					return
				}
			}
		})
	}
	running.Wait()
}

func FuzzJudge(f *testing.F) {
	for _, seed := range []string{"прошу убрать яму", "<br>&nbsp;пожар\xff", "тротуар 😡 собаки", "[id1|Имя] скидка https://a.ru"} {
		f.Add(seed)
	}
	c := embeddedClassifier(f, "khabarovsk")
	f.Fuzz(func(t *testing.T, in string) {
		v := c.Judge(&domain.Post{Text: in, Home: "bikin"})
		runes := []rune(in)
		for _, e := range v.Evidence {
			if e.Start < 0 || e.End <= e.Start || e.End > len(runes) {
				t.Fatalf("evidence %d-%d of %d runes", e.Start, e.End, len(runes))
			}
		}
		if v.Confidence < 0 || v.Confidence > 1 || len(v.Alternatives) > 3 {
			t.Fatalf("verdict %+v", v)
		}
	})
}

func TestLikenessHelpsAHint(t *testing.T) {
	pack := &rules.Pack{
		Topics: []rules.Topic{
			{ID: "power", Title: "Электричество", Phrases: []rules.Phrase{{Any: []string{"холодильник"}, Weight: 1}}, Match: []string{
				"Сидим при свечах третий вечер, холодильник потёк", "Лампочки моргают, холодильник сгорел"}},
			{ID: "roads", Title: "Дороги", Phrases: []rules.Phrase{{Any: []string{"яма"}, Weight: 2}}, Match: []string{
				"Колёса пробили на колдобинах", "Подвеску разбили на колдобинах"}},
		},
		Signals: rules.Signals{Voice: []rules.Phrase{{Any: []string{"=прошу"}, Weight: 2}}},
	}
	c, err := Compile(pack, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const said = "прошу помочь: вечер при свечах, холодильник потёк"
	v := judge(c, said)
	if v.Topic != "power" {
		t.Fatalf("topic %q (%s)", v.Topic, v.Reason)
	}
	if v := judge(c, "прошу помочь: вечер при свечах, всё потекло"); v.Topic != "" {
		t.Errorf("likeness alone names %q", v.Topic)
	}
	if v := judge(c.phrasesOnly(), said); v.Topic != "" {
		t.Errorf("the phrases alone give %q", v.Topic)
	}
	if v := judge(c, "прошу помочь: яма, холодильник"); v.Topic != "roads" {
		t.Errorf("phrases are outvoted: %q (%s)", v.Topic, v.Reason)
	}
}

func TestLikenessIsTheSameEveryTime(t *testing.T) {
	a, b := embeddedClassifier(t, "kaliningrad"), embeddedClassifier(t, "kaliningrad")
	x, y := judge(a, ordinary), judge(b, ordinary)
	if x.Confidence != y.Confidence || x.Reason != y.Reason || len(x.Alternatives) != len(y.Alternatives) {
		t.Errorf("two compilations differ: %+v and %+v", x, y)
	}
}
