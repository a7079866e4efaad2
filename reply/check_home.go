package reply

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

const (
	monthWord  = `(?:янв|фев|март|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-яё]*`
	streetWord = `(?:ул\.?|улиц[а-яё]*|пр\.|пр-к?т[а-яё]*|просп\.|проспект[а-яё]*|пер\.?|переул[а-яё]*|б-р[а-яё]*|бульвар[а-яё]*|ш\.|шоссе|мкр\.?|микрорайон[а-яё]*|проезд[а-яё]*|наб\.|набережн[а-яё]*)`
)

var (
	flatForm = regexp.MustCompile(`(?i)(?:квартир[а-яё]*|кв-р[а-яё]+|кварт\.|кв\.?)\s*(?:№\s*|номер[а-яё]*\s+)?\d+`)
	// 3 кв. 2026 года: a quarter of a year
	quarterForm = regexp.MustCompile(`(?i)^кв(?:арт)?\.?\s*20\d\d$`)
	// квартира 33 кв. м
	areaForm = regexp.MustCompile(`(?i)^(?:[.,]\d+)?\s*(?:кв\.?\s*)?м(?:етр[а-яё]*|²|2)?(?:[^а-яё]|$)`)
	// 12-я квартира; Ленина 5, 12 квартира
	nthFlat = regexp.MustCompile(`(?i)\d+[-‑](?:я|й|ю|ой|ая|ую|ей)\s+квартир(?:а|е|у|ы|ой)|\d+[а-я]?,\s*\d+\s+квартир(?:а|е|у|ой)`)
	// 12 квартира; 21 квартира, 24 квартиры may be a count
	anyFlat = regexp.MustCompile(`(?i)(\d{1,4})\s+квартир(а|е|у|ы|ой)`)
	// of two digits and more: the buildings of one house are fewer
	roomForm  = regexp.MustCompile(`(?i)(?:дом|д\.)\s*\d+[а-я]?,?\s+к\.\s*\d{2,}|(?:комнат(?:а|е|ы|у|ой)|комн\.|ком\.)\s*(?:№\s*)?\d+`)
	livesForm = regexp.MustCompile(`(?i)прожива[а-яё]+\s+по\s+адресу|(?:вашего|её|ее|его)\s+места\s+жительства|адрес[а-яё]*\s+(?:вашей\s+)?регистрации` +
		`|вы\s+прожива[а-яё]+\s+(?:в|по|на)\s[^.!?]{0,30}\d|(?:вы|` + someone + `)\s+(?:зарегистрирован|прописан)[а-яё]*\s+по\s|по\s+вашему\s+(?:домашнему\s+)?адресу[\s:(,—–-]+` + streetWord + `\s`)

	strokeForm = regexp.MustCompile(`([1-9]\d{0,2}[а-яА-Я]?)[-‑–]([1-9]\d{0,2})`)
	houseEnd   = regexp.MustCompile(`(?i)(?:^|[^а-яё])(?:дом|доме|дому|домом|д\.)\s*(?:№\s*)?$`)
	housesEnd  = regexp.MustCompile(`(?i)(?:№|домам?|домов|домах|домами|[^а-яё](?:с|со|до|по|на|от|за|к|в|около|через))\s*$`)
	streetEnd  = regexp.MustCompile(`(?:^|[^а-яё])(?:(?i:` + streetWord + `)\s*|(?i:адрес[а-яё]*):?\s+)(?:[^,;:!?()]{0,40}(?:,\s*|[А-ЯЁ][а-яё]+\s+))(?:(?i:дом|д\.)\s*)?$`)
	livesThere = regexp.MustCompile(`(?i)(?:^|[^а-яё])(?:ваш[а-яё]*|прожива[а-яё]+|` + someone + `)(?:[^а-яё]|$)`)
	// 5-12 мая, 10-12 фонарей, 2-3 раза
	countForm = regexp.MustCompile(`(?i)^\s*(?:[-‑]?(?:х|ти|ми|го|й|е)\s+)?(?:` + monthWord + `|[а-яё]+(?:ов|ев|ей|ек|ок|ёк|лет|дн[яей]+|час[а-яё]*|минут[а-яё]*|раза?|метр[а-яё]*|этаж[а-яё]*|градус[а-яё]*|суток|недел[а-яё]+)(?:[^а-яё]|$)|(?:лет|час|раз|дн|мин|м|см|мм|км|ч|чел|шт|руб|тыс|%|°)[^а-яё]*(?:\s|\.|,|$|[а-яё]))`)
)

// addresses: a house is where the trouble is, a flat is where somebody lives.
func addresses(text string) (out []domain.ReplyFault) {
	flat := func(part string) {
		out = append(out, hard(domain.AnswerAddress, part, "Квартира в открытом ответе: %s. Назовите только дом."))
	}
	for _, m := range flatForm.FindAllStringIndex(text, -1) {
		if part := text[m[0]:m[1]]; startsWord(text, m[0]) && !quarterForm.MatchString(part) && !areaForm.MatchString(text[m[1]:min(len(text), m[1]+20)]) {
			flat(part)
		}
	}
	for _, part := range wordsAlone(text, nthFlat) {
		flat(part)
	}
	for _, m := range anyFlat.FindAllStringSubmatchIndex(text, -1) {
		n, _ := strconv.Atoi(text[m[2]:m[3]])
		part := text[m[0]:m[1]]
		told := len(out) > 0 && strings.HasSuffix(out[len(out)-1].Part, part)
		if startsWord(text, m[0]) && !isCount(n, text[m[4]:m[5]]) && !told && wordEnds(text, m[1]) {
			out = append(out, soft(domain.AnswerAddress, part, "Похоже на квартиру: %s. Назовите только дом."))
		}
	}
	for _, part := range wordsAlone(text, roomForm) {
		out = append(out, soft(domain.AnswerAddress, part, "Похоже на квартиру: %s. Назовите только дом."))
	}
	out = append(out, strokes(text)...)
	for _, part := range wordsAlone(text, livesForm) {
		out = append(out, soft(domain.AnswerAddress, part, "Похоже на адрес человека: %s."))
	}
	return out
}

// isCount: «21 квартира», «24 квартиры» may say how many.
func isCount(n int, ending string) bool {
	last, teens := n%10, n%100 > 10 && n%100 < 20
	switch ending {
	case "а", "у":
		return last == 1 && !teens
	case "ы":
		return last >= 1 && last <= 4 && !teens
	}
	return false
}

// strokes finds houses with a flat behind a stroke: «ул. Ленина, 5-12». Houses in a row
// («дома 5–12»), days and counts are written so too.
func strokes(text string) (out []domain.ReplyFault) {
	for _, m := range strokeForm.FindAllStringIndex(text, -1) {
		before, after := tail(text[:m[0]], 120), text[m[1]:min(len(text), m[1]+60)]
		if !lone(text, m[0], m[1]) || !wordEnds(text, m[1]) || goesOn(after) || countForm.MatchString(after) {
			continue
		}
		house := houseEnd.MatchString(before)
		if !house && (housesEnd.MatchString(before) || !streetEnd.MatchString(before)) {
			continue
		}
		part := text[m[0]:m[1]]
		if livesThere.MatchString(before) {
			out = append(out, hard(domain.AnswerAddress, part, "Дом с квартирой в открытом ответе: %s. Назовите только дом."))
		} else {
			out = append(out, soft(domain.AnswerAddress, part, "Похоже на дом с квартирой: %s. Назовите только дом."))
		}
	}
	return out
}

// goesOn: more of a number follows.
func goesOn(after string) bool {
	return len(after) > 1 && strings.IndexByte("-/.:,", after[0]) >= 0 && isDigit(after[1])
}
