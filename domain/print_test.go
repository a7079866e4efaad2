package domain_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

func TestPrintsAreStoredWhole(t *testing.T) {
	p := domain.Print{At: time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC),
		Words: []domain.PrintWord{{Hash: 1, Weight: 2}, {Hash: 1 << 31, Weight: 250}}, Marks: []domain.PrintMark{domain.MarkOf(4, 9, true)}}
	b := p.Encode()
	if got, err := domain.DecodePrint(b); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("%+v, %v", got, err)
	}
	if (&domain.Print{At: p.At}).Encode() != nil {
		t.Error("a print that says nothing is kept")
	}
	for n := range b {
		if _, err := domain.DecodePrint(b[:n]); !errors.Is(err, domain.ErrPrint) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	b[0]++
	if _, err := domain.DecodePrint(b); !errors.Is(err, domain.ErrPrint) {
		t.Errorf("another format: %v", err)
	}
}

func TestLikeness(t *testing.T) {
	of := func(hashes ...uint32) *domain.Print {
		p := &domain.Print{}
		for _, h := range hashes {
			p.Words = append(p.Words, domain.PrintWord{Hash: h, Weight: 10})
		}
		return p
	}
	for _, c := range []struct {
		a, b         *domain.Print
		like, within float64
	}{
		{of(1, 2, 3), of(1, 2, 3), 1, 1}, {of(1, 2), of(3, 4), 0, 0}, {of(1, 2, 3), of(2), 1.0 / 3, 1}, {of(1, 2, 3), of(3, 4, 5), 0.2, 1.0 / 3}, {of(), of(), 0, 0},
	} {
		if c.a.Likeness(c.b) != c.like || c.b.Likeness(c.a) != c.like || c.a.Within(c.b) != c.within || c.b.Within(c.a) != c.within {
			t.Errorf("%v %v: %v, %v; want %v, %v", c.a.Words, c.b.Words, c.a.Likeness(c.b), c.a.Within(c.b), c.like, c.within)
		}
	}
	if left := of(1, 2).Left(of(1, 2)); left != 0 || of(1, 2).Left(of(1)) != 10 {
		t.Errorf("left %d", left)
	}
}

func TestMarksAgree(t *testing.T) {
	m := func(pairs ...uint32) *domain.Print {
		p := &domain.Print{}
		for i := 0; i < len(pairs); i += 2 {
			p.Marks = append(p.Marks, domain.MarkOf(pairs[i], pairs[i+1], false))
		}
		return p
	}
	for _, c := range []struct {
		a, b *domain.Print
		want domain.Agreement
	}{
		{m(2, 1), m(2, 1), domain.Agreement{Shared: 1}},
		{m(2, 1), m(2, 3), domain.Agreement{Against: 1}},
		{m(2, 1, 2, 3), m(2, 3), domain.Agreement{Shared: 1}},
		{m(2, 1), m(4, 1), domain.Agreement{Alone: 2}},
		{m(2, 1), m(), domain.Agreement{Alone: 1}},
		{m(), m(2, 1, 2, 2), domain.Agreement{Alone: 1}},
	} {
		if got := c.a.Compare(c.b); got != c.want {
			t.Errorf("%v %v: %+v, want %+v", c.a.Marks, c.b.Marks, got, c.want)
		}
		if got := c.b.Compare(c.a); got != c.want {
			t.Errorf("%v %v, turned: %+v, want %+v", c.b.Marks, c.a.Marks, got, c.want)
		}
	}
}
