package place

import (
	"strings"

	"github.com/otklik/otklik/classify/text"
)

// word is a word of the text as places see it: compound words in parts,
// punctuation left out but remembered.
type word struct {
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

	*facts
}

// collect reads the words of a text.
func (x *Index) collect(w *Work, d *text.Doc) {
	w.words = w.words[:0]
	w.begin(x, d)
	sent := int32(-1)
	from := 0 // of what stands between this word and the one before
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Kind == text.Punct {
			continue
		}
		if t.Link {
			continue
		}
		between := d.Tokens[from:i]
		from = i + 1
		next := word{
			token: int32(i), upper: t.Upper, number: t.Kind == text.Number, sign: t.Kind == text.Sign,
			start: t.Sent != sent, glued: len(between) == 0 && t.Glued,
		}
		next.stop = next.start || len(between) > 0
		if len(between) > 0 {
			next.parted(d, i, len(between))
		}
		sent = t.Sent
		for part := w.factsAt(x, int(t.Pos)); part != nil; part = part.next {
			next.facts = part
			w.words = append(w.words, next)
			next.start, next.stop, next.comma, next.slash, next.dot, next.dash, next.hyphen, next.hash = false, false, false, false, false, false, false, false
		}
	}
	markShouting(w.words)
}

// parted notes the n tokens of punctuation and links before the i-th.
func (w *word) parted(d *text.Doc, i, n int) {
	last := &d.Tokens[i-1]
	w.hash = !last.Link && d.Token(i-1) == "#"
	if n == 2 && i > 1 && d.Token(i-1) == "," && d.Token(i-2) == "." { // «пр., 5»
		w.comma = true
	}
	if n > 1 || last.Link {
		return
	}
	switch d.Token(i - 1) {
	case ",":
		w.comma = true
	case "/", "\\":
		w.slash = true
	case ".":
		w.dot = true
	case "-":
		w.dash, w.hyphen = true, true
	case "–", "—":
		w.dash = true
	}
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
	return w.sign || w.is(houseWord)
}

func namesHouse(w string) bool {
	switch w {
	case "д", "дом", "дома", "доме", "дому", "домом", "домов", "домами", "домах", "строение", "стр":
		return true
	}
	return false
}
