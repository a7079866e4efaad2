package worker

import (
	"errors"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// fakeTalks answers with a bot that panics.
type fakeTalks struct {
	off  bool
	fail error
}

func (f fakeTalks) Talk(domain.Source) domain.Talk {
	if f.off {
		return nil
	}
	return panicTalk{}
}

func (f fakeTalks) Mark(p *domain.Post) error {
	if p.Private != nil {
		p.Private.ChatKeys = [][]byte{{1}}
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
	w.Talks = fakeTalks{fail: errors.New("no key")}
	if _, err := w.Take(t.Context(), privates()); err == nil {
		t.Error("what cannot be marked was taken")
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
