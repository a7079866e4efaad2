package queue

import "testing"

func TestAnOrderOfAllSaysItsLimit(t *testing.T) {
	for _, c := range []struct {
		n    int
		more bool
		want string
	}{
		{48, false, "48"},
		{2000, false, "2000"},
		{3417, false, "первые 2000 из 3417"},
		{10_000, true, "первые 2000 из более чем 10\u00a0000"},
	} {
		if got := firstOf(c.n, c.more); got != c.want {
			t.Errorf("%d, more %v: %q, want %q", c.n, c.more, got, c.want)
		}
	}
}
