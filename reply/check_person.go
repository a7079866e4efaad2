package reply

import (
	"regexp"
	"strings"

	"github.com/otklik/otklik/domain"
)

// What an answer may give away about the author's health and means. A sentence
// that says it of the author outright is refused; one that only speaks of it and
// of a person is looked at; what is said to everybody («если вы имеете льготу»)
// is no matter.
var (
	sentenceForm = regexp.MustCompile(`[^.!?\n]+[.!?]*`)
	illSaid      = regexp.MustCompile(`(?:ваш|её|ее|его)[а-яё]* диагноз|диагноз[а-яё]* (?:вам|ваш|ей|ему)|(?:вам|ей|ему|вы|она|он)[^.!?]{0,30}(?:поставлен|установлен|диагностирован)[а-яё]*[^.!?]{0,30}(?:диагноз|инвалидност)|у (?:вас|неё|нее|него)[^.!?]{0,20}(?:диагностирован|выявлен[а-яё]* заболеван)|(?:вы|она|он|пациент[а-яё]*) (?:состоит[е]?|находит[а-яё]*) [^.!?]{0,20}(?:на учёте|на учете|на лечении|в стационаре)`)
	illTopic     = regexp.MustCompile(`диагноз|инвалидност|пациент|заболеван|госпитализ|беременн|вич-|онколог|психиатр|нарколог`)
	benefitSaid  = regexp.MustCompile(`(?:вам|вашей семье|ей|ему|заявител[а-яё]+)[^.!?]{0,40}(?:назначен|предоставлен|начислен|выплачен|установлен|одобрен|отказано в)[а-яё]*[^.!?]{0,40}(?:льгот|пособи|субсиди|пенси|выплат|инвалидност)|(?:льгот|пособи|субсиди|пенси|выплат)[а-яё]*[^.!?]{0,30}(?:вам|вашей семье|ей|ему|заявител[а-яё]+)[^.!?]{0,20}(?:назначен|предоставлен|начислен|выплачен|одобрен)|ваш[а-яё]* (?:пенси|субсиди|пособи|льгот)`)
	benefitTopic = regexp.MustCompile(`льгот|пособи|субсиди|малоимущ|многодетн|пенси`)
	// One person's standing; of many («ветеранам», «многодетным семьям») anybody may speak.
	statusForm    = regexp.MustCompile(`(?:^|[^а-яё])(?:(?:вы|он|она)\s+(?:[—–-]\s*)?инвалид(?:[^а-яё]|$)|ветеран(?:а|у|ом|е)?\s+(?:труда|войны|вов|боевых)|инвалид(?:а|у|ом|е)?\s+(?:с детства|войны|(?:[123]|i{1,3}|перв|втор|треть)[а-яё-]*\s+групп)|многодетн(?:ая|ой|ую)\s+(?:мат|мам|сем)[а-яё]*|малоимущ(?:ая|ей|ую|ий|его|ему)|(?:мать|матери)[\s-]одиночк[аеиу]|круглой? сирот|ребён[а-яё]+[\s-]инвалид|ребен[а-яё]+[\s-]инвалид|чернобыл[её]ц|льготник(?:а|у|ом)?(?:[^а-яё]|$)|участник(?:а|у|ом)? (?:сво|вов))`)
	personForm    = regexp.MustCompile(`(?:^|[^а-яё])(?:вы|вам|вас|ваш[а-яё]*|заявител[а-яё]+|её|ей|ему)(?:[^а-яё]|$)`)
	everybodyForm = regexp.MustCompile(`(?:^|[^а-яё])(?:если|при наличии|может|можете|могут|вправе|граждан[а-яё]*|жител[а-яё]*|порядок)(?:[^а-яё]|$)`)
)

func aboutPerson(text string) (out []domain.ReplyFault) {
	for _, s := range sentenceForm.FindAllString(text, -1) {
		part, low := strings.TrimSpace(s), strings.ToLower(s)
		to := !everybodyForm.MatchString(low) && personForm.MatchString(low)
		statuses := statusForm.FindAllString(low, -1)
		switch {
		case len(domain.Diseases(s)) > 0 && (to || domain.OfSomebody(s) && !everybodyForm.MatchString(low)):
			out = append(out, hard(domain.AnswerDiagnosis, part, "Болезнь человека в открытом ответе: %s. Ответьте об этом в личных сообщениях."))
		case illSaid.MatchString(low):
			out = append(out, hard(domain.AnswerDiagnosis, part, "Сведения о здоровье человека в открытом ответе: %s. Ответьте об этом в личных сообщениях."))
		case to && illTopic.MatchString(low):
			out = append(out, soft(domain.AnswerDiagnosis, part, "Похоже на сведения о здоровье: %s."))
		}
		switch {
		case benefitSaid.MatchString(low) && !everybodyForm.MatchString(low):
			out = append(out, hard(domain.AnswerBenefit, part, "Сведения о выплатах или льготах человека в открытом ответе: %s. Ответьте об этом в личных сообщениях."))
		case len(statuses) > 0 && to:
			out = append(out, hard(domain.AnswerBenefit, part, "Чем человек имеет право на льготы — в открытом ответе: %s. Ответьте об этом в личных сообщениях."))
		case len(statuses) > 0 && !everybodyForm.MatchString(low):
			out = append(out, soft(domain.AnswerBenefit, part, "Похоже на сведения о льготах человека: %s."))
		case to && benefitTopic.MatchString(low):
			out = append(out, soft(domain.AnswerBenefit, part, "Похоже на сведения о льготах человека: %s."))
		}
	}
	return out
}

var (
	whenForm = regexp.MustCompile(`(?:^|[^а-яё])(?:когда|как скоро|в какие сроки|до какого|сколько (?:ещё |еще )?ждать)(?:[^а-яё]|$)`)
	timeForm = regexp.MustCompile(`\d|сегодня|завтра|ежедневн|сутки|суток|недел|месяц|квартал|январ|феврал|март|апрел|(?:^|[^а-яё])ма[йяе](?:[^а-яё]|$)|июн|июл|август|сентябр|октябр|ноябр|декабр|весн|летом|осен|зим|час(?:а|ов)?[^а-яё]|срок|после|(?:^|[^а-яё])уже(?:[^а-яё]|$)|устранен|выполнен`)
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
