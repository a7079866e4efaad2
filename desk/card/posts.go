package card

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// pagePosts is how many posts of a case a page shows.
const pagePosts = 200

// postsView is a page of a case's posts.
type postsView struct {
	Case  domain.Case
	Said  []saidView
	Split bool
	Empty bool
	Foot  page.Foot
}

// posts shows what the card has no room for, page by page.
func (c *Card) posts(r *page.Request) error {
	id, err := r.PathID("id")
	if err != nil {
		return err
	}
	after, err := readMark(r.Text("after"))
	if err != nil {
		return err
	}
	k, err := c.Store.SeenCase(r.Context(), r.Scope, id)
	if err != nil {
		return notSeen(err, "")
	}
	posts, err := c.Store.CasePosts(r.Context(), r.Scope, id, after, pagePosts+1)
	if err != nil {
		return notSeen(err, "")
	}
	v := postsView{Case: k, Split: r.Can(access.Moderate, access.OfCase(k)) && k.State.Open() && k.Posts > 1, Empty: len(posts) == 0}
	more := len(posts) > pagePosts
	posts = posts[:min(len(posts), pagePosts)]
	var last domain.PostAbove
	for _, p := range posts {
		said := c.post(r, p, last)
		last = p.Under
		said.When, said.Exact = r.When(said.at), r.Exact(said.at)
		v.Said = append(v.Said, said)
	}
	v.Foot.Words = page.Counted(len(posts), "сообщение", "сообщения", "сообщений") + " на странице, всего в инциденте " + page.Count(k.Posts)
	v.Foot.Prev = fmt.Sprintf("/case/%d", id) // the beginning: one walks on by time
	if more {
		v.Foot.Next = casework.PostsPath(id, posts[len(posts)-1].Mark())
	}
	return r.Render("posts", v)
}

func readMark(text string) (domain.PostMark, error) {
	if text == "" {
		return domain.PostMark{}, nil
	}
	micros, id, _ := strings.Cut(text, "-")
	at, errAt := strconv.ParseInt(micros, 10, 64)
	n, errN := strconv.ParseInt(id, 10, 64)
	if errAt != nil || errN != nil || n <= 0 {
		return domain.PostMark{}, page.NotFound("Адрес набран с ошибкой: такой страницы сообщений нет.")
	}
	return domain.PostMark{At: time.UnixMicro(at).UTC(), ID: n}, nil
}
