package classify

import (
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

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

// publishedMost is the margin of the phrases up to which the marks of a channel
// outweigh them. Chosen on the same texts.
const publishedMost = 2.5

// published: what is written for the readers of a channel bears bold print,
// paragraphs, or two of these: a link, tags, a pictogram for a heading, Latin words, a
// typeset dash. Who complains may begin with a face or a mention, or show a photo.
func published(s *text.Shape) bool {
	marks := 0
	for _, is := range [...]bool{s.Links > 0, s.Hashtags > 1, s.Heading, s.LatinWords >= latinWords, s.Dashes > 0} {
		if is {
			marks++
		}
	}
	return s.Bold > 0 || s.Paragraphs > 1 || marks > 1
}

// hardly says why what the phrases call a problem is no case before a person has
// looked; "" when it may be one.
func (k *kindScore) hardly(s *text.Shape) string {
	if published(s) && k.margin < publishedMost {
		return "похоже на обращение, но оформлено как публикация"
	}
	return ""
}
