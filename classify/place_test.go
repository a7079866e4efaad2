package classify

import (
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Names of streets and settlements say nothing about the problem: with another
// name in their place the verdict is the same.
func TestNamesOfPlacesAreNotTopics(t *testing.T) {
	for region, tests := range map[string][][2]string{
		"khabarovsk": {
			{"На улице Школьной третий день нет воды", "На улице Ломакина третий день нет воды"},
			{"Школьная 5, не горит фонарь во дворе", "Ломакина 5, не горит фонарь во дворе"},
			{"Больничный переулок 3, крыша протекает", "Ломакинский переулок 3, крыша протекает"},
			{"пр. Строителей, 35, подъезд не моют", "пр. Ломакина, 35, подъезд не моют"},
			{"ул. Дорожная 7, батареи холодные", "ул. Ломакина 7, батареи холодные"},
			{"улица Озёрная 12, собаки бросаются на людей", "улица Ломакина 12, собаки бросаются на людей"},
			{"ул. Парковая, д. 13, в квартире холодно", "ул. Ломакина, д. 13, в квартире холодно"},
			{"на Вокзальной, 48 подвал затоплен", "на Ломакина, 48 подвал затоплен"},
			{"ул. Почтовая 4, лифт стоит вторую неделю", "ул. Ломакина 4, лифт стоит вторую неделю"},
			{"Аптечный переулок, дом 2, не вывозят мусор", "Ломакинский переулок, дом 2, не вывозят мусор"},
			{"посёлок Горный, света нет второй день", "посёлок Хурмули, света нет второй день"},
			{"в Советской Гавани не хватает врачей", "в Николаевске не хватает врачей"},
		},
		"kaliningrad": {
			{"посёлок Чистые Пруды, свет отключают каждый вечер", "посёлок Илюшино, свет отключают каждый вечер"},
			{"ул. Трамвайная, 9, нет горячей воды", "ул. Ломакина, 9, нет горячей воды"},
			{"Садовая, 3 - фонари не горят", "Ломакина, 3 - фонари не горят"},
		},
	} {
		c := embeddedClassifier(t, region)
		for _, test := range tests {
			a, b := c.Judge(&domain.Post{Text: test[0]}), c.Judge(&domain.Post{Text: test[1]})
			if a.Row != b.Row || a.Topic != b.Topic || a.Confidence != b.Confidence || a.Kind != b.Kind {
				t.Errorf("%s:\n   row %d %s %.2f %s\n%s:\n   row %d %s %.2f %s", test[0], a.Row, a.Topic, a.Confidence, a.Reason,
					test[1], b.Row, b.Topic, b.Confidence, b.Reason)
			}
		}
	}
}

// What stands outside the name keeps its meaning, the street's type too.
func TestWordsBesidePlacesCount(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, words := range map[string][]string{
		"дорога на Карла Маркса вся в ямах":    {"дорога", "ямах"},
		"Хабаровск, на Дорожной дорога в ямах": {"дорога", "ямах"},
	} {
		v := c.Judge(&domain.Post{Text: text})
		var said string
		for _, e := range v.Evidence {
			if e.Why != domain.WhyPlace {
				said += " " + e.Text
			}
		}
		for _, w := range words {
			if !strings.Contains(said, w) {
				t.Errorf("%s: %q is no evidence for row %d: %q", text, w, v.Row, said)
			}
		}
		if strings.Contains(said, "Дорожной") {
			t.Errorf("%s: the street's name is evidence: %q", text, said)
		}
	}
}

func TestAnotherRegionIsSaid(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, town := range map[string]string{
		"У нас в Новосибирске на дороге яма, машины бьются, примите меры": "Новосибирск",
		"Владивосток, мусор не вывозят вторую неделю, когда уберут?":      "Владивосток",
		"В Подмосковье нет отопления в домах, мёрзнем":                    "Подмосковье",
	} {
		v := c.Judge(&domain.Post{Text: text, Home: "bikin"})
		if v.Place.Source != domain.PlaceElsewhere || v.Place.Elsewhere != town || v.Place.Municipality != "" || !strings.Contains(v.Reason, town) {
			t.Errorf("%s: %+v, %s", text, v.Place, v.Reason)
		}
		place := func(e domain.Evidence) bool { return e.Why == domain.WhyPlace }
		if !slices.ContainsFunc(v.Evidence, place) {
			t.Errorf("%s: no evidence for the place", text)
		}
	}
}

// A town's name fills the terms that name it and not those that begin like it.
func TestTownNameInPhrases(t *testing.T) {
	m := newMatcher()
	for _, term := range []string{"охот*", "охотск*", "охотск"} {
		_, faults := m.group([]rules.Phrase{{Any: []string{term}, Weight: 2}})
		if len(faults) > 0 {
			t.Fatal(faults)
		}
	}
	m.build()
	named := m.terms.lex.fillNamed(nil, "охотске")
	if len(named) != 2 || len(m.terms.lex.fill(nil, "охотске")) != 3 {
		t.Errorf("охотске fills %d terms as a town's name, want 2", len(named))
	}
}
