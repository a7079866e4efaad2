package classify

import "github.com/otklik/otklik/classify/bitset"

// posting is where in one text each slot is filled. It is reused.
type posting struct {
	stamp   uint32     // of the text
	filled  bitset.Set // by slot
	heads   []int32    // by slot: index of its first hit, of filled ones
	hits    []hit
	touched []slotID
	sent    []int32 // sentence by word position
}

type hit struct {
	pos  int32
	last int32 // last word, that of pos but for sequences
	next int32 // -1 ends the list
}

func newPosting(slots int) *posting {
	return &posting{filled: bitset.New(slots), heads: make([]int32, slots)}
}

// reset begins a new text; wrapped says that its stamp was in use before.
func (p *posting) reset() (wrapped bool) {
	p.stamp++
	if wrapped = p.stamp == 0; wrapped {
		p.stamp = 1
	}
	clear(p.filled)
	p.hits, p.touched, p.sent = p.hits[:0], p.touched[:0], p.sent[:0]
	return wrapped
}

// add notes that the words pos..last fill the slot. Words come last to first,
// so that lists run from the text's beginning.
func (p *posting) add(slot slotID, pos, last int32) {
	next := int32(-1)
	if p.filled.Add(uint32(slot)) {
		p.touched = append(p.touched, slot)
	} else {
		next = p.heads[slot]
	}
	p.heads[slot] = int32(len(p.hits))
	p.hits = append(p.hits, hit{pos: pos, last: last, next: next})
}

// has reports whether some word fills the slot; anySlot always is.
func (p *posting) has(slot slotID) bool { return slot == anySlot || p.filled.Has(uint32(slot)) }

// anySlot stands where no slot is asked for.
const anySlot slotID = -1

// head is the first hit of a slot, -1 when there is none.
func (p *posting) head(slot slotID) int32 {
	if !p.filled.Has(uint32(slot)) {
		return -1
	}
	return p.heads[slot]
}

// fills reports whether the word at pos fills the slot.
func (p *posting) fills(slot slotID, pos int32) bool {
	for h := p.head(slot); h >= 0; h = p.hits[h].next {
		if p.hits[h].pos == pos {
			return true
		}
	}
	return false
}
