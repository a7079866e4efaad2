package classify

import "github.com/otklik/otklik/domain"

// What a text may bear and still be sent to a body unseen. The bounds were chosen
// on complaints and news with labels (docs/accuracy.md): how sure the row is says
// nothing of whether anybody complains.
const (
	likeOther  = -1.0 // odds of other from which a short text is like its examples
	leastPlain = 1.0  // margin of the phrases
	ornate     = 1.0  // links, tags, typesetting
	newsy      = 2.0  // words of news and advertising
)

// doubt says why a problem may be none, "" when nothing speaks against it.
func (k *kindScore) doubt(signs *signs) string {
	switch {
	case !k.voiced:
		return "жалоба не выражена словами"
	case signs[signOrnament] >= ornate:
		return "оформлено как публикация"
	case signs[signReport] >= newsy:
		return "слова новости, рекламы или разговора"
	case k.learned && signs[signOther] >= likeOther:
		return "похоже на примеры: " + exampleName(domain.Other)
	case k.margin < leastPlain:
		return "признаков жалобы мало"
	}
	return ""
}
