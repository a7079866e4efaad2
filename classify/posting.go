package classify

// posting is where in one text each slot is filled. It is reused: stamps tell
// the entries of this text from those of an earlier one.
type posting struct {
	stamp   uint32
	stamps  []uint32 // by slot
	heads   []int32  // by slot: index of its first hit
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
	return &posting{stamps: make([]uint32, slots), heads: make([]int32, slots)}
}

func (p *posting) reset() {
	p.stamp++
	if p.stamp == 0 { // wrapped round: old stamps could look new
		clear(p.stamps)
		p.stamp = 1
	}
	p.hits, p.touched, p.sent = p.hits[:0], p.touched[:0], p.sent[:0]
}

// add notes that the words pos..last fill the slot. Words come last to first,
// so that lists run from the text's beginning.
func (p *posting) add(slot slotID, pos, last int32) {
	next := int32(-1)
	if p.stamps[slot] == p.stamp {
		next = p.heads[slot]
	} else {
		p.stamps[slot] = p.stamp
		p.touched = append(p.touched, slot)
	}
	p.heads[slot] = int32(len(p.hits))
	p.hits = append(p.hits, hit{pos: pos, last: last, next: next})
}

// head is the first hit of a slot, -1 when there is none.
func (p *posting) head(slot slotID) int32 {
	if p.stamps[slot] != p.stamp {
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
