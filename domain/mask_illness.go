package domain

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const illnessMask = "[диагноз скрыт]"

// saysForm is what leads to the name of a disease.
var saysForm = regexp.MustCompile(`(?i)^(?:это|был[ао]?|теперь|потом|сейчас|оказал[а-яё]+|подозрение на|(?:врачи )?(?:нашли|обнаружили|выявили|подозревают|сказали|поставили))$`)

// What is said of somebody's health. A disease alone is a subject («нет вакцины от
// гепатита»); beside a person in the same sentence it is theirs.
var (
	// диагноз: …, диагноз «…»
	diagnosisForm = regexp.MustCompile(`(?i)(диагноз[а-яё]*\s*(?:[:—–-]\s*|[«"]))([^.;!?\n»"]{2,80})`)
	// E11.9, С50 after МКБ or a diagnosis
	icdForm        = regexp.MustCompile(`(?i)((?:диагноз|мкб)[^.!?\n]{0,40}?)([A-ZА-Я]\d{2}(?:\.\d{1,2})?)`)
	disabilityForm = regexp.MustCompile(`(?i)инвалид[а-яё]*\s+(?:с детства|` + disabilityGroup + `)|` + disabilityGroup + `\s+инвалидност[а-яё]*`)
	// диагноз острый панкреатит: no list holds them all
	namedForm   = regexp.MustCompile(`(?i)(диагноз[а-яё]*\s+)((?:[а-яё]+(?:ый|ий|ая|яя)\s+){0,2}[а-яё]{2,}(?:атит|етит|ефрит|астрит|онхит|ексит|ентит|ектит|истит|улит|еврит|артрит|хондроз|флебит|матоз|кардит|демия|немия|патия|плазия|трофия))([^а-яё]|$)`)
	diseaseForm = regexp.MustCompile(`(?i)(?:(?:сахарн[а-яё]+\s+)?диабет[а-яё]*|онкологи[а-яё]*|онкобольн[а-яё]*|рак(?:ом|а|у)?(?:\s+(?:груди|молочной\s+железы|л[её]гк[а-яё]+|желудка|кожи|крови|печени|почки|прямой|щитовидной|\d|[а-яё]+\s+стадии))?|опухол[а-яё]*|метастаз[а-яё]*|вич(?:-инфекци[а-яё]+)?|спид(?:ом|а)?|гепатит[а-яё]*|туберкул[её]з[а-яё]*|шизофрени[а-яё]*|эпилепси[а-яё]*|астм[а-яё]*|инсульт[а-яё]*|инфаркт[а-яё]*|дцп|аутизм[а-яё]*|аутист[а-яё]*|цирроз[а-яё]*|гипертони[а-яё]*|порок[а-яё]*\s+сердца|лейкоз[а-яё]*|лимфом[а-яё]*|муковисцидоз[а-яё]*|склероз[а-яё]*|пневмони[а-яё]*|ковид[а-яё]*|коронавирус[а-яё]*|деменци[а-яё]*|альцгеймер[а-яё]*|паркинсон[а-яё]*|псориаз[а-яё]*|алкоголизм[а-яё]*|наркомани[а-яё]*|беременн[а-яё]*|выкидыш[а-яё]*|лейкеми[а-яё]*|менингит[а-яё]*|сифилис[а-яё]*|депресси(?:я|и|ю|ей)|гоноре(?:я|и|ю|ей)|хламидиоз[а-яё]*|волчанк[а-яё]*|слабоуми[а-яё]*|сарком[а-яё]*|меланом[а-яё]*|карцином[а-яё]*|эндометриоз[а-яё]*|стенокарди[а-яё]*|ишеми[а-яё]*|катаракт[а-яё]*|глауком[а-яё]*|артрит[а-яё]*|артроз[а-яё]*|подагр[а-яё]*|(?-i:РАС)|сдвг|синдром[а-яё]*\s+даун[а-яё]*|covid(?:-?19)?|глухонем[а-яё]*|(?:межпозвон[а-яё]+\s+)?грыж[а-яё]*(?:\s+позвоночника)?|фенилкетонури[а-яё]*)`)
	// на учёте в ПНД, на гемодиализе: whoever it is
	treatedForm = regexp.MustCompile(`(?i)на\s+уч[её]те\s+[ву]\s+(?:пнд|псих[а-яё]+|нарко[а-яё]+|тубдиспансер[а-яё]*|онко[а-яё]+)|на\s+гемодиализе`)
	// сын наркоман; «наркоманы в подъезде» are nobody's
	kinForm    = regexp.MustCompile(`(?i)((?:сын|дочь|муж|жена|брат|сестра|отец|мать|внук|зять|супруг|сосед)\s*[–—-]?\s*)(наркоман(?:ка)?|алкоголик)([^а-яё]|$)`)
	personForm = regexp.MustCompile(`(?i)(?:у\s+(?:меня|него|не[её]|нас|них)|мне|ему|ей|я|мо[йяюие][а-яё]{0,2}|наш[а-яё]*|ребен[а-яё]*|ребён[а-яё]*|сын[а-яё]*|доч[а-яё]+|мам[а-яё]*|мат[ьи]|матер[а-яё]*|пап[аеуы]|отец|отц[а-яё]*|муж[а-яё]{0,2}|жен[аеуы]|бабушк[а-яё]*|дедушк[а-яё]*|брат[а-яё]*|сестр[а-яё]*|внук[а-яё]*|внучк[а-яё]*|сосед[а-яё]*|пациент[а-яё]*|бол(?:ею|еет|ел|ела|ен|ьна)|страда[а-яё]+|перен[её]с[а-яё]*|диагностир[а-яё]+|диагноз[а-яё]*|дяд[а-яё]{1,3}|т[её]т[яиюей]{1,2}|т[её]т[её]нь?к[а-яё]+|т[её]щ[а-яё]{1,3}|тест(?:ь|я|ю|ем)|свекров[а-яё]+|свекр[а-яё]{0,2}|св[её]кор|зят[а-яё]{1,2}|невестк[а-яё]+|племянни[а-яё]+|супруг[а-яё]*|инвалид[а-яё]*)`)
)

const disabilityGroup = `(?:[123]|I{1,3}|перв[а-яё]+|втор[а-яё]+|треть[а-яё]+)(?:-?[а-яё]{1,2})?\s+(?:групп[а-яё]*|гр\.?)`

// Diseases are the names of illnesses in a text, whoever has them.
func Diseases(s string) (out []string) {
	for _, m := range diseaseForm.FindAllStringIndex(s, -1) {
		if alone(s, m[0], m[1]) {
			out = append(out, s[m[0]:m[1]])
		}
	}
	return out
}

// OfSomebody reports a text that speaks of a person's own: «у меня», «сын», «болеет».
func OfSomebody(s string) bool {
	return slices.ContainsFunc(personForm.FindAllStringIndex(s, -1), func(m []int) bool { return alone(s, m[0], m[1]) })
}

// maskIllness hides diagnoses and what a person has fallen ill with.
func maskIllness(s string) string {
	lower := strings.ToLower(s)
	if strings.Contains(lower, "диагноз") || strings.Contains(lower, "мкб") {
		s = icdForm.ReplaceAllString(s, "${1}"+illnessMask) // first: its point ends the other
		s = diagnosisForm.ReplaceAllString(s, "${1}"+illnessMask)
		s = namedForm.ReplaceAllString(s, "${1}"+illnessMask+"${3}")
	}
	if strings.Contains(lower, "инвалид") {
		s = replaceWords(s, disabilityForm, illnessMask)
	}
	if strings.Contains(lower, "на уч") || strings.Contains(lower, "гемодиализ") {
		s = replaceWords(s, treatedForm, illnessMask)
	}
	if strings.Contains(lower, "наркоман") || strings.Contains(lower, "алкоголик") {
		s = kinForm.ReplaceAllString(s, "${1}"+illnessMask+"${3}")
	}
	if !strings.Contains(s, "РАС") && !slices.ContainsFunc(illnessStems(), func(stem string) bool { return strings.Contains(lower, stem) }) {
		return s
	}
	var b strings.Builder
	for earlier := ""; s != ""; {
		end := sentenceEnd(s)
		b.WriteString(maskTheirs(earlier, s[:end]))
		if strings.IndexFunc(s[:end], unicode.IsLetter) >= 0 {
			earlier = s[:end]
		}
		s = s[end:]
	}
	return b.String()
}

// illnessStems are the beginnings of diseaseForm, in small letters: a look at these
// is a hundred times as quick as the form.
func illnessStems() []string {
	return []string{"диабет", "онко", "рак", "опухол", "метастаз", "вич", "спид", "гепатит", "туберкул", "шизофрени", "эпилепси", "астм", "инсульт",
		"инфаркт", "дцп", "аутис", "аутиз", "цирроз", "гипертони", "порок", "лейкоз", "лимфом", "муковисцидоз", "склероз", "пневмони", "ковид",
		"коронавирус", "деменци", "альцгеймер", "паркинсон", "псориаз", "алкоголизм", "наркомани", "беременн", "выкидыш", "лейкеми", "менингит", "сифилис", "депресси",
		"гоноре", "хламидиоз", "волчанк", "слабоуми", "сарком", "меланом", "карцином", "эндометриоз", "стенокарди", "ишеми", "катаракт", "глауком", "артрит",
		"артроз", "подагр", "сдвг", "синдром", "covid", "глухонем", "грыж", "фенилкетонур"}
}

// maskTheirs hides the diseases of a sentence that speaks of a person, or that says
// no more than the disease of whom the earlier one spoke of.
func maskTheirs(earlier, sentence string) string {
	found := diseaseForm.FindStringIndex(sentence)
	if found == nil {
		return sentence
	}
	if OfSomebody(sentence) || says(sentence, found[0], found[1]) && OfSomebody(earlier) {
		return replaceWords(sentence, diseaseForm, illnessMask)
	}
	return sentence
}

// says: «Рак лёгких.», «Это диабет», «Инсульт, нужна скорая»; not «Онкология закрыта».
func says(sentence string, from, to int) bool {
	head, tail := strings.Trim(sentence[:from], " \t\n-–—(«\""), strings.TrimSpace(sentence[to:])
	if head != "" {
		return saysForm.MatchString(head)
	}
	return tail == "" || strings.ContainsAny(tail[:1], ",.;:!?()0123456789")
}

// sentenceEnd is behind the sentence a text begins with.
func sentenceEnd(s string) int {
	if i := strings.IndexAny(s, ".!?\n"); i >= 0 {
		return i + 1
	}
	return len(s)
}

// replaceWords replaces what a form finds as whole words: Go's \b knows Latin
// letters only.
func replaceWords(s string, form *regexp.Regexp, with string) string {
	return new(masker).replace(s, form, func(from, to int) string {
		if !alone(s, from, to) {
			return ""
		}
		return with
	})
}

// alone: no letter stands before or behind.
func alone(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return !unicode.IsLetter(before) && !unicode.IsLetter(after)
}
