package casework

import (
	"fmt"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// MoreView is the way to the posts of a case that a page has no room for; no
// Path, no such posts.
type MoreView struct {
	Path  string
	Words string // «ещё 250 сообщений»
}

// More leads from the first posts of a case to the others.
func More(k domain.Case, shown []domain.CasePost) MoreView {
	hidden := k.Posts - len(shown)
	if hidden <= 0 || len(shown) == 0 {
		return MoreView{}
	}
	return MoreView{Path: PostsPath(k.ID, shown[len(shown)-1].Mark()), Words: "ещё " + page.Counted(hidden, "сообщение", "сообщения", "сообщений")}
}

// PostsPath is a page of a case's posts, those after a mark.
func PostsPath(id int64, after domain.PostMark) string {
	return fmt.Sprintf("/case/%d/posts?after=%d-%d", id, after.At.UnixMicro(), after.ID)
}
