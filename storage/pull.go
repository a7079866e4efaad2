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

// CountSources counts, by region, the sources of a kind that are polled: they share
// the daily quota.
func (s *Store) CountSources(ctx context.Context, kind domain.SourceKind) (map[string]int64, error) {
	rows, err := s.queries().CountPolled(ctx, string(kind))
	if err != nil {
		return nil, named("count sources", err)
	}
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.Region] = r.Sources
	}
	return out, nil
}
