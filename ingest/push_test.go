package ingest

import (
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// A message and its edits may come in one answer in any order: the latest version stays,
// in the place of the first that came.
func TestLatestVersionOfAPostStays(t *testing.T) {
	id, other := domain.NewPostID(domain.Telegram, "-100", "1"), domain.NewPostID(domain.Telegram, "-100", "2")
	original := domain.Post{ID: id, Text: "яма"}
	first := domain.Post{ID: id, Text: "яма у школы", EditedAt: noon}
	second := domain.Post{ID: id, Text: "яма у школы № 2", EditedAt: noon.Add(time.Minute)}
	again := domain.Post{ID: id, Text: "яма у школы № 3", EditedAt: second.EditedAt} // in the same second
	for name, c := range map[string]struct {
		come []domain.Post
		want string
	}{
		"in order":                      {[]domain.Post{original, first, second}, second.Text},
		"an edit before its original":   {[]domain.Post{first, original}, first.Text},
		"edits in the wrong order":      {[]domain.Post{second, first, original}, second.Text},
		"two edits of the same instant": {[]domain.Post{second, again}, again.Text},
	} {
		posts := []domain.Post{{ID: other}}
		for _, p := range c.come {
			posts = Latest(posts, p)
		}
		if len(posts) != 2 || posts[0].ID != other || posts[1].Text != c.want {
			t.Errorf("%s: %+v", name, posts)
		}
	}
}

// What is pushed from the future does not become the newest that is known.
func TestPushedFromTheFuture(t *testing.T) {
	b := domain.Batch{Posts: []domain.Post{{PublishedAt: noon.AddDate(74, 0, 0)}, {PublishedAt: noon.Add(-time.Hour)}}}
	if got := Pushed(b, noon); !got.Activity.LastPostAt.Equal(noon) {
		t.Errorf("the newest post is of %s", got.Activity.LastPostAt)
	}
}
