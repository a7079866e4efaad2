package vkingest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

const (
	serviceToken = "service-secret-token"
	groupToken   = "community-secret-token"
	group        = int64(101)
	wallOwner    = -group
)

// start is a working Monday, noon in Moscow.
func start() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

type manualClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// stored is a post as the store would hold it.
type stored struct {
	post    domain.Post
	deleted bool
	times   int // how often it was handed in
}

// store is what storage does, in a map: upsert by identity, marks, watches.
type store struct {
	clock   domain.Clock
	posts   map[domain.PostID]*stored
	watches map[domain.PostID]domain.Watch
	awaited map[domain.PostID]bool // posts of open cases
	fail    error
}

func (s *store) commit(b domain.Batch) error {
	if s.fail != nil {
		return s.fail
	}
	for _, p := range b.Posts {
		if s.posts[p.ID] == nil {
			s.posts[p.ID] = &stored{}
		}
		s.posts[p.ID].post, s.posts[p.ID].deleted = p, false
		s.posts[p.ID].times++
	}
	for _, d := range b.Deletions {
		if p := s.posts[d.ID]; p != nil {
			p.deleted = true
		}
	}
	for _, w := range b.Watches {
		if w.Until.After(s.clock.Now()) {
			s.watches[w.ID] = w
		} else {
			delete(s.watches, w.ID)
		}
	}
	return nil
}

func (s *store) DueWatches(_ context.Context, _ int64, _ time.Duration, limit int) ([]domain.Watch, error) {
	var due []domain.Watch
	for _, w := range s.watches {
		if !w.NextAt.After(s.clock.Now()) {
			if day := s.clock.Now().AddDate(0, 0, 1); s.awaited[w.ID] && w.Until.Before(day) {
				w.Until = day
			}
			due = append(due, w)
		}
	}
	slices.SortFunc(due, func(a, b domain.Watch) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return due[:min(limit, len(due))], nil
}

func (s *store) StandingComments(_ context.Context, root domain.PostID) (map[domain.PostID][32]byte, error) {
	ids := map[domain.PostID][32]byte{}
	for id, p := range s.posts {
		if id.IsComment() && id.Root() == root && !p.deleted {
			ids[id] = p.post.TextHash()
		}
	}
	return ids, nil
}

// bench is a fake VK, a client and a store around one source.
type bench struct {
	t      testing.TB
	clock  *manualClock
	fake   *vkfake.Server
	client *vk.Client
	store  *store
	src    domain.Source
	ledger *ledger.Ledger
	counts map[string]int
	url    string
}

func newBench(t testing.TB, kind domain.SourceKind, address, settings string) *bench {
	t.Helper()
	clock := &manualClock{now: start()}
	notes := ledger.New(&bytes.Buffer{}, clock.Now)
	fake := vkfake.New(vkfake.Options{
		Clock: clock, Ledger: notes, Limits: vkfake.NoLimits(), Service: []string{serviceToken}, MaxWait: 50 * time.Millisecond,
	})
	fake.AddCommunity(vkfake.Community{ID: group, Name: "Подслушано в Заречном", ScreenName: "zarechny", Token: groupToken})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	b := &bench{
		t: t, clock: clock, fake: fake, ledger: notes, counts: map[string]int{}, url: srv.URL,
		client: vk.New(vk.Config{
			MethodURL: srv.URL + vkfake.MethodPath, Service: []vk.Token{vk.ServiceToken(serviceToken)},
			Communities: []vk.Token{vk.CommunityToken(group, groupToken)}, TooManyWait: time.Millisecond,
		}),
		store: &store{clock: clock, posts: map[domain.PostID]*stored{}, watches: map[domain.PostID]domain.Watch{}},
		src: domain.Source{
			ID: 7, Region: "khabarovsk", Kind: kind, Address: address, Home: "zarechny", Settings: json.RawMessage(settings),
		},
	}
	return b
}

func (b *bench) methodURL() string { return b.url + vkfake.MethodPath }

func (b *bench) deps() Deps {
	return Deps{
		VK: b.client, Watches: b.store, Known: b.store, Clock: b.clock, Hide: hidden,
		Events: func(kind string, o Outcome) { b.counts[kind+" "+string(o)]++ },
	}
}

// hidden is a hash that no message of a test holds.
func hidden(peer int64) int64 { return 1<<40 + peer*2654435761%(1<<40) }

// pull pulls and commits once.
func (b *bench) pull() (domain.Batch, error) {
	b.t.Helper()
	var batch domain.Batch
	var err error
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	switch b.src.Kind {
	case domain.VKSearch:
		batch, err = Search{b.deps()}.Pull(ctx, b.src)
	case domain.VKLongPoll:
		batch, err = LongPoll{Deps: b.deps(), Listener: b.client}.Pull(ctx, b.src)
	default:
		batch, err = Wall{b.deps()}.Pull(ctx, b.src)
	}
	if err != nil {
		return batch, err
	}
	if err := b.store.commit(batch); err != nil {
		return batch, err
	}
	b.src.Cursor = batch.Cursor
	return batch, nil
}

// drain pulls until there is no more; faults that pass are tried again.
func (b *bench) drain() {
	b.t.Helper()
	for range 200 {
		batch, err := b.pull()
		if err != nil {
			if passes(err) || reacts(err, domain.SlowDown) {
				continue
			}
			b.t.Fatalf("pull: %v", err)
		}
		if !batch.More || (b.src.Kind == domain.VKLongPoll && len(batch.Posts)+len(batch.Deletions) == 0 && !b.rescanning()) {
			return
		}
	}
	b.t.Fatal("no end after 200 pulls")
}

func (b *bench) rescanning() bool {
	var cur longPollCursor
	if err := json.Unmarshal(b.src.Cursor, &cur); err != nil {
		b.t.Fatal(err)
	}
	return cur.Rescan != nil || (cur.Dialogs != nil && cur.Dialogs.RetryAt <= b.clock.Now().Unix())
}

// add writes a post some time ago.
func (b *bench) add(ago time.Duration, text string) domain.PostID {
	return b.fake.AddPost(vkfake.Post{Owner: wallOwner, Date: b.clock.Now().Add(-ago), Text: text})
}

func (b *bench) comment(post domain.PostID, replyTo int64, text string) domain.PostID {
	b.t.Helper()
	ref, err := refOf(post)
	if err != nil {
		b.t.Fatal(err)
	}
	id, err := b.fake.AddComment(vkfake.Comment{Owner: ref.Owner, Post: ref.Post, From: 500, ReplyTo: replyTo, Text: text})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// has fails unless the store holds the post with this text.
func (b *bench) has(id domain.PostID, text string) {
	b.t.Helper()
	p := b.store.posts[id]
	switch {
	case p == nil:
		b.t.Errorf("%s is missing", id)
	case p.post.Text != text:
		b.t.Errorf("%s has text %q, want %q", id, p.post.Text, text)
	case p.deleted:
		b.t.Errorf("%s is marked as deleted", id)
	}
}

func (b *bench) gone(id domain.PostID) {
	b.t.Helper()
	if p := b.store.posts[id]; p == nil || !p.deleted {
		b.t.Errorf("%s is not marked as deleted", id)
	}
}

func (b *bench) lacks(id domain.PostID) {
	b.t.Helper()
	if b.store.posts[id] != nil {
		b.t.Errorf("%s was taken", id)
	}
}

// reaction gives the reaction an error carries.
func reaction(t testing.TB, err error) domain.Reaction {
	t.Helper()
	var pe *domain.PlatformError
	if !errors.As(err, &pe) {
		t.Fatalf("%v is no platform error", err)
	}
	return pe.Reaction
}
