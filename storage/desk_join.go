package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// JoinCase gives the posts of one case to another (R9) and closes it as
// attached. Later posts that would have joined it join the other one. Errors:
// those of ChangeCase and of domain.JoinInto.
func (s *Store) JoinCase(ctx context.Context, sc domain.Scope, j domain.Join, redue domain.Redue) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("join case %d into %d", j.From.ID, j.Into), func(q *db.Queries) error {
		from, into, err := lockPair(ctx, q, sc, j.From, j.Into)
		if err != nil {
			return err
		}
		out, err = joinCase(ctx, q, sc, from, into, j.By, redue)
		return err
	})
	return out, err
}

// lockPair locks two cases in the order of their ids, so that two people who
// join them into each other do not wait in a ring.
func lockPair(ctx context.Context, q *db.Queries, sc domain.Scope, from domain.CaseSeen, into int64) (f, i db.Case, err error) {
	if into < from.ID {
		if i, err = q.LockSeen(ctx, lockSeen(sc, into)); err != nil {
			return f, i, err
		}
	}
	if f, err = lockVersion(ctx, q, sc, from.ID, from.Version); err != nil {
		return f, i, err
	}
	if into >= from.ID {
		i, err = q.LockSeen(ctx, lockSeen(sc, into))
	}
	return f, i, err
}

func joinCase(ctx context.Context, q *db.Queries, sc domain.Scope, from, into db.Case, by domain.By, redue domain.Redue) (domain.Changed, error) {
	f, err := toCase(from)
	if err != nil {
		return domain.Changed{}, err
	}
	i, err := toCase(into)
	if err != nil {
		return domain.Changed{}, err
	}
	ch, err := domain.JoinInto(f, i, redue, by)
	if err != nil {
		return domain.Changed{}, err
	}
	x := &extra{To: i.ID}
	if x.Keys, err = q.CopyKeys(ctx, i.ID, f.ID); err != nil {
		return domain.Changed{}, fmt.Errorf("give attach keys over: %w", err)
	}
	if x.Posts, err = q.MovePosts(ctx, i.ID, toInt8(f.ID)); err != nil {
		return domain.Changed{}, fmt.Errorf("give posts over: %w", err)
	}
	undo := undoable{scope: sc, who: by.Who, words: by.Undo, window: domain.UndoWindow}
	if err := undo.begin(ctx, q, f.ID, x); err != nil {
		return domain.Changed{}, err
	}
	if err := undo.begin(ctx, q, i.ID, nil); err != nil {
		return domain.Changed{}, err
	}
	ch.Why = fmt.Sprintf("присоединён инцидент %s", f.Number)
	if _, err := writeChange(ctx, q, into, ch); err != nil {
		return domain.Changed{}, err
	}
	after, err := attachRow(ctx, q, from, i, by)
	if err != nil {
		return domain.Changed{}, err
	}
	for _, id := range []int64{f.ID, i.ID} {
		if err := countPosts(ctx, q, id, by.Who, ch.Why, by.At); err != nil {
			return domain.Changed{}, err
		}
	}
	if err := undo.end(ctx, q); err != nil {
		return domain.Changed{}, err
	}
	c, err := toCase(after)
	return domain.Changed{Case: c, UndoID: undo.id}, err
}

func attachRow(ctx context.Context, q *db.Queries, from db.Case, into domain.Case, by domain.By) (db.Case, error) {
	from.State, from.JoinedTo = string(domain.Attached), toInt8(into.ID)
	from.PutAsideUntil = pgtype.Timestamptz{}
	from.ChangedBy, from.UpdatedAt = by.Who, stamp(by.At)
	from.ChangedWhy = clean(fmt.Sprintf("присоединён к инциденту %s. %s", into.Number, by.Why))
	from.Reason = from.ChangedWhy
	return writeRow(ctx, q, from)
}

// Unjoin takes a joined case out of the other again: its posts come back, and
// it goes to moderation.
func (s *Store) Unjoin(ctx context.Context, sc domain.Scope, seen domain.CaseSeen, by domain.By) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("take case %d out", seen.ID), func(q *db.Queries) error {
		row, err := lockVersion(ctx, q, sc, seen.ID, seen.Version)
		if err != nil {
			return err
		}
		if err := domain.CanMove(domain.State(row.State), domain.Moderation); err != nil {
			return err
		}
		into := row.JoinedTo.Int64
		posts, err := q.TakePostsBack(ctx, row.ID, into)
		if err != nil {
			return fmt.Errorf("take posts back: %w", err)
		}
		row.State, row.JoinedTo = string(domain.Moderation), pgtype.Int8{}
		row.ChangedBy, row.ChangedWhy, row.UpdatedAt = by.Who, clean(by.Why), stamp(by.At)
		after, err := writeRow(ctx, q, row)
		if err != nil {
			return err
		}
		if len(posts) > 0 {
			if err := countBoth(ctx, q, row.ID, into, by); err != nil {
				return err
			}
		}
		out.Case, err = toCase(after)
		return err
	})
	return out, err
}

func countBoth(ctx context.Context, q *db.Queries, a, b int64, by domain.By) error {
	if err := countPosts(ctx, q, a, by.Who, by.Why, by.At); err != nil {
		return err
	}
	return countPosts(ctx, q, b, by.Who, by.Why, by.At)
}

// SplitCase takes posts out of a case into one of their own, which waits in
// moderation with the term counted from its own first post. domain.ErrLastPost
// when nothing would be left.
func (s *Store) SplitCase(ctx context.Context, sc domain.Scope, sp domain.Split, open domain.OpenByPerson) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("split case %d", sp.From.ID), func(q *db.Queries) error {
		row, err := lockVersion(ctx, q, sc, sp.From.ID, sp.From.Version)
		if err != nil {
			return err
		}
		out, err = splitCase(ctx, q, sc, row, sp, open)
		return err
	})
	return out, err
}

func splitCase(ctx context.Context, q *db.Queries, sc domain.Scope, row db.Case, sp domain.Split, open domain.OpenByPerson) (domain.Changed, error) {
	moved, err := chosen(ctx, q, row.ID, sp.Posts)
	switch {
	case err != nil:
		return domain.Changed{}, err
	case !domain.State(row.State).Open():
		return domain.Changed{}, domain.ErrClosedCase
	case len(moved) == 0:
		return domain.Changed{}, domain.ErrNotFound
	case len(moved) >= int(row.Posts):
		return domain.Changed{}, domain.ErrLastPost
	}
	fresh, err := openFrom(ctx, q, row.Region, moved, firstStored(moved, moment(row.RegisteredAt)), open, sp.By)
	if err != nil {
		return domain.Changed{}, err
	}
	ids, err := q.MoveSomePosts(ctx, fresh.ID, toInt8(row.ID), sp.Posts)
	if err != nil {
		return domain.Changed{}, fmt.Errorf("move posts: %w", err)
	}
	undo := undoable{scope: sc, who: sp.By.Who, words: sp.By.Undo, window: domain.UndoWindow}
	if err := undo.begin(ctx, q, row.ID, &extra{Posts: ids, To: fresh.ID}); err != nil {
		return domain.Changed{}, err
	}
	taken := &extra{becomes: map[string]any{"state": domain.Attached, "joined_to": row.ID, "closed_at": sp.By.At.UTC().Format(time.RFC3339Nano)}}
	if err := undo.begin(ctx, q, fresh.ID, taken); err != nil {
		return domain.Changed{}, err
	}
	if err := noteSplit(ctx, q, row, fresh, sp.By); err != nil {
		return domain.Changed{}, err
	}
	if err := countBoth(ctx, q, row.ID, fresh.ID, sp.By); err != nil {
		return domain.Changed{}, err
	}
	if err := undo.end(ctx, q); err != nil {
		return domain.Changed{}, err
	}
	c, err := toCase(fresh)
	return domain.Changed{Case: c, UndoID: undo.id}, err
}

// firstStored is when posts of a case were first known, and not before the case:
// a split does not give their authors a later date (R9).
func firstStored(posts []domain.CasePost, registered time.Time) time.Time {
	first := posts[0].StoredAt
	for _, p := range posts {
		if p.StoredAt.Before(first) {
			first = p.StoredAt
		}
	}
	if first.Before(registered) {
		return registered
	}
	return first
}

// chosen reads those of a case's posts that a person has marked, wherever in the
// conversation they stand.
func chosen(ctx context.Context, q *db.Queries, caseID int64, ids []int64) ([]domain.CasePost, error) {
	want := map[int64]bool{}
	for _, id := range ids {
		want[id] = true
	}
	var out []domain.CasePost
	var after domain.PostMark
	for len(out) < len(want) {
		posts, err := casePosts(ctx, q, caseID, after, casePostsShown)
		if err != nil {
			return nil, err
		}
		for _, p := range posts {
			if want[p.Number] {
				out = append(out, p)
			}
		}
		if len(posts) < casePostsShown {
			break
		}
		after = posts[len(posts)-1].Mark()
	}
	return out, nil
}

func noteSplit(ctx context.Context, q *db.Queries, from, fresh db.Case, by domain.By) error {
	details, err := toJSON("split", map[string]string{"case": fresh.Number})
	if err != nil {
		return err
	}
	return wrap("note the split", q.NoteCase(ctx, db.NoteCaseParams{CaseID: from.ID, At: stamp(by.At), Who: by.Who, What: "split",
		Why: clean(by.Why), Details: details}))
}

// openFrom opens a case in moderation from the first of some posts.
func openFrom(ctx context.Context, q *db.Queries, region string, posts []domain.CasePost, registered time.Time, open domain.OpenByPerson, by domain.By) (db.Case, error) {
	first := posts[0]
	d, err := open(domain.Judged{Post: first.Post, Verdict: first.Verdict}, registered)
	if err != nil {
		return db.Case{}, err
	}
	v := first.Verdict
	place := v.Place
	if d.Fixed != nil {
		v.Row, v.Topic, place = d.Fixed.Subject.Row, d.Fixed.Subject.Topic, d.Fixed.Place
	}
	b, err := toJSON("place", place)
	if err != nil {
		return db.Case{}, err
	}
	row, err := q.OpenCase(ctx, db.OpenCaseParams{
		Region: region, At: stamp(by.At), DecreeRow: small(v.Row), Topic: v.Topic, Municipality: place.Municipality, Place: b,
		ProposedAgency: d.AgencyID, RouteWhy: clean(d.RouteWhy), Urgent: d.Urgent, Restricted: d.Restricted,
		Days: small(d.Deadline.Days), DueAt: stamp(d.Deadline.Due), ControlAt: stamp(d.Deadline.Control),
		DeadlineReason: clean(d.Deadline.Reason), Posts: small(len(posts)), Reason: clean(d.Words), RegisteredAt: stamp(d.RegisteredAt),
		Who: by.Who, Confidence: float32(v.Confidence), SourceID: first.Post.SourceID,
	})
	if err != nil {
		return row, fmt.Errorf("open the case: %w", err)
	}
	return row, nil
}
