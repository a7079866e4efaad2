package worker

import (
	"context"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// fakeTalks answers with a bot that panics.
type fakeTalks struct {
	off  bool
	fail error
	told *[]string // whose address was handed on, and what was stored by then
}

func (f fakeTalks) Talk(domain.Source) domain.Talk {
	if f.off {
		return nil
	}
	return panicTalk{}
}

func (f fakeTalks) Mark(p *domain.Post) {
	if p.Private != nil {
		p.Private.ChatKeys = [][]byte{{1}}
	}
}

func (f fakeTalks) Answered(_ context.Context, posts []domain.Post) error {
	for _, p := range posts {
		if f.told != nil && p.Private != nil {
			*f.told = append(*f.told, p.Private.Chat)
		}
	}
	return f.fail
}

type panicTalk struct{ domain.Talk }

func (panicTalk) Hear(time.Time, domain.Dialog, *domain.Post) domain.Turn { panic("words") }

func privates() domain.Batch {
	b := batch("яма", "")
	b.Posts[0].Private = &domain.Private{Chat: "5"}
	b.Posts[1].Private = &domain.Private{Chat: "5", Event: domain.DialogStopped}
	return b
}

// refusals counts what was refused, by reason.
type refusals map[string]int

func (refusals) Judged(domain.Source, domain.Verdict)                        {}
func (refusals) Committed(domain.Source, domain.CommitResult, time.Duration) {}
func (r refusals) Refused(_ domain.Source, why string, n int)                { r[why] += n }

// Before consent nothing may be kept, and where nobody answers nobody asks for it.
func TestPrivateMessagesAreRefusedWhereNobodyAnswers(t *testing.T) {
	for why, talks := range map[string]Talks{RefusedNoKey: nil, RefusedDialogOff: fakeTalks{off: true}} {
		t.Run(why, func(t *testing.T) {
			s, counted := &fakeStore{}, refusals{}
			w := newWorker(s, fakeRules{})
			w.Talks, w.Observer = talks, counted
			b := privates()
			b.Posts = append(b.Posts, b.Posts[0], b.Posts[0])
			b.Posts[2].Private, b.Posts[2].Kind, b.Posts[2].ID.Post = nil, domain.Message, "direct" // to a channel
			b.Posts[3].Private, b.Posts[3].ID.Post = nil, "open"
			if _, err := w.Take(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if len(s.posts) != 1 || s.posts[0].Post.ID.Post != "open" || counted[why] != 3 || len(counted) != 1 {
				t.Errorf("took %+v, refused %v", s.posts, counted)
			}
		})
	}
}

func TestPrivateMessagesAreMarkedForTheBot(t *testing.T) {
	s := &fakeStore{}
	w := newWorker(s, fakeRules{})
	w.Talks = fakeTalks{}
	if _, err := w.Take(t.Context(), privates()); err != nil {
		t.Fatal(err)
	}
	if len(s.posts) != 2 || s.posts[1].Post.Private.ChatKeys == nil {
		t.Errorf("took %+v", s.posts)
	}
}

// What is said before consent has no other way to its chat than the message in hand.
func TestAddressesAreHandedOnAfterTheCommit(t *testing.T) {
	for name, tc := range map[string]struct {
		store *fakeStore
		fail  error
		want  int
		fails bool
	}{
		"committed":      {&fakeStore{}, nil, 2, false},
		"not committed":  {&fakeStore{err: domain.ErrUnavailable}, nil, 0, true},
		"it comes again": {&fakeStore{}, domain.ErrUnavailable, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			var told []string
			w := newWorker(tc.store, fakeRules{})
			w.Talks = fakeTalks{told: &told, fail: tc.fail}
			if _, err := w.Take(t.Context(), privates()); (err != nil) != tc.fails || len(told) != tc.want {
				t.Errorf("%v, told %v", err, told)
			}
		})
	}
}

func TestAPanicInTheBotKeepsNothingWithoutConsent(t *testing.T) {
	talk := safeTalk{Talk: panicTalk{}, log: newWorker(nil, fakeRules{}).Log}
	if turn := talk.Hear(time.Now(), domain.Dialog{ID: 3}, &domain.Post{}); turn.Take || !turn.Held || turn.Dialog.ID != 3 {
		t.Errorf("without consent: %+v", turn)
	}
	if turn := talk.Hear(time.Now(), domain.Dialog{Consent: "1"}, &domain.Post{}); !turn.Take || turn.Held {
		t.Errorf("with consent: %+v", turn)
	}
}
