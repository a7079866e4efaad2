package domain

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const illnessMask = "[диагноз скрыт]"

// What is said of somebody's health. A disease alone is a subject («нет вакцины от
// гепатита»); beside a person in the same sentence it is theirs.
var (
	// диагноз: …, диагноз «…»
	diagnosisForm = regexp.MustCompile(`(?i)(диагноз[а-яё]*\s*(?:[:—–-]\s*|[«"]))([^.;!?\n»"]{2,80})`)
	// E11.9, С50 after МКБ or a diagnosis
	icdForm        = regexp.MustCompile(`(?i)((?:диагноз|мкб)[^.!?\n]{0,40}?)([A-ZА-Я]\d{2}(?:\.\d{1,2})?)`)
	disabilityForm = regexp.MustCompile(`(?i)инвалид[а-яё]*\s+(?:с детства|(?:[123]|I{1,3}|перв[а-яё]+|втор[а-яё]+|треть[а-яё]+)(?:-?[а-яё]{1,2})?\s+групп[а-яё]*)`)
	diseaseForm    = regexp.MustCompile(`(?i)(?:(?:сахарн[а-яё]+\s+)?диабет[а-яё]*|онкологи[а-яё]*|онкобольн[а-яё]*|рак(?:ом|а|у)?(?:\s+(?:груди|молочной\s+железы|л[её]гк[а-яё]+|желудка|кожи|крови|печени|почки|прямой|щитовидной|\d|[а-яё]+\s+стадии))?|опухол[а-яё]*|метастаз[а-яё]*|вич(?:-инфекци[а-яё]+)?|спид(?:ом|а)?|гепатит[а-яё]*|туберкул[её]з[а-яё]*|шизофрени[а-яё]*|эпилепси[а-яё]*|астм[а-яё]*|инсульт[а-яё]*|инфаркт[а-яё]*|дцп|аутизм[а-яё]*|аутист[а-яё]*|цирроз[а-яё]*|гипертони[а-яё]*|порок[а-яё]*\s+сердца|лейкоз[а-яё]*|лимфом[а-яё]*|муковисцидоз[а-яё]*|склероз[а-яё]*|пневмони[а-яё]*|ковид[а-яё]*|коронавирус[а-яё]*|деменци[а-яё]*|альцгеймер[а-яё]*|паркинсон[а-яё]*|псориаз[а-яё]*|алкоголизм[а-яё]*|наркомани[а-яё]*|беременн[а-яё]*|выкидыш[а-яё]*)`)
	personForm     = regexp.MustCompile(`(?i)(?:у\s+(?:меня|него|не[её]|нас|них)|мне|ему|ей|я|мо[йяюие][а-яё]{0,2}|наш[а-яё]*|ребен[а-яё]*|ребён[а-яё]*|сын[а-яё]*|доч[а-яё]+|мам[а-яё]*|мат[ьи]|матер[а-яё]*|пап[аеуы]|отец|отц[а-яё]*|муж[а-яё]{0,2}|жен[аеуы]|бабушк[а-яё]*|дедушк[а-яё]*|брат[а-яё]*|сестр[а-яё]*|внук[а-яё]*|внучк[а-яё]*|сосед[а-яё]*|пациент[а-яё]*|бол(?:ею|еет|ел|ела|ен|ьна)|страда[а-яё]+|перен[её]с[а-яё]*|диагностир[а-яё]+|инвалид[а-яё]*)`)
)

// maskIllness hides diagnoses and what a person has fallen ill with.
func maskIllness(s string) string {
	lower := strings.ToLower(s)
	if strings.Contains(lower, "диагноз") || strings.Contains(lower, "мкб") {
		s = diagnosisForm.ReplaceAllString(s, "${1}"+illnessMask)
		s = icdForm.ReplaceAllString(s, "${1}"+illnessMask)
	}
	if strings.Contains(lower, "инвалид") {
		s = replaceWords(s, disabilityForm, illnessMask)
	}
	if !slices.ContainsFunc(illnessStems(), func(stem string) bool { return strings.Contains(lower, stem) }) {
		return s
	}
	var b strings.Builder
	for s != "" {
		end := sentenceEnd(s)
		b.WriteString(maskTheirs(s[:end]))
		s = s[end:]
	}
	return b.String()
}

// illnessStems are the beginnings of diseaseForm, in small letters: a look at these
// is a hundred times as quick as the form.
func illnessStems() []string {
	return []string{"диабет", "онко", "рак", "опухол", "метастаз", "вич", "спид", "гепатит", "туберкул", "шизофрени", "эпилепси", "астм", "инсульт",
		"инфаркт", "дцп", "аутис", "аутиз", "цирроз", "гипертони", "порок", "лейкоз", "лимфом", "муковисцидоз", "склероз", "пневмони", "ковид",
		"коронавирус", "деменци", "альцгеймер", "паркинсон", "псориаз", "алкоголизм", "наркомани", "беременн", "выкидыш"}
}

// maskTheirs hides the diseases of a sentence that speaks of a person.
func maskTheirs(sentence string) string {
	if !diseaseForm.MatchString(sentence) {
		return sentence
	}
	for _, m := range personForm.FindAllStringIndex(sentence, -1) {
		if alone(sentence, m[0], m[1]) {
			return replaceWords(sentence, diseaseForm, illnessMask)
		}
	}
	return sentence
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
	return replace(s, form, func(from, to int) string {
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
