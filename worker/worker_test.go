package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// fakeStore refuses posts that hold a word and remembers what it took.
type fakeStore struct {
	refuse  string
	posts   []domain.Judged
	cursors []string
	err     error
}

func (s *fakeStore) Commit(_ context.Context, now time.Time, b domain.Batch, judged []domain.Judged, decide domain.Decide) (domain.CommitResult, error) {
	if s.err != nil {
		return domain.CommitResult{}, s.err
	}
	for _, j := range judged {
		if s.refuse != "" && strings.Contains(j.Post.Text, s.refuse) {
			return domain.CommitResult{}, fmt.Errorf("insert posts: %w", domain.ErrRefused)
		}
	}
	for _, j := range judged {
		if !j.Pending {
			decide(j, nil, nil)
		}
	}
	s.posts = append(s.posts, judged...)
	s.cursors = append(s.cursors, string(b.Cursor))
	return domain.CommitResult{Stored: len(judged)}, nil
}

type fakeRules struct{ panicOn string }

func (r fakeRules) Snapshot(region string) (Snapshot, error) {
	if region != "khabarovsk" {
		return Snapshot{}, errors.New("not served")
	}
	return Snapshot{Hash: "abc", Judge: r, Router: r}, nil
}

func (r fakeRules) Judge(p *domain.Post) domain.Verdict {
	if r.panicOn != "" && strings.Contains(p.Text, r.panicOn) {
		panic("index out of range")
	}
	return domain.Verdict{Kind: domain.Problem, PackHash: "abc"}
}

func (r fakeRules) Keys(domain.Judged) []string { return []string{"copy:1"} }

func (r fakeRules) Decide(time.Time, domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
	return domain.Decision{Action: domain.ActionOpen}
}

func batch(texts ...string) domain.Batch {
	b := domain.Batch{Source: domain.Source{ID: 7, Region: "khabarovsk", Home: "khabarovsk-city", Epoch: 3, Cursor: []byte(`"old"`)}, Cursor: []byte(`"new"`)}
	for i, t := range texts {
		b.Posts = append(b.Posts, domain.Post{ID: domain.NewPostID(domain.VK, "-1", fmt.Sprint(i+1)), Text: t})
	}
	return b
}

func newWorker(s *fakeStore, r fakeRules) *Worker {
	return &Worker{Store: s, Rules: r, Clock: domain.SystemClock{}, Log: slog.New(slog.DiscardHandler)}
}

func TestTakeGivesPostsTheirRegionSourceAndHome(t *testing.T) {
	s := &fakeStore{}
	n, err := newWorker(s, fakeRules{}).Take(t.Context(), batch("яма"))
	if err != nil || n != 1 {
		t.Fatalf("took %d, %v", n, err)
	}
	p := s.posts[0].Post
	if p.Region != "khabarovsk" || p.SourceID != 7 || p.Home != "khabarovsk-city" || len(s.posts[0].Keys) != 1 {
		t.Errorf("post %+v, keys %v", p, s.posts[0].Keys)
	}
}

// A refused post must cost neither its neighbours nor the order of commits, and
// the cursor must move only with the last piece.
func TestRefusedPostGoesToReviewAndNeighboursStay(t *testing.T) {
	for poison := range 9 {
		texts := make([]string, 9)
		for i := range texts {
			texts[i] = fmt.Sprintf("сообщение %d", i)
		}
		texts[poison] += " ЯД"
		s := &fakeStore{refuse: "ЯД"}
		n, err := newWorker(s, fakeRules{}).Take(t.Context(), batch(texts...))
		if err != nil || n != 9 || len(s.posts) != 9 {
			t.Fatalf("poison at %d: took %d of 9, stored %d, %v", poison, n, len(s.posts), err)
		}
		for i, j := range s.posts {
			if j.Post.ID.Post != fmt.Sprint(i+1) {
				t.Fatalf("poison at %d: post %d stored as number %d", poison, i+1, i)
			}
		}
		sick := s.posts[poison]
		if sick.Post.Text != "" || len(sick.Verdict.Faults) == 0 || sick.Verdict.Faults[0].Code != domain.FaultRefused {
			t.Errorf("poison at %d: stored as %+v", poison, sick)
		}
		for i, c := range s.cursors {
			if last := i == len(s.cursors)-1; last != (c == `"new"`) {
				t.Errorf("poison at %d: commit %d of %d carried cursor %s", poison, i+1, len(s.cursors), c)
			}
		}
	}
}

func TestPostRefusedEvenWhenStrippedIsAnErrorNotALoop(t *testing.T) {
	s := &fakeStore{err: domain.ErrRefused}
	if _, err := newWorker(s, fakeRules{}).Take(t.Context(), batch("a", "b")); !errors.Is(err, domain.ErrRefused) {
		t.Fatalf("error = %v", err)
	}
}

func TestPanicInARuleStopsNothing(t *testing.T) {
	s := &fakeStore{}
	n, err := newWorker(s, fakeRules{panicOn: "бомба"}).Take(t.Context(), batch("яма", "бомба", "мусор"))
	if err != nil || n != 3 {
		t.Fatalf("took %d, %v", n, err)
	}
	if f := s.posts[1].Verdict.Faults; len(f) != 1 || f[0].Code != domain.FaultPanic {
		t.Errorf("faults of the post that caused the panic: %v", f)
	}
	if len(s.posts[0].Verdict.Faults)+len(s.posts[2].Verdict.Faults) != 0 {
		t.Error("neighbours carry faults")
	}
}

func TestOutageIsNotMistakenForPoison(t *testing.T) {
	s := &fakeStore{err: domain.ErrUnavailable}
	if _, err := newWorker(s, fakeRules{}).Take(t.Context(), batch("a", "b")); !errors.Is(err, domain.ErrUnavailable) {
		t.Fatalf("error = %v", err)
	}
}

func TestAlbumPartsWaitAndAreJoined(t *testing.T) {
	s := &fakeStore{}
	b := batch("", "подпись")
	for i := range b.Posts {
		b.Posts[i].Album = "-100:9"
	}
	if _, err := newWorker(s, fakeRules{}).Take(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if !s.posts[0].Pending || !s.posts[1].Pending {
		t.Error("album parts were judged before the album settled")
	}
	parts := []domain.Post{
		{ID: domain.NewPostID(domain.Telegram, "-100", "100"), Text: "двор не убирают", Attachments: []domain.Attachment{{Type: "photo"}}},
		{ID: domain.NewPostID(domain.Telegram, "-100", "99"), Attachments: []domain.Attachment{{Type: "photo"}}},
	}
	head, ids := joinAlbum(parts)
	if head.ID.Post != "99" || head.Text != "двор не убирают" || len(head.Attachments) != 2 || len(ids) != 2 {
		t.Errorf("joined album: %+v, parts %v", head, ids)
	}
}
