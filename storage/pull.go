package storage

import (
	"context"

	"github.com/otklik/otklik/domain"
)

// StandingComments gives the comments of a post that are stored and not marked
// as deleted, each with the hash of its text (domain.Post.TextHash).
func (s *Store) StandingComments(ctx context.Context, root domain.PostID) (map[domain.PostID][32]byte, error) {
	rows, err := s.queries().StandingComments(ctx, string(root.Platform), root.Owner, root.Post)
	if err != nil {
		return nil, named("read the comments of "+root.String(), err)
	}
	out := make(map[domain.PostID][32]byte, len(rows))
	for _, r := range rows {
		id := domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}
		out[id] = [32]byte(r.TextHash) // the table holds no other length
	}
	return out, nil
}

// CountSources counts the sources of a kind that are polled: they share the
// daily quota.
func (s *Store) CountSources(ctx context.Context, kind domain.SourceKind) (int64, error) {
	n, err := s.queries().CountPolled(ctx, string(kind))
	return n, named("count sources", err)
}
