package tgingest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// history writes at random into a channel, its discussion and a group, and
// remembers every message that must be stored.
type history struct {
	*bench
	rnd      *rand.Rand
	ch, talk *tgfake.Chat
	dialog   *tgfake.Chat
	posts    []*tgfake.Message // of the channel
	all      []*tgfake.Message // whatever must be stored, copies not among them
	said     int
}

func newHistory(b *bench, seed uint64) *history {
	h := &history{bench: b, rnd: rand.New(rand.NewPCG(seed, 7))}
	h.ch, h.talk = b.world.Channel(chanID, "dvor_khv", "Двор"), b.world.Supergroup(groupID, "", "Обсуждение")
	h.ch.Link(h.talk)
	h.dialog = b.world.Dialog(boris)
	return h
}

func (h *history) words() string {
	h.said++
	return fmt.Sprintf("жалоба %d: %s", h.said, []string{"яма", "снег", "нет воды", "темно", "🔥🔥"}[h.rnd.IntN(5)])
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// happen lets one thing happen.
func (h *history) happen() {
	h.clock.add(time.Duration(h.rnd.IntN(40)) * time.Second)
	switch n := h.rnd.IntN(12); {
	case n < 3 || len(h.posts) == 0:
		h.posts = append(h.posts, h.ch.Post(tgfake.Draft{Text: h.words()}))
		h.all = append(h.all, h.posts[len(h.posts)-1])
	case n == 3:
		parts := h.ch.Album(tgfake.Draft{}, tgfake.Draft{Text: h.words()}, tgfake.Draft{Media: "video"})
		h.posts, h.all = append(h.posts, parts...), append(h.all, parts...)
	case n < 7:
		d := tgfake.Draft{From: pick(h.rnd, []tgfake.User{anna, boris}), Text: h.words()}
		h.all = append(h.all, pick(h.rnd, h.posts).Comment(d))
	case n == 7:
		h.all = append(h.all, h.talk.Post(tgfake.Draft{From: anna, Text: h.words()}))
	case n == 8:
		pick(h.rnd, h.all).EditText(time.Time{}, h.words())
	case n == 9:
		pick(h.rnd, h.all).EditInvisibly(time.Time{})
	case n == 10:
		h.talk.Post(tgfake.Draft{From: anna, Service: "new_chat_members"})
		h.world.RawUpdate("new_kind", map[string]any{"n": h.said})
	default:
		h.dialog.Post(tgfake.Draft{From: boris, Text: "лично"})
	}
}

func (h *history) fault() tgfake.Fault {
	return pick(h.rnd, []tgfake.Fault{
		{CutAfter: 1 + h.rnd.IntN(600)}, {Silent: true}, {Status: 500, Text: "Internal Server Error"},
		{Status: 502, Text: "<html>", Raw: true}, {Status: 429, Text: "Too Many Requests: retry after 1", RetryAfter: 1},
		{Status: 409, Text: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"},
	})
}

// check compares what is stored with what was written.
func (h *history) check() {
	h.t.Helper()
	want := map[domain.PostID]string{}
	for _, m := range h.all {
		want[m.PostID()] = m.Text()
		if c := m.Copy(); c != nil {
			want[c.PostID()] = c.Text()
		}
	}
	for id, text := range want {
		if got, ok := h.store.posts[id]; !ok || got.Text != text {
			h.t.Errorf("%s: stored %v %q, want %q", id, ok, got.Text, text)
		}
	}
	if len(h.store.posts) != len(want) {
		h.t.Errorf("stored %d posts, want %d", len(h.store.posts), len(want))
	}
}

// served compares the fake's ledger with what is stored; private messages are
// served and, the dialog being off, not stored.
func (h *history) served() {
	h.t.Helper()
	n := 0
	for _, id := range h.ledger.ServedIDs() {
		if id.Owner == h.world.BotID() {
			continue
		}
		n++
		if _, ok := h.store.posts[id]; !ok {
			h.t.Errorf("%s was served and is not stored", id)
		}
	}
	if n != len(h.store.posts) {
		h.t.Errorf("served %d, stored %d", n, len(h.store.posts))
	}
}

func TestWhateverHappensEverythingPolledIsStoredOnce(t *testing.T) {
	for seed := range uint64(15) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			b := newBench(t)
			b.bots.Wait = time.Millisecond
			h := newHistory(b, seed)
			src := b.botSource()
			for range 120 {
				h.happen()
				if h.rnd.IntN(6) > 0 {
					continue
				}
				if h.rnd.IntN(3) == 0 {
					f := h.fault()
					f.Method = "getUpdates"
					b.world.Fail(f)
				}
				batch, err := b.bots.Pull(t.Context(), src)
				crashed := h.rnd.IntN(4) == 0
				if err == nil && !crashed {
					b.commit(&src, batch)
				}
			}
			b.world.Heal()
			b.drain(&src)
			h.check()
			h.served()
		})
	}
}

func TestWhateverHappensEverythingPushedIsStoredOnce(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			b, _ := hookBench(t)
			h := newHistory(b, seed)
			for range 120 {
				h.happen()
				if h.rnd.IntN(10) > 0 {
					continue
				}
				b.world.LosePushAnswers(h.rnd.IntN(3))
				b.store.mu.Lock()
				b.store.down = pick(h.rnd, []error{nil, nil, errors.New("down")})
				b.store.mu.Unlock()
			}
			b.store.mu.Lock()
			b.store.down = nil
			b.store.mu.Unlock()
			b.settle()
			h.check()
			h.served()
		})
	}
}

func TestWhateverHappensEveryPreviewedPostIsStoredOnce(t *testing.T) {
	for seed := range uint64(15) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			b := newBench(t)
			src := previewSource("dvor_khv")
			rnd := rand.New(rand.NewPCG(seed, 11))
			ch := b.world.Channel(chanID, "dvor_khv", "Двор")
			var list []*tgfake.Message
			for range 80 {
				b.clock.add(time.Duration(rnd.IntN(300)) * time.Second)
				switch n := rnd.IntN(8); {
				case n < 5 || len(list) == 0:
					list = append(list, ch.Post(tgfake.Draft{Text: fmt.Sprint("запись ", len(list))}))
				case n == 5:
					list = append(list, ch.Album(tgfake.Draft{Text: "альбом"}, tgfake.Draft{})[0])
				default:
					pick(rnd, list).EditText(time.Time{}, fmt.Sprint("правка ", rnd.IntN(1000)))
				}
				if rnd.IntN(4) > 0 {
					continue
				}
				if rnd.IntN(3) == 0 {
					b.world.Fail(tgfake.Fault{Method: "preview", CutAfter: 300 + rnd.IntN(3000)})
				}
				batch, err := b.pages.Pull(t.Context(), src)
				if crashed := rnd.IntN(4) == 0; err == nil && !crashed {
					b.commit(&src, batch)
				}
			}
			b.world.Heal()
			b.poll(&src)
			b.poll(&src)
			newest := list[max(0, len(list)-10):]
			for _, m := range list {
				b.store.get(t, m)
			}
			for _, m := range newest {
				p := b.store.get(t, m)
				if p.Text != m.Text() && m.Text() != "" {
					t.Errorf("%s has %q, want %q", p.ID, p.Text, m.Text())
				}
			}
			if len(b.store.posts) != len(list) || len(b.store.gone) != 0 {
				t.Errorf("stored %d of %d, deleted %d", len(b.store.posts), len(list), len(b.store.gone))
			}
		})
	}
}
