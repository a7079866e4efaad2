package classify

import (
	"strings"

	"github.com/otklik/otklik/classify/place"
	"github.com/otklik/otklik/classify/text"
)

// maxSpans is how many places of one term are kept in a text.
const maxSpans = 64

// span is a stretch of words, ends included.
type span struct{ first, last int32 }

func (s span) overlaps(o span) bool { return s.first <= o.last && o.first <= s.last }

// match is the work on one text: which terms were looked for and where they
// are, which phrases fired, what each group scored. It is reused.
type match struct {
	m        *matcher
	like     *likeness
	words    map[string]wordInfo // cache
	features []int32             // of the text's words, for likeness
	posting  *posting
	spans    []span
	termAt   []termState
	judged   []uint32 // by phrase: stamp of the text it was looked at in
	fired    []phraseID
	score    []float64 // by group
	scored   []uint32  // by group
	count    []int     // by group: phrases that speak for it
	groups   []groupID // scored in this text
}

// wordInfo is what is known of a word whatever text it stands in.
type wordInfo struct {
	slots    []slotID
	features []int32
}

type termState struct {
	stamp       uint32
	first, last int32 // of match.spans, half-open
}

// maxCachedWords bounds the cache of one match; a worker meets some 50,000
// different forms in a day.
const maxCachedWords = 1 << 16

func newMatch(m *matcher, like *likeness) *match {
	return &match{
		m: m, like: like, words: map[string]wordInfo{}, posting: newPosting(m.terms.lex.size()),
		termAt: make([]termState, len(m.terms.list)), judged: make([]uint32, len(m.phrases)),
		score: make([]float64, m.groups), scored: make([]uint32, m.groups), count: make([]int, m.groups),
	}
}

// run matches every phrase against the text. taken tells, by token, which words
// are names of places; none with nil.
func (x *match) run(d *text.Doc, taken []place.Taken) {
	p := x.posting
	p.reset()
	x.spans, x.fired, x.groups, x.features = x.spans[:0], x.fired[:0], x.groups[:0], x.features[:0]
	for pos := range d.Words {
		p.sent = append(p.sent, d.Sent(pos))
	}
	for pos := len(d.Words) - 1; pos >= 0; pos-- {
		info := x.info(d.Word(pos))
		slots := info.slots
		if taken != nil {
			switch taken[d.Words[pos]] {
			case place.Hidden: // «улица Дорожная» is not about the road
				continue
			case place.Named: // a phrase may name a town, but «охот*» is not Охотск
				slots = x.m.terms.lex.fillNamed(nil, d.Word(pos))
			}
		}
		x.features = append(x.features, info.features...)
		for _, slot := range slots {
			p.add(slot, int32(pos), int32(pos))
		}
	}
	for _, slot := range p.touched {
		for _, s := range x.m.byFirst[slot] {
			x.join(s)
		}
	}
	for _, slot := range p.touched {
		for _, t := range x.m.bySlot[slot] {
			if len(x.find(t)) > 0 {
				x.judge(x.m.byTrigger[t])
			}
		}
	}
}

// join fills the slot of a sequence wherever its parts stand side by side.
func (x *match) join(s sequence) {
	p := x.posting
	for h := p.head(s.parts[0]); h >= 0; h = p.hits[h].next {
		first := p.hits[h].pos
		last := first
		for _, part := range s.parts[1:] {
			if last++; !p.fills(part, last) {
				last = -1
				break
			}
		}
		if last >= 0 && p.sent[first] == p.sent[last] {
			p.add(s.slot, first, last)
		}
	}
}

// info is the cached answer of the lexicon and of likeness.
func (x *match) info(word string) wordInfo {
	if info, ok := x.words[word]; ok {
		return info
	}
	if len(x.words) >= maxCachedWords {
		clear(x.words)
	}
	info := wordInfo{slots: x.m.terms.lex.fill(nil, word)}
	if x.like != nil {
		info.features = x.like.features(word)
	}
	x.words[strings.Clone(word)] = info // word itself would keep its whole text alive
	return info
}

// find gives the places of a term, looked for once a text.
func (x *match) find(id termID) []span {
	state := &x.termAt[id]
	if state.stamp != x.posting.stamp {
		start := len(x.spans)
		x.m.terms.list[id].find(x.posting, func(first, last int32) {
			if len(x.spans)-start < maxSpans {
				x.spans = append(x.spans, span{first, last})
			}
		})
		*state = termState{x.posting.stamp, int32(start), int32(len(x.spans))}
	}
	return x.spans[state.first:state.last]
}

func (x *match) judge(ids []phraseID) {
	for _, id := range ids {
		if x.judged[id] == x.posting.stamp {
			continue
		}
		x.judged[id] = x.posting.stamp
		p := &x.m.phrases[id]
		if x.fires(p) {
			x.fired = append(x.fired, id)
			x.add(p.group, p.weight)
		}
	}
}

func (x *match) add(g groupID, weight float64) {
	if x.scored[g] != x.posting.stamp {
		x.scored[g] = x.posting.stamp
		x.score[g], x.count[g] = 0, 0
		x.groups = append(x.groups, g)
	}
	x.score[g] += weight
	if weight > 0 {
		x.count[g]++
	}
}

// supporters is how many phrases speak for a group in this text.
func (x *match) supporters(g groupID) int {
	if x.scored[g] != x.posting.stamp {
		return 0
	}
	return x.count[g]
}

// total is the score of a group in this text.
func (x *match) total(g groupID) float64 {
	if x.scored[g] != x.posting.stamp {
		return 0
	}
	return x.score[g]
}

func (x *match) fires(p *phrase) bool {
	for _, t := range p.all {
		if len(x.find(t)) == 0 {
			return false
		}
	}
	if len(p.any) > 0 && !x.hasAny(p.any) {
		return false
	}
	if len(p.near) > 0 && !x.nearby(p) {
		return false
	}
	return !x.hasAny(p.not)
}

func (x *match) hasAny(ids []termID) bool {
	for _, t := range ids {
		if len(x.find(t)) > 0 {
			return true
		}
	}
	return false
}

// nearby: all near terms stand within reach of one another in one sentence. A
// single near term would mean nothing alone: it must stand within reach of one
// of any (or of all).
func (x *match) nearby(p *phrase) bool {
	if len(p.near) > 1 {
		_, ok := x.cluster(p)
		return ok
	}
	others := p.any
	if len(others) == 0 {
		others = p.all
	}
	if len(others) == 0 {
		return len(x.find(p.near[0])) > 0
	}
	_, ok := x.beside(p, others)
	return ok
}

// cluster finds the stretch that holds every near term.
func (x *match) cluster(p *phrase) (span, bool) {
	for _, s := range x.find(p.near[0]) {
		if whole, ok := x.extend(p, 1, s, []span{s}); ok {
			return whole, true
		}
	}
	return span{}, false
}

func (x *match) extend(p *phrase, k int, whole span, used []span) (span, bool) {
	if k == len(p.near) {
		return whole, true
	}
	for _, s := range x.find(p.near[k]) {
		joined := span{min(whole.first, s.first), max(whole.last, s.last)}
		if joined.last-joined.first > p.within || !x.sameSentence(joined) || overlapsAny(used, s) {
			continue
		}
		if found, ok := x.extend(p, k+1, joined, append(used, s)); ok {
			return found, true
		}
	}
	return span{}, false
}

// beside finds the single near term and one of the others within reach.
func (x *match) beside(p *phrase, others []termID) (span, bool) {
	for _, t := range others {
		for _, s := range x.find(t) {
			if joined, ok := x.extend(p, 0, s, []span{s}); ok {
				return joined, true
			}
		}
	}
	return span{}, false
}

func (x *match) sameSentence(s span) bool {
	return x.posting.sent[s.first] == x.posting.sent[s.last]
}

func overlapsAny(spans []span, s span) bool {
	for _, o := range spans {
		if o.overlaps(s) {
			return true
		}
	}
	return false
}
