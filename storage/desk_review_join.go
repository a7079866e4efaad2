package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// JoinReview puts an undecided post into an open case; later posts like it join that
// case. Errors: those of ResolveReview and domain.TakeIn, domain.ErrNoMove when the
// post is in a case already.
func (s *Store) JoinReview(ctx context.Context, sc domain.Scope, j domain.JoinReview, redue domain.Redue, keys func(domain.Judged) []string) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("join review item %d into case %d", j.Review.ID, j.Into), func(q *db.Queries) error {
		item, err := freeReview(ctx, q, sc, j.Review, j.By.Who)
		if err != nil {
			return err
		}
		if item.CaseID.Valid {
			return domain.ErrNoMove
		}
		out, err = joinReview(ctx, q, sc, item, j, redue, keys)
		return err
	})
	return out, err
}

func joinReview(ctx context.Context, q *db.Queries, sc domain.Scope, item db.ReviewItem, j domain.JoinReview, redue domain.Redue, keys func(domain.Judged) []string) (domain.Changed, error) {
	row, err := q.LockSeen(ctx, lockSeen(sc, j.Into))
	if err != nil {
		return domain.Changed{}, err
	}
	into, err := toCase(row)
	if err != nil {
		return domain.Changed{}, err
	}
	post, err := reviewPost(ctx, q, item)
	if err != nil {
		return domain.Changed{}, err
	}
	ch, err := domain.TakeIn(into, item.Urgent, post.StoredAt, redue, j.By)
	if err != nil {
		return domain.Changed{}, err
	}
	undo := undoable{scope: sc, who: j.By.Who, words: j.By.Undo, window: domain.UndoWindow}
	if err := undo.beginReview(ctx, q, item.ID); err != nil {
		return domain.Changed{}, err
	}
	x, err := takeIn(ctx, q, item, into, post, j.By, keys)
	if err != nil {
		return domain.Changed{}, err
	}
	if err := undo.begin(ctx, q, into.ID, x); err != nil {
		return domain.Changed{}, err
	}
	if row, err = writeChange(ctx, q, row, ch); err != nil {
		return domain.Changed{}, err
	}
	if err := countPosts(ctx, q, into.ID, j.By.Who, ch.Why, j.By.At); err != nil {
		return domain.Changed{}, err
	}
	if err := learnFromReview(ctx, q, row, post, j.By, undo.id); err != nil {
		return domain.Changed{}, err
	}
	if err := resolve(ctx, q, item.ID, domain.ReviewChange{How: domain.ResolvedJoined}, into.ID, j.By); err != nil {
		return domain.Changed{}, err
	}
	return domain.Changed{Case: into, UndoID: undo.id}, undo.end(ctx, q)
}

// takeIn ties a post and its keys to a case, and says what an undo takes out again.
func takeIn(ctx context.Context, q *db.Queries, item db.ReviewItem, into domain.Case, post domain.CasePost, by domain.By, keys func(domain.Judged) []string) (*extra, error) {
	if err := q.TieCasePost(ctx, db.TieCasePostParams{PostID: post.Number, StoredAt: item.StoredAt, CaseID: into.ID, At: stamp(by.At)}); err != nil {
		return nil, fmt.Errorf("tie the post to the case: %w", err)
	}
	x := &extra{Tied: []int64{post.Number}, To: into.ID}
	var err error
	if x.Keys, err = q.GiveKeys(ctx, item.Region, keysOfPosts([]domain.CasePost{post}, keys), into.ID); err != nil {
		return nil, fmt.Errorf("store attach keys: %w", err)
	}
	return x, nil
}
