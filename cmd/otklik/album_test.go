package main

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
	tgingest "github.com/otklik/otklik/ingest/telegram"
	"github.com/otklik/otklik/platform/telegram"
	"github.com/otklik/otklik/platform/telegram/tgfake"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
	"github.com/otklik/otklik/worker"
)

// An album of a channel whose caption stands on the last picture, its copies in the
// discussion group, which have lost that they are an album, and the comments under
// any of them are one case and one post of the channel in it, in whatever order they
// come and whenever the album settles. The caption is too short to be known as a copy
// by its words.
func TestAnAlbumAndItsLooseCopiesAreOneCase(t *testing.T) {
	t.Parallel()
	b := newAlbumBench(t)
	orders := permutations([]int{0, 1, 2, 3})
	for _, order := range orders {
		for _, settles := range []string{"at the end", "after every update"} {
			posts := b.write()
			before := b.cases()
			for _, i := range order {
				b.take(posts[i])
				if settles == "after every update" {
					b.settle()
				}
			}
			b.settle()
			for _, comment := range posts[4:] {
				b.take(comment)
			}
			if got := b.cases() - before; got != 1 {
				t.Errorf("order %v, settled %s: %d cases of one album", order, settles, got)
			}
			b.sameCase(fmt.Sprint(order, " settled ", settles), posts)
		}
	}
}

type albumBench struct {
	t      *testing.T
	store  *storage.Store
	dsn    string
	world  *tgfake.World
	puller *tgingest.BotPuller
	src    domain.Source
	clock  *pagetest.Clock
	worker *worker.Worker
	made   int64
}

func newAlbumBench(t *testing.T) *albumBench {
	t.Helper()
	b := &albumBench{t: t, dsn: storagetest.DSN(t), clock: &pagetest.Clock{T: pagetest.Noon()}}
	b.store = storagetest.Open(t, b.dsn, storage.Options{})
	log := slog.New(slog.DiscardHandler)
	files, err := rules.Embedded(casesRegion)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := activatePack(t.Context(), b.store, files, b.clock.Now(), "первый запуск"); err != nil {
		t.Fatal(err)
	}
	follower, err := worker.NewFollower(t.Context(), packStore{b.store}, []string{casesRegion}, school, log)
	if err != nil {
		t.Fatal(err)
	}
	b.worker = &worker.Worker{Store: b.store, Rules: follower, Clock: b.clock, Log: log}
	b.world = tgfake.New(tgfake.Options{Now: b.clock.Now, Scale: 0.01})
	srv := httptest.NewServer(b.world.Handler())
	t.Cleanup(func() { b.world.Close(); srv.Close() })
	client, err := telegram.New(telegram.Config{Token: b.world.Token(), URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	b.puller = &tgingest.BotPuller{Bots: map[string]tgingest.Bot{b.world.BotID(): client}, Wait: time.Second}
	b.src, err = b.store.AddSource(t.Context(), domain.Source{Region: casesRegion, Kind: domain.TelegramBot, Address: b.world.BotID()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// write lets a channel of its own publish an album of two and people comment on its
// copies, and pulls it: two parts, two copies, two comments.
func (b *albumBench) write() []domain.Post {
	b.t.Helper()
	b.made++
	channel := b.world.Channel(-1_001_000_000_000-b.made, fmt.Sprint("dvor_", b.made), "Двор")
	group := b.world.Supergroup(-1_002_000_000_000-b.made, "", "Обсуждение")
	channel.Link(group)
	channel.SetLooseCopies(true)
	parts := channel.Album(tgfake.Draft{}, tgfake.Draft{Text: "Яма на дороге"})
	for _, p := range parts {
		p.Comment(tgfake.Draft{From: tgfake.User{ID: 7, FirstName: "Анна"}, Text: "Такая же яма на дороге у нас"})
	}
	got := map[domain.PostID]domain.Post{}
	for len(got) < 6 {
		batch, err := b.puller.Pull(b.t.Context(), b.src)
		if err != nil {
			b.t.Fatal(err)
		}
		b.src.Cursor = batch.Cursor
		for _, p := range batch.Posts {
			got[p.ID] = p
		}
	}
	var posts []domain.Post
	for _, m := range []*tgfake.Message{parts[0], parts[1], parts[0].Copy(), parts[1].Copy()} {
		posts = append(posts, got[m.PostID()])
		delete(got, m.PostID())
	}
	for _, comment := range got {
		posts = append(posts, comment)
	}
	if posts[0].Album == "" || posts[0].Text != "" || posts[1].Text == "" || posts[2].Album != "" || posts[3].Origin != posts[1].ID || posts[4].Thread.IsZero() {
		b.t.Fatalf("not what was to be shown: %+v", posts)
	}
	return posts
}

func (b *albumBench) take(p domain.Post) {
	b.t.Helper()
	if _, err := b.worker.Take(b.t.Context(), domain.Batch{Source: b.src, State: domain.SourceActive, Posts: []domain.Post{p}}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *albumBench) settle() {
	b.t.Helper()
	b.clock.T = b.clock.T.Add(time.Minute)
	s := &worker.Settler{Worker: b.worker, Albums: b.store}
	if _, err := s.Settle(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *albumBench) cases() int64 {
	b.t.Helper()
	st, err := b.store.CaseCounts(b.t.Context(), casesRegion)
	if err != nil {
		b.t.Fatal(err)
	}
	return st.Cases
}

// sameCase: who is in a case is in the same; the album, by one of its parts, the copy
// with the caption and both comments are.
func (b *albumBench) sameCase(what string, posts []domain.Post) {
	b.t.Helper()
	in := map[int64]int{}
	ofAlbum := 0
	for i, p := range posts {
		id := query[int64](b.t, b.dsn, `SELECT coalesce((SELECT case_id FROM case_posts JOIN post_ids USING (post_id)
			WHERE platform = $1 AND owner = $2 AND post = $3), 0)`, p.ID.Platform, p.ID.Owner, p.ID.Post)
		if id != 0 {
			in[id]++
			if i < 2 {
				ofAlbum++
			}
		}
	}
	if len(in) != 1 || ofAlbum != 1 {
		b.t.Errorf("%s: posts by case %v, of the album itself %d", what, in, ofAlbum)
	}
	for _, n := range in {
		if n != 4 {
			b.t.Errorf("%s: %d posts in the case, want the album, the copy with the caption, two comments", what, n)
		}
	}
}

func permutations(of []int) [][]int {
	if len(of) == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for i, first := range of {
		rest := append(append([]int{}, of[:i]...), of[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]int{first}, p...))
		}
	}
	return out
}
