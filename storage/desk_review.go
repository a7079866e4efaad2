package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Review reads a post that waits for a person.
func (s *Store) Review(ctx context.Context, sc domain.Scope, id int64) (domain.ReviewWhole, error) {
	var out domain.ReviewWhole
	err := s.inTx(ctx, fmt.Sprintf("read review item %d", id), func(q *db.Queries) error {
		item, err := lockReview(ctx, q, sc, id)
		if err != nil {
			return err
		}
		out = toReview(item)
		if out.Post, err = reviewPost(ctx, q, item); err != nil {
			return err
		}
		out.Lease, err = leaseOf(ctx, q, domain.Ref{Object: domain.ObjectReview, ID: id})
		return err
	})
	return out, err
}

// lockReview reads a review item for somebody who sees it: the whole region's
// analysts, and of a restricted case those named for it.
func lockReview(ctx context.Context, q *db.Queries, sc domain.Scope, id int64) (db.ReviewItem, error) {
	item, err := q.LockReview(ctx, id, sc.Region)
	if err != nil {
		return item, err
	}
	if !sc.Whole || !item.PostID.Valid || hiddenRow(sc, item) {
		return item, domain.ErrNotFound
	}
	if item.CaseID.Valid {
		_, err = q.GetSeen(ctx, seen(sc, item.CaseID.Int64))
	}
	return item, err
}

// hiddenRow: what the post is about is for named people only.
func hiddenRow(sc domain.Scope, item db.ReviewItem) bool {
	return !sc.Restricted && slices.Contains(sc.RestrictedRows, int(item.DecreeRow))
}

func reviewPost(ctx context.Context, q *db.Queries, item db.ReviewItem) (domain.CasePost, error) {
	row, err := q.PostJudged(ctx, item.PostID.Int64, item.StoredAt)
	if err != nil {
		return domain.CasePost{}, fmt.Errorf("read the post: %w", err)
	}
	p, err := toCasePost(row)
	if err != nil {
		return p, err
	}
	one := []domain.CasePost{p}
	err = readAbove(ctx, q, one)
	return one[0], err
}

// openReview locks an item that nobody has decided; *domain.Stale says who has.
func openReview(ctx context.Context, q *db.Queries, sc domain.Scope, id int64) (db.ReviewItem, error) {
	item, err := lockReview(ctx, q, sc, id)
	if err == nil && item.ResolvedAt.Valid {
		err = decidedBy(item)
	}
	return item, err
}

// freeReview is openReview for one person: *domain.Taken when another has the post
// in hand, *domain.Stale when it is not as that person saw it.
func freeReview(ctx context.Context, q *db.Queries, sc domain.Scope, seen domain.ReviewSeen, who string) (db.ReviewItem, error) {
	item, err := openReview(ctx, q, sc, seen.ID)
	if err == nil {
		err = free(ctx, q, domain.Ref{Object: domain.ObjectReview, ID: seen.ID}, who)
	}
	if err == nil && item.Version != seen.Version {
		err = &domain.Stale{What: "review"}
	}
	return item, err
}

// decidedBy tells somebody who came too late who has decided an item.
func decidedBy(item db.ReviewItem) error {
	return &domain.Stale{Who: item.ResolvedBy, What: "review", Why: item.Resolution, At: moment(item.ResolvedAt)}
}

// OpenFromReview makes a case of a post that the machine left alone. It waits
// in moderation; keys let later posts find it. A post that is in a case already
// is *domain.Stale.
func (s *Store) OpenFromReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, by domain.By, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("open a case from review item %d", seen.ID), func(q *db.Queries) error {
		item, err := freeReview(ctx, q, sc, seen, by.Who)
		if err != nil {
			return err
		}
		if item.CaseID.Valid {
			return domain.ErrNoMove
		}
		out, err = openFromReview(ctx, q, sc, item, by, open, keys)
		return err
	})
	return out, err
}

func openFromReview(ctx context.Context, q *db.Queries, sc domain.Scope, item db.ReviewItem, by domain.By, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error) {
	post, err := reviewPost(ctx, q, item)
	if err != nil {
		return domain.Changed{}, err
	}
	row, err := openFrom(ctx, q, item.Region, []domain.CasePost{post}, time.Time{}, open, by)
	if err != nil {
		return domain.Changed{}, err
	}
	if err := q.TieCasePost(ctx, db.TieCasePostParams{PostID: post.Number, StoredAt: item.StoredAt, CaseID: row.ID, At: stamp(by.At)}); err != nil {
		return domain.Changed{}, fmt.Errorf("tie the post to the case: %w", err)
	}
	if _, err := q.GiveKeys(ctx, item.Region, keysOfPosts([]domain.CasePost{post}, keys), row.ID); err != nil {
		return domain.Changed{}, fmt.Errorf("store attach keys: %w", err)
	}
	undo := undoable{scope: sc, who: by.Who, words: by.Undo, window: domain.UndoWindow}
	x := &extra{becomes: map[string]any{"state": domain.Rejected, "closing_reason": domain.Undone,
		"closed_at": by.At.UTC().Format(time.RFC3339Nano)}}
	if err := undo.begin(ctx, q, row.ID, x); err != nil {
		return domain.Changed{}, err
	}
	if err := undo.beginReview(ctx, q, item.ID); err != nil {
		return domain.Changed{}, err
	}
	if err := learnFromReview(ctx, q, row, post, by, undo.id); err != nil {
		return domain.Changed{}, err
	}
	if err := resolve(ctx, q, item.ID, domain.ReviewChange{How: domain.ResolvedCase}, row.ID, by); err != nil {
		return domain.Changed{}, err
	}
	if err := undo.end(ctx, q); err != nil {
		return domain.Changed{}, err
	}
	c, err := toCase(row)
	return domain.Changed{Case: c, UndoID: undo.id}, err
}

// learnFromReview: that the machine took a problem for none is worth learning.
func learnFromReview(ctx context.Context, q *db.Queries, row db.Case, post domain.CasePost, by domain.By, undoID int64) error {
	v := post.Verdict
	return wrap("keep an example", q.KeepExample(ctx, db.KeepExampleParams{
		Region: row.Region, CaseID: toInt8(row.ID), FromRow: small(v.Row), FromTopic: v.Topic,
		FromMunicipality: v.Place.Municipality, ToKind: string(domain.Problem), ToRow: row.DecreeRow, ToTopic: row.Topic,
		ToMunicipality: row.Municipality, ToAgency: row.ProposedAgency, Who: by.Who, At: stamp(by.At),
		UndoID: toInt8(undoID), OfPost: toInt8(post.Number),
	}))
}

// resolve ends an item; in is the case that its post is in by that.
func resolve(ctx context.Context, q *db.Queries, id int64, ch domain.ReviewChange, in int64, by domain.By) error {
	return wrap("resolve the review item", q.ResolveReview(ctx, db.ResolveReviewParams{ID: id, At: stamp(by.At), Who: by.Who,
		Resolution: string(ch.How), Closing: string(ch.Why), OpenedCase: toInt8(in)}))
}

// ResolveReview ends a review item without a new case: the post is none and why, or
// the case stays as it is. In a case the history says so, else the journal.
func (s *Store) ResolveReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, ch domain.ReviewChange, by domain.By) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("decide review item %d", seen.ID), func(q *db.Queries) error {
		item, err := freeReview(ctx, q, sc, seen, by.Who)
		if err != nil {
			return err
		}
		undo := undoable{scope: sc, who: by.Who, words: by.Undo, window: domain.UndoWindow}
		if err := undo.beginReview(ctx, q, item.ID); err != nil {
			return err
		}
		if err := writeReview(ctx, q, item, ch, by); err != nil {
			return err
		}
		out.UndoID = undo.id
		return undo.end(ctx, q)
	})
	return out, err
}

// AsideReview hides a review item until an instant of business time.
func (s *Store) AsideReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, until time.Time, by domain.By) (domain.Changed, error) {
	return s.ResolveReview(ctx, sc, seen, domain.ReviewChange{Until: until}, by)
}

// writeReview writes a decision about an item that is locked and open.
func writeReview(ctx context.Context, q *db.Queries, item db.ReviewItem, ch domain.ReviewChange, by domain.By) error {
	if ch.How == "" {
		if err := q.AsideReview(ctx, stamp(ch.Until), item.ID); err != nil {
			return fmt.Errorf("put the review item aside: %w", err)
		}
		return journalReview(ctx, q, item, "review_aside", by)
	}
	if err := resolve(ctx, q, item.ID, ch, 0, by); err != nil {
		return err
	}
	if !item.CaseID.Valid {
		return journalReview(ctx, q, item, "review_dismissed", by)
	}
	return noteReview(ctx, q, item, ch.How, by)
}

// journalReview leaves a line about a post that is in no case, whose history would
// tell of it.
func journalReview(ctx context.Context, q *db.Queries, item db.ReviewItem, action string, by domain.By) error {
	return journal(ctx, q, domain.EntryOf(domain.Doer{Login: by.Who, Region: item.Region, At: by.At}, action, "review", strconv.FormatInt(item.ID, 10), cmp.Or(by.Why, by.Undo)))
}

// noteReview tells the history of the case, if the post is in one.
func noteReview(ctx context.Context, q *db.Queries, item db.ReviewItem, how domain.Resolution, by domain.By) error {
	if !item.CaseID.Valid {
		return nil
	}
	details, err := toJSON("review", map[string]string{"resolution": string(how), "reason": item.Reason})
	if err != nil {
		return err
	}
	return q.NoteCase(ctx, db.NoteCaseParams{CaseID: item.CaseID.Int64, At: stamp(by.At), Who: by.Who, What: "review",
		Why: clean(by.Why), Details: details})
}

// FollowReview lets the case of a changed post follow it, and ends the item: both
// or nothing, and both are taken back together. Errors are those of ChangeCase
// and of ResolveReview; domain.ErrNoMove when the case is not the item's.
func (s *Store) FollowReview(ctx context.Context, sc domain.Scope, seen domain.ReviewSeen, ch domain.CaseChange) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("let case %d follow review item %d", ch.CaseID, seen.ID), func(q *db.Queries) error {
		item, err := freeReview(ctx, q, sc, seen, ch.Who)
		if err != nil {
			return err
		}
		if item.CaseID.Int64 != ch.CaseID {
			return domain.ErrNoMove
		}
		by := domain.By{Who: ch.Who, Why: "принято изменение автора", At: ch.At}
		out, err = changeCaseAnd(ctx, q, sc, ch, func(undo *undoable) error {
			if err := undo.beginReview(ctx, q, item.ID); err != nil {
				return err
			}
			return writeReview(ctx, q, item, domain.ReviewChange{How: domain.ResolvedTakenOver}, by)
		})
		return err
	})
	return out, err
}
