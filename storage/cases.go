package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// HistoryEntry is one line of a case's history.
type HistoryEntry struct {
	At       time.Time
	Who      string
	What     string // opened, moved, assigned, posts, overdue, changed, post_edited, post_deleted
	From, To domain.State
	Why      string
	Details  []byte // JSON: field → [old, new]
}

// Assignment is a stretch of time in which one body had the case.
type Assignment struct {
	AgencyID string
	Since    time.Time
	Until    time.Time // zero for the current one
	By, Why  string
}

// CaseFile is a case with all that belongs to it.
type CaseFile struct {
	Case        domain.Case
	Proposed    string // body the router named
	RouteWhy    string
	Posts       []domain.Post // the first casePostsShown of them
	Gone        map[domain.PostID]time.Time
	Assignments []Assignment
	History     []HistoryEntry
}

const casePostsShown = 200

// CaseFile reads a case whole.
func (s *Store) CaseFile(ctx context.Context, id int64) (CaseFile, error) {
	var f CaseFile
	err := s.inTx(ctx, fmt.Sprintf("read case %d", id), func(q *db.Queries) error {
		var err error
		f, err = readCaseFile(ctx, q, id)
		return err
	})
	return f, err
}

func readCaseFile(ctx context.Context, q *db.Queries, id int64) (CaseFile, error) {
	row, err := q.GetCase(ctx, id)
	if err != nil {
		return CaseFile{}, err
	}
	f := CaseFile{Proposed: row.ProposedAgency, RouteWhy: row.RouteWhy, Gone: map[domain.PostID]time.Time{}}
	if f.Case, err = toCase(row); err != nil {
		return f, err
	}
	posts, err := q.GetCasePosts(ctx, id, casePostsShown)
	if err != nil {
		return f, err
	}
	for _, r := range posts {
		p, err := toPost(r.StoredPost)
		if err != nil {
			return f, err
		}
		f.Posts = append(f.Posts, p)
		if r.DeletedAt.Valid {
			f.Gone[p.ID] = moment(r.DeletedAt)
		}
	}
	assignments, err := q.GetAssignments(ctx, id)
	if err != nil {
		return f, err
	}
	for _, a := range assignments {
		f.Assignments = append(f.Assignments, Assignment{AgencyID: a.AgencyID, Since: moment(a.Since), Until: moment(a.Until), By: a.ByWhom, Why: a.Why})
	}
	history, err := q.GetCaseHistory(ctx, id)
	if err != nil {
		return f, err
	}
	for _, h := range history {
		f.History = append(f.History, HistoryEntry{At: moment(h.At), Who: h.Who, What: h.What,
			From: domain.State(h.FromState.String), To: domain.State(h.ToState.String), Why: h.Why, Details: h.Details})
	}
	return f, nil
}

// ErrStale: the case is not in the state the mover saw.
var ErrStale = domain.ErrStale

// MoveCase takes a case from one state to another. domain.ErrNoMove when the
// state table does not allow it, ErrStale when the case is no longer in m.From.
// History and assignments follow by themselves.
func (s *Store) MoveCase(ctx context.Context, m domain.CaseMove) (domain.Case, error) {
	var out domain.Case
	err := s.inTx(ctx, fmt.Sprintf("move case %d", m.CaseID), func(q *db.Queries) error {
		row, err := q.LockCase(ctx, m.CaseID)
		if err != nil {
			return err
		}
		if domain.State(row.State) != m.From {
			return fmt.Errorf("%w: it is in %q, not in %q", ErrStale, row.State, m.From)
		}
		// The trigger does not see a move onto the same state.
		if err := domain.CanMove(m.From, m.To); err != nil {
			return err
		}
		agency := row.AgencyID
		if m.AgencyID != "" {
			agency = m.AgencyID
		}
		row, err = q.MoveCase(ctx, db.MoveCaseParams{State: string(m.To), AgencyID: agency, Why: clean(m.Why),
			At: stamp(m.At), Who: m.Who, ID: m.CaseID})
		if err != nil {
			return err
		}
		out, err = toCase(row)
		return err
	})
	return out, err
}

// RecentCases gives the n cases of a region registered last.
func (s *Store) RecentCases(ctx context.Context, region string, n int) ([]domain.Case, error) {
	rows, err := s.queries().RecentCases(ctx, region, small(n))
	if err != nil {
		return nil, named("list recent cases", err)
	}
	return convertAll(rows, toCase)
}

// MarkOverdue sets the mark on cases whose clock runs past due and returns them.
func (s *Store) MarkOverdue(ctx context.Context, region string, now time.Time) ([]domain.Case, error) {
	rows, err := s.queries().MarkOverdue(ctx, db.MarkOverdueParams{Now: stamp(now), Who: system, Why: "срок истёк", Region: region})
	if err != nil {
		return nil, named("mark overdue cases", err)
	}
	return convertAll(rows, toCase)
}

// CasesDue gives cases whose clock runs and whose due lies in [from, to),
// soonest first.
func (s *Store) CasesDue(ctx context.Context, region string, from, to time.Time) ([]domain.Case, error) {
	rows, err := s.queries().CasesDue(ctx, region, stamp(from), stamp(to))
	if err != nil {
		return nil, named("find due cases", err)
	}
	return convertAll(rows, toCase)
}

// CasesLate gives cases whose clock has run past due and that are not marked
// yet, longest past first.
func (s *Store) CasesLate(ctx context.Context, region string, now time.Time) ([]domain.Case, error) {
	rows, err := s.queries().CasesLate(ctx, region, stamp(now))
	if err != nil {
		return nil, named("find cases past due", err)
	}
	return convertAll(rows, toCase)
}

// AgencyLoad is what one body has on its hands.
type AgencyLoad struct {
	AgencyID string
	Open     int64
	Overdue  int64
	DueSoon  int64 // not overdue, due before the time asked for
}

// OpenCasesByAgency counts the cases whose clock runs, by body.
func (s *Store) OpenCasesByAgency(ctx context.Context, region string, soon time.Time) ([]AgencyLoad, error) {
	rows, err := s.queries().AgencyLoads(ctx, stamp(soon), region)
	if err != nil {
		return nil, named("count cases by body", err)
	}
	out := make([]AgencyLoad, len(rows))
	for i, r := range rows {
		out[i] = AgencyLoad{AgencyID: r.AgencyID, Open: r.Open, Overdue: r.Overdue, DueSoon: r.DueSoon}
	}
	return out, nil
}

// ReviewItem waits for a person and is no case.
type ReviewItem struct {
	ID        int64
	Region    string
	Post      domain.PostID
	CaseID    int64 // 0 when the post is in none
	Reason    string
	Words     string
	Urgent    bool
	CreatedAt time.Time
}

// ReviewItems lists the queue, danger first, then oldest first.
func (s *Store) ReviewItems(ctx context.Context, region string, limit int) ([]ReviewItem, error) {
	rows, err := s.queries().OpenReviewItems(ctx, region, small(limit))
	if err != nil {
		return nil, named("list review items", err)
	}
	out := make([]ReviewItem, len(rows))
	for i, r := range rows {
		out[i] = ReviewItem{ID: r.ID, Region: r.Region, CaseID: r.CaseID, Reason: r.Reason, Words: r.Words, Urgent: r.Urgent,
			CreatedAt: moment(r.CreatedAt),
			Post:      domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}}
	}
	return out, nil
}

func toCase(r db.Case) (domain.Case, error) {
	c := domain.Case{
		ID: r.ID, Number: r.Number, Region: r.Region, State: domain.State(r.State), Row: int(r.DecreeRow), Topic: r.Topic,
		AgencyID: r.AgencyID, Urgent: r.Urgent, Restricted: r.Restricted, Round: int(r.Round), Posts: int(r.Posts),
		Overdue: r.Overdue, Reason: r.Reason, RegisteredAt: moment(r.RegisteredAt), UpdatedAt: moment(r.UpdatedAt),
		Deadline: domain.Deadline{Days: int(r.Days), Due: moment(r.DueAt), Control: moment(r.ControlAt), Reason: r.DeadlineReason},

		Version: r.Version, Proposed: r.ProposedAgency, RouteWhy: r.RouteWhy, Reach: r.Reach, Confidence: float64(r.Confidence),
		SourceID: r.SourceID, Nature: domain.Nature(r.KindOfCase), Outcome: domain.Outcome(r.Outcome),
		Closing: domain.ClosingReason(r.ClosingReason), ExecutorID: r.ExecutorID.Int64, AsideUntil: moment(r.PutAsideUntil),
		ReactionAt: moment(r.FirstReactionAt), AnsweredAt: moment(r.AnsweredAt), ClosedAt: moment(r.ClosedAt),
		AssignedAt: moment(r.AssignedAt), SentBack: int(r.SentBack), POS: r.PosNumber, SED: r.SedNumber, StoryID: r.StoryID.Int64,
		JoinedTo: r.JoinedTo.Int64, CameFrom: domain.State(r.CameFrom.String), ForControl: r.ForController,
	}
	if err := fromJSON("term dispute", r.TermDispute, &c.Dispute); err != nil {
		return c, err
	}
	return c, fromJSON("place", r.Place, &c.Place)
}
