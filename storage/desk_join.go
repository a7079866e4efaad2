package storage

import (
	"context"
	"fmt"
	"slices"
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
		if err := caseFree(ctx, q, from, j.By.Who); err != nil {
			return err
		}
		undo := &undoable{scope: sc, who: j.By.Who, words: j.By.Undo, window: domain.UndoWindow}
		if out, err = joinCase(ctx, q, from, into, j.By, redue, undo); err != nil {
			return err
		}
		out.UndoID = undo.id
		return undo.end(ctx, q)
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

// joinCase joins; u.end is its caller's.
func joinCase(ctx context.Context, q *db.Queries, from, into db.Case, by domain.By, redue domain.Redue, u *undoable) (domain.Changed, error) {
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
	if err := u.begin(ctx, q, f.ID, x); err != nil {
		return domain.Changed{}, err
	}
	if err := u.begin(ctx, q, i.ID, nil); err != nil {
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
	c, err := toCase(after)
	return domain.Changed{Case: c}, err
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
		if err := setApart(ctx, q, row.ID, into, by); err != nil {
			return err
		}
		out.Case, err = toCase(after)
		return err
	})
	return out, err
}

// setApart takes back the keys that a joined case has brought, and notes that a person
// wants the two apart.
func setApart(ctx context.Context, q *db.Queries, id, into int64, by domain.By) error {
	if err := q.DropBroughtKeys(ctx, into, id); err != nil {
		return fmt.Errorf("take attach keys back: %w", err)
	}
	return partCases(ctx, q, id, into, by)
}

func countBoth(ctx context.Context, q *db.Queries, a, b int64, by domain.By) error {
	if err := countPosts(ctx, q, a, by.Who, by.Why, by.At); err != nil {
		return err
	}
	return countPosts(ctx, q, b, by.Who, by.Why, by.At)
}

// SplitCase takes posts out of a case into one of their own, which waits in
// moderation with the term counted from its own first post. Their attach keys go
// with them, so that later posts find the case they are split into. domain.ErrLastPost
// when nothing would be left.
func (s *Store) SplitCase(ctx context.Context, sc domain.Scope, sp domain.Split, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("split case %d", sp.From.ID), func(q *db.Queries) error {
		row, err := lockVersion(ctx, q, sc, sp.From.ID, sp.From.Version)
		if err != nil {
			return err
		}
		if err := caseFree(ctx, q, row, sp.By.Who); err != nil {
			return err
		}
		out, err = splitCase(ctx, q, sc, row, sp, open, keys)
		return err
	})
	return out, err
}

func splitCase(ctx context.Context, q *db.Queries, sc domain.Scope, row db.Case, sp domain.Split, open domain.OpenByPerson, keys func(domain.Judged) []string) (domain.Changed, error) {
	moved, rest, err := chosen(ctx, q, row.ID, sp.Posts)
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
	if err := splitKeys(ctx, q, row, fresh.ID, ids, keysOfPosts(moved, keys), keysOfPosts(rest, keys)); err != nil {
		return domain.Changed{}, err
	}
	if err := partCases(ctx, q, row.ID, fresh.ID, sp.By); err != nil {
		return domain.Changed{}, err
	}
	undo := undoable{scope: sc, who: sp.By.Who, words: sp.By.Undo, window: domain.UndoWindow}
	if err := undo.begin(ctx, q, row.ID, &extra{Posts: ids, To: fresh.ID, Split: true}); err != nil {
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

// chosen reads the posts of a case: those that a person has marked, wherever in the
// conversation they stand, and the rest.
func chosen(ctx context.Context, q *db.Queries, caseID int64, ids []int64) (marked, rest []domain.CasePost, err error) {
	var after domain.PostMark
	for {
		posts, err := casePosts(ctx, q, caseID, after, casePostsShown)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range posts {
			if slices.Contains(ids, p.Number) {
				marked = append(marked, p)
			} else {
				rest = append(rest, p)
			}
		}
		if len(posts) < casePostsShown {
			return marked, rest, nil
		}
		after = posts[len(posts)-1].Mark()
	}
}

// keysOfPosts are the attach keys of posts of a case: that they are problems a person
// has said by putting or leaving them there.
func keysOfPosts(posts []domain.CasePost, keys func(domain.Judged) []string) []string {
	var out []string
	for _, p := range posts {
		j := domain.Judged{Post: p.Post, Verdict: p.Verdict}
		j.Verdict.Kind = domain.Problem
		out = append(out, keys(j)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// splitKeys gives a case that was split off the keys of its posts, and takes from the
// other what only they had: a copy of a split-off post must not join where the post
// was taken from.
func splitKeys(ctx context.Context, q *db.Queries, from db.Case, fresh int64, posts []int64, mine, rest []string) error {
	if err := q.MoveLikeKeys(ctx, fresh, from.ID, posts); err != nil {
		return fmt.Errorf("give keys of likeness over: %w", err)
	}
	if _, err := q.GiveKeys(ctx, from.Region, mine, fresh); err != nil {
		return fmt.Errorf("give attach keys over: %w", err)
	}
	only := slices.DeleteFunc(slices.Clone(mine), func(k string) bool {
		_, kept := slices.BinarySearch(rest, k)
		return kept
	})
	return wrap("take attach keys away", q.DropKeys(ctx, from.ID, only))
}

// partCases notes that a person has set two cases apart.
func partCases(ctx context.Context, q *db.Queries, a, b int64, by domain.By) error {
	return wrap("note that cases were set apart", q.PartCases(ctx, db.PartCasesParams{CaseID: min(a, b), OtherID: max(a, b), ByWhom: by.Who, At: stamp(by.At)}))
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
