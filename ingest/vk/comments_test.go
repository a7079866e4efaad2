package vkingest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func contains(err error, text string) bool {
	var pe *domain.PlatformError
	return errors.As(err, &pe) && strings.Contains(pe.Words, text)
}

// number is the last part of an identity.
func number(t testing.TB, id domain.PostID) int64 {
	t.Helper()
	var n int64
	s := id.Post
	if id.IsComment() {
		s = id.Comment
	}
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCommentsAndThreadsLongerThanTen(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "что с водой?")
	root := b.comment(post, 0, "нет с утра")
	var replies []domain.PostID
	for i := range 135 {
		replies = append(replies, b.comment(post, number(t, root), fmt.Sprint("и у нас ", i)))
	}
	deep := b.comment(post, number(t, replies[3]), "ответ на ответ")
	b.drain()
	b.has(root, "нет с утра")
	for i, id := range replies {
		b.has(id, fmt.Sprint("и у нас ", i))
	}
	b.has(deep, "ответ на ответ")
	got := b.store.posts[deep].post
	if got.ReplyTo != replies[3] || got.Thread != post {
		t.Errorf("reply to %v in %v", got.ReplyTo, got.Thread)
	}
	if want := fmt.Sprintf("https://vk.com/wall-101_1?reply=%s&thread=%s", deep.Comment, root.Comment); got.URL != want {
		t.Errorf("url %s, want %s", got.URL, want)
	}

	late := b.comment(post, number(t, root), "дали воду") // the eleventh place nobody shows
	b.drain()
	b.has(late, "дали воду")
}

func TestCommentsOfManyPages(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"max_calls": 5}`)
	post := b.add(time.Hour, "отопление")
	var ids []domain.PostID
	for i := range 730 {
		ids = append(ids, b.comment(post, 0, fmt.Sprint("холодно ", i)))
	}
	b.drain()
	for i, id := range ids {
		b.has(id, fmt.Sprint("холодно ", i))
	}
	before := b.fake.Calls("wall.getComments")
	b.clock.Add(time.Minute)
	late := b.comment(post, 0, "потеплело")
	b.drain()
	b.has(late, "потеплело")
	if n := b.fake.Calls("wall.getComments") - before; n > 2 {
		t.Errorf("one new comment cost %d calls", n)
	}
}

func TestCommentsDeletedWithRepliesKeepTheirPlaceWithoutAuthorAndText(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "свалка")
	root := b.comment(post, 0, "это соседи")
	reply := b.comment(post, number(t, root), "нет, не мы")
	lone := b.comment(post, 0, "фу")
	b.drain()
	if err := b.fake.DeleteComment(wallOwner, 1, number(t, root)); err != nil {
		t.Fatal(err)
	}
	if err := b.fake.DeleteComment(wallOwner, 1, number(t, lone)); err != nil {
		t.Fatal(err)
	}
	b.clock.Add(time.Hour)
	b.drain()
	b.gone(root)
	b.gone(lone) // vanished without a trace
	b.has(reply, "нет, не мы")
	if text := b.store.posts[root].post.Text; text != "это соседи" {
		t.Errorf("the deleted comment's text became %q", text)
	}
}

func TestCommentDeletedAndWrittenAtOnceKeepsTheCountAndIsNoticed(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "свалка")
	lone := b.comment(post, 0, "фу")
	b.comment(post, 0, "да")
	b.drain()
	if err := b.fake.DeleteComment(wallOwner, 1, number(t, lone)); err != nil {
		t.Fatal(err)
	}
	fresh := b.comment(post, 0, "убрали?")
	b.clock.Add(time.Hour)
	b.drain()
	b.has(fresh, "убрали?")
	b.gone(lone)
}

func TestCommentEditsOnTheNewestPageAreNoticed(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "дорога")
	c := b.comment(post, 0, "ямма")
	b.drain()
	if err := b.fake.EditComment(wallOwner, 1, number(t, c), "яма"); err != nil {
		t.Fatal(err)
	}
	b.clock.Add(time.Hour)
	b.drain()
	b.has(c, "яма")
}

func TestCommentsUnchangedAreNotHandedOnAgain(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "дорога")
	c := b.comment(post, 0, "яма")
	b.drain()
	for range 5 {
		b.clock.Add(time.Hour)
		b.drain()
	}
	if n := b.store.posts[c].times; n != 1 {
		t.Errorf("handed on %d times", n)
	}
}

func TestCommentsThatCannotBeReadDoNotStopTheWall(t *testing.T) {
	t.Parallel()
	for _, code := range []int{15, 212, 100} {
		b := wallBench(t, "")
		post := b.add(2*time.Hour, "без комментариев")
		b.comment(post, 0, "невидим")
		next := b.add(time.Hour, "следующая")
		seen := b.comment(next, 0, "виден")
		// The newest post comes first, so the second call is the older post's.
		b.fake.SetFaults(func(method string) *vkfake.Fault {
			if method == "wall.getComments" && b.fakeTurn() == 2 {
				return &vkfake.Fault{Code: code}
			}
			return nil
		})
		b.drain()
		b.has(next, "следующая")
		b.has(seen, "виден")
	}
}

// fakeTurn counts the calls of wall.getComments the fault picker was asked about.
func (b *bench) fakeTurn() int {
	b.counts["turn"]++
	return b.counts["turn"]
}

func TestCommentsCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	b := wallBench(t, `{"comments": false}`)
	post := b.add(time.Hour, "дорога")
	c := b.comment(post, 0, "яма")
	b.drain()
	b.has(post, "дорога")
	b.lacks(c)
	if n := b.fake.Calls("wall.getComments"); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestCommentOfAnOddShapeKeepsItsNeighbours(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "дорога")
	ref, err := refOf(post)
	if err != nil {
		t.Fatal(err)
	}
	first := b.comment(post, 0, "до")
	odd, err := b.fake.AddComment(vkfake.Comment{
		Owner: ref.Owner, Post: ref.Post, From: 9, Text: "x", Extra: map[string]any{"from_id": "кто-то", "attachments": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	last := b.comment(post, 0, "после")
	b.drain()
	b.has(first, "до")
	b.has(last, "после")
	if p := b.store.posts[odd]; p == nil || len(p.post.Faults) == 0 || p.post.Faults[0].Code != domain.FaultUnknownShape {
		t.Errorf("odd comment: %+v", p)
	}
}

// deepPost has 300 comments, a thread of 40 under one of the oldest, and is taken.
func deepPost(t *testing.T, settings string) (b *bench, post domain.PostID, comments, replies []domain.PostID) {
	t.Helper()
	b = wallBench(t, settings)
	post = b.add(time.Hour, "отопление")
	for i := range 300 {
		comments = append(comments, b.comment(post, 0, fmt.Sprint("холодно ", i)))
	}
	for i := range 40 {
		replies = append(replies, b.comment(post, number(t, comments[5]), fmt.Sprint("и у нас ", i)))
	}
	b.drain()
	return b, post, comments, replies
}

func TestEditsAndDeletionsBelowTheNewestCommentsAreSeenWithinADay(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{"", `{"max_calls": 5}`} { // in one pull, and over several
		b, post, comments, replies := deepPost(t, settings)
		change := func(do func(owner, post, id int64) error, id domain.PostID) {
			t.Helper()
			if err := do(wallOwner, number(t, post), number(t, id)); err != nil {
				t.Fatal(err)
			}
		}
		edit := func(text string) func(owner, post, id int64) error {
			return func(owner, post, id int64) error { return b.fake.EditComment(owner, post, id, text) }
		}
		change(edit("уже тепло"), comments[20])
		change(edit("и у нас тепло"), replies[35]) // the counts tell nothing of either
		day := func() {
			for range 6 {
				b.clock.Add(5 * time.Hour)
				b.drain()
			}
		}
		day()
		b.has(comments[20], "уже тепло")
		b.has(replies[35], "и у нас тепло")
		change(b.fake.DeleteComment, comments[30])
		change(b.fake.DeleteComment, replies[38])
		// As many new ones: the count stays.
		fresh := []domain.PostID{b.comment(post, 0, "ждём"), b.comment(post, number(t, comments[5]), "и мы")}
		day()
		b.gone(comments[30])
		b.gone(replies[38])
		b.has(fresh[0], "ждём")
		b.has(fresh[1], "и мы")
		if n := b.store.posts[comments[100]].times; n != 1 {
			t.Errorf("a comment that did not change was handed on %d times", n)
		}
	}
}

// What a day of a watched post costs: the documented sum, once.
func TestReadingCommentsAgainCostsWhatIsWritten(t *testing.T) {
	t.Parallel()
	cost := func(settings string) int {
		b, _, _, _ := deepPost(t, settings)
		before := b.fake.Calls("wall.getComments")
		for range 28 { // a week, looked at four times a day
			b.clock.Add(6 * time.Hour)
			b.drain()
		}
		return b.fake.Calls("wall.getComments") - before
	}
	without, with := cost(`{"rewalk_hours": 0}`), cost("")
	// ⌈(300−5)/95⌉ = 4, of which the look itself is one, and one for the thread.
	if days := 6; with-without < 4*(days-1) || with-without > 4*(days+1) {
		t.Errorf("%d calls a week with, %d without: %d more, want about 4 a day", with, without, with-without)
	}
}

func TestACommentYoungerThanTheWalkIsNotTakenForGone(t *testing.T) {
	t.Parallel()
	b, post, _, _ := deepPost(t, `{"max_calls": 5}`)
	b.clock.Add(25 * time.Hour)
	pushed := domain.Post{}
	for range 20 {
		batch, err := b.pull()
		if err != nil {
			t.Fatal(err)
		}
		if batch.More && pushed.ID.IsZero() { // the walk is half done: a push brings a comment
			id := b.comment(post, 0, "свежий")
			pushed = domain.Post{ID: id, Text: "свежий"}
			b.store.posts[id] = &stored{post: pushed}
		}
	}
	if pushed.ID.IsZero() {
		t.Fatal("the walk was done in one pull")
	}
	b.has(pushed.ID, "свежий")
}

// A walk that begins again from the top has handed on what it met before.
func TestWalkBrokenAfterItBeganAgainStillMarksWhatItHandedOn(t *testing.T) {
	t.Parallel()
	b := wallBench(t, "")
	post := b.add(time.Hour, "свалка")
	lone := b.comment(post, 0, "фу")
	b.drain()
	if err := b.fake.DeleteComment(wallOwner, 1, number(t, lone)); err != nil {
		t.Fatal(err)
	}
	root := b.comment(post, 0, "убрали?") // the count stays: everything is read again
	b.clock.Add(time.Hour)
	asked := 0
	b.client = vk.New(vk.Config{
		MethodURL: b.methodURL(), Service: []vk.Token{vk.ServiceToken(serviceToken)},
		Transport: between{next: http.DefaultTransport, do: func() {
			if asked = b.fake.Calls("wall.getComments"); asked == 2 {
				b.fake.AddFault(vkfake.Fault{Method: "wall.getComments", Cut: true})
			}
		}},
	})
	if _, err := b.pull(); err != nil || asked != 2 {
		t.Fatalf("pull: %v after %d readings of comments, want the second to break", err, asked)
	}
	b.has(root, "убрали?")
	reply := b.comment(post, number(t, root), "нет")
	if err := b.fake.DeleteComment(wallOwner, 1, number(t, root)); err != nil {
		t.Fatal(err)
	}
	b.clock.Add(time.Hour)
	b.drain()
	b.has(reply, "нет")
	b.gone(root)
}
