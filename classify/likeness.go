package classify

import (
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/otklik/otklik/classify/bitset"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/rules"
)

// likeness tells how like a text is to what the pack's authors wrote for each
// topic, its sentences above all: the cosine of word vectors, rare words
// weighing more. It learns from nothing but the pack.
//
// Phrases decide; in short posts, where they are often silent because people
// put the same thing in other words, likeness adds to their score (see
// likenessBonus). The sentence tests judge the phrases alone: a sentence would
// always be like itself.
type likeness struct {
	ids    map[string]int32 // feature → index of the two below
	rarity []float64
	topics shelf[topicPart] // by feature
}

// topicPart is the weight of a feature in a topic's vector, whose length is one, times
// its rarity.
type topicPart struct {
	weight float64
	topic  int32
}

const (
	// beginning is how many letters of a longer word are a feature beside its
	// stem: «запись» and «записи» have different stems.
	beginning = 5
	// phraseWord is what a word of a phrase counts for beside one of a sentence.
	phraseWord = 0.1
	// unknownRarity is that of a word no author used.
	unknownRarity = 6.0
	unknown       = int32(-1)
)

// wordFeatures are the features of one word: its stem and its beginning, "" for
// none.
func wordFeatures(word string) [2]string {
	if utf8.RuneCountInString(word) < 3 {
		return [2]string{}
	}
	f := [2]string{text.Stem(word), ""}
	if r := []rune(word); len(r) > beginning {
		f[1] = "^" + string(r[:beginning])
	}
	return f
}

// likeTeacher gathers the vectors while a likeness is made.
type likeTeacher struct {
	sentences float64
	seenIn    map[string]float64   // sentences with the feature
	counts    []map[string]float64 // by topic
}

func newLikeTeacher() *likeTeacher { return &likeTeacher{seenIn: map[string]float64{}} }

// topic begins the next one: its sentences and phrases follow.
func (t *likeTeacher) topic() { t.counts = append(t.counts, map[string]float64{}) }

// sentence counts each feature of a sentence of the topic once.
func (t *likeTeacher) sentence(d *text.Doc) {
	t.sentences++
	counts := t.counts[len(t.counts)-1]
	seen := map[string]bool{}
	for pos := range d.Words {
		for _, f := range wordFeatures(d.Word(pos)) {
			if f != "" && !seen[f] {
				seen[f] = true
				t.seenIn[f]++
				counts[f]++
			}
		}
	}
}

// phrase counts the words of what speaks for a topic.
func (t *likeTeacher) phrase(p *rules.Phrase) {
	counts := t.counts[len(t.counts)-1]
	for _, terms := range [][]string{p.All, p.Any, p.Near} {
		for _, word := range strings.FieldsFunc(strings.Join(terms, " "), isGrammar) {
			for _, f := range wordFeatures(fold(word)) {
				if f != "" && p.Weight > 0 {
					t.seenIn[f] = max(t.seenIn[f], 1)
					counts[f] += phraseWord * p.Weight
				}
			}
		}
	}
}

func isGrammar(r rune) bool { return strings.ContainsRune(" |=*>_", r) }

func (t *likeTeacher) likeness() *likeness {
	l := &likeness{ids: make(map[string]int32, len(t.seenIn))}
	for _, f := range slices.Sorted(maps.Keys(t.seenIn)) {
		l.ids[f] = int32(len(l.rarity))
		l.rarity = append(l.rarity, math.Log(t.sentences/t.seenIn[f]))
	}
	topics := make([][]topicPart, len(l.rarity))
	for topic, counts := range t.counts {
		features := slices.Sorted(maps.Keys(counts)) // sums must not depend on map order
		length := 0.0
		weights := make([]float64, len(features))
		for i, f := range features {
			weights[i] = math.Log1p(counts[f]) * l.rarity[l.ids[f]]
			length += weights[i] * weights[i]
		}
		for i, f := range features {
			id := l.ids[f]
			topics[id] = append(topics[id], topicPart{l.rarity[id] * (weights[i] / math.Sqrt(length)), int32(topic)})
		}
	}
	l.topics = newShelf(topics)
	return l
}

// features are the ids of a word's features; unknown stands for one that no
// author used.
func (l *likeness) features(word string) []int32 {
	var ids []int32
	for _, f := range wordFeatures(word) {
		if f == "" {
			continue
		}
		if id, ok := l.ids[f]; ok {
			ids = append(ids, id)
		} else {
			ids = append(ids, unknown)
		}
	}
	return ids
}

// score puts into dst how like a text with these features is to each topic, 0
// to 1. seen is memory, empty between texts.
func (l *likeness) score(dst []float64, features []int32, seen bitset.Set) {
	clear(dst)
	length := 0.0
	for _, f := range features {
		if f == unknown {
			length += unknownRarity * unknownRarity
			continue
		}
		seen.Add(uint32(f))
	}
	for i := range seen { // in the order of the features: sums must not depend on the text's
		for ; seen[i] != 0; seen[i] &= seen[i] - 1 {
			f := int32(i*64 + bits.TrailingZeros64(seen[i]))
			length += l.rarity[f] * l.rarity[f]
			for _, p := range l.topics.of(f) {
				dst[p.topic] += p.weight
			}
		}
	}
	if length == 0 {
		return
	}
	root := math.Sqrt(length)
	for i := range dst {
		dst[i] /= root
	}
}

// part is what a word with these features adds to the likeness to a topic.
func (l *likeness) part(features []int32, topic int) float64 {
	sum := 0.0
	for _, f := range features {
		if f == unknown {
			continue
		}
		for _, p := range l.topics.of(f) {
			if int(p.topic) == topic {
				sum += p.weight
			}
		}
	}
	return sum
}

// Likeness adds to the score of the phrases from likenessFrom on. Alone it never
// names a topic (likenessMost is less than nameScore): some phrase must hint at
// it. Chance likeness grows with the text, so that a text of shortText words
// gets all of it and one of likenessEnd none.
const (
	likenessFrom = 0.09
	likenessRate = 30.0
	likenessMost = 1.5
	likenessEnd  = 30 // words
)

func likenessBonus(like float64, words int) float64 {
	if like <= likenessFrom || words >= likenessEnd {
		return 0
	}
	share := min(1, float64(likenessEnd-words)/(likenessEnd-shortText))
	return min(likenessMost, likenessRate*share*(like-likenessFrom))
}
