package proof

import (
	"strconv"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// nowhere names no place: only the home of its source tells where it is.
const nowhere = "Третий день нет горячей воды во всём доме, управляющая компания молчит"

// TestCopyOnAnotherTownsWallIsACaseOfItsOwn copies one text to walls of two towns:
// a case of each, which the town's own copies join; one that names its place is one
// case wherever it is copied.
func TestCopyOnAnotherTownsWallIsACaseOfItsOwn(t *testing.T) {
	s := newStand(t)
	named := problem(0)
	for i, home := range []string{"khabarovsk-city", "amursk", "khabarovsk-city"} {
		wall := int64(i + 1)
		s.vk.AddCommunity(vkfake.Community{ID: wall})
		s.vk.AddPost(vkfake.Post{Owner: -wall, From: 10 + wall, Text: nowhere})
		s.vk.AddPost(vkfake.Post{Owner: -wall, From: 20 + wall, Text: named})
		s.addSource(domain.VKWall, strconv.FormatInt(-wall, 10), "--home", home)
	}
	w := s.serve(noHooks).ready(t)
	s.awaitPosts(patience, 6)

	for what, c := range map[string]struct {
		sql  string
		want int64
	}{
		"cases":                                  {`SELECT count(*) FROM cases`, 3},
		"posts of the city":                      {`SELECT posts FROM cases WHERE topic = 'water.hot' AND municipality = 'khabarovsk-city'`, 2},
		"posts of Amursk":                        {`SELECT posts FROM cases WHERE topic = 'water.hot' AND municipality = 'amursk'`, 1},
		"posts of the text that names its place": {`SELECT posts FROM cases WHERE topic <> 'water.hot'`, 3},
		"reasons that name the twin": {`SELECT count(*) FROM cases a JOIN cases b ON a.id <> b.id AND b.topic = 'water.hot'
			WHERE a.topic = 'water.hot' AND a.reason LIKE '%(инцидент ' || b.number || ')%'`, 1},
	} {
		if n := s.query(c.sql); n != c.want {
			t.Errorf("%s: %d, want %d", what, n, c.want)
		}
	}
	s.inOneCase()
	s.mustLive(w)
}

// TestFloodInOtherWordsIsOneCase: neighbours who say the kindred («без воды» under
// «нет горячей воды») and no place lean on the post they stand under.
func TestFloodInOtherWordsIsOneCase(t *testing.T) {
	s := newStand(t)
	s.vk.AddCommunity(vkfake.Community{ID: ownCommunity, Token: "community-token"})
	s.addSource(domain.VKLongPoll, strconv.Itoa(ownCommunity), "--home", "amursk")
	w := s.serve(noHooks).ready(t)
	waitFor(t, patience, "the long poll held", func() bool { return s.heldBy(w) == 1 })

	const post = 1
	s.vk.AddPost(vkfake.Post{Owner: -ownCommunity, ID: post, From: 9, Text: nowhere})
	s.awaitPosts(patience, 1)
	says := []string{"Тоже сидим без воды", "И у нас воды нет третий день", "Воды нет совсем, отключили без предупреждения", "Нет воды с утра, дом 7"}
	const comments = 100
	for i := range comments {
		if _, err := s.vk.AddComment(vkfake.Comment{Owner: -ownCommunity, Post: post, From: int64(100 + i), Text: says[i%len(says)]}); err != nil {
			t.Fatal(err)
		}
	}
	s.awaitPosts(patience, comments+1)
	if n := s.query(`SELECT count(*) FROM cases`); n != 1 {
		t.Errorf("%d cases of one flood", n)
	}
	if n := s.query(`SELECT max(posts) FROM cases`); n != comments+1 {
		t.Errorf("the case holds %d posts of %d", n, comments+1)
	}
	s.inOneCase()
	s.mustLive(w)
}
