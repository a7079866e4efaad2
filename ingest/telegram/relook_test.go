package tgingest

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram/tgfake"
)

// days is a channel with a post every three hours for ten days, read from the
// beginning; looks at older pages may follow each other at once.
func days(t *testing.T) (b *bench, src domain.Source, list []*tgfake.Message) {
	t.Helper()
	b = newBench(t)
	b.pages.Relook = -1
	src = previewSource("dvor_khv")
	src.Settings = settings(t, Settings{FirstDays: 20})
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	for i := range 80 {
		list = append(list, ch.Post(tgfake.Draft{At: b.clock.Now().Add(time.Duration(i-79) * 3 * time.Hour), Text: fmt.Sprint("сообщение ", i)}))
	}
	b.clock.add(time.Second)
	b.poll(&src)
	if len(b.store.posts) != 80 {
		t.Fatalf("%d posts", len(b.store.posts))
	}
	return b, src, list
}

// asked are the requests for pages so far.
func (b *bench) asked() (list []tgfake.Request) {
	for _, r := range b.world.Requests() {
		if r.Method == "preview" {
			list = append(list, r)
		}
	}
	return list
}

func TestEditsAndDeletionsOnOlderPagesAreSeen(t *testing.T) {
	b, src, list := days(t)
	list[50].EditText(time.Time{}, "сообщение 50, уточнено") // on the second page
	list[30].EditText(time.Time{}, "сообщение 30, уточнено") // on the third
	list[45].Delete(time.Time{})
	list[28].Delete(time.Time{})
	list[2].EditText(time.Time{}, "слишком давно") // ten days ago
	var deleted []domain.Deletion
	for range 12 {
		b.clock.add(15 * time.Minute)
		_, gone := b.poll(&src)
		deleted = append(deleted, gone...)
	}
	for _, n := range []int{50, 30} {
		if p := b.store.get(t, list[n]); p.Text != fmt.Sprintf("сообщение %d, уточнено", n) || p.EditedAt.IsZero() {
			t.Errorf("post %d: %q edited %s", n, p.Text, p.EditedAt)
		}
	}
	if len(deleted) != 2 || deleted[0].ID != list[45].PostID() || deleted[1].ID != list[28].PostID() {
		t.Errorf("deleted %v", deleted)
	}
	if p := b.store.get(t, list[2]); p.Text != "сообщение 2" {
		t.Errorf("a post past its recheck days was read: %q", p.Text)
	}
}

// A page that once lacks a post is not believed, and one that does not hold the
// neighbours proves nothing however often.
func TestOnlyCertainDeletionsOnOlderPagesCount(t *testing.T) {
	b, src, list := days(t)
	older := func(ids ...int) {
		t.Helper()
		b.world.Fail(tgfake.Fault{Method: "preview", Delay: time.Millisecond}) // the newest page is true
		b.world.Fail(handPage("dvor_khv", "", ids...))
		if batch := b.preview(&src); len(batch.Deletions) != 0 {
			t.Errorf("page %v: deleted %v", ids, batch.Deletions)
		}
	}
	older(58, 60) // 59 is missing, once
	older(58, 59, 60)
	older(58, 60) // and once again
	older(58, 59, 60)
	for range 4 {
		older(20, 21) // 22 to 60 may be on other pages
	}
	for _, m := range list {
		b.store.get(t, m)
	}
}

func TestLooksAtOlderPagesAreFewAndSpaced(t *testing.T) {
	b, src, _ := days(t)
	b.pages.Relook = 0 // as in earnest: by the machine's clock
	b.pages.looked = nil
	before := len(b.asked())
	for range 20 {
		b.clock.add(time.Hour)
		b.poll(&src)
	}
	if n := len(b.asked()) - before; n != 21 {
		t.Errorf("%d requests for 20 polls within a moment, want one more than polls", n)
	}

	b.pages.Relook = -1
	src.Settings = settings(t, Settings{FirstDays: 20, RecheckDays: new(int)})
	before = len(b.asked())
	for range 5 {
		b.poll(&src)
	}
	if n := len(b.asked()) - before; n != 5 {
		t.Errorf("%d requests for 5 polls though nothing is to be looked at again", n)
	}

	// The round is as long as the posts of the recheck days, then begins anew.
	src.Settings = settings(t, Settings{FirstDays: 20})
	src.Cursor = nil
	b.poll(&src)
	asked := map[string]int{}
	before = len(b.asked())
	for range 9 {
		b.poll(&src)
	}
	for _, c := range b.asked()[before:] {
		asked[c.Args["before"]]++
	}
	if len(asked) < 3 || len(asked) > 5 {
		t.Errorf("pages asked for: %v", asked)
	}
}

func TestAnOlderPageThatFailsCostsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fault tgfake.Fault
		err   bool
	}{
		"429":     {tgfake.Fault{Status: 429, RetryAfter: 90}, true},
		"503":     {tgfake.Fault{Status: 503}, false},
		"foreign": {tgfake.Fault{Status: 200, Text: "<html><body>Добро пожаловать</body></html>"}, false},
		"cut":     {tgfake.Fault{CutAfter: 300}, false},
		"empty":   {tgfake.Fault{Status: 200, Text: string(read(t, "testdata/pages/empty.html"))}, false},
	} {
		b, src, _ := days(t)
		c.fault.Method = "preview"
		b.world.Fail(tgfake.Fault{Method: "preview", Delay: time.Millisecond})
		b.world.Fail(c.fault)
		batch, err := b.pages.Pull(t.Context(), src)
		if (err != nil) != c.err {
			t.Errorf("%s: %v", name, err)
		}
		if len(batch.Deletions) != 0 {
			t.Errorf("%s: deleted %v", name, batch.Deletions)
		}
		// With something new on the newest page even «less often» keeps it.
		fresh := b.world.Channel(chanID, "dvor_khv", "Двор").Post(tgfake.Draft{Text: "новое"})
		b.world.Fail(tgfake.Fault{Method: "preview", Delay: time.Millisecond})
		b.world.Fail(c.fault)
		b.preview(&src)
		b.store.get(t, fresh)
	}
}

func TestAnAlbumThatLostItsFirstMemberIsStillThere(t *testing.T) {
	b := newBench(t)
	b.pages.Relook = -1
	src := previewSource("dvor_khv")
	ch := b.world.Channel(chanID, "dvor_khv", "Двор")
	ch.Post(tgfake.Draft{Text: "до"})
	parts := ch.Album(tgfake.Draft{Media: "photo", Text: "Свалка"}, tgfake.Draft{Media: "photo"}, tgfake.Draft{Media: "photo"})
	for i := range 40 {
		ch.Post(tgfake.Draft{Text: fmt.Sprint("после ", i)})
	}
	b.poll(&src)
	parts[0].Delete(time.Time{})
	for range 8 {
		if _, deleted := b.poll(&src); len(deleted) != 0 {
			t.Fatalf("deleted %v", deleted)
		}
	}
	parts[1].Delete(time.Time{})
	parts[2].Delete(time.Time{})
	n := 0
	for range 8 {
		_, deleted := b.poll(&src)
		n += len(deleted)
	}
	if n != 1 {
		t.Errorf("%d deletions of a whole album", n)
	}
}
