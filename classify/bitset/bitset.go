// Package bitset keeps sets of small numbers: an eighth of a byte each, so that they
// stay near the processor.
package bitset

// Set is a set of small numbers.
type Set []uint64

// New gives an empty set of numbers below n.
func New(n int) Set { return make(Set, (n+63)/64) }

// Has reports whether a number is in the set.
func (s Set) Has(i uint32) bool { return s[i/64]&(1<<(i%64)) != 0 }

// Add reports whether the number was not in the set yet.
func (s Set) Add(i uint32) bool {
	word, bit := &s[i/64], uint64(1)<<(i%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
