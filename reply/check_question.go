package reply

import (
	"regexp"
	"strings"

	"github.com/otklik/otklik/domain"
)

var (
	sentenceForm = regexp.MustCompile(`[^.!?\n]+[.!?]*`)
	whenForm     = regexp.MustCompile(`(?:^|[^а-яё])(?:когда|как скоро|в какие сроки|до какого|сколько (?:ещё |еще )?ждать)(?:[^а-яё]|$)`)
	timeForm     = regexp.MustCompile(`\d|сегодня|завтра|ежедневн|сутки|суток|недел|месяц|квартал|январ|феврал|март|апрел|(?:^|[^а-яё])ма[йяе](?:[^а-яё]|$)|июн|июл|август|сентябр|октябр|ноябр|декабр|весн|летом|осен|зим|час(?:а|ов)?[^а-яё]|срок|после|(?:^|[^а-яё])уже(?:[^а-яё]|$)|устранен|выполнен`)
)

// maxQuestions bounds what is asked about one answer.
const maxQuestions = 3

// unanswered warns of questions of the author's that an answer seems to pass
// over: «когда» without a time, or no word of the question's own in it.
func unanswered(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	answer := strings.ToLower(r.Text)
	for _, text := range r.Authors {
		for _, s := range sentenceForm.FindAllString(text, -1) {
			part := strings.TrimSpace(s)
			if !strings.HasSuffix(part, "?") || len(out) == maxQuestions || answers(answer, strings.ToLower(part)) {
				continue
			}
			out = append(out, soft(domain.AnswerUnanswered, part, "Вопрос автора, похоже, остался без ответа: %s."))
		}
	}
	return out
}

func answers(answer, question string) bool {
	if whenForm.MatchString(question) {
		return timeForm.MatchString(answer)
	}
	stems := 0
	for _, w := range wordForm.FindAllString(question, -1) {
		runes := []rune(w)
		if len(runes) < 5 || asking(w) {
			continue
		}
		stems++
		if strings.Contains(answer, string(runes[:min(len(runes)-1, 5)])) {
			return true
		}
	}
	return stems == 0 // «Ну и что?» asks nothing that could be looked for
}

// asking are words that ask and name nothing.
func asking(w string) bool {
	switch w {
	case "почему", "зачем", "сколько", "какой", "какая", "какие", "каким", "откуда", "будет", "будут", "можно", "нельзя", "когда", "опять", "снова", "долго":
		return true
	}
	return false
}
