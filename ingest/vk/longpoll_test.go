package vkingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func longPollBench(t testing.TB) *bench {
	b := newBench(t, domain.VKLongPoll, fmt.Sprint(group), "")
	b.drain() // the first answer says from where on to listen
	return b
}

func (b *bench) ts() string {
	var cur longPollCursor
	if err := json.Unmarshal(b.src.Cursor, &cur); err != nil {
		b.t.Fatal(err)
	}
	return string(cur.Server.TS)
}

func TestLongPollTakesTheEventsOfACommunity(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	post := b.add(0, "объявление")
	comment := b.comment(post, 0, "у нас яма")
	reply := b.comment(post, number(t, comment), "и у нас")
	message := b.fake.AddMessage(vkfake.Message{Group: group, From: 200000000123, Text: "почините свет"})
	b.fake.Emit(group, "group_join", map[string]any{"user_id": 1})
	b.fake.Emit(group, "hologram_new", map[string]any{"id": 1})
	b.fake.Emit(group, "wall_reply_new", map[string]any{"text": "ничей"})
	b.drain()
	b.has(post, "объявление")
	b.has(comment, "у нас яма")
	b.has(reply, "и у нас")
	b.has(message, "почините свет")
	if p := b.store.posts[message].post; p.Kind != domain.Message || p.Author.ID != "200000000123" {
		t.Errorf("message %+v", p)
	}
	for _, c := range []string{"group_join ignored", "hologram_new unknown", "wall_reply_new unusable", "wall_reply_new taken"} {
		if b.counts[c] == 0 {
			t.Errorf("%q was not counted: %v", c, b.counts)
		}
	}

	if err := b.fake.EditComment(wallOwner, 1, number(t, comment), "у нас огромная яма"); err != nil {
		t.Fatal(err)
	}
	if err := b.fake.DeleteComment(wallOwner, 1, number(t, reply)); err != nil {
		t.Fatal(err)
	}
	b.drain()
	b.has(comment, "у нас огромная яма")
	b.gone(reply)
	if err := b.fake.RestoreComment(wallOwner, 1, number(t, reply)); err != nil {
		t.Fatal(err)
	}
	b.drain()
	b.has(reply, "и у нас")
}

func TestLongPollUsesTheNextTSOnlyAfterTheCommit(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	post := b.add(0, "объявление")
	before := b.ts()
	b.store.fail = errors.New("store is down")
	if _, err := b.pull(); err == nil {
		t.Fatal("the commit was to fail")
	}
	if b.ts() != before {
		t.Fatal("ts moved without a commit")
	}
	b.store.fail = nil
	b.drain()
	b.has(post, "объявление")
}

// Lost history (failed 1, a numeric ts), a lapsed key (2) and a lost queue (3).
func TestLongPollFailures(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fail   func(*vkfake.Server)
		rescan bool
	}{
		"failed 1": {func(s *vkfake.Server) { s.LoseHistory(group) }, true},
		"failed 2": {func(s *vkfake.Server) { s.ExpireKey(group) }, false},
		"failed 3": {func(s *vkfake.Server) { s.LoseQueue(group) }, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := longPollBench(t)
			old := b.add(0, "старая запись")
			b.drain()
			post := b.add(0, "пока никто не слушал")
			comment := b.comment(old, 0, "комментарий под старой")
			c.fail(b.fake)
			calls := b.fake.Calls("wall.get")
			b.drain()
			b.drain()
			b.has(post, "пока никто не слушал")
			b.has(comment, "комментарий под старой")
			if read := b.fake.Calls("wall.get") > calls; read != c.rescan {
				t.Errorf("wall read again: %v, want %v", read, c.rescan)
			}
			later := b.add(0, "потом")
			b.drain()
			b.has(later, "потом")
		})
	}
}

func TestLongPollRescanThatFailsWaitsAndEventsGoOn(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	lost := b.add(0, "потерянная")
	b.fake.LoseQueue(group)
	b.fake.CloseWall(wallOwner, 15)
	if _, err := b.pull(); err != nil {
		t.Fatal(err)
	}
	later := b.add(0, "новая")
	if _, err := b.pull(); err != nil {
		t.Fatal(err)
	}
	b.has(later, "новая")
	b.lacks(lost)
	b.fake.CloseWall(wallOwner, 0)
	b.clock.Add(2 * time.Minute)
	b.drain()
	b.has(lost, "потерянная")
}

func TestLongPollWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	b.fake.AddFault(vkfake.Fault{Method: "a_check", Delay: 20 * time.Second})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := LongPoll{Deps: b.deps(), Listener: b.client}.Pull(ctx, b.src)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 5*time.Second {
		t.Fatalf("%v after %v", err, time.Since(began))
	}
}

func TestLongPollWithoutATokenAsksAPerson(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	b.src.Address, b.src.Cursor = "999", nil
	_, err := b.pull()
	if reaction(t, err) != domain.AskPerson {
		t.Fatalf("%v", err)
	}
	b.src.Address = "-101"
	if _, err := b.pull(); reaction(t, err) != domain.AskPerson {
		t.Fatalf("%v", err)
	}
}

func TestLongPollCutLineLosesNothing(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	post := b.add(0, "объявление")
	b.fake.AddFault(vkfake.Fault{Method: "a_check", Cut: true})
	if _, err := b.pull(); reaction(t, err) != domain.RetryLater {
		t.Fatalf("%v", err)
	}
	b.drain()
	b.has(post, "объявление")
}

func TestLongPollReadsTheFirstDayOfAnOwnCommunity(t *testing.T) {
	t.Parallel()
	b := newBench(t, domain.VKLongPoll, fmt.Sprint(group), "")
	post := b.add(2*time.Hour, "до нас")
	b.drain()
	b.has(post, "до нас")
	title, err := LongPoll{Deps: b.deps(), Listener: b.client}.Check(context.Background(), b.src)
	if err != nil || title != "Подслушано в Заречном" {
		t.Fatalf("%q, %v", title, err)
	}
}

// A community whose events are pushed may have its long poll switched off.
func TestCheckOfACallbackAsksForNoLongPoll(t *testing.T) {
	t.Parallel()
	b := newBench(t, domain.VKLongPoll, fmt.Sprint(group), "")
	check := func(kind domain.SourceKind) error {
		b.fake.AddFault(vkfake.Fault{Method: "groups.getLongPollServer", Code: 15})
		src := b.src
		src.Kind = kind
		_, err := LongPoll{Deps: b.deps(), Listener: b.client}.Check(t.Context(), src)
		return err
	}
	if err := check(domain.VKCallback); err != nil {
		t.Errorf("pushed: %v", err)
	}
	if err := check(domain.VKLongPoll); err == nil {
		t.Error("a long poll that is switched off is not noticed")
	}
}

func TestLongPollWithoutServiceTokenStillListens(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	b.client = vk.New(vk.Config{MethodURL: b.methodURL(), Communities: []vk.Token{vk.CommunityToken(group, groupToken)}})
	b.fake.LoseQueue(group)
	b.drain()
	post := b.add(0, "объявление")
	b.drain()
	b.has(post, "объявление")
}

// patient notes how long a listener was asked to wait.
type patient struct {
	Listener
	asked []time.Duration
}

func (p *patient) LongPoll(ctx context.Context, s vk.LongPollServer, wait time.Duration) (vk.LongPollAnswer, error) {
	p.asked = append(p.asked, wait)
	return p.Listener.LongPoll(ctx, s, wait)
}

func TestLongPollDoesNotKeepWhatARescanBroughtWaiting(t *testing.T) {
	t.Parallel()
	b := newBench(t, domain.VKLongPoll, fmt.Sprint(group), "")
	b.add(2*time.Hour, "до нас")
	p := &patient{Listener: b.client}
	batch, err := LongPoll{Deps: b.deps(), Listener: p}.Pull(context.Background(), b.src)
	if err != nil || len(batch.Posts) != 1 {
		t.Fatalf("%d posts, %v", len(batch.Posts), err)
	}
	if len(p.asked) != 1 || p.asked[0] > time.Second {
		t.Errorf("the post of the rescan waited for the long poll: %v", p.asked)
	}
}

func TestDeletionEventAheadOfTheBirthIsHandedOnWithIt(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	post := b.add(0, "объявление")
	b.drain()
	id := commentID(wallOwner, number(t, post), 77)
	b.fake.Emit(group, "wall_reply_delete", map[string]any{"owner_id": wallOwner, "id": 77, "post_id": number(t, post), "deleter_id": 5})
	b.fake.Emit(group, "wall_reply_new", map[string]any{
		"id": 77, "from_id": 5, "date": start().Unix(), "text": "яма", "post_id": number(t, post), "post_owner_id": wallOwner,
	})
	b.drain()
	if p := b.store.posts[id]; p == nil || !p.deleted || p.post.Text != "яма" {
		t.Errorf("%+v", p)
	}
}

// A queue that VK has moved to another host goes on from its place there: whoever
// listens where nobody answers any more asks again.
func TestLongPollGoesWhereTheQueueIs(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	var cur longPollCursor
	if err := json.Unmarshal(b.src.Cursor, &cur); err != nil {
		t.Fatal(err)
	}
	cur.Server.Server = "http://127.0.0.1:1/longpoll"
	moved, err := json.Marshal(cur)
	if err != nil {
		t.Fatal(err)
	}
	b.src.Cursor = moved
	post := b.add(0, "написано тем временем")
	calls := b.fake.Calls("wall.get")
	b.drain() // asks again
	b.drain() // and listens there
	b.has(post, "написано тем временем")
	if b.fake.Calls("wall.get") != calls {
		t.Error("the wall was read again though nothing was lost")
	}
}
