package classify

import (
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// The reason says in words what made the kind, with the words of the text.
func TestReasonOfKind(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for _, tt := range []struct {
		text string
		kind domain.Kind
		says []string
	}{
		{"Наледь. Не очистят дорогу", domain.Problem, []string{"жалоба или просьба: ", "чего-то не делают"}},
		{"Прошу починить качели", domain.Problem, []string{"автор говорит от себя или просит («прошу»"}},
		{"Спасибо дворникам за чистый двор", domain.Thanks, []string{"благодарность: ", "благодарит или хвалит («спасибо"}},
		{"В продаже новые шторы, замер бесплатно", domain.Other, []string{"не обращение: ", "«замер", "ни жалобы, ни просьбы"}},
	} {
		v := c.Judge(&domain.Post{Text: tt.text})
		if v.Kind != tt.kind {
			t.Errorf("«%s»: kind %s, not %s (%s)", tt.text, v.Kind, tt.kind, v.Reason)
		}
		for _, words := range tt.says {
			if !strings.Contains(v.Reason, words) {
				t.Errorf("«%s»: the reason «%s» lacks «%s»", tt.text, v.Reason, words)
			}
		}
	}
}

// A pit that stands open is said in two words; the same words about something
// else, and a long story that only holds words of danger, are no alarm.
func TestUrgencyByLengthAndClearness(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, want := range map[string]bool{
		"Открытый люк":             true,
		"Нет крышки люка":          true,
		"Оборваны провода у школы": true,
		"Люк закрыли, спасибо":     false,
		"Добрый день. Подскажите, как быть: у мамы два счёта за одну квартиру, сейчас она человек пожилой, " +
			"ходить по кабинетам не может, сегодня снова звонила, сказали ждать, а долг растёт": false,
	} {
		if v := c.Judge(&domain.Post{Text: text}); v.Urgent != want {
			t.Errorf("«%s»: urgent %t, want %t", text, v.Urgent, want)
		}
	}
}

func TestOddsAskedFallWithClearness(t *testing.T) {
	for _, words := range []int{3, 15, 60} {
		clear, named, unnamed := oddsAsked(1.5, words), oddsAsked(0.1, words), oddsAsked(-2, words)
		if !(clear < named && named < unnamed) {
			t.Errorf("%d words: clear %g, named %g, unnamed %g", words, clear, named, unnamed)
		}
	}
	if short, long := oddsAsked(-2, 10), oddsAsked(-2, 60); short >= long {
		t.Errorf("unnamed: a short text is asked %g, a long one %g", short, long)
	}
}
