package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	deaths  [][]domain.Deletion
	pieces  [][]domain.Judged
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
	s.deaths, s.pieces = append(s.deaths, b.Deletions), append(s.pieces, judged)
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

// A post that its own batch says is deleted is committed together with its
// deletion, however the batch is halved: else it would open a case first.
func TestDeletionsOfARefusedBatchGoWithTheirPosts(t *testing.T) {
	for poison := range 5 {
		b := batch("нет воды", "яма", "мусор", "снег", "свет")
		b.Posts[poison].Text += " ЯД"
		for _, p := range b.Posts {
			b.Deletions = append(b.Deletions, domain.Deletion{ID: p.ID})
		}
		b.Deletions = append(b.Deletions, domain.Deletion{ID: domain.NewPostID(domain.VK, "-1", "99")})
		s := &fakeStore{refuse: "ЯД"}
		if n, err := newWorker(s, fakeRules{}).Take(t.Context(), b); err != nil || n != 5 {
			t.Fatalf("took %d of 5, %v", n, err)
		}
		for i, told := range s.deaths {
			for _, p := range s.pieces[i] {
				if !slices.ContainsFunc(told, func(d domain.Deletion) bool { return d.ID == p.Post.ID }) {
					t.Errorf("poison at %d: post %s was committed without its deletion", poison, p.Post.ID)
				}
			}
		}
		if last := s.deaths[len(s.deaths)-1]; len(last) != len(b.Deletions) {
			t.Errorf("poison at %d: the last piece told %d of %d deletions", poison, len(last), len(b.Deletions))
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

// fakeAlbums keeps pending albums; one whose text holds a word is refused.
type fakeAlbums struct {
	pending [][]domain.Post
	refuse  string
	err     error
	settled []domain.Judged
}

func (a *fakeAlbums) SettledAlbums(context.Context, time.Time, int) ([][]domain.Post, error) {
	return a.pending, nil
}

func (a *fakeAlbums) CommitAlbum(_ context.Context, _ time.Time, head domain.Judged, _ []domain.PostID, _ domain.Talk, _ domain.Decide) (domain.CommitResult, error) {
	if a.err != nil {
		return domain.CommitResult{}, a.err
	}
	if strings.Contains(head.Post.Text, a.refuse) {
		return domain.CommitResult{}, fmt.Errorf("store verdicts: %w", domain.ErrRefused)
	}
	a.settled = append(a.settled, head)
	return domain.CommitResult{Changed: 1}, nil
}

// An album at fault costs itself only: refused it goes to review with the fault
// named, in a region that is not served it waits, and those behind it are settled.
func TestAlbumAtFaultDoesNotKeepBackTheOthers(t *testing.T) {
	album := func(post, region, text string) []domain.Post {
		return []domain.Post{{ID: domain.NewPostID(domain.Telegram, "-100", post), Region: region, Album: post, Text: text, URL: "https://t.me/a/" + post}}
	}
	a := &fakeAlbums{refuse: "ЯД", pending: [][]domain.Post{
		album("1", "elsewhere", "яма"), album("2", "khabarovsk", "ЯД"), album("3", "khabarovsk", "мусор"),
	}}
	s := &Settler{Worker: newWorker(nil, fakeRules{}), Albums: a}
	n, err := s.Settle(t.Context())
	if n != 2 || err == nil || !strings.Contains(err.Error(), "settle album 1") {
		t.Fatalf("settled %d, error %v", n, err)
	}
	if len(a.settled) != 2 || a.settled[1].Post.Text != "мусор" {
		t.Fatalf("settled %+v", a.settled)
	}
	sick := a.settled[0]
	if sick.Post.ID.Post != "2" || len(sick.Verdict.Faults) != 1 || sick.Verdict.Faults[0].Code != domain.FaultRefused {
		t.Errorf("the refused album was settled as %+v", sick)
	}
	if sick.Post.URL != "https://t.me/a/2" {
		t.Errorf("a person cannot open the original: address %q", sick.Post.URL)
	}
	a.settled, a.err = nil, domain.ErrUnavailable
	if n, err := s.Settle(t.Context()); n != 0 || !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("in an outage: settled %d, %v", n, err)
	}
}
