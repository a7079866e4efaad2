package classify

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// What sets two tellings apart is in their marks; names of places and the writer's
// greetings are not in their words.
func TestPrints(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	of := func(s string) *domain.Print {
		v := c.Judge(&domain.Post{Text: s, Home: "khabarovsk-city"})
		if v.Print.IsZero() {
			t.Errorf("%q says nothing: %+v", s, v)
		}
		return &v.Print
	}
	for _, tc := range []struct {
		a, b          string
		against, same int
	}{
		{"В школе № 5 нет отопления, дети мёрзнут", "В пятой школе холодно, нет отопления", 0, 1},
		{"В школе № 5 нет отопления, дети мёрзнут", "В школе № 6 нет отопления, дети мёрзнут", 1, 0},
		{"Автобус 29 не ходит", "Не дождаться 29-го маршрута, автобус не ходит", 0, 1},
		{"Третий день нет света", "Пятый день нет света", 0, 0},
		{"12 ноября не вывезли мусор", "14 ноября не вывезли мусор", 1, 0},
		{"На Гагарина яма у школы", "На Гагарина яма возле рынка", 1, 0},
		{"На Гагарина яма у школы", "На Гагарина яма", 0, 0},
		{"Гагарина 5 не работает лифт", "Гагарина 7 не работает лифт", 1, 0},
		{"Нет горячей воды в домах", "Нет холодной воды в домах", 1, 0},
		{"Во дворе ТЦ Броскомолл яма на дороге", "Во дворе ТЦ Эволюшн яма на дороге", 1, 0},
	} {
		got := of(tc.a).Compare(of(tc.b))
		if got.Against != tc.against || got.Same != tc.same {
			t.Errorf("%q and %q: %+v, want %d against, %d the same", tc.a, tc.b, got, tc.against, tc.same)
		}
	}
	plain, polite := of("На улице Гагарина не горят фонари"), of("Здравствуйте! Подскажите, пожалуйста, почему на улице Калинина не горят фонари?")
	if like := plain.Likeness(polite); like < 0.8 {
		t.Errorf("greetings and streets count: %v", like)
	}
	if v := judge(c, "Спасибо, всё хорошо, фильм понравился"); !v.Print.IsZero() && v.Kind == domain.Other {
		t.Errorf("what is no problem has a print: %+v", v.Print)
	}
}

// Posts name what befalls their whole place; a word for it in another sense is none.
func TestEvents(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, want := range map[string]string{
		"После урагана на Гагарина дерево лежит на проводах, света нет": "wind",
		"Ветром сорвало крышу с нашего дома, заливает квартиры":         "wind",
		"Снегопад кончился вчера, а дорогу во дворе не чистят":          "snow",
		"После ливня во дворе стоит вода, не пройти":                    "rain",
		"Наводнение, улицу затопило, помогите откачать воду":            "flood",
		"Во дворе яма, второй месяц не засыпают":                        "",
		"Третий день нет света, сильно мёрзнем":                         "",
	} {
		if v := c.Judge(&domain.Post{Text: text, Home: "khabarovsk-city"}); v.Event != want {
			t.Errorf("%q: %q, want %q (%s)", text, v.Event, want, v.Kind)
		}
	}
}
