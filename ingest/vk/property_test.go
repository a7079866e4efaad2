package vkingest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// between calls a function before every request of the client.
type between struct {
	next http.RoundTripper
	do   func()
}

func (b between) RoundTrip(r *http.Request) (*http.Response, error) {
	b.do()
	return b.next.RoundTrip(r)
}

// history writes a random history into a fake: the wall changes between the
// pages of a walk, and a part of the calls goes wrong.
type history struct {
	*bench
	rt       *rapid.T
	posts    []domain.PostID // alive
	comments []domain.PostID // alive, top level
	replies  map[domain.PostID]int
	calm     bool
	texts    int
	pulls    int // that succeeded
	pinned   int // pulls when the pin was moved last
}

func (h *history) pick(label string, n int) int {
	return rapid.IntRange(0, n-1).Draw(h.rt, label)
}

func (h *history) text() string {
	h.texts++
	return fmt.Sprint("текст ", h.texts)
}

func (h *history) must(err error) {
	if err != nil {
		h.rt.Fatal(err)
	}
}

// step changes the world once.
func (h *history) step() {
	switch h.pick("step", 12) {
	case 0, 1:
		h.write(1)
	case 2:
		h.write(h.pick("many", 130))
	case 3, 4:
		h.onPost(func(ref vk.PostRef, _ int) { h.must(h.fake.EditPost(ref.Owner, ref.Post, h.text())) })
	case 5:
		h.onPost(func(ref vk.PostRef, i int) {
			h.must(h.fake.DeletePost(ref.Owner, ref.Post))
			h.posts = append(h.posts[:i], h.posts[i+1:]...)
		})
	case 6:
		h.onPost(func(ref vk.PostRef, _ int) { h.pin(ref.Post) })
	case 7:
		h.pin(0)
	case 8, 9:
		h.onPost(func(ref vk.PostRef, i int) {
			h.comments = append(h.comments, h.answer(vkfake.Comment{Owner: ref.Owner, Post: ref.Post}))
		})
	case 10:
		h.onComment(func(c domain.PostID, ref vk.PostRef, n int64, _ int) {
			if h.replies[c]++; h.replies[c] < 10 {
				h.answer(vkfake.Comment{Owner: ref.Owner, Post: ref.Post, ReplyTo: n})
			}
		})
	case 11:
		h.onComment(func(_ domain.PostID, ref vk.PostRef, n int64, i int) {
			if h.pick("what", 2) == 0 {
				h.must(h.fake.EditComment(ref.Owner, ref.Post, n, h.text()))
				return
			}
			h.must(h.fake.DeleteComment(ref.Owner, ref.Post, n))
			h.comments = append(h.comments[:i], h.comments[i+1:]...)
		})
	}
}

// pin moves the pin. A post that is pinned while its stretch of the wall is being
// read, and unpinned before the next look at the top, is not seen: nobody does
// that within a minute, and neither does this history.
func (h *history) pin(post int64) {
	if h.pulls < h.pinned+2 {
		return
	}
	h.pinned = h.pulls
	h.must(h.fake.Pin(wallOwner, post))
}

func (h *history) write(n int) {
	for range n {
		ago := time.Duration(h.pick("ago", 600)) * time.Second // a post may show up late
		h.posts = append(h.posts, h.add(ago, h.text()))
	}
}

func (h *history) answer(c vkfake.Comment) domain.PostID {
	c.From, c.Text = 500, h.text()
	id, err := h.fake.AddComment(c)
	h.must(err)
	return id
}

func (h *history) onPost(do func(vk.PostRef, int)) {
	if len(h.posts) == 0 {
		return
	}
	i := h.pick("post", len(h.posts))
	ref, err := refOf(h.posts[i])
	h.must(err)
	do(ref, i)
}

// onComment picks a comment of a post that is still there.
func (h *history) onComment(do func(domain.PostID, vk.PostRef, int64, int)) {
	if len(h.comments) == 0 {
		return
	}
	i := h.pick("comment", len(h.comments))
	c := h.comments[i]
	for _, p := range h.posts {
		if p == c.Root() {
			ref, err := refOf(c)
			h.must(err)
			do(c, ref, number(h.t, c), i)
			return
		}
	}
}

// meddle runs before every call: the world moves on and the line may break.
func (h *history) meddle() {
	if h.calm {
		return
	}
	for range h.pick("steps", 3) {
		h.step()
	}
	switch h.pick("fault", 14) {
	case 0:
		h.fake.AddFault(vkfake.Fault{Cut: true})
	case 1:
		h.fake.AddFault(vkfake.Fault{Truncated: true})
	case 2:
		h.fake.AddFault(vkfake.Fault{Code: 10})
	case 3:
		h.fake.AddFault(vkfake.Fault{Status: 502})
	}
}

// TestWallDeliversEverythingWhateverHappens: after enough pulls everything on
// the wall is stored with its latest text, and what is gone is marked.
func TestWallDeliversEverythingWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		settings := fmt.Sprintf(`{"max_pages": %d, "max_calls": %d}`, rapid.IntRange(1, 4).Draw(rt, "pages"), rapid.IntRange(5, 25).Draw(rt, "calls"))
		h := &history{bench: wallBench(t, settings), rt: rt, replies: map[domain.PostID]int{}}
		h.client = vk.New(vk.Config{
			MethodURL: h.methodURL(), Service: []vk.Token{vk.ServiceToken(serviceToken)},
			Transport: between{next: http.DefaultTransport, do: h.meddle}, TooManyWait: time.Millisecond,
		})
		for range rapid.IntRange(3, 15).Draw(rt, "pulls") {
			h.step()
			h.clock.Add(time.Duration(h.pick("minutes", 200)) * time.Minute)
			switch _, err := h.pull(); {
			case err == nil:
				h.pulls++
			case !passes(err):
				rt.Fatalf("pull: %v", err)
			}
		}
		h.calm = true
		for range 3 { // every post is looked at at least every six hours
			h.clock.Add(7 * time.Hour)
			h.write(1) // the wall lives on
			h.drain()
		}
		h.compare()
	})
}

func (h *history) compare() {
	since := start().Add(-24 * time.Hour)
	for _, it := range h.fake.Items(wallOwner) {
		got := h.store.posts[it.ID]
		switch {
		case it.Deleted && got != nil && !got.deleted && !h.underDeleted(it.ID):
			h.rt.Errorf("%s is gone and not marked", it.ID)
		case it.Deleted:
		case got == nil:
			h.rt.Errorf("%s is missing (window since %s)", it.ID, since)
		case got.deleted:
			h.rt.Errorf("%s is there and marked as gone", it.ID)
		case got.post.Text != it.Text:
			h.rt.Errorf("%s has %q, want %q", it.ID, got.post.Text, it.Text)
		}
	}
}

// underDeleted reports a comment that went with its post.
func (h *history) underDeleted(id domain.PostID) bool {
	if !id.IsComment() {
		return false
	}
	for _, p := range h.posts {
		if p == id.Root() {
			return false
		}
	}
	return true
}
