package reply

import (
	"regexp"
	"strings"

	"github.com/otklik/otklik/domain"
)

// What a person owes or is paid. That a body or a firm owes is everybody's matter.
const owed = `(?:долг(?:а|у|ом|и|ов|е)?|задолженност[а-яё]*|неоплат[а-яё]*|недоимк[а-яё]*|пен(?:я|и|ей|ю)|исполнительн[а-яё]+ (?:производств|лист)[а-яё]*)`

var (
	debtForm  = regexp.MustCompile(edge + owed + end)
	debtSaid  = regexp.MustCompile(edge + `(?:за вами|у вас|с вас|в отношении вас|на вас|ваш[а-яё]* (?:[а-яё]+ )?(?:долг|задолженност|недоимк|квартир|лицев)|вам начислен[а-яё]* пен|вы имеете|(?:у|за|с) ` + someone + `|` + someone + ` имеет)`)
	paysNot   = regexp.MustCompile(edge + `вы (?:[а-яё]+ )?(?:не (?:оплачива|оплати|плати|вноси)[а-яё]+|задолжали|(?:должны|обязаны) (?:оплатить |погасить )?\d[\d ]*,?\d* ?(?:тыс|руб|р\.?$))`)
	theirDebt = regexp.MustCompile(edge + `(?:ваш[а-яё]* (?:долг|задолженност)|за вами)`)
	// a firm owes, or duty is meant
	firmOwes   = regexp.MustCompile(edge + owed + ` (?:[а-яё]+ )?(?:ук|тсж|управляющ[а-яё]+|подрядчик[а-яё]*|компани[а-яё]+|организаци[а-яё]+|застройщик[а-яё]*|предприяти[а-яё]+|ооо|поставщик[а-яё]*|перевозчик[а-яё]*|ресурс[а-яё]+|перед|домов?|дома|населени[а-яё]+|жителей|арендатор[а-яё]*)` + end + `|(?:наш[а-яё]*|гражданск[а-яё]+|профессиональн[а-яё]+|служебн[а-яё]+) долг|(?:у|за) (?:ук|тсж|управляющ[а-яё]+|подрядчик[а-яё]*|застройщик[а-яё]*)` + end)
	sumForm    = regexp.MustCompile(`\d[\d ,]*(?:тыс[а-яё.]*|млн)? ?(?:руб|₽|р\.)`)
	paidForm   = regexp.MustCompile(`перерасч|штраф|зарплат|заработн|оклад|начислен|возвращ|вернут|вернул|удержан|компенсац|взыска`)
	incomeForm = regexp.MustCompile(edge + `(?:ваш[а-яё]* (?:[а-яё]+ )?(?:доход|зарплат|заработн)|доход[а-яё]* (?:ваш|заявител))`)
	// «по Вашему обращению подрядчик оштрафован» speaks of the firm
	askedForm = regexp.MustCompile(edge + `ваш[а-яё]* (?:обращени|сообщени|жалоб|вопрос|заявк|сигнал|комментари)[а-яё]*`)

	cardForm    = regexp.MustCompile(`\d{4}[` + gap + `]?\d{4}[` + gap + `]?\d{4}[` + gap + `]?\d{4}`)
	cardWord    = regexp.MustCompile(`(?i)карт[а-яё]{0,3}[^а-яё]`)
	accountForm = regexp.MustCompile(`(?:40817|40820|423\d{2})\d{15}`)
	payerForm   = regexp.MustCompile(`(?i)(?:лицев[а-яё]+\s+сч[её]т[а-яё]*|л/с|л\.\s?с\.)\s*(?:№|:|номер[а-яё]*)?\s*\d{5,}`)
)

func (t told) money() []domain.ReplyFault {
	low := askedForm.ReplaceAllString(t.low, " ")
	person := personForm.MatchString(low)
	owes := debtForm.MatchString(low) && (!firmOwes.MatchString(low) || theirDebt.MatchString(low))
	sum := sumForm.MatchString(low)
	switch {
	case t.conditional:
		return nil
	case owes && (debtSaid.MatchString(low) || person && sum), paysNot.MatchString(low):
		return []domain.ReplyFault{hard(domain.AnswerDebt, t.part, "Долг человека в открытом ответе: %s. Ответьте об этом в личных сообщениях.")}
	case t.everybody:
		return nil
	case owes && person, person && sum && paidForm.MatchString(low), incomeForm.MatchString(low):
		return []domain.ReplyFault{soft(domain.AnswerDebt, t.part, "Похоже на сведения о деньгах человека: %s.")}
	}
	return nil
}

// accounts: the number of a card is known by its word or by its check digit, an account
// of a person by its beginning, which those of firms do not have.
func accounts(text string) (out []domain.ReplyFault) {
	for _, m := range cardForm.FindAllStringIndex(text, -1) {
		part, before := text[m[0]:m[1]], strings.ToLower(tail(text[:m[0]], 60))
		digits := digitsOf(part)
		said := cardWord.MatchString(before + " ")
		switch {
		case !lone(text, m[0], m[1]) || strings.Contains(before, "полис") || strings.Contains(before, "омс"):
		case said, part != digits && isCard(digits):
			out = append(out, hard(domain.AnswerAccount, part, "Номер карты в открытом ответе: %s. Уберите его."))
		case isCard(digits):
			out = append(out, soft(domain.AnswerAccount, part, "Похоже на номер карты: %s."))
		}
	}
	for _, part := range alone(text, accountForm) {
		out = append(out, hard(domain.AnswerAccount, part, "Счёт человека в открытом ответе: %s. Уберите его."))
	}
	for _, part := range wordsAlone(text, payerForm) {
		if len(digitsOf(part)) < 20 { // those of the treasury have as many
			out = append(out, soft(domain.AnswerAccount, part, "Лицевой счёт в открытом ответе: %s. Уберите его, если он не организации."))
		}
	}
	return out
}

// isCard: banks' cards begin with 2, 4, 5 or 6, and the last digit follows from the
// others (ISO/IEC 7812-1).
func isCard(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[i] - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && strings.IndexByte("2456", digits[0]) >= 0
}
