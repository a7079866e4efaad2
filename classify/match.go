package classify

import (
	"github.com/otklik/otklik/classify/place"
	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// maxSpans is how many places of one term are kept in a text.
const maxSpans = 64

// span is a stretch of words, ends included.
type span struct{ first, last int32 }

func (s span) overlaps(o span) bool { return s.first <= o.last && o.first <= s.last }

// match is the work on one text: which terms were looked for and where they
// are, which phrases fired, what each group scored. It is reused.
type match struct {
	m         *matcher
	like      *likeness
	signals   *signalWords // may be nil
	printer   *printer
	lexicon   *text.Lexicon
	epoch     uint32     // of the lexicon
	words     []wordInfo // by number in the lexicon
	arena     []slotID   // of the words
	filling   []slotID
	ids       []int32
	at        []*wordInfo // by word of the text
	features  []int32     // of the text's words, for likeness
	posting   *posting
	spans     []span
	used      []span // of a cluster
	supported []span
	shown     []domain.Evidence
	heard     []*phrase
	quoted    []byte
	termAt    []termState
	judged    []uint32 // by phrase: stamp of the text it was looked at in
	fired     []phraseID
	score     []float64 // by group
	scored    []uint32  // by group
	count     []int     // by group: phrases that speak for it
	groups    []groupID // scored in this text
}

// wordInfo is what is known of a word whatever text it stands in.
type wordInfo struct {
	slots, named part // of match.arena; named where the word is a town's name
	features     [2]int32
	said         uint32 // stamp of the text it was last counted in
	count        uint8  // of the features
	state        wordState
	print        domain.PrintWord
	marks        *wordMarks
}

type wordState uint8

const (
	wordMet     wordState = 1 << iota // all but named is filled in
	wordNamed                         // named is
	wordLost                          // it tells that somebody is lost
	wordNotLost                       // the same behind «не»
)

// part is a stretch of an arena.
type part struct {
	from uint32
	n    uint32
}

type termState struct {
	stamp       uint32
	first, last int32 // of match.spans, half-open
}

func newMatch(m *matcher, like *likeness, lexicon *text.Lexicon) *match {
	return &match{
		m: m, like: like, printer: newPrinter(), lexicon: lexicon, posting: newPosting(m.terms.lex.size()),
		used: make([]span, 0, maxSlots), termAt: make([]termState, len(m.terms.list)), judged: make([]uint32, len(m.phrases)),
		score: make([]float64, m.groups), scored: make([]uint32, m.groups), count: make([]int, m.groups),
	}
}

// run matches every phrase against the text. taken tells, by token, which words
// are names of places; none with nil.
func (x *match) run(d *text.Doc, taken []place.Taken) {
	x.begin(d)
	p := x.posting
	for pos := len(d.Words) - 1; pos >= 0; pos-- {
		info := x.at[pos]
		slots := info.slots
		if taken != nil {
			switch taken[d.Words[pos]] {
			case place.Hidden: // «улица Дорожная» is not about the road
				continue
			case place.Named: // a phrase may name a town, but «охот*» is not Охотск
				slots = x.named(info, d.Word(pos))
			}
		}
		x.features = append(x.features, info.features[:info.count]...)
		for _, slot := range x.arena[slots.from : slots.from+slots.n] {
			p.add(slot, int32(pos), int32(pos))
		}
	}
	for _, slot := range p.touched {
		if !x.m.begins.Has(uint32(slot)) {
			continue
		}
		for _, b := range x.m.byFirst.of(int32(slot)) {
			if p.has(b.second) {
				x.join(b.sequence)
			}
		}
	}
	for _, slot := range p.touched {
		if !x.m.anchors.Has(uint32(slot)) {
			continue
		}
		for _, a := range x.m.bySlot.of(int32(slot)) {
			if p.has(a.other) && (a.other == anySlot || len(x.find(a.term)) > 0) {
				x.judge(x.m.byTrigger.of(int32(a.term)))
			}
		}
	}
}

// begin forgets the last text and looks up the words of the new one.
func (x *match) begin(d *text.Doc) {
	if x.posting.reset() { // old stamps could look new
		clear(x.termAt)
		clear(x.judged)
		clear(x.scored)
		clear(x.words)
		x.words, x.arena = x.words[:0], x.arena[:0]
	}
	x.spans, x.fired, x.groups, x.features, x.at = x.spans[:0], x.fired[:0], x.groups[:0], x.features[:0], x.at[:0]
	x.ids = x.lexicon.Of(x.ids, d)
	if x.epoch != x.lexicon.Epoch() {
		x.epoch = x.lexicon.Epoch()
		clear(x.words)
		x.words, x.arena = x.words[:0], x.arena[:0]
	}
	for pos, id := range x.ids {
		x.posting.sent = append(x.posting.sent, d.Sent(pos))
		for int(id) >= len(x.words) {
			x.words = append(x.words, wordInfo{})
		}
		if x.words[id].state == 0 {
			x.meet(&x.words[id], d.Word(pos))
		}
	}
	for _, id := range x.ids {
		x.at = append(x.at, &x.words[id])
	}
}

// join fills the slot of a sequence wherever its parts stand side by side.
func (x *match) join(s *sequence) {
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

// meet fills in what the lexicon and likeness say of a word.
func (x *match) meet(info *wordInfo, word string) {
	info.state = wordMet | x.signals.lossOf(word)
	info.slots = x.keep(x.m.terms.lex.fill(x.filling[:0], word))
	if x.like != nil {
		info.count = uint8(copy(info.features[:], x.like.features(word)))
		info.print = x.like.printWord(word)
		info.marks = x.printer.marksOf(word, x.like)
	}
}

// different is how many different words the text has.
func (x *match) different() int {
	n := 0
	for _, info := range x.at {
		if info.said != x.posting.stamp {
			info.said = x.posting.stamp
			n++
		}
	}
	return n
}

// named are the slots of a word that is a town's name.
func (x *match) named(info *wordInfo, word string) part {
	if info.state&wordNamed == 0 {
		info.state |= wordNamed
		info.named = x.keep(x.m.terms.lex.fillNamed(x.filling[:0], word))
	}
	return info.named
}

func (x *match) keep(slots []slotID) part {
	x.filling = slots
	x.arena = append(x.arena, slots...)
	return part{uint32(len(x.arena) - len(slots)), uint32(len(slots))}
}

// find gives the places of a term, looked for once a text.
func (x *match) find(id termID) []span {
	state := &x.termAt[id]
	if state.stamp != x.posting.stamp {
		start := len(x.spans)
		x.spans = x.m.terms.list[id].find(x.posting, x.spans)
		*state = termState{x.posting.stamp, int32(start), int32(len(x.spans))}
	}
	return x.spans[state.first:state.last]
}

// has reports whether a term is in the text.
func (x *match) has(id termID) bool {
	switch l := x.m.terms.looks[id]; {
	case !x.posting.has(l.anchor):
		return false
	case l.alone:
		return true
	}
	return len(x.find(id)) > 0
}

func (x *match) judge(list []armed) {
	for i := range list {
		a := &list[i]
		if !x.posting.has(a.others[0]) || !x.posting.has(a.others[1]) || x.judged[a.phrase] == x.posting.stamp {
			continue
		}
		x.judged[a.phrase] = x.posting.stamp
		p := &x.m.phrases[a.phrase]
		if x.fires(p) {
			x.fired = append(x.fired, a.phrase)
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

// fires reports whether a phrase of which a trigger was found fires.
func (x *match) fires(p *phrase) bool {
	for _, t := range p.all {
		if !x.has(t) {
			return false
		}
	}
	byAny := len(p.all)+len(p.near) == 0 // then one of any is the trigger that was found
	if len(p.any) > 0 && !byAny && !x.hasAny(p.any) {
		return false
	}
	if len(p.near) > 0 && !x.nearby(p) {
		return false
	}
	return !x.hasAny(p.not)
}

func (x *match) hasAny(ids []termID) bool {
	for _, t := range ids {
		if x.has(t) {
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
		return x.has(p.near[0])
	}
	_, ok := x.beside(p, others)
	return ok
}

// cluster finds the stretch that holds every near term.
func (x *match) cluster(p *phrase) (span, bool) {
	for _, s := range x.find(p.near[0]) {
		if whole, ok := x.extend(p, 1, s, x.using(s)); ok {
			return whole, true
		}
	}
	return span{}, false
}

func (x *match) using(s span) []span {
	x.used = append(x.used[:0], s)
	return x.used
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
			if joined, ok := x.extend(p, 0, s, x.using(s)); ok {
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
