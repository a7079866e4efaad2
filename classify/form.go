package classify

import "strings"

// form is what the ending of a word tells of it. Snowball gives «травят» and
// «травой», «горит» and «горы» one stem; their endings tell verb from noun.
type form uint8

const (
	anyForm form = iota // the ending may be either's
	verb
	noun
)

// agrees: forms that surely differ do not match.
func (f form) agrees(other form) bool {
	return f == anyForm || other == anyForm || f == other
}

// formOf tells the form by what is left of the word after its stem.
func formOf(word, stem string) form {
	ending, ok := strings.CutPrefix(word, stem)
	if !ok {
		return anyForm
	}
	switch strings.TrimSuffix(strings.TrimSuffix(ending, "ся"), "сь") {
	case "ит", "ят", "ить", "ишь", "ил", "ила", "ило", "или", "ет", "ут", "ют", "ешь", "еть", "ать", "ять",
		"ал", "ала", "ало", "али", "ял", "яла", "яло", "яли", "ает", "ают", "яет", "яют":
		return verb
	case "а", "ы", "е", "о", "ой", "ою", "ую", "ая", "ое", "ые", "ый", "ого", "ому", "ыми", "ами", "ах", "ам", "ом", "ов", "ых", "ью":
		return noun
	}
	return anyForm
}
