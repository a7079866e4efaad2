package vkingest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func (b *bench) message(from int64, text string) domain.PostID {
	return b.fake.AddMessage(vkfake.Message{Group: group, From: from, Text: text})
}

// messageNo is the number of a message in its conversation.
func messageNo(t testing.TB, id domain.PostID) (no int64) {
	t.Helper()
	if _, err := fmt.Sscan(id.Post[strings.LastIndex(id.Post, ":")+1:], &no); err != nil {
		t.Fatal(err)
	}
	return no
}

// Lost history (failed 1) and a lost queue (failed 3) lose no private message.
func TestPrivateMessagesLostWithTheirEventsAreReadAgain(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*vkfake.Server){
		"failed 1": func(s *vkfake.Server) { s.LoseHistory(group) },
		"failed 3": func(s *vkfake.Server) { s.LoseQueue(group) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := longPollBench(t)
			heard := b.message(501, "почините свет")
			edited := b.message(501, "на Ленина 5")
			gone := b.message(501, "спасибо, не надо")
			b.drain()
			b.clock.Add(2 * time.Hour)
			missed := b.message(200000000123, "в подъезде темно")
			again := b.message(501, "так и не починили")
			if err := b.fake.EditMessage(group, 501, messageNo(t, edited), "на Ленина 15"); err != nil {
				t.Fatal(err)
			}
			if err := b.fake.DeleteMessage(group, 501, messageNo(t, gone)); err != nil {
				t.Fatal(err)
			}
			lose(b.fake)
			b.drain()
			b.drain()
			b.has(heard, "почините свет")
			b.has(edited, "на Ленина 15")
			b.has(missed, "в подъезде темно")
			b.has(again, "так и не починили")
			p := b.store.posts[missed].post
			if p.Kind != domain.Message || p.Author.Name == "" || p.First || p.URL == "" {
				t.Errorf("%+v", p)
			}
			if !b.store.posts[missed].post.PublishedAt.Equal(b.clock.Now()) {
				t.Errorf("published %s", p.PublishedAt)
			}
			calls := b.fake.Calls("messages.getHistory")
			b.clock.Add(time.Hour)
			b.drain()
			if b.fake.Calls("messages.getHistory") != calls {
				t.Error("what was made good is read again")
			}
		})
	}
}

func TestManyConversationsAndALongOneAreReadOverSeveralPulls(t *testing.T) {
	t.Parallel()
	b := newBench(t, domain.VKLongPoll, fmt.Sprint(group), `{"max_calls": 20}`)
	b.drain()
	b.clock.Add(time.Hour)
	var ids []domain.PostID
	for i := range 450 {
		ids = append(ids, b.message(int64(1000+i), fmt.Sprint("пишет ", i)))
	}
	for i := range 500 {
		ids = append(ids, b.message(777, fmt.Sprint("ещё ", i)))
	}
	b.fake.LoseQueue(group)
	pulls := 0
	for {
		batch, err := b.pull()
		if err != nil {
			t.Fatal(err)
		}
		if pulls++; pulls == 3 { // new conversations shift the list while it is being read
			ids = append(ids, b.message(5000, "новый"), b.message(1000, "и снова"))
		}
		if len(batch.Posts) == 0 && !b.rescanning() && pulls > 3 {
			break
		}
		if pulls > 200 {
			t.Fatal("no end")
		}
	}
	for _, id := range ids {
		if b.store.posts[id] == nil {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestAQuietConversationCostsNoCall(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	for i := range 30 {
		b.message(int64(1000+i), "давно")
	}
	b.drain()
	b.clock.Add(10 * 24 * time.Hour)
	b.drain() // heard now
	b.message(1005, "свежее")
	b.fake.LoseHistory(group)
	lists, calls := b.fake.Calls("messages.getConversations"), b.fake.Calls("messages.getHistory")
	b.drain()
	b.drain()
	if n := b.fake.Calls("messages.getHistory") - calls; n != 1 {
		t.Errorf("%d conversations read, one has news", n)
	}
	if n := b.fake.Calls("messages.getConversations") - lists; n != 1 {
		t.Errorf("%d calls for the list", n)
	}
}

func TestMessagesReadAgainFailAndEventsGoOn(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	lost := b.message(501, "потерянное")
	b.fake.LoseQueue(group)
	b.fake.AddFault(vkfake.Fault{Method: "messages.getConversations", Code: 10})
	b.fake.AddFault(vkfake.Fault{Method: "messages.getHistory", Status: 502})
	for range 2 {
		b.drain()
	}
	b.lacks(lost)
	later := b.message(502, "новое")
	b.drain()
	b.has(later, "новое")
	for range 3 {
		b.clock.Add(2 * time.Minute)
		b.drain()
	}
	b.has(lost, "потерянное")
}

// A token without the right «messages», and a conversation nobody may read.
func TestMessagesThatCannotBeReadAgainStopNothing(t *testing.T) {
	t.Parallel()
	for _, code := range []int{7, 15} {
		b := longPollBench(t)
		b.message(501, "потерянное")
		b.fake.LoseQueue(group)
		b.fake.AddFault(vkfake.Fault{Method: "messages.getConversations", Code: code, Times: 9})
		b.drain()
		b.drain()
		if n := b.counts["dialogs_unreadable ignored"]; n != 1 {
			t.Errorf("code %d: given up %d times", code, n)
		}
		later := b.message(502, "новое")
		b.drain()
		b.has(later, "новое")
	}
	b := longPollBench(t)
	b.message(501, "чужое")
	other := b.message(502, "потерянное")
	b.fake.LoseQueue(group)
	b.fake.AddFault(vkfake.Fault{Method: "messages.getHistory", Code: 917})
	b.drain()
	b.drain()
	if b.counts["dialog_unreadable ignored"] != 1 || len(b.store.posts) != 1 && b.store.posts[other] == nil {
		t.Errorf("%v, %d messages", b.counts, len(b.store.posts))
	}
}

// The community's own answers are not citizens' posts.
func TestOwnAnswersAreNotReadAgain(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	b.message(501, "почините свет")
	b.drain()
	if _, err := b.client.SendMessage(t.Context(), vk.MessageToSend{Group: group, Peer: 501, Text: "Починим", RandomID: 7}); err != nil {
		t.Fatal(err)
	}
	b.fake.LoseQueue(group)
	b.drain()
	b.drain()
	if len(b.store.posts) != 1 {
		t.Errorf("%d messages", len(b.store.posts))
	}
}

// Before consent only hashes of conversations are kept, also in a cursor that reads
// them over many pulls.
func TestTheCursorNamesNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t, domain.VKLongPoll, fmt.Sprint(group), `{"max_calls": 5}`)
	b.drain()
	b.clock.Add(time.Hour)
	var peers []string
	for i := range 30 {
		peer := int64(731000001 + 7*i)
		peers = append(peers, fmt.Sprint(peer))
		b.message(peer, "лично")
	}
	for i := range 450 {
		b.message(731999999, fmt.Sprint("много ", i))
	}
	peers = append(peers, "731999999")
	b.fake.LoseQueue(group)
	seen := 0
	for range 60 {
		if _, err := b.pull(); err != nil {
			t.Fatal(err)
		}
		if b.rescanning() {
			seen++
		}
		for _, peer := range peers {
			if strings.Contains(string(b.src.Cursor), peer) {
				t.Fatalf("the cursor names %s: %s", peer, b.src.Cursor)
			}
		}
	}
	if seen < 5 || len(b.store.posts) != 480 {
		t.Errorf("read over %d pulls, %d messages", seen, len(b.store.posts))
	}
}

// Without a key nothing of a conversation may be kept: none is read.
func TestWithoutAKeyNoConversationIsRead(t *testing.T) {
	t.Parallel()
	b := longPollBench(t)
	b.message(501, "лично")
	b.fake.LoseQueue(group)
	deps := b.deps()
	deps.Hide = nil
	for range 5 {
		batch, err := LongPoll{Deps: deps, Listener: b.client}.Pull(t.Context(), b.src)
		if err != nil {
			t.Fatal(err)
		}
		b.src.Cursor = batch.Cursor
	}
	if n := b.fake.Calls("messages.getHistory"); n != 0 {
		t.Errorf("%d conversations read", n)
	}
}
