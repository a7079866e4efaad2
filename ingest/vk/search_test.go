package vkingest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

func searchBench(t testing.TB, words, settings string) *bench {
	return newBench(t, domain.VKSearch, words, settings)
}

func TestSearchShowsASubsetAndSaysSoByIdentity(t *testing.T) {
	t.Parallel()
	b := searchBench(t, "яма", "")
	var ids []domain.PostID
	for i := range 40 {
		ids = append(ids, b.fake.AddPost(vkfake.Post{Owner: 700, Date: b.clock.Now().Add(-time.Duration(i+1) * time.Minute), Text: fmt.Sprint("Яма на дороге ", i)}))
	}
	other := b.add(time.Hour, "про другое")
	b.drain()
	taken := 0
	for _, id := range ids {
		if b.store.posts[id] != nil {
			taken++
		}
	}
	if taken != 36 { // the fake's index does not know every tenth post
		t.Errorf("%d of 40 found", taken)
	}
	b.lacks(other)

	// The wall itself shows what the search has not: the same identities.
	b.src.Kind, b.src.Address, b.src.Cursor = domain.VKWall, "700", nil
	b.drain()
	for _, id := range ids {
		if b.store.posts[id] == nil {
			t.Errorf("%s is missing", id)
		}
	}
	if len(b.store.posts) != 40 {
		t.Errorf("%d posts stored, want 40", len(b.store.posts))
	}
}

func TestSearchBeyondItsThousandGoesOnByTime(t *testing.T) {
	t.Parallel()
	b := searchBench(t, "свет", `{"max_pages": 2}`)
	want := 0
	for i := range 2500 {
		id := b.fake.AddPost(vkfake.Post{Owner: -int64(900 + i%5), Date: b.clock.Now().Add(-time.Duration(i+1) * 30 * time.Second), Text: "нет света"})
		if number(t, id)%10 != 0 {
			want++
		}
	}
	b.drain()
	if len(b.store.posts) != want {
		t.Errorf("%d posts, want %d", len(b.store.posts), want)
	}
}

func TestSearchByPlace(t *testing.T) {
	t.Parallel()
	b := searchBench(t, "свет", `{"lat": 48.48, "lon": 135.07}`)
	here := b.fake.AddPost(vkfake.Post{Owner: 5, Text: "света нет", Geo: &domain.Geo{Lat: 48.5, Lon: 135.1}})
	there := b.fake.AddPost(vkfake.Post{Owner: 6, Text: "света нет", Geo: &domain.Geo{Lat: 54.7, Lon: 20.5}})
	b.clock.Add(time.Minute)
	b.drain()
	b.has(here, "света нет")
	b.lacks(there)
	if g := b.store.posts[here].post.Geo; g == nil || g.Lat != 48.5 || g.Lon != 135.1 {
		t.Errorf("geo %+v", g)
	}
}

func TestSearchRechecksWhatItFound(t *testing.T) {
	t.Parallel()
	b := searchBench(t, "свет", "")
	kept := b.fake.AddPost(vkfake.Post{Owner: 5, Date: b.clock.Now().Add(-time.Hour), Text: "света нет"})
	lost := b.fake.AddPost(vkfake.Post{Owner: 6, Date: b.clock.Now().Add(-time.Hour), Text: "света нет"})
	b.drain()
	if err := b.fake.EditPost(5, 1, "дали!"); err != nil { // no longer matches the words
		t.Fatal(err)
	}
	if err := b.fake.DeletePost(6, 1); err != nil {
		t.Fatal(err)
	}
	b.clock.Add(3 * time.Hour)
	b.drain()
	b.has(kept, "дали!")
	b.gone(lost)
}

func TestSearchQuotaIsItsOwn(t *testing.T) {
	t.Parallel()
	b := searchBench(t, "свет", "")
	b.fake.SetPerDay("newsfeed.search", 1)
	b.drain()
	_, err := b.pull()
	if reaction(t, err) != domain.ParkToday {
		t.Fatalf("%v", err)
	}
}

func TestSearchQuietPollHandsNothingOn(t *testing.T) {
	t.Parallel()
	b := searchBench(t, "свет", "")
	for i := range 9 {
		b.fake.AddPost(vkfake.Post{Owner: 5, Date: b.clock.Now().Add(-time.Duration(i+1) * time.Minute), Text: "света нет"})
	}
	b.drain()
	batch, err := b.pull()
	if err != nil || len(batch.Posts) != 0 {
		t.Fatalf("%d posts, %v", len(batch.Posts), err)
	}
}

func TestSearchCheckWantsWordsOrAPlace(t *testing.T) {
	t.Parallel()
	b := searchBench(t, " ", "")
	if _, err := (Search{b.deps()}).Check(context.Background(), b.src); reaction(t, err) != domain.AskPerson {
		t.Fatalf("%v", err)
	}
}
