package text

import (
	"slices"
	"strings"
	"testing"
)

// sentences joins the words of each sentence.
func sentences(t *testing.T, s string) []string {
	t.Helper()
	d, err := NewAnalyzer(nil).Analyze(s)
	if err != nil {
		t.Fatal(err)
	}
	list := make([][]string, d.Shape.Sentences)
	for pos := range d.Words {
		list[d.Sent(pos)] = append(list[d.Sent(pos)], d.Word(pos))
	}
	joined := make([]string, len(list))
	for i := range list {
		joined[i] = strings.Join(list[i], " ")
	}
	return joined
}

func TestSentences(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string
	}{
		{"На ул. Ленина яма. Когда починят?", []string{"на ул ленина яма", "когда починят"}},
		{"г. Бикин, пр-т. Мира, д. 5, корп. 2, кв. 15. Нет воды", []string{"г бикин пр-т мира д 5 корп 2 кв 15", "нет воды"}},
		{"В 2023 г. Обещали ремонт. В г. Вяземский холодно", []string{"в 2023 г", "обещали ремонт", "в г вяземский холодно"}},
		{"Автобус не ходит, т.к. нет водителей. Т.е. ждать нечего", []string{"автобус не ходит т к нет водителей", "т е ждать нечего"}},
		{"Лавки, урны и т.д. Всё сломано", []string{"лавки урны и т д", "все сломано"}},
		{"Платим 5 тыс. руб. в месяц", []string{"платим 5 тыс руб в месяц"}},
		{"Улица им. А. С. Пушкина тёмная", []string{"улица им а с пушкина темная"}},
		{"Хабаровская обл. и р-н. Лазо", []string{"хабаровская обл и р-н лазо"}},
		{"сил нет. ямы кругом", []string{"сил нет", "ямы кругом"}},
		{"На гос.услугах ошибка, мат.капитал завис", []string{"на гос услугах ошибка мат капитал завис"}},
		{"Сайт дневник.ру лежит. Гос. Услуги тоже", []string{"сайт дневник ру лежит", "гос", "услуги тоже"}},
		{"тут яма.все бьют колёса", []string{"тут яма", "все бьют колеса"}},
		{"Ну и ну!!! Кошмар?! Да…Нет", []string{"ну и ну", "кошмар", "да", "нет"}},
		{"Температура 18.5 градусов. С 12.11.2025 холодно", []string{"температура 18.5 градусов", "с 12.11.2025 холодно"}},
		{"Первая строка\nВторая строка", []string{"первая строка", "вторая строка"}},
		{"длинная строка\nидёт дальше", []string{"длинная строка идет дальше"}},
		{"строка\n\nновый абзац", []string{"строка", "новый абзац"}},
		{"Нет света😡Когда дадут", []string{"нет света", "когда дадут"}},
		{"«Когда?» Никто не знает", []string{"когда", "никто не знает"}},
		{"", []string{}},
	} {
		t.Run(test.in, func(t *testing.T) {
			if got := sentences(t, test.in); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestStem(t *testing.T) {
	for _, pair := range [][2]string{{"яма", "ямами"}, {"дорога", "дорогу"}, {"больница", "больницы"}, {"тротуар", "тротуарах"}} {
		if Stem(pair[0]) != Stem(pair[1]) {
			t.Errorf("%s and %s have stems %s and %s", pair[0], pair[1], Stem(pair[0]), Stem(pair[1]))
		}
	}
	if Stem("дом") == Stem("дым") {
		t.Error("дом and дым share a stem")
	}
}
