package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// SeenCase reads a case that its reader may see.
func (s *Store) SeenCase(ctx context.Context, sc domain.Scope, id int64) (domain.Case, error) {
	row, err := s.queries().GetSeen(ctx, seen(sc, id))
	if err != nil {
		return domain.Case{}, named(fmt.Sprintf("read case %d", id), err)
	}
	return toCase(row)
}

// CaseByNumber finds a case by its number, or by its number in ПОС or СЭД.
func (s *Store) CaseByNumber(ctx context.Context, sc domain.Scope, number string) (domain.Case, error) {
	row, err := s.queries().SeenByNumber(ctx, db.SeenByNumberParams{Number: number, Region: sc.Region, SeeRestricted: sc.Restricted,
		Whole: sc.Whole, Agencies: sc.Agencies})
	if err != nil {
		return domain.Case{}, named(fmt.Sprintf("find case %q", number), err)
	}
	return toCase(row)
}

// CaseByShort finds a case of a region by its year and its count in it:
// 27-2026-000034 by 2026 and 34.
func (s *Store) CaseByShort(ctx context.Context, sc domain.Scope, year int, n string) (domain.Case, error) {
	number, err := s.queries().ShortNumber(ctx, small(year), n, sc.Region)
	if err != nil {
		return domain.Case{}, named("word the number of a case", err)
	}
	return s.CaseByNumber(ctx, sc, number)
}

// CaseWhole reads a case with all that belongs to it: the first 200 posts.
func (s *Store) CaseWhole(ctx context.Context, sc domain.Scope, id int64) (domain.CaseWhole, error) {
	var w domain.CaseWhole
	err := s.inTx(ctx, fmt.Sprintf("read case %d", id), func(q *db.Queries) error {
		w = domain.CaseWhole{}
		row, err := q.GetSeen(ctx, seen(sc, id))
		if err != nil {
			return err
		}
		if w.Case, err = toCase(row); err != nil {
			return err
		}
		for _, read := range [...]func(context.Context, *db.Queries, domain.Scope, *domain.CaseWhole) error{
			readPosts, readHolders, readHistory, readNotes, readFiles, readReplies, readQuestions, readDeferrals,
			readSendBacks, readRounds, readRelated, readStory, readReviews, readVoices,
		} {
			if err := read(ctx, q, sc, &w); err != nil {
				return err
			}
		}
		w.Lease, err = leaseOf(ctx, q, domain.Ref{Object: domain.ObjectCase, ID: id})
		return err
	})
	return w, err
}

// CaseOpening is a case with its posts: what the queue shows of it.
func (s *Store) CaseOpening(ctx context.Context, sc domain.Scope, id int64) (domain.CaseWhole, error) {
	var w domain.CaseWhole
	err := s.inTx(ctx, fmt.Sprintf("read case %d", id), func(q *db.Queries) error {
		row, err := q.GetSeen(ctx, seen(sc, id))
		if err != nil {
			return err
		}
		if w.Case, err = toCase(row); err != nil {
			return err
		}
		for _, read := range [...]func(context.Context, *db.Queries, domain.Scope, *domain.CaseWhole) error{readPosts, readSendBacks, readReviews} {
			if err := read(ctx, q, sc, &w); err != nil {
				return err
			}
		}
		w.Lease, err = leaseOf(ctx, q, domain.Ref{Object: domain.ObjectCase, ID: id})
		return err
	})
	return w, err
}

// CasePosts reads the posts of a case that come after a mark, in the order they
// came to it: a page of those that CaseWhole has no room for.
func (s *Store) CasePosts(ctx context.Context, sc domain.Scope, id int64, after domain.PostMark, most int) ([]domain.CasePost, error) {
	var out []domain.CasePost
	err := s.inTx(ctx, fmt.Sprintf("read posts of case %d", id), func(q *db.Queries) error {
		if _, err := q.GetSeen(ctx, seen(sc, id)); err != nil {
			return err
		}
		var err error
		if out, err = casePosts(ctx, q, id, after, most); err != nil {
			return err
		}
		return readAbove(ctx, q, out)
	})
	return out, err
}

func casePosts(ctx context.Context, q *db.Queries, id int64, after domain.PostMark, most int) ([]domain.CasePost, error) {
	from := pgtype.Timestamptz{Valid: true, InfinityModifier: pgtype.NegativeInfinity}
	if after.ID != 0 {
		from = stamp(after.At)
	}
	rows, err := q.CasePostsJudged(ctx, db.CasePostsJudgedParams{CaseID: id, AfterAt: from, AfterID: after.ID, Most: small(most)})
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return convertAll(rows, func(r db.CasePostsJudgedRow) (domain.CasePost, error) {
		p, err := toCasePost(db.PostJudgedRow{StoredPost: storedPost(r), DeletedAt: r.DeletedAt, Kind: r.Kind, Urgent: r.Urgent,
			DecreeRow: r.DecreeRow, Topic: r.Topic, Category: r.Category, Subcategory: r.Subcategory, Confidence: r.Confidence, Margin: r.Margin,
			Evidence: r.Evidence, Alternatives: r.Alternatives, Place: r.Place, Reason: r.Reason, JudgedText: r.JudgedText, PackHash: r.PackHash})
		p.CameFrom, p.Attached = r.CameFrom.Int64, moment(r.AttachedAt)
		return p, err
	})
}

func storedPost(r db.CasePostsJudgedRow) db.StoredPost {
	return db.StoredPost{ID: r.ID, StoredAt: r.StoredAt, Platform: r.Platform, Owner: r.Owner, Post: r.Post, Comment: r.Comment,
		Region: r.Region, SourceID: r.SourceID, Kind: r.PostKind, AuthorID: r.AuthorID, AuthorName: r.AuthorName, AuthorOrg: r.AuthorOrg,
		Text: r.Text, PublishedAt: r.PublishedAt, EditedAt: r.EditedAt, Url: r.Url, Attachments: r.Attachments, Lat: r.Lat, Lon: r.Lon,
		Refs: r.Refs, Album: r.Album, Views: r.Views, Comments: r.Comments, Home: r.Home, Faults: r.Faults}
}

func toCasePost(r db.PostJudgedRow) (domain.CasePost, error) {
	post, err := toPost(r.StoredPost)
	if err != nil {
		return domain.CasePost{}, err
	}
	if r.JudgedText != "" { // the joined captions of an album: evidence counts in them
		post.Text = r.JudgedText
	}
	p := domain.CasePost{Number: r.StoredPost.ID, Post: post, StoredAt: moment(r.StoredPost.StoredAt), Deleted: moment(r.DeletedAt),
		Verdict: domain.Verdict{Kind: domain.Kind(r.Kind), Urgent: r.Urgent, Row: int(r.DecreeRow), Topic: r.Topic,
			Category: r.Category, Subcategory: r.Subcategory, Confidence: r.Confidence, Margin: r.Margin, Reason: r.Reason, PackHash: r.PackHash}}
	err = decodeAll(
		jsonColumn{"evidence", r.Evidence, &p.Verdict.Evidence},
		jsonColumn{"alternatives", r.Alternatives, &p.Verdict.Alternatives},
		jsonColumn{"place", r.Place, &p.Verdict.Place})
	return p, err
}

func readPosts(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) (err error) {
	if w.Posts, err = casePosts(ctx, q, w.Case.ID, domain.PostMark{}, casePostsShown); err != nil {
		return err
	}
	return readAbove(ctx, q, w.Posts)
}

func readHolders(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.GetAssignments(ctx, w.Case.ID)
	for _, a := range rows {
		w.Holders = append(w.Holders, domain.CaseHolder{AgencyID: a.AgencyID, Since: moment(a.Since), Until: moment(a.Until),
			By: a.ByWhom, Why: a.Why, Undone: a.Undone})
	}
	return wrap("read assignments", err)
}

func readHistory(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.GetCaseHistory(ctx, w.Case.ID)
	for _, h := range rows {
		w.History = append(w.History, domain.CaseEvent{At: moment(h.At), Who: h.Who, What: h.What,
			From: domain.State(h.FromState.String), To: domain.State(h.ToState.String), Why: h.Why, Details: h.Details})
	}
	return wrap("read history", err)
}

func readNotes(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.NotesOf(ctx, w.Case.ID)
	for _, n := range rows {
		w.Notes = append(w.Notes, domain.CaseNote{ID: n.ID, Text: n.Text, Author: n.Author, At: moment(n.At)})
	}
	return wrap("read notes", err)
}

func readFiles(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.FilesOf(ctx, w.Case.ID)
	for _, f := range rows {
		w.Files = append(w.Files, domain.CaseFile{ID: f.ID, CaseID: f.CaseID, Name: f.Name, Type: f.Type, Size: f.Size,
			By: f.UploadedBy, At: moment(f.UploadedAt)})
	}
	return wrap("read files", err)
}

func readReplies(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.RepliesOf(ctx, w.Case.ID)
	for _, r := range rows {
		reply := domain.CaseReply{ID: r.ID, Round: int(r.Round), Final: r.Kind == "final", State: r.State, Text: r.Text,
			Outcome: domain.Outcome(r.Outcome), Version: r.Version, Author: r.Author, Approver: r.Approver, Remark: r.Remark,
			CreatedAt: moment(r.CreatedAt), SubmittedAt: moment(r.SubmittedAt), DecidedAt: moment(r.DecidedAt),
			PublishedAt: moment(r.PublishedAt), PublishedBy: r.PublishedBy, ProofURL: r.ProofUrl, ProofFile: r.ProofFile.Int64}
		planned(&reply, r)
		w.Replies = append(w.Replies, reply)
	}
	if err != nil {
		return fmt.Errorf("read replies: %w", err)
	}
	if err := readCorrections(ctx, q, w.Case.ID, w.Replies); err != nil {
		return err
	}
	if err := readProposals(ctx, q, w.Case.ID, w.Replies); err != nil {
		return err
	}
	return readDeliveries(ctx, q, w.Case.ID, w.Replies)
}

func readQuestions(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.QuestionsOf(ctx, w.Case.ID)
	for _, r := range rows {
		w.Questions = append(w.Questions, domain.CaseQuestion{AskedBy: r.AskedBy, AskedAt: moment(r.AskedAt), Text: r.Text,
			DueAt: moment(r.DueAt), Result: r.Result, Answer: r.Answer, ClosedAt: moment(r.AnsweredAt),
			ID: r.ID, DeliveredAt: moment(r.DeliveredAt), Undelivered: r.Undelivered})
	}
	if err != nil || len(rows) == 0 {
		return wrap("read questions", err)
	}
	return eachDelivery(ctx, q, w.Case.ID, func(r db.Delivery, d domain.CaseDelivery) {
		i := slices.IndexFunc(w.Questions, func(a domain.CaseQuestion) bool { return r.QuestionID.Valid && a.ID == r.QuestionID.Int64 })
		if i >= 0 {
			w.Questions[i].Deliveries = append(w.Questions[i].Deliveries, d)
		}
	})
}

func readDeferrals(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.DeferralsOf(ctx, w.Case.ID)
	for _, d := range rows {
		w.Deferrals = append(w.Deferrals, domain.CaseDeferral{AskedBy: d.AskedBy, AskedAt: moment(d.AskedAt), Reason: d.Reason,
			Until: domain.DateOf(d.Until.Time, time.UTC), Decision: d.Decision, DecidedBy: d.DecidedBy, DecidedAt: moment(d.DecidedAt), Why: d.Why})
	}
	return wrap("read deferrals", err)
}

func readSendBacks(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.SendBacksOf(ctx, w.Case.ID)
	for _, b := range rows {
		w.SendBacks = append(w.SendBacks, domain.CaseSendBack{Decision: b.Decision, SentBack: domain.SentBack{Body: b.FromAgency,
			Proposed: b.ProposedAgency, Reason: b.Reason, Who: b.ByWhom, At: moment(b.At)}})
	}
	return wrap("read send-backs", err)
}

func readRounds(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.RoundsOf(ctx, w.Case.ID)
	for _, r := range rows {
		w.Rounds = append(w.Rounds, domain.CaseRound{Round: int(r.Round), RegisteredAt: moment(r.RegisteredAt),
			Deadline:   domain.Deadline{Days: int(r.Days), Due: moment(r.DueAt), Control: moment(r.ControlAt), Reason: r.DeadlineReason},
			AnsweredAt: moment(r.AnsweredAt), Outcome: domain.Outcome(r.Outcome), EndedAt: moment(r.EndedAt)})
	}
	return wrap("read rounds", err)
}

// readRelated shows of the neighbours those that the reader may see.
func readRelated(ctx context.Context, q *db.Queries, sc domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.LinkedCases(ctx, w.Case.ID)
	if err != nil {
		return fmt.Errorf("read linked cases: %w", err)
	}
	for _, r := range rows {
		if err := addRelated(sc, w, r.Case, r.How); err != nil {
			return err
		}
	}
	return nil
}

func readReviews(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.ReviewsOfCase(ctx, toInt8(w.Case.ID))
	for _, r := range rows {
		w.Reviews = append(w.Reviews, domain.ReviewLine{ID: r.ID, Reason: r.Reason, Words: r.Words, Urgent: r.Urgent, At: moment(r.CreatedAt)})
	}
	return wrap("read review items", err)
}

func readStory(ctx context.Context, q *db.Queries, sc domain.Scope, w *domain.CaseWhole) error {
	if w.Case.StoryID == 0 {
		return nil
	}
	st, err := q.GetStory(ctx, w.Case.StoryID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the story: %w", err)
	}
	w.Story = toStory(st)
	rows, err := q.StoryCases(ctx, toInt8(st.ID))
	if err != nil {
		return fmt.Errorf("read the story's cases: %w", err)
	}
	for _, r := range rows {
		if r.ID == w.Case.ID {
			continue
		}
		if err := addRelated(sc, w, r, "story"); err != nil {
			return err
		}
	}
	return nil
}

func addRelated(sc domain.Scope, w *domain.CaseWhole, row db.Case, how string) error {
	c, err := toCase(row)
	if err == nil && sc.Sees(c) {
		w.Related = append(w.Related, domain.RelatedCase{Case: c, How: how})
	}
	return err
}

// NearCases lists open cases a case may be joined to: what the machine found alike,
// the likest first, then the newest about the same thing in the same municipality.
func (s *Store) NearCases(ctx context.Context, sc domain.Scope, c domain.Case) ([]domain.NearCase, error) {
	rows, err := s.queries().NearCases(ctx, db.NearCasesParams{Region: sc.Region, Municipality: c.Place.Municipality, DecreeRow: small(c.Row),
		Topic: c.Topic, ID: c.ID, SeeRestricted: sc.Restricted, Whole: sc.Whole, Agencies: sc.Agencies})
	if err != nil {
		return nil, named("find cases nearby", err)
	}
	return convertAll(rows, func(r db.NearCasesRow) (domain.NearCase, error) {
		near, err := toCase(r.Case)
		return domain.NearCase{Case: near, Likeness: float64(r.Likeness)}, err
	})
}

// Names are the names of all people of the desk by login, those who have left
// included: the history names them.
func (s *Store) Names(ctx context.Context) (map[string]string, error) {
	rows, err := s.queries().PeopleNames(ctx)
	if err != nil {
		return nil, named("read names of people", err)
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Login] = r.Name
	}
	return out, nil
}
