package demo

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func TestClockGoesOnFromWhatItHasShown(t *testing.T) {
	real := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now := real
	c := NewClock(12*24*time.Hour, 50*time.Second, func() time.Time { return now })
	c.GoOn(time.Time{}) // nothing was kept
	if !c.Now().Equal(real.AddDate(0, 0, -12)) {
		t.Errorf("without a past it starts at %s", c.Now())
	}
	shown := real.Add(-3 * time.Hour)
	c.GoOn(shown)
	c.Begin()
	c.GoOn(real) // too late
	if !c.Now().Equal(shown) || !c.Start().Equal(shown) {
		t.Errorf("it goes on from %s, not %s", c.Now(), shown)
	}
	now = real.Add(time.Minute)
	if !c.CaughtUp() || !c.Now().Equal(now) {
		t.Errorf("it shows %s at %s", c.Now(), now)
	}
	ahead := NewClock(time.Hour, time.Second, func() time.Time { return real })
	ahead.GoOn(real.Add(time.Hour))
	if ahead.Now().After(real) {
		t.Errorf("it leads to %s", ahead.Now())
	}
}

// What was played before is there again under the same names, however much our
// accounts answered between the records, and no updates come twice.
func TestAKeptWorldIsTheSameAgain(t *testing.T) {
	feed := builtin(t)
	began := time.Now().UTC().AddDate(0, 0, -12)
	first, second := playedWorld(t, feed, began, true), playedWorld(t, feed, began, false)
	if len(first.player.ids) < 300 || !maps.Equal(first.player.ids, second.player.ids) {
		for id, was := range first.player.ids {
			if again := second.player.ids[id]; again != was {
				t.Errorf("record %s was %s and is %s", id, was, again)
			}
		}
		t.Fatalf("%d and %d records", len(first.player.ids), len(second.player.ids))
	}
	updates := 0
	for region, w := range first.fakes.worlds {
		a, b := w.Queued(), second.fakes.worlds[region].Queued()
		if updates += a; a != b {
			t.Errorf("%s: %d updates of Telegram, then %d", region, a, b)
		}
	}
	if updates == 0 {
		t.Error("Telegram told its bots of nothing")
	}
	if answered := second.texts(t, first.answer.Owner); answered[first.answer] != "Мы ответили." {
		t.Errorf("the answer %s is not there: %q", first.answer, answered[first.answer])
	}
}

// lived is a world in which a feed was played.
type lived struct {
	fakes  *Fakes
	player *Player
	answer domain.PostID // ours, in VK
}

// playedWorld plays the whole feed. With talk, our accounts answer after every
// record; without, one answer is put back from the life before.
func playedWorld(t *testing.T, feed Feed, began time.Time, talk bool) lived {
	t.Helper()
	clock := RealTime()
	fakes, err := StartFakes(context.Background(), feed, clock, ledger.New(io.Discard, clock.Now), Listen{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fakes.Close)
	zones := map[string]*time.Location{"khabarovsk": time.FixedZone("", 10*3600), "kaliningrad": time.FixedZone("", 2*3600)}
	l := lived{fakes: fakes, player: NewPlayer(feed, fakes, zones, began, clock, slog.New(slog.DiscardHandler))}
	l.answer = domain.PostID{Platform: domain.VK, Owner: "-301000001", Post: "1000", Comment: "1001"}
	for _, s := range feed.Sources {
		if s.Platform == domain.VK {
			l.answer.Owner = s.Address
			break
		}
	}
	if !talk {
		a := domain.Post{ID: l.answer, Text: "Мы ответили.", Author: domain.Author{ID: "-900100"}, PublishedAt: began.Add(time.Hour)}
		if err := l.player.Restore([]domain.Post{a}); err != nil {
			t.Fatal(err)
		}
		return l
	}
	if err := l.player.order(); err != nil {
		t.Fatal(err)
	}
	for len(l.player.rest) > 0 {
		r := l.player.rest[0]
		if err := l.player.playNext(); err != nil {
			t.Fatal(err)
		}
		l.reply(t, r)
	}
	return l
}

// reply writes under a record as an account of ours would.
func (l lived) reply(t *testing.T, r Record) {
	t.Helper()
	id, ok := l.player.ids[r.ID]
	switch {
	case !ok:
	case id.Platform == domain.VK:
		owner, post, _, err := vkNumbers(id)
		if err == nil {
			_, err = l.fakes.VK.AddComment(vkfake.Comment{Owner: owner, Post: post, From: -ownGroup, Text: "Мы ответили."})
		}
		if err != nil && !strings.Contains(err.Error(), "no post") {
			t.Fatal(err)
		}
	case id.Platform == domain.Telegram:
		for key, chat := range l.fakes.Telegram {
			if key == r.Source {
				chat.SetMember(false) // a bot is not told of its own words
				chat.Post(tgfake.Draft{Text: "Мы ответили."})
				chat.SetMember(l.player.sources[key].Kind == "telegram_chat")
			}
		}
	}
}

func (l lived) texts(t *testing.T, owner string) map[domain.PostID]string {
	t.Helper()
	number, _, _, err := vkNumbers(domain.PostID{Owner: owner, Post: "0", Comment: "0"})
	if err != nil {
		t.Fatal(err)
	}
	out := map[domain.PostID]string{}
	for _, item := range l.fakes.VK.Items(number) {
		out[item.ID] = item.Text
	}
	return out
}

// A post is not taken away before somebody has read it, however late that is.
func TestDeletionWaitsForAReader(t *testing.T) {
	wall := Source{Key: "wall", Region: "khabarovsk", Platform: domain.VK, Kind: "vk_wall", Address: "-5"}
	began := time.Now().UTC().Add(-time.Hour)
	feed := Feed{Sources: []Source{wall}, Records: []Record{
		{ID: "a", Source: "wall", Text: "Яма", At: began},
		{ID: "b", Source: "wall", Type: "delete", Of: "a", At: began.Add(time.Minute)},
	}}
	clock := RealTime()
	book := ledger.New(io.Discard, clock.Now)
	fakes, err := StartFakes(t.Context(), feed, clock, book, Listen{})
	if err != nil {
		t.Fatal(err)
	}
	defer fakes.Close()
	player := NewPlayer(feed, fakes, nil, began, clock, slog.New(slog.DiscardHandler))
	asked := make(chan struct{}, 1000) // the player never waits for us
	player.Served = func(id domain.PostID) bool {
		asked <- struct{}{}
		return book.WasServed(id)
	}
	done := make(chan error, 1)
	go func() { done <- player.Run(t.Context()) }()
	<-asked
	<-asked // once when its time came, once again since
	post := fakes.VK.Items(-5)
	if len(post) != 1 || post[0].Deleted {
		t.Fatalf("nobody has read it: %+v", post)
	}
	book.Served(post[0].ID)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if post = fakes.VK.Items(-5); !post[0].Deleted {
		t.Error("it was read and is still there")
	}
}

// What visitors wrote on walls stands there again, with our answers under it, and
// what they write now shares no number with it.
func TestWhatVisitorsWroteIsPutBack(t *testing.T) {
	clock := RealTime()
	feed := builtin(t)
	fakes, err := StartFakes(context.Background(), feed, clock, ledger.New(io.Discard, clock.Now), Listen{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fakes.Close)
	zones := map[string]*time.Location{"khabarovsk": time.UTC, "kaliningrad": time.UTC}
	player := NewPlayer(feed, fakes, zones, clock.Now().AddDate(0, 0, -12), clock, slog.New(slog.DiscardHandler))
	const wall = -100000001
	id := domain.PostID{Platform: domain.VK, Owner: "-100000001", Post: "71002", Comment: "0"}
	answer := id
	answer.Comment = "71003"
	kept := []domain.Post{
		{ID: id, Text: "Яма", Author: domain.Author{ID: "210000000005"}, PublishedAt: clock.Now().Add(-time.Hour)},
		{ID: answer, Text: "Засыпали.", Author: domain.Author{ID: "-900100"}, PublishedAt: clock.Now().Add(-time.Minute)},
	}
	if err := player.Restore(kept); err != nil {
		t.Fatal(err)
	}
	thread := fakes.VK.Thread(wall, 71002)
	if len(thread) != 2 || thread[0].Text != "Яма" || !thread[1].Official || thread[1].Text != "Засыпали." {
		t.Errorf("%+v", thread)
	}
	if now := fakes.VK.AddPost(vkfake.Post{Owner: wall, From: 210_000_000_006, Text: "Свет"}); len(now.Post) < len("1700000000") {
		t.Errorf("a new post has the number %s", now.Post)
	}
}
