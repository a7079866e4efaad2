package classify

import (
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// rivalTest is a text that names several municipalities: which one the problem is
// in, which others are offered, and whether a person must decide.
type rivalTest struct {
	text, municipality, others string
	disputed                   bool
}

func TestTwoMunicipalities(t *testing.T) {
	for region, tests := range map[string][]rivalTest{
		"khabarovsk": {
			{"Живу в Хабаровске, а яма в Комсомольске на проспекте Мира у дома 20", "komsomolsk-city", "khabarovsk-city", false},
			{"живу в Хабаровске, а яма в Комсомольске", "komsomolsk-city", "khabarovsk-city", false},
			{"Сам из Бикина, но в Вяземском на Коммунистической нет света третий день", "vyazemskiy", "bikin", false},
			{"Прописана в Амурске, а в поликлинике Комсомольска-на-Амуре меня не записывают к терапевту", "komsomolsk-city", "amursk", false},
			{"Еду каждый день из Переяславки в Хабаровск, на въезде в Хабаровске дорога в ямах", "khabarovsk-city", "lazo", false},
			{"Приехали из Николаевска-на-Амуре в Ванино, а там остановка разбита и автобус не ходит", "vanino", "nikolaevsk", false},
			{"Я из Хабаровска. В Советской Гавани на вокзале туалет закрыт и грязь", "sovetskaya-gavan", "khabarovsk-city", false},
			{"В Хабаровске снег чистят, а в Бикине тротуары во льду, люди падают", "bikin", "khabarovsk-city", false},
			{"Раньше жил в Солнечном, теперь в Амурске, и здесь неделями не вывозят мусор", "amursk", "solnechnyy", false},
			{"Ямы и в Хабаровске, и в Комсомольске, когда сделают дороги?", "khabarovsk-city", "komsomolsk-city", true},
			{"Нет горячей воды в Амурске и Эльбане", "amursk", "", false},
			{"Автобус Хабаровск — Комсомольск опаздывает на два часа, сколько можно ждать", "khabarovsk-city", "komsomolsk-city", true},
			{"Администрация Хабаровска молчит, а в Ванино третий месяц не горят фонари", "vanino", "khabarovsk-city", false},
			{"Дорога из Хабаровска в Бикин вся разбита, сделайте наконец", "khabarovsk-city", "bikin", true},
			{"Пишу из Хабаровска, у родителей в Чегдомыне нет воды", "verkhnebureinskiy", "khabarovsk-city", false},
			{"Комсомольск-на-Амуре, Ленина 12. Обращалась в поликлинику в Хабаровске, но подъезд так и не убирают", "komsomolsk-city", "khabarovsk-city", false},
			{"Под Хабаровском в Тополево не чистят дороги от снега", "khabarovskiy", "khabarovsk-city", false},
			{"Село Ильинка рядом с Хабаровском: стая собак бросается на детей", "khabarovskiy", "khabarovsk-city", false},
			{"У нас в Бикине не как в Хабаровске, мусор лежит месяцами", "bikin", "khabarovsk-city", false},
			{"Почему в Хабаровске автобусы есть, а у нас в Амурске ждём по часу?", "amursk", "khabarovsk-city", false},
			{"Работаю в Хабаровске, живу в Некрасовке, в Некрасовке нет света", "khabarovskiy", "khabarovsk-city", false},
			{"Живу в Хабаровске, мусор не вывозят вторую неделю", "khabarovsk-city", "", false},
			{"Хабаровск, Комсомольск, Амурск: везде дороги в ямах", "khabarovsk-city", "komsomolsk-city amursk", true},
			{"Живу в Комсомольске, отопления нет, звонила в Хабаровск, не отвечают", "komsomolsk-city", "khabarovsk-city", true},
			{"Переехала из Амурска в Хабаровск, в Хабаровске не могу прикрепиться к поликлинике", "khabarovsk-city", "amursk", false},
			{"Мы с мужем живём в Комсомольске, а дача у нас в Солнечном, там неделю нет света", "solnechnyy", "komsomolsk-city", false},
			{"Бикин. Третий день нет воды. Хабаровск знает?", "bikin", "khabarovsk-city", false},
			{"Вожу ребёнка из Эльбана в Комсомольск, автобус ломается каждый день", "amursk", "komsomolsk-city", true},
			{"в бикине темно как в подвале, в хабаровске хоть фонари горят", "bikin", "khabarovsk-city", true},
			{"Обращаюсь к мэру Хабаровска: почему в Вяземском не чистят дороги?", "vyazemskiy", "khabarovsk-city", false},
			{"Зарегистрирована в Ванино, живу в Советской Гавани, здесь мне не дают лекарства", "sovetskaya-gavan", "vanino", false},
			{"Были в Хабаровске у врача, вернулись в Чегдомын, скорая не приехала", "", "", true},
			{"До Комсомольска 50 км, а в Солнечном нет ни одного терапевта", "solnechnyy", "komsomolsk-city", false},
			{"Село Тополево, это 5 км от Хабаровска. Дорога в ямах", "khabarovskiy", "khabarovsk-city", false},
			{"Я житель Хабаровска, но пишу про Переяславку: на остановке нет навеса", "lazo", "khabarovsk-city", false},
			{"Комсомольск-на-Амуре: крыша течёт. В Амурске сделали, а у нас нет", "komsomolsk-city", "amursk", false},
			{"Дороги в ямах в Бикине, а в Хабаровске всё чинят", "", "", true},
			{"Купила квартиру в Хабаровске, а прописка в Бикине, в Бикине не дают справку", "bikin", "khabarovsk-city", false},
			{"Возле Переяславки на трассе к Хабаровску провал асфальта", "", "", true},
			{"Соседи из Комсомольска смеются: в Амурске снова нет горячей воды", "amursk", "komsomolsk-city", false},
			{"Хабаровск — центр края, а у нас в посёлке Хор воды нет", "lazo", "khabarovsk-city", false},
			{"На трассе Хабаровск — Находка под Бикином глубокая колея", "", "", true},
			{"Отец лежит в больнице Комсомольска, нет лекарств, мы живём в Солнечном", "komsomolsk-city", "solnechnyy", false},
			{"Купил дачу в Корфовском, живу в Хабаровске, на даче третий день нет электричества", "", "", true},
			{"Раньше работала в Николаевске, переехала в Охотск, интернета нет вообще", "okhotsk", "nikolaevsk", false},
			{"Мама живёт в Вяземском, а я в Хабаровске: второй день нет отопления", "", "", true},
		},
		"kaliningrad": {
			{"Живу в Калининграде, а яма в Советске на улице Победы", "sovetsk", "kaliningrad-city", false},
			{"Мы из Гусева, в Черняховске на перроне нет пандуса, с коляской не пройти", "chernyakhovsk", "gusev", false},
			{"Прописан в городе Светлом, но в Балтийске в квартире третий день нет отопления", "baltiysk", "svetlyy", false},
			{"Езжу из Гурьевска на работу, в Калининграде автобус ждать час", "kaliningrad-city", "guryevsk", false},
			{"В Зеленоградске пляж убирают, а в Пионерском мусор по колено", "pionerskiy", "zelenogradsk", false},
			{"Я сама из Полесска, дача в Славске. В Славске не вывозят мусор", "slavsk", "polessk", false},
			{"Калининград, Московский проспект 40: лифт не работает. Управляющая компания сидит в Светлогорске", "kaliningrad-city", "svetlogorsk", false},
			{"У нас в Нестерове фонари не горят, а в Гусеве светло", "nesterov", "gusev", false},
			{"Фонари не горят и в Немане, и в Советске", "neman", "sovetsk", true},
			{"Маршрут Калининград – Балтийск отменили без предупреждения, как добираться?", "kaliningrad-city", "baltiysk", true},
			{"Администрация Калининграда обещала, но в Гвардейске дорогу так и не сделали, одни ямы", "gvardeysk", "kaliningrad-city", false},
			{"Пишу из Калининграда. У бабушки в Озёрске отключили воду", "ozersk", "kaliningrad-city", false},
			{"Недалеко от Светлогорска, в посёлке Янтарный, свалка у дороги", "yantarnyy", "svetlogorsk", false},
			{"Приехали в Мамоново из Багратионовска, детская площадка в Мамоново сломана", "mamonovo", "bagrationovsk", false},
			{"Работаю в Калининграде, но дом в Гурьевске, там во дворе нет освещения", "guryevsk", "kaliningrad-city", false},
			{"Гусев, Победы 10, крыша течёт, пишу уже из Калининграда", "gusev", "kaliningrad-city", false},
			{"Электричка Калининград-Зеленоградск переполнена, люди стоят", "", "", true},
			{"Раньше жили в Советске, теперь в Немане: нет горячей воды", "neman", "sovetsk", false},
			{"В Балтийске мусор вывозят, в Светлом нет", "", "", true},
			{"Учусь в Калининграде, а в родном Полесске дорогу разбили фуры", "polessk", "kaliningrad-city", false},
			{"Живу в Правдинске, снег не убирают", "pravdinsk", "", false},
		},
	} {
		c := embeddedClassifier(t, region)
		for _, test := range tests {
			t.Run(test.text, func(t *testing.T) { c.testRivals(t, &test) })
		}
	}
}

func (c *Classifier) testRivals(t *testing.T, test *rivalTest) {
	t.Helper()
	v := c.Judge(&domain.Post{Text: test.text})
	p := v.Place
	if p.Disputed != test.disputed || test.municipality != "" && p.Municipality != test.municipality {
		t.Errorf("%s of %v, disputed %v; want %s, disputed %v (%s)", p.Municipality, p.Candidates, p.Disputed, test.municipality, test.disputed, v.Reason)
	}
	var others []string
	for _, id := range p.Candidates {
		if id != p.Municipality {
			others = append(others, id)
		}
	}
	if want := strings.Fields(test.others); test.municipality != "" && !slices.Equal(others, want) {
		t.Errorf("others %v, want %v", others, want)
	}
	if said := strings.Contains(v.Reason, "несколько муниципалитетов"); said != test.disputed {
		t.Errorf("the reason says so: %v, want %v: %s", said, test.disputed, v.Reason)
	}
}
