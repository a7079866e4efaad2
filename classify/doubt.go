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
	unlikeOnes = -1.5 // the same, below which a short text is unlike them
	leastPlain = 1.0  // margin of the phrases
	plainly    = 5.0  // the same, from which typesetting says nothing: telephones write dashes by themselves
	ornate     = 1.0  // links, tags, typesetting
	newsy      = 2.0  // words of news and advertising
)

// doubt says why a problem may be none, "" when nothing speaks against it.
func (k *kindScore) doubt(signs *signs) string {
	switch {
	case !k.voiced && !k.tells(signs):
		return "жалоба не выражена словами"
	case signs[signOrnament] >= ornate && k.margin < plainly:
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

// tells: what is wrong is told without a word of complaint («на телефоне вылетает
// сразу после входа»), in a short text that is like complaints and bears no mark of
// news.
func (k *kindScore) tells(signs *signs) bool {
	return k.learned && k.margin >= leastPlain && signs[signOther] < unlikeOnes && signs[signOrnament] <= 0 && signs[signReport] <= 0
}

// Margins of the phrases up to which something outweighs them: the less speaks for a
// publication, the less a complaint must say. The first two were chosen on one half of
// the same texts, the other agreed.
const (
	publishedMost = 4.0 // marked as only channels are
	setOutMost    = 1.5 // one mark, or paragraphs
	storyMost     = 6.0 // words of news in several paragraphs
	longMost      = 2.0 // several paragraphs
	newsMost      = 0.5 // a word of news in a long text
	alikeMost     = 1.5 // no word of complaint, no question, like the examples of what is none
)

// several paragraphs are more than a greeting and what follows it.
const several = 3

// marksOf counts what is written for the readers of a channel: a link, tags, a
// pictogram for a heading, Latin words, a typeset dash. Who complains may begin with a
// face or a mention, or show a photo.
func marksOf(s *text.Shape) int {
	marks := 0
	for _, is := range [...]bool{s.Links > 0, s.Hashtags > 1, s.Heading, s.LatinWords >= latinWords, s.Dashes > 0} {
		if is {
			marks++
		}
	}
	return marks
}

// hardly says why what the phrases call a problem is no case before a person has
// looked; "" when it may be one.
func (k *kindScore) hardly(s *text.Shape, signs *signs) string {
	switch {
	case k.setOut(s, signs):
		return "похоже на обращение, но оформлено как публикация"
	case k.long && signs[signReport] > 0 && k.margin < newsMost:
		return "похоже на обращение, но словами новости, рекламы или разговора"
	case !k.voiced && k.margin < alikeMost && k.learned && signs[signOther] >= likeOther && s.Questions == 0:
		return "похоже на обращение, но жалоба не выражена словами"
	}
	return ""
}

// setOut: bold print or two marks are those of a channel; one mark is it in what asks
// nothing, but for a dash: telephones write it by themselves. A story has paragraphs.
func (k *kindScore) setOut(s *text.Shape, signs *signs) bool {
	marks := marksOf(s)
	published := s.Bold > 0 || marks > 1
	once := s.Paragraphs > 1 || marks > 0 && s.Dashes == 0 && s.Questions == 0
	long := s.Paragraphs >= several
	return published && k.margin < publishedMost || once && k.margin < setOutMost ||
		long && (k.margin < longMost || signs[signReport] >= newsy && k.margin < storyMost)
}
