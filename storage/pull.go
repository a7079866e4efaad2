package storage

import (
	"context"

	"github.com/otklik/otklik/domain"
)

// CommentIDs gives the comments of a post that are stored and not marked as
// deleted.
func (s *Store) CommentIDs(ctx context.Context, root domain.PostID) ([]domain.PostID, error) {
	rows, err := s.queries().StandingComments(ctx, string(root.Platform), root.Owner, root.Post)
	if err != nil {
		return nil, named("read the comments of "+root.String(), err)
	}
	ids := make([]domain.PostID, len(rows))
	for i, r := range rows {
		ids[i] = domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}
	}
	return ids, nil
}

// CountSources counts the sources of a kind that are polled: they share the
// daily quota.
func (s *Store) CountSources(ctx context.Context, kind domain.SourceKind) (int64, error) {
	n, err := s.queries().CountPolled(ctx, string(kind))
	return n, named("count sources", err)
}
