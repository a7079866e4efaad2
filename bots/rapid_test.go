package bots

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
)

func anyPost(t *rapid.T) *domain.Post {
	p := &domain.Post{ID: domain.NewPostID(domain.VK, "-700", "dialog:5:1"), Kind: domain.Message, Private: &domain.Private{Chat: "5"},
		Text: rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "статус", "согласен", "не согласен", "Не решено", "/start", "отписаться",
			"Хабаровск", "удалить мои данные", "На Ленина, 5 нет воды третий день"})).Draw(t, "text")}
	p.Private.Press = rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{"yes:" + ConsentVersion, "no", "sure:erase", "sure:withdraw",
		"good:7:1", "bad:7:1", "sub", "sub:khv", "unsub:khv", "good::", "yes:"})).Draw(t, "press")
	p.Private.Event = rapid.SampledFrom([]domain.PrivateEvent{"", "", "", domain.DialogStarted, domain.DialogStopped}).Draw(t, "event")
	p.Private.Group = rapid.IntRange(0, 9).Draw(t, "group") == 0
	for range rapid.IntRange(0, 2).Draw(t, "files") {
		p.Attachments = append(p.Attachments, domain.Attachment{Type: rapid.SampledFrom([]string{"photo", "sticker", "voice", "odd"}).Draw(t, "file")})
	}
	return p
}

func anyCase(t *rapid.T) domain.DialogCase {
	states := domain.Stages()
	c := dialogCase(states[rapid.IntRange(0, len(states)-1).Draw(t, "state")].State)
	c.ID, c.Round = rapid.Int64Range(6, 8).Draw(t, "id"), rapid.IntRange(1, 3).Draw(t, "round")
	if c.State == domain.Clarifying {
		c.Question, c.QuestionID = "Какой дом?", 3
	}
	if c.State == domain.Done {
		c.ClosedAt = now().Add(-time.Duration(rapid.IntRange(0, 20).Draw(t, "closed")) * 24 * time.Hour)
	}
	return c
}

// Whatever comes, in whatever order: nothing is kept without consent, words are
// few and fit every platform, what is done is done to the author's own cases.
func TestAnyConversation(t *testing.T) {
	b := bot()
	rapid.Check(t, func(t *rapid.T) {
		d := domain.Dialog{ID: 1, Region: "khabarovsk", Platform: domain.VK, Owner: "-700"}
		at := now()
		for range rapid.IntRange(1, 60).Draw(t, "updates") {
			at = at.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "pause")) * time.Second)
			d.Cases = rapid.SliceOfN(rapid.Custom(anyCase), 0, 3).Draw(t, "cases")
			p := anyPost(t)
			before := d.Consent
			turn := b.Hear(at, d, p)
			checkTurn(t, before, d, turn)
			d = turn.Dialog
		}
	})
}

func checkTurn(t *rapid.T, consent string, d domain.Dialog, turn domain.Turn) {
	if turn.Reason == "" {
		t.Fatal("no reason")
	}
	if consent != ConsentVersion && (turn.Take || turn.Into != 0) {
		t.Fatalf("taken without consent: %+v", turn)
	}
	if turn.Held && consent == ConsentVersion {
		t.Fatalf("held with consent: %+v", turn)
	}
	if len(turn.Say) > 2 {
		t.Fatalf("says %d messages", len(turn.Say))
	}
	for _, w := range turn.Say {
		if w.Text == "" || utf8.RuneCountInString(w.Text) > 4000 {
			t.Fatalf("words of %d runes", utf8.RuneCountInString(w.Text))
		}
		for _, r := range w.Buttons {
			for _, k := range r {
				if k.Label == "" || utf8.RuneCountInString(k.Label) > 40 || len(k.Press) > 64 {
					t.Fatalf("button %+v", k)
				}
			}
		}
	}
	mine := map[int64]bool{0: true}
	for _, c := range d.Cases {
		mine[c.ID] = true
	}
	for _, deed := range turn.Deeds {
		if !mine[deed.CaseID] {
			t.Fatalf("done to somebody else's case: %+v", deed)
		}
	}
	if !mine[turn.Into] {
		t.Fatalf("put into somebody else's case %d", turn.Into)
	}
	if turn.Dialog.ID != d.ID {
		t.Fatal("another dialog")
	}
}

func TestKeysNameChatsWithoutSayingWhich(t *testing.T) {
	old, fresh := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", 32))), base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", 32)))
	before, err := NewKeys(old)
	if err != nil {
		t.Fatal(err)
	}
	after, err := NewKeys(fresh + "," + old)
	if err != nil {
		t.Fatal(err)
	}
	one, two := message("x"), message("x")
	before.Mark(one)
	after.Mark(two)
	if string(one.Private.ChatKeys[0]) != string(two.Private.ChatKeys[1]) || string(one.Private.ChatKeys[0]) == string(two.Private.ChatKeys[0]) {
		t.Error("a rotated key does not find what was stored before")
	}
	other := message("x")
	other.Private.Chat = "6"
	before.Mark(other)
	if string(other.Private.ChatKeys[0]) == string(one.Private.ChatKeys[0]) {
		t.Error("two chats under one hash")
	}
	if _, err := NewKeys(""); err == nil {
		t.Error("no key, and no error")
	}
}
