package place

import (
	"strings"

	"github.com/otklik/otklik/classify/text"
)

// word is a word of the text as places see it: compound words in parts,
// punctuation left out but remembered.
type word struct {
	text     string
	token    int32 // index in Doc.Tokens
	upper    bool
	number   bool
	shout    bool // a capital that says nothing: the whole text has them
	sign     bool // №
	start    bool // first of its sentence
	stop     bool // punctuation or a new sentence stands before it
	comma    bool // only a comma stands before it
	slash    bool // glued to the word before by a slash
	dot      bool // only the point of an abbreviation stands before it
	glued    bool // nothing stands before it
	dash     bool // only a dash stands before it
	hyphen   bool // glued to the word before by a hyphen
	hash     bool // a hashtag
	consumed bool // part of a street or house already found
	hidden   bool // of it, the name or number
}

// collect appends the words of a text.
func collect(dst []word, d *text.Doc) []word {
	sent := int32(-1)
	between := ""
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Kind == text.Punct {
			between += d.Token(i)
			continue
		}
		if t.Link {
			between += ";"
			continue
		}
		w := word{
			token: int32(i), upper: t.Upper, number: t.Kind == text.Number, sign: t.Kind == text.Sign,
			start: t.Sent != sent, glued: between == "" && t.Glued,
			comma: between == ",", slash: between == "/" || between == "\\", dot: between == ".",
			dash: isDash(between), hyphen: between == "-", hash: strings.HasSuffix(between, "#"),
		}
		w.stop = w.start || between != ""
		sent = t.Sent
		between = ""
		for part := range hyphenParts(d.Token(i)) {
			w.text = part
			dst = append(dst, w)
			w.start, w.stop, w.comma, w.slash, w.dot, w.dash, w.hyphen, w.hash = false, false, false, false, false, false, false, false
		}
	}
	markShouting(dst)
	return dst
}

// markShouting: in a text of capitals they tell no names.
func markShouting(words []word) {
	upper, all := 0, 0
	for i := range words {
		if !words[i].number && !words[i].sign {
			all++
			if words[i].upper {
				upper++
			}
		}
	}
	if all < 5 || upper*10 < all*7 {
		return
	}
	for i := range words {
		words[i].shout = true
	}
}

// isSettlementType: words before the name of a settlement.
func isSettlementType(w string) bool {
	switch w {
	case "г", "гор", "п", "пос", "пгт", "рп", "с", "дер", "ст", "пст", "х", "станция", "станции", "станцию", "хутор", "хуторе":
		return true
	}
	for _, stem := range []string{"город", "посел", "село", "села", "селе", "деревн"} {
		if strings.HasPrefix(w, stem) && w != "городской" && w != "городского" && w != "поселения" && w != "поселение" {
			return true
		}
	}
	return false
}

// isPlacePreposition: «в Бикине», «из Вяземского».
func isPlacePreposition(w string) bool {
	switch w {
	case "в", "во", "из", "до", "под", "около", "возле", "через", "близ":
		return true
	}
	return false
}

// isHouseWord: «дом 5», «д. 5», «№ 5».
func isHouseWord(w *word) bool {
	if w.sign {
		return true
	}
	switch w.text {
	case "д", "дом", "дома", "доме", "дому", "домом", "домов", "домами", "домах", "строение", "стр":
		return true
	}
	return false
}

func isDash(s string) bool { return s == "-" || s == "–" || s == "—" }
