package reply

import (
	"regexp"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// What an answer may give away about the author's health, means and family. A sentence
// that says it of the author outright is refused; one that only speaks of it and
// of a person is looked at; what is said to everybody («если вы имеете льготу»)
// is no matter. All forms are of small letters.
const (
	edge = `(?:^|[^а-яё])`
	end  = `(?:[^а-яё]|$)`
	// One of the author's own people.
	relative = `(?:сын(?:а|у|ом|е)?|доч(?:ь|ка|ки|ку|ке|кой|ери|ерью)|реб[её]н(?:ок|ка|ку|ком)|мам(?:а|ы|у|е|ой)|мат(?:ь|ери|ерью)|пап(?:а|ы|у|е|ой)|отец|отц(?:а|у|ом)|муж(?:а|у|ем)?|жен(?:а|ы|у|е|ой)|супруг(?:а|у|и|е|ой|ом)?|бабушк(?:а|и|у|е|ой)|дедушк(?:а|и|у|е|ой)|внук(?:а|у|ом)?|внучк(?:а|и|у|е|ой)|брат(?:а|у|ом)?|сестр(?:а|ы|е|у|ой))`
	// One person, by what they are to the body.
	someone = `(?:заявител(?:ь|я|ю|ем|е|ьниц(?:а|ы|е|у|ей))|гражданин(?:а|у|ом|е)?|гражданк(?:а|и|е|у|ой)|пациент(?:а|у|ом|ка|ки|ке|ку|кой)?|женщин(?:а|е|у|ой)|мужчин(?:а|е|у|ой)|пострадавш(?:ий|ая|его|ему|ей|ую))`
	who     = edge + `(?:вы|вас|она|он|её|ее|его|` + relative + `|` + someone + `)` + end
	toWhom  = edge + `(?:вам|вашей семье|ваш(?:ему|ей) ` + relative + `|ей|ему|заявителю|заявительнице|гражданину|гражданке|пенсионеру|пенсионерке)` + end
	medical = `(?:диспансер|больниц|стационар|госпитал|реанимац|психиатр|нарколог|онколог|фтизиатр|невролог|кардиолог|эндокринолог|венеролог|пнд` + end + `|(?:логическ|терапевтическ|хирургическ|инфекционн|травматолог)[а-яё]* отделени)`
	benefit = `(?:льгот|пособи|субсиди|пенси|выплат|инвалидност|материнск[а-яё]+ капитал|маткапитал)`
	given   = `(?:назначен|предоставлен|начислен|перечислен|выплачен|установлен|одобрен|оформлен|продл[её]н|пересчитан|отказано в)[а-яё]*`
)

var (
	illSaid = regexp.MustCompile(edge + `(?:ваш|её|ее|его)[а-яё]* диагноз|диагноз[а-яё]* (?:вам|ваш|ей|ему)` +
		`|` + edge + `(?:вам|ей|ему|вы|она|он)` + end + `[^.!?]{0,30}(?:поставлен|установлен|диагностирован)[а-яё]*[^.!?]{0,30}(?:диагноз|инвалидност)` +
		`|` + edge + `у (?:вас|неё|нее|него)[^.!?]{0,20}(?:диагностирован|выявлен[а-яё]* заболеван)` +
		`|` + who + `[^.!?]{0,20}(?:состо[а-яё]*[^.!?]{0,20}на диспансерн|(?:находи|лежи|пребыва)[а-яё]*[^.!?]{0,20}на лечении|наблюда[а-яё]*[^.!?]{0,20}` + medical +
		`|(?:лежи|находи|пребыва|лечи)[а-яё]* (?:[^.!?]{0,30}[^а-яё])?в [^.!?]{0,30}` + medical + `|проход[а-яё]* (?:[а-яё]+ )?(?:лечени|реабилитац|терапи))`)
	// on a list: of patients, unless it is said to be another
	listSaid  = regexp.MustCompile(who + `[^.!?]{0,20}(?:состо|сто[ия]|постав|взят|взял|числ|находи)[а-яё]*[^.!?]{0,30}` + edge + `уч[её]т(?:е|ом|а)?` + end)
	otherList = regexp.MustCompile(`нуждающ|жил|очеред|занятост|безработ|воинск|военкомат|налог|миграц|кадастр|диспетчер|гибдд|библиотек`)
	illDrug   = regexp.MustCompile(`инсулин|химиотерап|лучев[а-яё]+ терапи|диализ|антиретровирус|арвт|психотропн|нейролептик|антидепрессант|метадон|иммуносупресс`)
	illTopic  = regexp.MustCompile(`диагноз|инвалидност|пациент|заболеван|госпитализ|беременн|вич-|онколог|психиатр|нарколог|фтизиатр|венеролог` +
		`|диспансер(?:а|е|у|ом)?` + end + `|препарат|лекарств|рецепт|подгузник|памперс|слухов[а-яё]+ аппарат|инвалидн[а-яё]+ коляск|кресл[а-яё]+-коляск|протез|тест-полоск|ингалятор` +
		`|` + edge + `(?:мсэ|мрт|узи|пнд)` + end + `|результат[а-яё]* (?:ваш[а-яё]* )?анализ|ваш[а-яё]* анализ|больничн[а-яё]+ лист|на больничном|прооперир|перен[её]с[а-яё]* операци|операци[яюи] вам`)
	benefitSaid = regexp.MustCompile(toWhom + `[^.!?]{0,40}` + given + `[^.!?]{0,40}` + benefit +
		`|` + toWhom + `[^.!?]{0,20}` + benefit + `[а-яё]*[^.!?]{0,30}` + given +
		`|` + benefit + `[а-яё]*[^.!?]{0,30}` + toWhom + `[^.!?]{0,20}` + given +
		`|` + given + `[^.!?,]{0,15}` + toWhom + `[^.!?,]{0,30}` + benefit +
		`|` + benefit + `[а-яё]*[^.!?,]{0,30}` + given + toWhom +
		`|` + edge + `вы (?:уже )?(?:получаете|получали|являетесь получател[а-яё]+)[^.!?]{0,30}` + benefit + `|` + edge + `ваш[а-яё]* (?:пенси|субсиди|пособи|льгот)`)
	benefitTopic = regexp.MustCompile(`льгот|пособи|субсиди|малоимущ|многодетн|пенси|безработн|нуждающ[а-яё]+ в (?:жил|улучш)|соцвыплат|социальн[а-яё]+ контракт|социальн[а-яё]+ выплат`)
	// One person's standing; of many («ветеранам», «многодетным семьям») anybody may speak.
	statusForm = regexp.MustCompile(`(?:^|[^а-яё])(?:(?:вы|он|она)\s+(?:[—–-]\s*)?инвалид(?:[^а-яё]|$)|ветеран(?:а|у|ом|е)?\s+(?:труда|войны|вов|боевых)|инвалид(?:а|у|ом|е)?\s+(?:с детства|войны|(?:[123]|i{1,3}|перв|втор|треть)[а-яё-]*\s+групп)|многодетн(?:ая|ой|ую)\s+(?:мат|мам|сем)[а-яё]*|малоимущ(?:ая|ей|ую|ий|его|ему)|(?:мать|матери)[\s-]одиночк[аеиу]|круглой? сирот|ребён[а-яё]+[\s-]инвалид|ребен[а-яё]+[\s-]инвалид|чернобыл[её]ц|льготник(?:а|у|ом)?(?:[^а-яё]|$)|участник(?:а|у|ом)? (?:сво|вов))`)
	personForm = regexp.MustCompile(edge + `(?:вы|вам|вас|вами|ваш[а-яё]*|её|ей|ему|` + someone + `)` + end)
	ownForm    = regexp.MustCompile(edge + `(?:реб[её]н(?:ок|ка|ку|ком)|` + someone + `)` + end)
	// What is the author's as it is everybody's.
	aroundForm = regexp.MustCompile(edge + `ваш[а-яё]* (?:дом(?:а|у|е|ом|ов|ам)?|двор[а-яё]*|подъезд[а-яё]*|улиц[а-яё]*|район[а-яё]*|микрорайон[а-яё]*|округ[а-яё]*|город[а-яё]*|сел[аоуе]м?|пос[её]л[а-яё]*|маршрут[а-яё]*|остановк[а-яё]*|территори[а-яё]*|кра[йяюе]м?|област[а-яё]*|деревн[а-яё]*|станци[а-яё]*|поликлиник[а-яё]*|мкд|тсж|ук|управляющ[а-яё]+)` + end)
	// What is said to all, and what only if something is so.
	everybodyForm   = regexp.MustCompile(edge + `(?:если|при наличии|при отсутствии|может|можете|могут|вправе|граждан(?:е|ам|ами|ах)?|жител(?:и|ям|ями|ях|ей)|порядок)` + end)
	conditionalForm = regexp.MustCompile(edge + `(?:если|при наличии|при отсутствии|при условии|в случае|может быть|могут быть|вправе|порядок)` + end)
	childForm       = regexp.MustCompile(edge + `ваш[а-яё]* (?:[а-яё]+ )?(?:сын|доч|реб[её]н|внук|внуч)[а-яё]*` + end + `[^.!?]{0,60}(?:сад|школ|класс|лагер|интернат|гимнази|лице|групп)[а-яё]*\s*(?:№\s*)?\d`)
)

func aboutPerson(text string) (out []domain.ReplyFault) {
	for _, s := range sentenceForm.FindAllString(text, -1) {
		t := told{part: strings.TrimSpace(s), low: aroundForm.ReplaceAllString(strings.ToLower(strings.ReplaceAll(s, "\u00a0", " ")), " ")}
		t.everybody, t.conditional = everybodyForm.MatchString(t.low), conditionalForm.MatchString(t.low)
		t.person = personForm.MatchString(t.low)
		out = append(out, t.health()...)
		out = append(out, t.benefits()...)
		out = append(out, t.money()...)
		if childForm.MatchString(t.low) && !t.conditional {
			out = append(out, soft(domain.AnswerChild, t.part, "Похоже на сведения о ребёнке, где он учится: %s."))
		}
	}
	return out
}

// told is a sentence, and of whom it speaks.
type told struct {
	part, low                      string
	person, everybody, conditional bool
}

// to: it speaks of a person, and not to all.
func (t told) to() bool { return t.person && !t.everybody }

func (t told) health() []domain.ReplyFault {
	switch {
	case len(domain.Diseases(t.low)) > 0 && (t.to() || domain.OfSomebody(t.low) && !t.everybody):
		return []domain.ReplyFault{hard(domain.AnswerDiagnosis, t.part, "Болезнь человека в открытом ответе: %s. Ответьте об этом в личных сообщениях.")}
	case !t.conditional && (t.has("диагно", "инвалид", "заболев", "лечен", "реабилит", "терапи", "диспансер", "больниц", "стационар", "госпитал", "реанимац", "олог", "психиатр", "пнд", "отделени") && illSaid.MatchString(t.low) || t.onList()), t.to() && illDrug.MatchString(t.low):
		return []domain.ReplyFault{hard(domain.AnswerDiagnosis, t.part, "Сведения о здоровье человека в открытом ответе: %s. Ответьте об этом в личных сообщениях.")}
	case (t.to() || ownForm.MatchString(t.low) && !t.everybody) && illTopic.MatchString(t.low):
		return []domain.ReplyFault{soft(domain.AnswerDiagnosis, t.part, "Похоже на сведения о здоровье: %s.")}
	}
	return nil
}

// onList: among patients, for all that is said.
func (t told) onList() bool { return t.listed() && !otherList.MatchString(t.low) }

func (t told) listed() bool { return t.has("учёт", "учет") && listSaid.MatchString(t.low) }

// has looks for stems before a form is: that is a hundred times as quick.
func (t told) has(stems ...string) bool {
	return slices.ContainsFunc(stems, func(stem string) bool { return strings.Contains(t.low, stem) })
}

func (t told) benefits() []domain.ReplyFault {
	status := statusForm.MatchString(t.low)
	switch {
	case !t.conditional && t.has("льгот", "пособи", "субсиди", "пенси", "выплат", "инвалидност", "капитал") && benefitSaid.MatchString(t.low):
		return []domain.ReplyFault{hard(domain.AnswerBenefit, t.part, "Сведения о выплатах или льготах человека в открытом ответе: %s. Ответьте об этом в личных сообщениях.")}
	case status && t.to():
		return []domain.ReplyFault{hard(domain.AnswerBenefit, t.part, "Чем человек имеет право на льготы — в открытом ответе: %s. Ответьте об этом в личных сообщениях.")}
	case status && !t.everybody, t.to() && (benefitTopic.MatchString(t.low) || t.listed() && !t.onList()):
		return []domain.ReplyFault{soft(domain.AnswerBenefit, t.part, "Похоже на сведения о льготах человека: %s.")}
	}
	return nil
}
