package classify

import (
	"strings"
	"testing"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/rules"
)

// fires reports whether a phrase fires in a text.
func fires(t *testing.T, p rules.Phrase, s string) bool {
	t.Helper()
	m := newMatcher()
	if _, faults := m.group([]rules.Phrase{p}); len(faults) > 0 {
		t.Fatal(faults[0].err)
	}
	m.build()
	d, err := text.NewAnalyzer(nil).Analyze(s)
	if err != nil {
		t.Fatal(err)
	}
	x := newMatch(m, nil, text.NewLexicon())
	x.run(d, nil)
	return len(x.fired) > 0
}

func TestGrammar(t *testing.T) {
	any := func(terms ...string) rules.Phrase { return rules.Phrase{Any: terms} }
	for _, test := range []struct {
		name   string
		phrase rules.Phrase
		in     string
		want   bool
	}{
		{"stem", any("яма"), "Кругом ЯМАМИ всё изрыто", true},
		{"stem is not a substring", any("яма"), "Прямая дорога", false},
		{"prefix", any("выбоин*"), "выбоинам нет числа", true},
		{"exact", any("=снег"), "убирайте снег", true},
		{"exact wants that form", any("=снег"), "убирайте снега", false},
		{"ё in the pattern", any("=лёд"), "на тротуаре лед", true},
		{"alternatives", any("яма|ухаб*"), "ухабы", true},
		{"two slots in any order", any("мусор вывоз*"), "не вывозят неделями мусор", true},
		{"two slots too far apart", any("мусор вывоз*"), "мусор лежит тут уже давно и никто его не вывозит", false},
		{"two slots in two sentences", any("мусор вывоз*"), "Мусор лежит. Вывозить некому", false},
		{"one word cannot fill two slots", any("яма яма|дыра"), "яма", false},
		{"ordered", any("не > работа*"), "лифт не всегда работает", true},
		{"ordered the other way", any("не > работа*"), "работает лифт не очень", false},
		{"ordered too far", any("не > работа*"), "не знаю почему лифт работает", false},
		{"words in a row", any("без_сознания|умирает"), "лежит без сознания", true},
		{"words not in a row", any("без_сознания"), "без потери сознания", false},
		{"hyphenated word by its part", any("интернат"), "школа-интернат закрыта", true},
		{"number", any("112"), "звонили 112 и ничего", true},
		{"all", rules.Phrase{All: []string{"врач*", "запис*"}}, "Врача нет. Запись закрыта", true},
		{"all lacks one", rules.Phrase{All: []string{"врач*", "запис*"}}, "Врача нет", false},
		{"not", rules.Phrase{Any: []string{"яма"}, Not: []string{"люк*"}}, "яма у люка", false},
		{"not of several words", rules.Phrase{Any: []string{"яма"}, Not: []string{"помойн* яма"}}, "вырыли яму помойную", false},
		{"near", rules.Phrase{Near: []string{"яма", "дорог*"}}, "на дороге опять большая яма", true},
		{"near but far", rules.Phrase{Near: []string{"яма", "дорог*"}, Within: 2}, "на дороге опять большая и глубокая яма", false},
		{"near in two sentences", rules.Phrase{Near: []string{"яма", "дорог*"}}, "Это дорога! Яма", false},
		{"near wants two words", rules.Phrase{Near: []string{"яма|дыра", "яма|дыра"}}, "яма", false},
		{"one near term stands by any", rules.Phrase{Any: []string{"колея"}, Near: []string{"дорог*"}}, "колея на дороге", true},
		{"one near term far from any", rules.Phrase{Any: []string{"колея"}, Near: []string{"дорог*"}, Within: 2}, "дорога новая, вот только эта колея", false},
		{"any far from several near", rules.Phrase{Any: []string{"колея"}, Near: []string{"яма", "дорог*"}}, "Яма на дороге. Ещё колея", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fires(t, test.phrase, test.in); got != test.want {
				t.Errorf("%+v in %q: fires %t", test.phrase, test.in, got)
			}
		})
	}
}

func TestBadTermsAreFaults(t *testing.T) {
	for _, term := range []string{"", "а||б", "> яма", "яма >", "яма > > дыра", "=ям*", "яма,дыра", "*"} {
		if _, err := newTerms().compile(term); err == nil {
			t.Errorf("%q was taken for a term", term)
		}
	}
}

func TestCompileNamesFileAndLine(t *testing.T) {
	pack := &rules.Pack{Topics: []rules.Topic{{ID: "a", Phrases: []rules.Phrase{
		{Any: []string{"яма"}, File: "topics/a.yaml", Line: 3},
		{Any: []string{"=ям*"}, File: "topics/a.yaml", Line: 4},
	}}}}
	_, err := Compile(pack, Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "topics/a.yaml:4: ") {
		t.Errorf("error %v names no place", err)
	}
}

func TestPhraseCountsOncePerPost(t *testing.T) {
	c := compile(t, rules.Topic{ID: "a", Title: "А", Phrases: []rules.Phrase{{Any: []string{"яма"}, Weight: 1.5}}})
	e, err := c.Explain("яма, яма и ещё яма")
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Groups) != 1 || e.Groups[0].Score != 1.5 {
		t.Errorf("scores %+v, want one of 1.5", e.Groups)
	}
}

// compile makes a classifier of topics alone, with enough signals to call a
// text that says «прошу» a problem.
func compile(t *testing.T, topics ...rules.Topic) *Classifier {
	t.Helper()
	c, err := Compile(&rules.Pack{Topics: topics, Signals: rules.Signals{
		Voice: []rules.Phrase{{Any: []string{"=прошу"}, Weight: 2}},
	}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWordSet(t *testing.T) {
	s := newWordSet([]string{"мэр*", "Пишите"})
	for word, want := range map[string]bool{"мэрия": true, "мэр": true, "пишите": true, "пишитесь": false, "номер": false} {
		if s.has(word) != want {
			t.Errorf("%s: %t", word, s.has(word))
		}
	}
}
