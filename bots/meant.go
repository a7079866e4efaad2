package bots

import (
	"slices"
	"strings"
	"unicode"
)

// meaning is a command in people's own words: short, of these words and no others, so
// that «удалите данные о долге» stays a complaint.
type meaning struct {
	press string
	must  [][]string // one of each, as the word or, with a star, its beginning
	may   string     // further words
}

// meantWords bounds what is taken for a command.
const meantWords = 7

func meanings() []meaning {
	const asking = " я хочу прошу пожалуйста все мои моих моё мое мой моей моего меня мне обо свои своё свое "
	return []meaning{
		{pressErase, [][]string{{"удали", "удалите", "удалить", "сотри", "сотрите", "стереть", "удаление"}, {"данные", "данных"}}, asking + "персональные персональных личные обо всё из базы "},
		{pressErase, [][]string{{"удали", "удалите", "сотри", "сотрите"}, {"меня"}}, asking + "из базы "},
		{pressWithdraw, [][]string{{"отозв*", "отзыв*", "отказыв*"}, {"соглас*"}}, asking + "на от обработку обработки персональных данных моих "},
		{pressWithdraw, [][]string{{"отозвать", "отзываю", "отзыв"}}, ""},
		{pressWithdraw, [][]string{{"не"}, {"пишите", "пиши", "присылайте"}, {"больше", "мне", "сюда"}}, asking + "больше сюда "},
		{pressWithdraw, [][]string{{"стоп", "stop"}}, "бот "},
		{pressUnsub, [][]string{{"отпис*"}}, asking + "от рассылки рассылок объявлений объявления "},
		{pressStatus, [][]string{{"когда", "где"}, {"ответ", "ответят", "ответите", "ответы", "ответа"}}, "а и ну же уже будет мне мой дадут ждать на мое моё мою сообщение обращение заявку жалобу наконец "},
		{pressStatus, [][]string{{"статус"}}, "моего моей сообщения обращения заявки жалобы какой по сообщению обращению номер номера № "},
		{pressStatus, [][]string{{"что", "как"}, {"моим", "моей"}, {"сообщением", "обращением", "заявкой", "жалобой"}}, "с там дела "},
	}
}

// meant finds the command that plain words mean, "" for none. Numbers of cases may
// stand among them.
func meant(plain string) string {
	words := strings.FieldsFunc(plain, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".,!?;:—", r) })
	words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "0123456789-№") == "" })
	if len(words) == 0 || len(words) > meantWords {
		return ""
	}
	for _, m := range meanings() {
		if m.fits(words) {
			return m.press
		}
	}
	return ""
}

func (m *meaning) fits(words []string) bool {
	left := slices.Clone(words)
	for _, any := range m.must {
		at := slices.IndexFunc(left, func(w string) bool { return isOne(w, any) })
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return !slices.ContainsFunc(left, func(w string) bool { return !strings.Contains(" "+m.may+" ", " "+w+" ") })
}

func isOne(word string, of []string) bool {
	return slices.ContainsFunc(of, func(o string) bool {
		stem, open := strings.CutSuffix(o, "*")
		return word == o || open && strings.HasPrefix(word, stem)
	})
}
