package reply

import (
	"slices"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestCheckOfAPublicAnswer(t *testing.T) {
	cases := []struct {
		text string
		want string // «name» hard, «name?» soft, «» nothing
	}{
		{"Работы на улице Ленина, 5 завершены 12 декабря. Подробности по телефону 112 и 8-800-100-20-30.", ""},
		{"  \n ", "empty"},
		{"Насос заменён. Обращайтесь: 8 (4212) 40-20-10.", "phone?"},
		{"Звоните мастеру: +7 914 555-66-77", "phone?"},
		{"Связались с вами по номеру 8 924 111 22 33.", "phone"},
		{"СНИЛС 112-233-445 95 найден.", "snils"},
		{"Ваш СНИЛС: 11223344595.", "snils"},
		{"Паспорт серии 08 10 номер 123456 проверен.", "passport"},
		{"По записи 0810 123456 ответа нет.", "passport?"},
		{"Договор 2712345678901 исполняется с 01.02.2026, смета 1200000 руб.", ""},
		{"Уважаемая Анна Сергеевна! Яма засыпана.", "name?"},
		{"Заявка Петровой Анны Сергеевны выполнена.", "full_name"},
		{"Анна Сергеевна Петрова живёт рядом.", "full_name"},
		{"Ответ подготовил начальник управления Петров Пётр Петрович.", "full_name?"},
		{"Вопрос рассмотрел Иванов И. И.", "name?"},
		{"Стояк в квартире 12 промыт.", "address"},
		{"Стояк в кв. 12 промыт.", "address"},
		{"Выезд по адресу: ул. Ленина, д. 5. Мы осмотрели квартал 12.", ""},
		{"Гражданка, проживающая по адресу Ленина, 5, предупреждена.", "address?"},
		{"Ваш диагноз подтверждён, лекарство заказано.", "diagnosis"},
		{"Вам установлена инвалидность второй группы.", "diagnosis benefit"},
		{"Вы состоите в поликлинике на учёте.", "diagnosis"},
		{"Лекарство для вас как пациента заказано.", "diagnosis?"},
		{"Поликлиника принимает пациентов с 8 до 20.", ""},
		{"Вам назначено пособие с 1 марта.", "benefit"},
		{"Вам положена льгота на проезд.", "benefit?"},
		{"Если вы имеете льготу, обратитесь в МФЦ.", ""},
		{"Субсидии назначают через МФЦ.", ""},
	}
	for _, c := range cases {
		r := domain.ReplyToCheck{Text: c.text, Public: true, Platforms: []domain.Platform{domain.VK}, Authors: []string{"Мой телефон +7 (924) 111-22-33, перезвоните"}}
		if got := faultsOf(Check(r)); got != c.want {
			t.Errorf("%q: faults %q, want %q", c.text, got, c.want)
		}
		if r.Public = false; strings.TrimSpace(c.text) != "" && len(Check(r)) > 0 {
			t.Errorf("%q in a dialog: %v", c.text, Check(r))
		}
	}
}

func faultsOf(faults []domain.ReplyFault) string {
	var names []string
	for _, f := range faults {
		name := string(f.Name)
		if !f.Hard {
			name += "?"
		}
		if f.Words == "" {
			name += " without words"
		}
		names = append(names, name)
	}
	return strings.Join(slices.Compact(names), " ")
}

func TestCheckKnowsTheLimitOfEachPlatform(t *testing.T) {
	for _, c := range []struct {
		platform domain.Platform
		text     string
		want     string
	}{
		{domain.MAX, strings.Repeat("я", 4000), ""}, {domain.MAX, strings.Repeat("я", 4001), "too_long"},
		{domain.Telegram, strings.Repeat("🙂", 2048), ""}, {domain.Telegram, strings.Repeat("🙂", 2049), "too_long"},
		{domain.VK, strings.Repeat("я", 4096), ""}, {domain.VK, strings.Repeat("я", 9001), "too_long"},
	} {
		if got := faultsOf(Check(domain.ReplyToCheck{Text: c.text, Platforms: []domain.Platform{c.platform}})); got != c.want {
			t.Errorf("%s, %d: %q, want %q", c.platform, len(c.text), got, c.want)
		}
	}
}

func TestCheckWarnsOfAQuestionPassedOver(t *testing.T) {
	for _, c := range []struct{ ask, answer, want string }{
		{"Нет воды. Когда дадут воду?", "Приносим извинения за неудобства", "unanswered?"},
		{"Нет воды. Когда дадут воду?", "Воду дадут 3 декабря", ""},
		{"Почему автобус 23 не ходит?", "Спасибо, приняли к сведению", "unanswered?"},
		{"Почему автобус 23 не ходит?", "Автобусы вернутся на линию", ""},
		{"Нет воды. Сколько можно?", "Насос заменён", ""},
		{"Нет воды.", "Насос заменён", ""},
	} {
		r := domain.ReplyToCheck{Text: c.answer, Final: true, Authors: []string{c.ask}}
		if got := faultsOf(Check(r)); got != c.want {
			t.Errorf("%q → %q: %q, want %q", c.ask, c.answer, got, c.want)
		}
		if r.Final = false; len(Check(r)) != 0 {
			t.Errorf("an interim answer to %q need not answer", c.ask)
		}
	}
}
