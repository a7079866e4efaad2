package text

// Hash is FNV-1a of 32 bits, as features of words are named by it. Equal letters of
// different sorts of features stand apart.
type Hash uint32

// NewHash begins the hash of a feature of a sort.
func NewHash(sort byte) Hash { return Hash(2166136261).Byte(sort) }

// Byte adds a byte.
func (h Hash) Byte(b byte) Hash { return (h ^ Hash(b)) * 16777619 }

// Text adds a text.
func (h Hash) Text(s string) Hash {
	for i := range len(s) {
		h = h.Byte(s[i])
	}
	return h
}

// Join adds what another hash stands for.
func (h Hash) Join(other Hash) Hash { return (h*16777619 ^ other) * 16777619 }
