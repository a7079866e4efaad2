package place

import (
	"testing"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

func index(t *testing.T, region string) *Index {
	t.Helper()
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		t.Fatal(err)
	}
	return NewIndex(&pack.Gazetteer)
}

func find(t *testing.T, x *Index, s, home string) domain.Place {
	t.Helper()
	d, err := text.NewAnalyzer(nil).Analyze(s)
	if err != nil {
		t.Fatal(err)
	}
	var w Work
	p, _ := x.Find(&w, d, home)
	return p
}

// want is what a text must give: municipality|settlement|street|house|source.
type placeTest struct{ in, municipality, settlement, street, house string }

func run(t *testing.T, region string, tests []placeTest) {
	t.Helper()
	x := index(t, region)
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			p := find(t, x, test.in, "")
			got := placeTest{test.in, p.Municipality, p.Settlement, p.Street, p.House}
			if got != test {
				t.Errorf("got  %+v\nwant %+v", got, test)
			}
		})
	}
}

func TestKhabarovskPlaces(t *testing.T) {
	run(t, "khabarovsk", []placeTest{
		{"В Хабаровске на ул. Карла Маркса, д. 12/3 яма", "khabarovsk-city", "Хабаровск", "Карла Маркса улица", "12/3"},
		{"у нас в комсомольске нет воды", "komsomolsk-city", "Комсомольск-на-Амуре", "", ""},
		{"Комсомольск-на-Амуре, проспект Мира 37а не чистят", "komsomolsk-city", "Комсомольск-на-Амуре", "Мира проспект", "37а"},
		{"Николаевск на Амуре без света", "nikolaevsk", "Николаевск-на-Амуре", "", ""},
		{"в Советской Гавани автобус не ходит", "sovetskaya-gavan", "Советская Гавань", "", ""},
		{"Жители Хабаровского края недовольны", "", "", "", ""},
		{"Дорога в Вяземском районе разбита", "vyazemskiy", "", "", ""},
		{"Вяземский, ул Ленина 5", "vyazemskiy", "Вяземский", "Ленина улица", "5"},
		{"Переяславка, район имени Лазо, темно на улице Октябрьской", "lazo", "Переяславка", "Октябрьская улица", ""},
		{"посёлок Солнечный, улица Парковая дом № 3", "solnechnyy", "Солнечный", "Парковая улица", "3"},
		{"солнечный день, а дорога грязная", "", "", "", ""},
		{"Падали листья, а теперь снег", "", "", "", ""},
		{"отключили ток и воду в Ванино", "vanino", "Ванино", "", ""},
		{"пр-т 60-летия Октября, 152к2", "khabarovsk-city", "Хабаровск", "60-летия Октября проспект", "152 корп. 2"},
		{"Амурский бульвар 10, лавочки сломаны", "khabarovsk-city", "Хабаровск", "Амурский бульвар", "10"},
		{"дом 5 по переулку Садовому", "", "", "Садовый переулок", "5"},
		{"Октябрьская 34 нет отопления", "", "", "Октябрьская улица", "34"},
		{"Набережная 19, 3 подъезд", "", "", "Набережная улица", "19"},
		{"Халтурина 3, нет тепла", "", "", "Халтурина улица", "3"},
		{"Машина 3 дня стоит", "", "", "", ""},
		{"ул.Ленина,д.5,кв.10", "", "", "Ленина улица", "5"},
		{"В Курске на улице Садовой яма", "", "", "Садовая улица", ""},
		{"Стоим на остановке 40 минут", "", "", "", ""},
		{"Школа 5, поликлиника 3, маршрут 12", "", "", "", ""},
		{"Вся улица в ямах", "", "", "", ""},
		{"Ждём 15 сентября, обещали 3 мая", "", "", "", ""},
		{"Хабаровск г, Ленина ул, дом 4", "khabarovsk-city", "Хабаровск", "Ленина улица", "4"},
		{"УК Набережная не отвечает", "", "", "", ""},
		{"На горячей линии МФЦ музыка", "", "", "", ""},
		{"в Комсомольском микрорайоне нет воды", "", "", "Комсомольский микрорайон", ""},
		{"до улицы Барамзиной не дойти", "", "", "Барамзиной улица", ""},
		{"больничный городок Заря закрыт", "", "", "", ""},
		{"улица разбита, дворовый проезд тоже", "", "", "", ""},
	})
}

func TestKaliningradPlaces(t *testing.T) {
	run(t, "kaliningrad", []placeTest{
		{"В Калининграде на Московском проспекте 40 темно", "kaliningrad-city", "Калининград", "Московский проспект", "40"},
		{"Город Гусев, улица Победы 3", "gusev", "Гусев", "Победы улица", "3"},
		{"Спасибо врачу Гусеву", "", "", "", ""},
		{"живём в Советске, нет врача", "sovetsk", "Советск", "", ""},
		{"Зеленоградск, пляж грязный", "zelenogradsk", "Зеленоградск", "", ""},
		{"в светлогорске автобусы не ходят", "svetlogorsk", "Светлогорск", "", ""},
	})
}

// Hyphens, dashes and spaces of a compound name stand for one another.
func TestCompoundNames(t *testing.T) {
	run(t, "khabarovsk", []placeTest{
		{"Князе-Волконское-1, нет воды", "khabarovskiy", "Князе-Волконское-1", "", ""},
		{"в Князе-Волконском-1 нет воды", "khabarovskiy", "Князе-Волконское-1", "", ""},
		{"с. Князе-Волконское 1 нет воды", "khabarovskiy", "Князе-Волконское-1", "", ""},
		{"село Князе Волконское - 1, нет воды", "khabarovskiy", "Князе-Волконское-1", "", ""},
		{"Князе-Волконское, ул. Мира 1, нет воды", "khabarovskiy", "Князе-Волконское", "Мира улица", "1"},
		{"Князе-Волконское, 1 подъезд, нет воды", "khabarovskiy", "Князе-Волконское", "", ""},
		{"Князе Волконское, нет воды", "khabarovskiy", "Князе-Волконское", "", ""},
		{"в Князеволконском нет воды", "khabarovskiy", "Князе-Волконское", "", ""},
		{"посёлок Князе - Волконское, нет воды", "khabarovskiy", "Князе-Волконское", "", ""},
		{"Князе–Волконское без воды", "khabarovskiy", "Князе-Волконское", "", ""},
		{"в Сикачи Аляне нет связи", "khabarovskiy", "Сикачи-Алян", "", ""},
		{"в Сикачи — Аляне нет связи", "khabarovskiy", "Сикачи-Алян", "", ""},
		{"Комсомольск - на - Амуре, нет воды", "komsomolsk-city", "Комсомольск-на-Амуре", "", ""},
		{"Комсомольск–на–Амуре, нет воды", "komsomolsk-city", "Комсомольск-на-Амуре", "", ""},
		{"в Гаровке 2 нет воды", "khabarovskiy", "Гаровка-2", "", ""},
		{"в Гаровке2 нет воды", "khabarovskiy", "Гаровка-2", "", ""},
		{"Гаровка – 2, нет воды", "khabarovskiy", "Гаровка-2", "", ""},
		{"в Советской-Гавани нет воды", "sovetskaya-gavan", "Советская Гавань", "", ""},
	})
	run(t, "kaliningrad", []placeTest{
		{"в Светлогорске - 2 нет воды", "svetlogorsk", "Светлогорск", "", ""},
		{"Светлогорск 2, нет воды", "svetlogorsk", "Светлогорск", "", ""},
	})
}

func TestHomeIsTheFallback(t *testing.T) {
	x := index(t, "khabarovsk")
	for _, test := range []struct {
		name, in, home, municipality string
		source                       domain.PlaceSource
	}{
		{"nothing named", "фонари не горят", "bikin", "bikin", domain.PlaceHome},
		{"street only", "на улице Садовой яма", "bikin", "bikin", domain.PlaceHome},
		{"place named", "в Амурске яма", "bikin", "amursk", domain.PlaceText},
		{"another region's town", "В Курске на улице Садовой яма", "bikin", "", domain.PlaceElsewhere},
		{"at home elsewhere", "у нас в омске неделю не вывозят мусор", "bikin", "", domain.PlaceElsewhere},
		{"elsewhere as an address", "Новосибирск, ул. Ленина 5, во дворе яма", "bikin", "", domain.PlaceElsewhere},
		{"elsewhere behind the address", "Улица Мира 5, Калуга, не вывозят мусор", "bikin", "", domain.PlaceElsewhere},
		{"elsewhere ends the address", "Ленина 12, Рязань. Третий день нет света", "bikin", "", domain.PlaceElsewhere},
		{"elsewhere behind the street", "на улице Мира в Туле яма", "bikin", "", domain.PlaceElsewhere},
		{"asked of elsewhere", "Почему в Новосибирске на Станционной такие ямы?", "bikin", "", domain.PlaceElsewhere},
		{"our own elsewhere", "В нашем Омске опять ямы на Мира", "bikin", "", domain.PlaceElsewhere},
		{"its case has no fleeting vowel", "Во Владивостоке нет горячей воды", "bikin", "", domain.PlaceElsewhere},
		{"compared with elsewhere", "У нас не как в Москве, снег не убирают", "bikin", "bikin", domain.PlaceHome},
		{"asked and compared", "Почему в Москве чисто, а у нас грязь?", "bikin", "bikin", domain.PlaceHome},
		{"a street named after a town", "Омская улица 7, не вывозят мусор", "bikin", "bikin", domain.PlaceHome},
		{"the way from elsewhere", "Переехал из Омска, теперь на Ленина 5 нет отопления", "bikin", "bikin", domain.PlaceHome},
		{"elsewhere goes on", "На Ленина 5, Москва тут ни при чём, нет света", "bikin", "bikin", domain.PlaceHome},
		{"another region in passing", "А мы были летом в Москве, там чисто", "bikin", "bikin", domain.PlaceHome},
		{"a town the gazetteer does not have", "Живу в г. Очёр, лекарств нет", "bikin", "", domain.PlaceElsewhere},
		{"a year is no town", "С марта 2026 г. Прошу убрать снег", "bikin", "bikin", domain.PlaceHome},
		{"region's town of our name", "Город Амурск Амурской области, нет воды", "bikin", "", domain.PlaceElsewhere},
		{"on the way", "поезд до Москвы опоздал", "bikin", "bikin", domain.PlaceHome},
		{"a route", "Москва – Хабаровск, рейс отменили", "bikin", "khabarovsk-city", domain.PlaceText},
		{"contrast", "В Москве чисто, а у нас грязь", "bikin", "bikin", domain.PlaceHome},
		{"a first name", "Владимир, когда уберёте снег?", "bikin", "bikin", domain.PlaceHome},
		{"no home", "фонари не горят", "", "", domain.PlaceNone},
		{"unknown home", "фонари не горят", "atlantis", "", domain.PlaceNone},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := find(t, x, test.in, test.home)
			if p.Municipality != test.municipality || p.Source != test.source {
				t.Errorf("got %s from %q, want %s from %q", p.Municipality, p.Source, test.municipality, test.source)
			}
		})
	}
}

func TestAmbiguousNamesStayOpen(t *testing.T) {
	g := &rules.Gazetteer{
		Municipalities: []rules.Municipality{
			{ID: "east", Name: "Восточный район", Forms: []string{"Восточный район"}},
			{ID: "west", Name: "Западный район", Forms: []string{"Западный район"}},
		},
		Settlements: []rules.Settlement{
			{Name: "Берёзовка", Type: "с", Municipality: "east"},
			{Name: "Берёзовка", Type: "с", Municipality: "west"},
		},
	}
	x := NewIndex(g)
	open := find(t, x, "в селе Берёзовка нет связи", "")
	if open.Municipality != "" || len(open.Candidates) != 2 || open.Settlement != "Берёзовка" {
		t.Errorf("without context: %+v", open)
	}
	if p := find(t, x, "в селе Берёзовка нет связи", "west"); p.Municipality != "west" {
		t.Errorf("the home must decide: %+v", p)
	}
	if p := find(t, x, "в селе Берёзовке Восточного района нет связи", ""); p.Municipality != "east" {
		t.Errorf("the municipality named must decide: %+v", p)
	}
}

func TestForms(t *testing.T) {
	for word, want := range map[string]string{
		"хабаровск": "хабаровске", "переяславка": "переяславку", "солнечный": "солнечном",
		"вяземский": "вяземского", "ванино": "ванине", "гавань": "гавани", "черняховск": "черняховском",
	} {
		found := false
		for _, f := range forms(word) {
			found = found || f == want
		}
		if !found {
			t.Errorf("forms of %s lack %s", word, want)
		}
	}
	for _, f := range forms("хабаровск") {
		if f == "хабаровского" {
			t.Error("the adjective of the край is taken for the city")
		}
	}
}
