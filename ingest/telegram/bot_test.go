package tgingest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

const (
	chanID  = -1001000000001
	groupID = -1001000000002
)

func TestCrashBetweenPullAndCommitLosesNothing(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	one := ch.Post(tgfake.Draft{Text: "Во дворе на Тестовой не горит фонарь"})
	two := ch.Post(tgfake.Draft{Text: "Второй подъезд без отопления"})

	lost, err := b.bots.Pull(t.Context(), src) // and the worker dies here
	if err != nil || len(lost.Posts) != 2 {
		t.Fatalf("first pull: %d posts, %v", len(lost.Posts), err)
	}
	if b.world.Queued() != 2 {
		t.Fatalf("an uncommitted pull was acknowledged: %d updates left of 2", b.world.Queued())
	}
	b.drain(&src)
	b.store.get(t, one)
	b.store.get(t, two)
	if b.world.Queued() != 0 {
		t.Errorf("a committed batch was not acknowledged by the next pull: %d left", b.world.Queued())
	}
}

func TestOffsetOfCommittedBatchIsOneBeyondItsLastUpdate(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	for i := range 250 {
		ch.Post(tgfake.Draft{Text: fmt.Sprintf("жалоба %d", i)})
	}
	sizes := []int{}
	for {
		batch := b.pull(&src)
		if len(batch.Posts) == 0 {
			break
		}
		sizes = append(sizes, len(batch.Posts))
		if batch.More != (len(batch.Posts) == 100) {
			t.Errorf("More = %v after %d posts", batch.More, len(batch.Posts))
		}
	}
	if fmt.Sprint(sizes) != "[100 100 50]" || len(b.store.posts) != 250 {
		t.Errorf("batches %v, stored %d", sizes, len(b.store.posts))
	}
}

func TestTwoPollersConflict(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	b.bots.Wait = 30 * time.Second // 0.3 s here
	first := make(chan error, 1)
	go func() {
		_, err := b.bots.Pull(context.Background(), src)
		first <- err
	}()
	deadline := time.Now().Add(time.Minute)
	for len(b.world.Requests()) < 1 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	if _, err := b.bots.Pull(t.Context(), src); err != nil {
		t.Errorf("the later poller must win: %v", err)
	}
	pe := platformError(t, <-first)
	if pe.Code != 409 || pe.Reaction != domain.RetryLater || !strings.Contains(pe.Words, "ещё один процесс") {
		t.Errorf("409 of two pollers became %+v", pe)
	}
}

func TestPollingWhileWebhookIsActiveAsksAPerson(t *testing.T) {
	b := newBench(t)
	if err := b.client.SetWebhook(t.Context(), "http://127.0.0.1:1/", "secret"); err != nil {
		t.Fatal(err)
	}
	_, err := b.bots.Pull(t.Context(), b.botSource())
	if pe := platformError(t, err); pe.Code != 409 || pe.Reaction != domain.AskPerson {
		t.Errorf("409 of an active webhook became %+v", pe)
	}
	if _, err := b.bots.Check(t.Context(), b.botSource()); platformError(t, err).Reaction != domain.AskPerson {
		t.Errorf("check must find the webhook, got %v", err)
	}
	pushed := b.botSource()
	pushed.Kind = domain.TelegramWebhook
	if title, err := b.bots.Check(t.Context(), pushed); err != nil || !strings.Contains(title, "@otklik_test_bot") {
		t.Errorf("a healthy source of the webhook: %q, %v", title, err)
	}
	if err := b.client.DeleteWebhook(t.Context()); err != nil {
		t.Fatal(err)
	}
	if title, err := b.bots.Check(t.Context(), b.botSource()); err != nil || !strings.Contains(title, "@otklik_test_bot") {
		t.Errorf("check: %q, %v", title, err)
	}
	if _, err := b.bots.Check(t.Context(), pushed); err != nil {
		t.Errorf("before the webhook is registered: %v", err)
	}
}

func TestUpdatesOlderThanADayAreGoneButTheirEditsAreNot(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	old := ch.Post(tgfake.Draft{Text: "Яма на Первой улице"})
	b.clock.add(24*time.Hour + time.Second)
	b.drain(&src)
	if b.store.has(old) {
		t.Fatal("the fake delivered an update of more than 24 hours ago")
	}
	old.EditText(time.Time{}, "Яма на Первой улице, уже две машины")
	b.drain(&src)
	if p := b.store.get(t, old); p.Text != "Яма на Первой улице, уже две машины" || p.EditedAt.IsZero() {
		t.Errorf("the edit of an old post came as %+v", p)
	}
}

func TestSameOffsetAgainIsSlowAndGivesOne(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	for range 3 {
		ch.Post(tgfake.Draft{Text: "снег не убран"})
	}
	b.bots.Wait = time.Millisecond // asks with timeout 0
	first, err := b.bots.Pull(t.Context(), src)
	if err != nil || len(first.Posts) != 3 {
		t.Fatalf("%d posts, %v", len(first.Posts), err)
	}
	again, err := b.bots.Pull(t.Context(), src) // not committed: the same offset at once
	if err != nil || len(again.Posts) > 3 || len(again.Posts) == 0 {
		t.Fatalf("%d posts, %v", len(again.Posts), err)
	}
	b.commit(&src, again)
	b.drain(&src)
	if len(b.store.posts) != 3 {
		t.Errorf("stored %d of 3", len(b.store.posts))
	}
}

func TestUpdateIDsMayJumpBack(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	b.world.JumpUpdateIDs(900_000)
	before := ch.Post(tgfake.Draft{Text: "до тихой недели"})
	b.drain(&src)
	b.clock.add(8 * 24 * time.Hour)
	b.world.JumpUpdateIDs(4_000)
	after := ch.Post(tgfake.Draft{Text: "после тихой недели"})
	second := ch.Post(tgfake.Draft{Text: "и ещё одно"})
	b.drain(&src)
	for _, m := range []*tgfake.Message{before, after, second} {
		b.store.get(t, m)
	}
	if b.world.Queued() != 0 {
		t.Errorf("%d updates never acknowledged after the jump", b.world.Queued())
	}
}

func TestUnknownAndOddUpdatesCostNoNeighbour(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	first := ch.Post(tgfake.Draft{Text: "первое"})
	b.world.RawUpdate("new_kind", map[string]any{"huge": 1 << 60})
	b.world.RawUpdate("message", "not an object")
	b.world.RawUpdate("message", map[string]any{"message_id": 0, "text": "ничьё"})
	b.world.RawUpdate("channel_post", map[string]any{
		"message_id": 77, "date": b.clock.Now().Unix(), "chat": map[string]any{"id": chanID, "type": "channel", "title": "Двор"},
		"text": "яма у дома 5", "forward_origin": map[string]any{"type": "of_tomorrow", "date": 1},
	})
	b.world.RawUpdate("message", map[string]any{
		"message_id": 78, "date": b.clock.Now().Unix(), "from": map[string]any{"id": 9007199254740993, "is_bot": false, "first_name": "Кто-то"},
		"chat": map[string]any{"id": groupID, "type": "supergroup", "title": 12}, "text": "номер больше 2^53",
		"hologram": map[string]any{"size": 3},
	})
	last := ch.Post(tgfake.Draft{Text: "последнее"})

	batch := b.pull(&src)
	if len(batch.Posts) != 4 {
		t.Fatalf("want 4 posts, got %d", len(batch.Posts))
	}
	b.store.get(t, first)
	b.store.get(t, last)
	odd := b.store.posts[domain.NewPostID(domain.Telegram, fmt.Sprint(chanID), "77")]
	if odd.Text != "яма у дома 5" || len(odd.Faults) != 1 || odd.Faults[0].Code != domain.FaultUnknownShape {
		t.Errorf("a post with a field of tomorrow came as %+v", odd)
	}
	big := b.store.posts[domain.NewPostID(domain.Telegram, fmt.Sprint(groupID), "78")]
	if big.Author.ID != "9007199254740993" || big.Text != "номер больше 2^53" || len(big.Attachments) != 1 || big.Attachments[0].Type != "hologram" {
		t.Errorf("a big number or an unknown attachment came as %+v", big)
	}
	if b.skips[SkipOdd] != 2 || b.skips[SkipUnknown] != 1 {
		t.Errorf("skips %v", b.skips)
	}
}

// numberless is a bot whose queue starts with updates without a readable number;
// the numbers it knows itself are those of the real Bot API.
type numberless struct {
	Bot
	first int64 // number of the first update
	odd   int   // how many of them are unreadable
	then  int   // how many readable ones come after
	asked []int64
}

func (n *numberless) ID() int64 { return 7 }

func (n *numberless) GetUpdates(_ context.Context, offset int64, limit int, _ time.Duration) (telegram.Updates, error) {
	n.asked = append(n.asked, offset)
	var ups telegram.Updates
	for i := range n.odd + n.then {
		id := n.first + int64(i)
		switch {
		case id < offset || len(ups.List)+ups.Odd == limit:
		case i < n.odd:
			ups.Odd++
		default:
			ups.List = append(ups.List, telegram.Update{ID: id, Type: "poll"})
		}
	}
	return ups, nil
}

// Updates without a readable number neither block the bot nor cost it one that
// can be read; where they cannot be stepped over the source says so and waits.
func TestUpdatesWithoutANumberDoNotBlockTheBot(t *testing.T) {
	for name, c := range map[string]struct {
		offset int64
		queue  numberless
		want   int64 // offset in the end; 0: the source fails
	}{
		"a few, then nothing":            {1000, numberless{first: 1000, odd: 3}, 1003},
		"a full answer, then readable":   {1000, numberless{first: 1000, odd: 150, then: 5}, 1155},
		"beside readable ones":           {1000, numberless{first: 1000, odd: 3, then: 2}, 1005},
		"behind a gap of unknown size":   {1000, numberless{first: 9000, odd: 100, then: 5}, 0},
		"the first the bot ever sees":    {0, numberless{first: 800_000_000, odd: 2}, 0},
		"behind a gap, but readable too": {0, numberless{first: 800_000_000, odd: 2, then: 1}, 800_000_003},
	} {
		t.Run(name, func(t *testing.T) {
			puller := &BotPuller{Bots: map[string]Bot{"7": &c.queue}}
			src := domain.Source{ID: 1, Kind: domain.TelegramBot, Address: "7", Cursor: fmt.Appendf(nil, `{"offset":%d}`, c.offset)}
			var err error
			for range 6 {
				var batch domain.Batch
				if batch, err = puller.Pull(t.Context(), src); err != nil {
					break
				}
				if batch.Cursor != nil {
					src.Cursor = batch.Cursor
				}
			}
			if c.want == 0 {
				if pe := platformError(t, err); pe.Reaction != domain.RetryLater || !strings.Contains(pe.Words, "номера") {
					t.Errorf("failed with %+v", pe)
				}
				return
			}
			cur, parseErr := parseBotCursor(src)
			if err != nil || parseErr != nil || cur.Offset != c.want || cur.Blind != 0 {
				t.Errorf("cursor %s, %v, %v; want offset %d; asked from %v", src.Cursor, err, parseErr, c.want, c.queue.asked)
			}
		})
	}
}

func TestUnknownUpdateTypesAreCounted(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	b.world.RawUpdate("new_kind", map[string]any{"id": 1}) // before our first call: the default list lets it in
	b.world.RawUpdate("my_chat_member", map[string]any{"date": 1})
	b.drain(&src)
	if b.skips[SkipUnknown] != 1 || b.skips[SkipMembership] != 1 || b.world.Queued() != 0 {
		t.Errorf("skips %v, queued %d", b.skips, b.world.Queued())
	}
}

func TestCutConnectionIsRetriedFromTheSameOffset(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	m := ch.Post(tgfake.Draft{Text: "не вывозят мусор на Второй"})
	for _, f := range []tgfake.Fault{{CutAfter: 40}, {Silent: true}} {
		f.Method = "getUpdates"
		b.world.Fail(f)
		_, err := b.bots.Pull(t.Context(), src)
		if pe := platformError(t, err); pe.Reaction != domain.RetryLater {
			t.Errorf("cut connection became %+v", pe)
		}
	}
	if n := len(b.ledger.ServedIDs()); n != 0 {
		t.Errorf("the ledger holds %d posts of answers that never arrived whole", n)
	}
	b.drain(&src)
	b.store.get(t, m)
	if n := len(b.ledger.ServedIDs()); n != 1 {
		t.Errorf("ledger holds %d, want 1", n)
	}
}

func TestAnswersOfTheBotAPIHaveNamedReactions(t *testing.T) {
	cases := []struct {
		fault tgfake.Fault
		want  domain.Reaction
		after time.Duration
	}{
		{tgfake.Fault{Status: 429, Text: "Too Many Requests: retry after 17", RetryAfter: 17}, domain.SlowDown, 17 * time.Second},
		{tgfake.Fault{Status: 502, Text: "<html>Bad Gateway</html>", Raw: true}, domain.RetryLater, 0},
		{tgfake.Fault{Status: 500, Text: "Internal Server Error: restart"}, domain.RetryLater, 0},
		{tgfake.Fault{Status: 401, Text: "Unauthorized"}, domain.AskPerson, 0},
		{tgfake.Fault{Status: 200, Text: "<html>войдите в сеть</html>", Raw: true}, domain.RetryLater, 0},
	}
	b := newBench(t)
	for _, c := range cases {
		b.world.Fail(c.fault)
		_, err := b.bots.Pull(t.Context(), b.botSource())
		pe := platformError(t, err)
		if pe.Reaction != c.want || pe.RetryAfter != c.after || pe.Words == "" {
			t.Errorf("%d %q became %s after %s: %q", c.fault.Status, c.fault.Text, pe.Reaction, pe.RetryAfter, pe.Words)
		}
	}
}

func TestBotWithoutTokenAsksAPerson(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	src.Address = "999"
	_, err := b.bots.Pull(t.Context(), src)
	if platformError(t, err).Reaction != domain.AskPerson {
		t.Error(err)
	}
	if budget, err := b.bots.Budget(t.Context(), src); err != nil || budget.Left != -1 {
		t.Errorf("budget %+v, %v", budget, err)
	}
}

// Whether the bot is in a group comes with the batch; a private chat is nobody's seat.
func TestTheBotIsPutOutOfAGroupAndLetInAgain(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	group, person := b.world.Supergroup(groupID, "", "Двор"), b.world.Dialog(anna)
	group.Kick()
	person.Block(true)
	batch := b.pull(&src)
	if s := batch.Seats; len(s) != 1 || s[0].In || s[0].Title != "Двор" || s[0].Chat != fmt.Sprint(groupID) || s[0].At.IsZero() {
		t.Fatalf("out: %+v", s)
	}
	b.commit(&src, batch)
	group.Admit()
	group.Post(tgfake.Draft{From: anna, Text: "Яма"})
	if s := b.pull(&src).Seats; len(s) != 2 || !s[0].In || s[0].Heard || !s[1].Heard {
		t.Fatalf("in again: %+v", s)
	}
}

// With a supergroup the group it was before is told of too (telegram-bot-api#266): one
// chat is lost, not two.
func TestAMovedGroupIsLostOnce(t *testing.T) {
	b := newBench(t)
	src := b.botSource()
	old := b.world.Group(-4242, "Двор")
	moved := old.Migrate(groupID)
	moved.Kick()
	b.world.RawUpdate("my_chat_member", map[string]any{"date": b.clock.Now().Unix(), "chat": map[string]any{"id": -4242, "type": "group"},
		"new_chat_member": map[string]any{"status": "left"}})
	if s := b.pull(&src).Seats; len(s) != 1 || s[0].In || s[0].Chat != fmt.Sprint(groupID) {
		t.Fatalf("%+v", s)
	}
}
