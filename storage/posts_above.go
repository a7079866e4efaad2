package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// readAbove gives comments the posts they stand under and answer, as far as they are
// stored: what «там ещё и потолок течёт» is about stands in another text.
func readAbove(ctx context.Context, q *db.Queries, posts []domain.CasePost) error {
	var p db.PostsAboveParams
	seen := map[domain.PostID]bool{{}: true}
	for _, c := range posts {
		for _, id := range []domain.PostID{c.Post.Thread, c.Post.ReplyTo} {
			if !seen[id] {
				seen[id] = true
				p.Platforms, p.Owners = append(p.Platforms, string(id.Platform)), append(p.Owners, id.Owner)
				p.Posts, p.Comments = append(p.Posts, id.Post), append(p.Comments, id.Comment)
			}
		}
	}
	if len(p.Posts) == 0 {
		return nil
	}
	rows, err := q.PostsAbove(ctx, p)
	if err != nil {
		return fmt.Errorf("read what posts stand under: %w", err)
	}
	found := map[domain.PostID]domain.PostAbove{}
	for _, r := range rows {
		id := domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}
		found[id] = domain.PostAbove{Text: r.Text, URL: r.Url, Author: r.AuthorName}
	}
	for i := range posts {
		c := &posts[i]
		c.Under = found[c.Post.Thread]
		if c.Post.ReplyTo != c.Post.Thread {
			c.Answers = found[c.Post.ReplyTo]
		}
	}
	return nil
}
