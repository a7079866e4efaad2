package maxingest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max/maxfake"
)

var (
	anna  = maxfake.User{ID: 5, FirstName: "Анна"}
	boris = maxfake.User{ID: 6, FirstName: "Борис", LastName: "Б"}
)

func platformError(t *testing.T, err error) *domain.PlatformError {
	t.Helper()
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		t.Fatalf("want a PlatformError, got %v", err)
	}
	return pe
}

func TestChatsChannelsAndDialogs(t *testing.T) {
	b := newBench(t)
	src := b.source(`{"dialog":true}`)
	channel := b.world.Channel(channelID, "Канал", "https://max.ru/vydumka")
	channel.Add(b.bot, true)
	group := b.group()
	chat := b.bot.Dialog(anna, "")
	post := channel.Post(maxfake.Draft{Text: "Собрание", Views: 7})
	said := group.Post(maxfake.Draft{From: boris, Text: "Яма"})
	asked := chat.Post(maxfake.Draft{Text: "Нет света"})
	b.drain(&src)
	for m, kind := range map[*maxfake.Message]domain.PostKind{post: domain.WallPost, said: domain.Comment, asked: domain.Message} {
		p := b.store.get(t, m.PostID(b.bot))
		if p.Kind != kind || p.Text != m.Text() || p.Region != "khabarovsk" || p.SourceID != 1 || p.Home != "khabarovsk_city" || len(p.Raw) == 0 {
			t.Errorf("%+v", p.Post)
		}
	}
	if p := b.store.get(t, post.PostID(b.bot)); p.Views != 7 || !p.Author.Org || p.URL == "" {
		t.Errorf("%+v", p.Post)
	}
	if title, err := b.puller.Check(t.Context(), src); err != nil || title != "@otklik_bot (Отклик)" {
		t.Errorf("%q %v", title, err)
	}
	if b.skips[SkipMembership] != 3 {
		t.Errorf("skips %v", b.skips)
	}
}

func TestPrivateStaysOutUnlessLetIn(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	chat := b.bot.Dialog(anna, "")
	m := chat.Post(maxfake.Draft{Text: "лично"})
	m.EditText(time.Time{}, "лично!")
	m.Delete(time.Time{})
	b.drain(&src)
	if len(b.store.posts) != 0 || len(b.store.graves) != 0 || b.skips[SkipPrivate] != 3 {
		t.Errorf("%d posts, %v", len(b.store.posts), b.skips)
	}
}

func TestEditsAndRemovals(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	group := b.group()
	kept, gone := group.Post(maxfake.Draft{From: anna, Text: "Яма"}), group.Post(maxfake.Draft{From: anna, Text: "Снег"})
	b.drain(&src)
	b.clock.add(time.Minute)
	kept.EditText(time.Time{}, "Яма на Пятой")
	gone.Delete(time.Time{})
	both := group.Post(maxfake.Draft{From: anna, Text: "в одном ответе"})
	both.EditText(time.Time{}, "в одном ответе!")
	b.drain(&src)
	if p := b.store.get(t, kept.PostID(b.bot)); p.Text != "Яма на Пятой" || !p.EditedAt.Equal(b.clock.Now()) || p.PublishedAt.Equal(p.EditedAt) {
		t.Errorf("%+v", p.Post)
	}
	if p := b.store.get(t, gone.PostID(b.bot)); !p.dead {
		t.Error("a removal was not seen")
	}
	if p := b.store.get(t, both.PostID(b.bot)); p.Text != "в одном ответе!" || p.First {
		t.Errorf("%+v", p.Post)
	}
}

func TestOwnWordsDoNotComeBack(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	b.bot.Raw("message_created", map[string]any{"message": map[string]any{
		"recipient": map[string]any{"chat_id": channelID, "chat_type": "channel"}, "timestamp": 1773109800000,
		"sender": map[string]any{"user_id": 700, "is_bot": true, "first_name": "Отклик"},
		"body":   map[string]any{"mid": "mid.1", "seq": 1, "text": "Ответ"}}})
	b.drain(&src)
	if len(b.store.posts) != 0 || b.skips[SkipOwn] != 1 {
		t.Errorf("%v %v", b.store.posts, b.skips)
	}
}

func TestOddUpdatesCostNoNeighbour(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	group := b.group()
	first := group.Post(maxfake.Draft{Text: "первое"})
	b.bot.Raw("message_created", map[string]any{"message": "нет"})
	b.bot.Raw("message_created", map[string]any{"message": map[string]any{"recipient": map[string]any{"chat_id": groupID}}})
	b.bot.Raw("message_removed", map[string]any{"chat_id": "x"})
	bodyless := group.Post(maxfake.Draft{From: anna, Forward: first, NoBody: true})
	b.bot.Raw("message_reaction", map[string]any{})
	last := group.Post(maxfake.Draft{Text: "последнее"})
	b.drain(&src)
	b.store.get(t, first.PostID(b.bot))
	b.store.get(t, last.PostID(b.bot))
	nameless := domain.NewPostID(domain.MAX, fmt.Sprint(groupID), fmt.Sprintf("at:%d:5", b.clock.Now().UnixMilli()))
	if p := b.store.get(t, nameless); p.Text != "первое" || p.Origin != first.PostID(b.bot) {
		t.Errorf("a forward without a body: %+v", p.Post)
	}
	if bodyless.ID() == "" || len(b.store.posts) != 3 || b.skips[SkipOdd] != 3 {
		t.Errorf("%d posts, %v", len(b.store.posts), b.skips)
	}
}

func TestNothingIsAcknowledgedBeforeItIsCommitted(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	group := b.group()
	m := group.Post(maxfake.Draft{Text: "яма"})
	for range 3 { // pulled and never committed: a worker that dies each time
		batch, err := b.puller.Pull(t.Context(), src)
		if err != nil || len(batch.Posts) != 1 {
			t.Fatalf("%d posts, %v", len(batch.Posts), err)
		}
	}
	for _, f := range []maxfake.Fault{{CutAfter: 40}, {Silent: true}, {Status: 503, Code: "service.unavailable"}, {Status: 200, Raw: true, Text: "<html>"}} {
		f.Method = "GET /updates"
		b.world.Fail(f)
		if _, err := b.puller.Pull(t.Context(), src); platformError(t, err).Reaction != domain.RetryLater {
			t.Errorf("%+v: %v", f, err)
		}
	}
	b.drain(&src)
	b.store.get(t, m.PostID(b.bot))
}

func TestWrongSources(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	for name, change := range map[string]func(*domain.Source){
		"another bot":   func(s *domain.Source) { s.Address = "701" },
		"a slip":        func(s *domain.Source) { s.Settings = []byte(`{"dialogs":true}`) },
		"broken cursor": func(s *domain.Source) { s.Cursor = []byte(`[]`) },
	} {
		s := src
		change(&s)
		if _, err := b.puller.Pull(t.Context(), s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := b.client.Subscribe(t.Context(), "http://127.0.0.1:1/", "secret"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.puller.Check(t.Context(), src); platformError(t, err).Reaction != domain.AskPerson {
		t.Errorf("polled beside a webhook: %v", err)
	}
	if _, err := b.puller.Pull(t.Context(), src); platformError(t, err).Reaction != domain.AskPerson {
		t.Errorf("polled beside a webhook: %v", err)
	}
	src.Kind = domain.MAXWebhook
	if _, err := b.puller.Check(t.Context(), src); err != nil {
		t.Error(err)
	}
}

// TestWhateverHappensEverythingIsStoredOnce writes, edits and removes at random,
// polls through faults, and compares what is stored with what was written.
func TestWhateverHappensEverythingIsStoredOnce(t *testing.T) {
	for seed := range uint64(12) {
		b := newBench(t)
		rnd := rand.New(rand.NewPCG(seed, 7))
		src := b.source("")
		chats := []*maxfake.Chat{b.group(), b.world.Channel(channelID, "Канал", "")}
		chats[1].Add(b.bot, true)
		var all []*maxfake.Message
		for n := range 120 {
			b.clock.add(time.Duration(1+rnd.IntN(40)) * time.Second)
			switch k := rnd.IntN(10); {
			case k < 6 || len(all) == 0:
				all = append(all, chats[rnd.IntN(2)].Post(maxfake.Draft{From: anna, Text: fmt.Sprint("жалоба ", n)}))
			case k < 8:
				all[rnd.IntN(len(all))].EditText(time.Time{}, fmt.Sprint("правка ", n))
			case k == 8:
				all[rnd.IntN(len(all))].Delete(time.Time{})
			default:
				b.world.Fail([]maxfake.Fault{{CutAfter: 1 + rnd.IntN(600)}, {Silent: true}, {Status: 500}, {Status: 429, RetryAfter: 1}}[rnd.IntN(4)])
			}
			if rnd.IntN(3) == 0 {
				if batch, err := b.puller.Pull(t.Context(), src); err == nil && rnd.IntN(4) > 0 { // else killed before the commit
					b.store.take(batch)
					if batch.Cursor != nil {
						src.Cursor = batch.Cursor
					}
				}
			}
		}
		b.world.Heal()
		b.drain(&src)
		for _, m := range all {
			p := b.store.get(t, m.PostID(b.bot))
			if p.dead != m.Deleted() || p.Text != m.Text() {
				t.Errorf("seed %d: %s stored %q dead %v, want %q %v", seed, p.ID, p.Text, p.dead, m.Text(), m.Deleted())
			}
		}
		if len(b.store.posts) != len(all) {
			t.Errorf("seed %d: %d posts, want %d", seed, len(b.store.posts), len(all))
		}
	}
}

// Whether the bot is in a chat comes with the batch, by the chat's name, and words
// from it say the same. Dialogs are nobody's seat.
func TestTheBotIsPutOutOfAChatAndLetInAgain(t *testing.T) {
	b := newBench(t)
	src := b.source("")
	group := b.group()
	b.bot.Dialog(anna, "")
	b.drain(&src)
	b.store.seats = nil
	b.clock.add(time.Minute)
	group.Kick(b.bot)
	b.drain(&src)
	chat := strconv.FormatInt(group.ID(), 10)
	if s := b.store.seats; len(s) != 1 || s[0].In || s[0].Chat != chat || !s[0].At.Equal(b.clock.Now()) {
		t.Fatalf("out: %+v", s)
	}
	b.clock.add(time.Minute)
	group.Add(b.bot, true)
	group.Post(maxfake.Draft{From: anna, Text: "Яма"})
	b.drain(&src)
	s := b.store.seats[1:]
	if len(s) != 2 || !s[0].In || s[0].Heard || s[0].Title != "Двор" || !s[1].In || !s[1].Heard || s[1].Chat != chat {
		t.Fatalf("in again: %+v", s)
	}
}
