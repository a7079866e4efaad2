package queue

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestAnOrderSaysWhatItDid(t *testing.T) {
	for _, c := range []struct {
		job  domain.BulkJob
		want string
	}{
		{domain.BulkJob{Total: 3, Done: 2}, "2\u00a0инцидента"},
		{domain.BulkJob{Total: 3, Done: 1, Reviews: 3}, "1\u00a0сообщение"},
		{domain.BulkJob{Total: 7, Done: 5, Reviews: 3}, "5\u00a0инцидентов и сообщений"},
	} {
		if got := doneWords(c.job); got != c.want {
			t.Errorf("%+v: %q, want %q", c.job, got, c.want)
		}
	}
}

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
