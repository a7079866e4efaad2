package classify

// shelf holds short lists one behind the other: one look at memory for each. Lists are
// put in the order of their keys and never change.
type shelf[T any] struct {
	from []uint32 // by key, one more than there are keys
	all  []T
}

func newShelf[T any](lists [][]T) shelf[T] {
	s := shelf[T]{from: make([]uint32, 1, len(lists)+1)}
	for _, list := range lists {
		s.all = append(s.all, list...)
		s.from = append(s.from, uint32(len(s.all)))
	}
	return s
}

func (s *shelf[T]) of(key int32) []T { return s.all[s.from[key]:s.from[key+1]] }
