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

func TestPrivateMessagesGoAsPostsWhereNobodyAnswers(t *testing.T) {
	for name, talks := range map[string]Talks{"no bots": nil, "off": fakeTalks{off: true}} {
		t.Run(name, func(t *testing.T) {
			s := &fakeStore{}
			w := newWorker(s, fakeRules{})
			w.Talks = talks
			if _, err := w.Take(t.Context(), privates()); err != nil {
				t.Fatal(err)
			}
			if len(s.posts) != 1 || s.posts[0].Post.Text != "яма" || s.posts[0].Post.Private.ChatKeys != nil {
				t.Errorf("took %+v", s.posts)
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
