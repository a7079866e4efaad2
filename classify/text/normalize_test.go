package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// words are the words of a text, in order.
func words(t *testing.T, s string) string {
	t.Helper()
	d, err := NewAnalyzer(nil).Analyze(s)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(d.Words))
	for i := range d.Words {
		list[i] = d.Word(i)
	}
	return strings.Join(list, " ")
}

func TestNormalisation(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"case and ё", "Ёлка УПАЛА", "елка упала"},
		{"named entity", "яма&nbsp;у&quot;дома&quot;", "яма у дома"},
		{"numbered entity", "сколько можно&#33; уже год", "сколько можно уже год"},
		{"doubly escaped entity", "свет&amp;nbsp;погас", "свет погас"},
		{"ampersand alone", "хлеб & соль", "хлеб соль"},
		{"line break", "нет воды<br>третий день<br/>сил нет", "нет воды третий день сил нет"},
		{"paragraph with style", "<p style=`color:red`>люк</p><p>открыт</p>", "люк открыт"},
		{"inline tag joins", "тро<b>туар</b>", "тротуар"},
		{"less-than is no tag", "температура < 18 градусов > нормы", "температура 18 градусов нормы"},
		{"community mention", "[club12|Мэрия города], ответьте", "мэрия города ответьте"},
		{"person mention is dropped", "[id77|Анна Светлая], и у нас", "и у нас"},
		{"bracket is no mention", "[важно] течёт крыша", "важно течет крыша"},
		{"Latin in Cyrillic", "вoды нeт, Kогда дaдут", "воды нет когда дадут"},
		{"single Latin letter", "живу c детьми", "живу с детьми"},
		{"Latin word stays", "нет wi-fi и QR кода", "нет wi-fi и qr кода"},
		{"zero width", "от\u200bклю\u200dчили", "отключили"},
		{"soft hyphen", "осве\u00adщение", "освещение"},
		{"stress mark", "доро\u0301га", "дорога"},
		{"decomposed й and ё", "мои\u0306 ребе\u0308нок", "мой ребенок"},
		{"emoji part words", "яма😡на🚗дороге", "яма на дороге"},
		{"link leaves its host", "не открывается https://www.gosuslugi.ru/600123/1?x=2 второй день", "не открывается gosuslugi.ru второй день"},
		{"bare host", "сайт gosuslugi.ru, лежит", "сайт gosuslugi.ru лежит"},
		{"hashtag", "#Нет_Воды в доме", "нет воды в доме"},
		{"account", "@gorod_admin когда?", "когда"},
		{"glued number sign", "школа №3", "школа № 3"},
		{"glued punctuation", "яма,лужа/грязь", "яма лужа грязь"},
		{"glued house", "дом5 кв12", "дом 5 кв 12"},
		{"house letter", "дом 12а, 5-го мая", "дом 12а 5-го мая"},
		{"hyphenated", "пр-т 60-летия", "пр-т 60-летия"},
		{"date stays whole", "с 12.11.2025 до 8:30", "с 12.11.2025 до 8:30"},
		{"zero byte", "нет\x00воды", "нет воды"},
		{"only emoji", "😡😡😡", ""},
		{"empty", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := words(t, test.in); got != test.want {
				t.Errorf("Analyze(%q) gives words %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestSpansPointIntoTheOriginal(t *testing.T) {
	text := "<p>Ул.&nbsp;Ленина: вoда 😡 на ты\u200bщу&#33; <b>Ёж</b> https://a.ru/x</p>"
	want := []string{"Ул", ".", "Ленина", ":", "вoда", "на", "ты\u200bщу", "&#33;", "Ёж", "https://a.ru/x"}
	d, err := NewAnalyzer(nil).Analyze(text)
	if err != nil {
		t.Fatal(err)
	}
	original := []rune(text)
	if len(d.Tokens) != len(want) {
		t.Fatalf("got %d tokens, want %d", len(d.Tokens), len(want))
	}
	for i := range d.Tokens {
		start, end := d.Span(i, i)
		if got := string(original[start:end]); got != want[i] {
			t.Errorf("token %d (%s) spans %q, want %q", i, d.Token(i), got, want[i])
		}
	}
}

func TestFaultsAreNamed(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     domain.FaultCode
	}{
		{"broken encoding", "нет \xff\xfe воды", domain.FaultInvalidUTF8},
		{"zero byte", "нет\x00воды", domain.FaultNUL},
		{"giant", strings.Repeat("яма на дороге ", 80_000), domain.FaultTooLong},
		{"combining bomb", "я" + strings.Repeat("\u0301", 5000) + "ма", domain.FaultCombining},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := NewAnalyzer(nil).Analyze(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Faults) != 1 || d.Faults[0].Code != test.want {
				t.Errorf("faults %v, want one %s", d.Faults, test.want)
			}
		})
	}
}

func TestGiantTextsAreCut(t *testing.T) {
	for name, in := range map[string]string{
		"words":       strings.Repeat("яма на дороге ", 80_000),
		"one word":    strings.Repeat("ъ", 1_000_000),
		"punctuation": strings.Repeat(")(", 500_000),
		"brackets":    strings.Repeat("<[&", 300_000),
		"emoji":       strings.Repeat("😡", 250_000),
		"bad bytes":   strings.Repeat("\xff", 1_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := NewAnalyzer(nil).Analyze(in)
			if err != nil {
				t.Fatal(err)
			}
			if d.Shape.Runes > MaxRunes+maxMention {
				t.Errorf("judged %d runes, at most %d were to be", d.Shape.Runes, MaxRunes)
			}
		})
	}
}

func TestShape(t *testing.T) {
	d, err := NewAnalyzer(nil).Analyze("🔥 Новость — читать на https://site.ru\n\nПодпишись! #город #край @kanal Why not?")
	if err != nil {
		t.Fatal(err)
	}
	s := d.Shape
	if !s.Heading || s.Emoji != 1 || s.Links != 1 || s.Hashtags != 2 || s.Accounts != 1 ||
		s.Dashes != 1 || s.Exclaims != 1 || s.Questions != 1 || s.LatinWords != 2 || s.Paragraphs != 2 {
		t.Errorf("shape %+v", s)
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, seed := range []string{
		"На ул. Ленина, д. 5&#33; <br>яма", "[club1|Имя] https://vk.com/x", "и\u0306\u0306\u0306", "\xff\x00&amp;nbsp;",
		"«№3», пр-т 60-летия", "😡\u200b\ufe0f", "<p style=`x`>&lt;", "@имя @name_1 #тег_два", "a.ru/пу ть", "12.11.2025-5а/3",
	} {
		f.Add(seed)
	}
	a := NewAnalyzer(nil)
	f.Fuzz(func(t *testing.T, in string) {
		d, err := a.Analyze(in)
		if err != nil {
			t.Fatal(err)
		}
		runes := utf8.RuneCountInString(in)
		before := 0
		for i := range d.Tokens {
			start, end := d.Span(i, i)
			if start < before || end <= start || end > runes {
				t.Fatalf("token %d (%q) spans %d-%d after %d in %d runes", i, d.Token(i), start, end, before, runes)
			}
			before = start
		}
		for pos, i := range d.Words {
			if d.Tokens[i].Pos != int32(pos) {
				t.Fatalf("word %d says it is at %d", pos, d.Tokens[i].Pos)
			}
		}
	})
}
