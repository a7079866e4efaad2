package classify

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// Kinds of danger in other words than the packs', and what only sounds like them.
// Two of the dangers were missed at first, and the phrases mended by them.
func TestAcuteKindsOfDanger(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	for text, urgent := range map[string]bool{
		"Бабка с внучкой месяцев трёх, печка развалилась, в хате минус четыре": true,
		"На школьном крыльце парень с ружьём, выстрелил дважды":                true,
		"Водитель 15-го нажрался и уснул на светофоре, в салоне люди":          true,
		"По частному сектору шастает медведь, сегодня утром видели у садика":   true,
		"Инсулина в аптеке ноль, я уже четвёртые сутки не колюсь":              true,
		"Полкласса увезли с рвотой после киселя":                               true,
		"Медведь у школы раскрашен детьми":                                     false,
		"Кошка орёт на крыше третий день":                                      false,
		"Кабель интернета висит низко над дорожкой":                            false,
		"Дочка уронила варежку в маршрутке":                                    false,
		"Соседи ночью запускают салют, будто стреляют":                         false,
		"Водитель маршрутки слушает радио, засыпаю от скуки":                   false,
		"Батареи чуть тёплые, дочке шесть лет, ходит в носках":                 false,
		"Тридцать детей в группе, воспитательница одна, тошно смотреть":        false,
	} {
		if got := c.Judge(&domain.Post{Text: text}).Urgent; got != urgent {
			t.Errorf("%s: urgent %v", text, got)
		}
	}
}
