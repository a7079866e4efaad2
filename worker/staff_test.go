package worker

import (
	"context"
	"errors"
	"testing"

	"github.com/otklik/otklik/domain"
)

// fakeStaff hears what begins with «код».
type fakeStaff struct {
	hears  bool
	fail   error
	panics bool
	heard  int
}

func (f *fakeStaff) Hears(domain.Source) bool { return f.hears }

func (f *fakeStaff) Hear(_ context.Context, _ domain.Source, p *domain.Post) (bool, error) {
	f.heard++
	if f.panics {
		panic("words")
	}
	if p.Private.ChatKeys == nil {
		return false, errors.New("not marked")
	}
	return p.Text == "код", f.fail
}

func TestPeopleOfTheDeskAreHeardFirst(t *testing.T) {
	for name, tc := range map[string]struct {
		staff fakeStaff
		alone bool     // citizens are not heard here
		want  []string // posts that go on
		heard int
		fails bool
	}{
		"theirs is no post":                    {fakeStaff{hears: true}, false, []string{"яма", "стена"}, 2, false},
		"where nobody else is heard":           {fakeStaff{hears: true}, true, []string{"стена"}, 2, false},
		"where they may not write":             {fakeStaff{}, false, []string{"яма", "код", "стена"}, 0, false},
		"the database is away":                 {fakeStaff{hears: true, fail: domain.ErrUnavailable}, false, nil, 1, true},
		"one that can never be stored is left": {fakeStaff{hears: true, fail: domain.ErrRefused}, false, []string{"яма", "стена"}, 2, false},
		"a panic stops nothing":                {fakeStaff{hears: true, panics: true}, false, []string{"яма", "код", "стена"}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &fakeStore{}
			w := newWorker(s, fakeRules{})
			w.Talks, w.Staff = fakeTalks{off: tc.alone}, &tc.staff
			b := batch("яма", "код", "стена")
			b.Posts[0].Private, b.Posts[1].Private = &domain.Private{Chat: "5"}, &domain.Private{Chat: "5"}
			_, err := w.Take(t.Context(), b)
			if (err != nil) != tc.fails || tc.staff.heard != tc.heard {
				t.Fatalf("%v, heard %d", err, tc.staff.heard)
			}
			var got []string
			for _, j := range s.posts {
				got = append(got, j.Post.Text)
			}
			if len(got) != len(tc.want) {
				t.Fatalf("went on: %q, want %q", got, tc.want)
			}
			for i := range got {
				if got[i] != tc.want[i] {
					t.Errorf("went on: %q, want %q", got, tc.want)
				}
			}
			if tc.alone && b.Posts[0].Private.ChatKeys != nil {
				t.Error("the batch of whoever asked was changed")
			}
		})
	}
}
