package classify

import (
	"fmt"
	"strings"
)

// slack is how many other words may stand between the words of a term.
const slack = 3

// maxOrderedGap is how far apart the slots of «а > б» may be.
const maxOrderedGap = 3

type termID int32

// term is one or more slots that stand close together in a sentence.
type term struct {
	slots  []slotID
	after  []bool // after[i]: slot i must follow slot i-1 closely («а > б»)
	width  int32  // widest span in words, ends included
	anchor int    // index of the slot looked for first: the rarest
}

// terms holds the compiled terms of a pack, equal ones once.
type terms struct {
	lex    *lexicon
	list   []term
	looks  []look // by term, once anchors are set
	byText map[string]termID
}

// look is what mostly settles whether a term is in a text.
type look struct {
	anchor slotID
	alone  bool // it has no other slot
}

func newTerms() *terms {
	return &terms{lex: newLexicon(), byText: map[string]termID{}}
}

// compile reads one term of the grammar.
func (ts *terms) compile(pattern string) (termID, error) {
	key := strings.Join(strings.Fields(fold(pattern)), " ")
	if id, ok := ts.byText[key]; ok {
		return id, nil
	}
	t, err := ts.parse(key)
	if err != nil {
		return 0, fmt.Errorf("«%s»: %w", pattern, err)
	}
	id := termID(len(ts.list))
	ts.byText[key] = id
	ts.list = append(ts.list, t)
	return id, nil
}

func (ts *terms) parse(key string) (term, error) {
	var t term
	ordered := false
	gaps := int32(0)
	for _, field := range strings.Fields(key) {
		if field == ">" {
			if len(t.slots) == 0 || ordered {
				return t, fmt.Errorf("знак > стоит между двумя словами")
			}
			ordered = true
			gaps++
			continue
		}
		id, err := ts.lex.slot(field)
		if err != nil {
			return t, err
		}
		t.slots = append(t.slots, id)
		t.after = append(t.after, ordered)
		ordered = false
	}
	if len(t.slots) == 0 {
		return t, fmt.Errorf("пустое условие")
	}
	if ordered {
		return t, fmt.Errorf("после знака > нет слова")
	}
	t.width = int32(len(t.slots)) + slack
	if len(t.slots) == 1 {
		t.width = 1
	} else {
		t.width = max(t.width, gaps*maxOrderedGap+1)
	}
	return t, nil
}

// setAnchors makes each term start from the slot that fewest terms share, and gives
// how many share each.
func (ts *terms) setAnchors() (uses []int) {
	uses = make([]int, ts.lex.size())
	for i := range ts.list {
		for _, s := range ts.list[i].slots {
			uses[s]++
		}
	}
	for i := range ts.list {
		t := &ts.list[i]
		for k, s := range t.slots {
			if uses[s] < uses[t.slots[t.anchor]] {
				t.anchor = k
			}
		}
		ts.looks = append(ts.looks, look{t.slots[t.anchor], len(t.slots) == 1})
	}
	return uses
}

// other is the rarest slot beside the anchor, anySlot in a term of one.
func (t *term) other(uses []int) slotID {
	other := anySlot
	for k, s := range t.slots {
		if k != t.anchor && (other == anySlot || uses[s] < uses[other]) {
			other = s
		}
	}
	return other
}

// find appends the words that fill the term's slots, one way for each occurrence of
// its anchor, the first maxSpans.
func (t *term) find(p *posting, dst []span) []span {
	start := len(dst)
	var used [maxSlots]int32
	for h := p.head(t.slots[t.anchor]); h >= 0 && len(dst)-start < maxSpans; h = p.hits[h].next {
		at := &p.hits[h]
		if len(t.slots) == 1 {
			dst = append(dst, span{at.pos, at.last})
			continue
		}
		used[t.anchor] = at.pos
		if first, last, ok := t.fit(p, &used, 0, at.pos, at.last); ok {
			dst = append(dst, span{first, last})
		}
	}
	return dst
}

// maxSlots bounds a term; the loader's longest is far below.
const maxSlots = 12

// fit finds words for the slots from k on, given the anchor's.
func (t *term) fit(p *posting, used *[maxSlots]int32, k int, first, last int32) (int32, int32, bool) {
	if k == len(t.slots) {
		return first, last, t.inOrder(used)
	}
	if k == t.anchor {
		return t.fit(p, used, k+1, first, last)
	}
	sent := p.sent[used[t.anchor]]
	for h := p.head(t.slots[k]); h >= 0; h = p.hits[h].next {
		pos := p.hits[h].pos
		lo, hi := min(first, pos), max(last, p.hits[h].last)
		if hi-lo >= t.width || p.sent[pos] != sent || t.taken(used, k, pos) {
			continue
		}
		used[k] = pos
		if f, l, ok := t.fit(p, used, k+1, lo, hi); ok {
			return f, l, true
		}
	}
	return 0, 0, false
}

// taken reports whether a slot before k, or the anchor, uses the word.
func (t *term) taken(used *[maxSlots]int32, k int, pos int32) bool {
	if used[t.anchor] == pos {
		return true
	}
	for i := range k {
		if used[i] == pos {
			return true
		}
	}
	return false
}

func (t *term) inOrder(used *[maxSlots]int32) bool {
	for i, after := range t.after {
		if !after {
			continue
		}
		gap := used[i] - used[i-1]
		if gap < 1 || gap > maxOrderedGap {
			return false
		}
	}
	return true
}
