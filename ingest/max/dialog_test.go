package maxingest

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
	"github.com/otklik/otklik/platform/max/maxfake"
)

// talking lets the region's bot answer; «согласен» and the button yes bring consent.
func (b *bench) talking() *Talk {
	return &Talk{Speaks: func(region string) bool { return region == "khabarovsk" },
		Agrees:  func(_ string, p *domain.Post) bool { return p.Private.Press == "yes" || p.Text == "согласен" },
		Pressed: "Принято", Log: slog.New(slog.DiscardHandler)}
}

// asked is a message of the bot with a button.
func (b *bench) asked(chat *maxfake.Chat, label, payload string) {
	b.t.Helper()
	_, err := b.client.SendMessage(b.t.Context(), maxSend(chat, label, payload))
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) private() map[string]domain.Post {
	out := map[string]domain.Post{}
	for id, p := range b.store.posts {
		_, name, _ := strings.Cut(strings.TrimPrefix(id.Post, "dialog:"), ":")
		kind, _, _ := strings.Cut(name, ":")
		if strings.HasPrefix(name, "event:") {
			kind = strings.Join(strings.Split(name, ":")[:2], ":")
		}
		if strings.HasPrefix(name, "mid.") {
			kind = p.Text
		}
		out[kind] = p.Post
	}
	return out
}

func TestDialogsReachTheBot(t *testing.T) {
	b := newBench(t)
	b.puller.Talk = b.talking()
	src := b.source("")
	chat := b.bot.Dialog(anna, "")
	b.clock.add(time.Second)
	chat.Post(maxfake.Draft{Text: "Нет воды"})
	b.drain(&src)
	b.clock.add(time.Second)
	b.asked(chat, "Да", "yes")
	if err := chat.Press("Да"); err != nil {
		t.Fatal(err)
	}
	b.clock.add(time.Second)
	chat.Stop()
	b.drain(&src)
	got := b.private()
	if p := got["event:bot_started"]; p.Private == nil || p.Private.Event != domain.DialogStarted || p.Private.Chat == "" {
		t.Errorf("the beginning: %+v", got)
	}
	if p := got["event:bot_stopped"]; p.Private == nil || p.Private.Event != domain.DialogStopped {
		t.Errorf("the end: %+v", got)
	}
	yes := got["press"]
	if yes.Private == nil || yes.Private.Press != "yes" || yes.Author.ID != "5" || yes.Text != "" || !yes.Private.Recalled {
		t.Errorf("the press: %+v", yes)
	}
	if p := got["Нет воды"]; p.Private == nil || p.Private.Chat != yes.Private.Chat {
		t.Errorf("the message: %+v", p)
	}
	if n := b.bot.Unanswered(); n != 0 {
		t.Errorf("%d presses were not answered", n)
	}
}

// What was written before consent comes again with it, behind it and in its order;
// what the bot said does not.
func TestRecallReadsWhatCameBefore(t *testing.T) {
	b := newBench(t)
	b.puller.Talk = b.talking()
	src := b.source("")
	chat := b.bot.Dialog(anna, "")
	for _, text := range []string{"первое", "второе"} {
		b.clock.add(time.Second)
		chat.Post(maxfake.Draft{Text: text})
	}
	b.drain(&src)
	b.asked(chat, "Да", "yes")
	b.clock.add(time.Second)
	chat.Post(maxfake.Draft{Text: "согласен"})
	b.clock.add(time.Second)
	batch, err := b.puller.Pull(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range batch.Posts {
		texts = append(texts, p.Text)
	}
	if got := strings.Join(texts, ","); got != "согласен,первое,второе" {
		t.Errorf("the batch of the consent: %s", got)
	}
}

// A press in a group, and a bot that is silent in the region, are nothing.
func TestPressesThatAreNobodys(t *testing.T) {
	b := newBench(t)
	b.puller.Talk = b.talking()
	b.puller.Talk.Speaks = func(string) bool { return false }
	src := b.source("")
	chat := b.bot.Dialog(anna, "")
	b.asked(chat, "Да", "yes")
	if err := chat.Press("Да"); err != nil {
		t.Fatal(err)
	}
	b.drain(&src)
	if len(b.store.posts) != 0 || b.skips[SkipPress] != 1 || b.skips[SkipMembership] != 1 {
		t.Errorf("%v %v", b.store.posts, b.skips)
	}
}

func TestPushedPressIsAnsweredOnceStored(t *testing.T) {
	b := newBench(t)
	hook := &Webhook{Sources: b.store, Sink: b.store, Bots: b.bots, Clock: b.clock, Talk: b.talking(), Log: slog.New(slog.DiscardHandler)}
	b.store.src = domain.Source{ID: 2, Region: "khabarovsk", Kind: domain.MAXWebhook, Address: b.bot.ID()}
	chat := b.bot.Dialog(anna, "")
	b.asked(chat, "Да", "yes")
	if err := chat.Press("Да"); err != nil {
		t.Fatal(err)
	}
	ups, err := b.client.GetUpdates(t.Context(), 1, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range ups.List {
		b.store.down = domain.ErrUnavailable
		if status, _ := hook.take(t.Context(), b.bot.ID(), u.Raw); status != 503 {
			t.Errorf("%s while the store is away: %d", u.Type, status)
		}
		if u.Type == "message_callback" && b.bot.Unanswered() != 1 {
			t.Error("answered before it was stored")
		}
		b.store.down = nil
		if status, err := hook.take(t.Context(), b.bot.ID(), u.Raw); status != 200 {
			t.Errorf("%s: %d %v", u.Type, status, err)
		}
	}
	if b.bot.Unanswered() != 0 || b.private()["press"].Private == nil {
		t.Errorf("%d unanswered, %+v", b.bot.Unanswered(), b.private())
	}
}

func maxSend(chat *maxfake.Chat, label, payload string) max.Send {
	return max.Send{To: max.Recipient{Chat: chat.ID()}, Text: "?", Buttons: [][]max.Button{{{Text: label, Payload: payload}}}}
}
