package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// PostVersion is what a post said before an edit.
type PostVersion struct {
	Text       string
	EditedAt   time.Time // zero for the first text
	ReplacedAt time.Time
}

// StoredVerdict is a verdict with what the router made of it.
type StoredVerdict struct {
	domain.Verdict
	At     time.Time
	Latest bool
	Action domain.Action
	Words  string // of the router, Russian
	Text   string // judged text when it is not the post's own (captions of an album)
}

// PostFile is a post with its history.
type PostFile struct {
	Post      domain.Post // without Raw
	StoredAt  time.Time
	Pending   bool
	DeletedAt time.Time       // zero while it is on its platform
	Verdicts  []StoredVerdict // newest first
	Versions  []PostVersion   // oldest first
}

// Post reads a post whole; domain.ErrNotFound when it was never stored.
func (s *Store) Post(ctx context.Context, id domain.PostID) (PostFile, error) {
	var f PostFile
	err := s.inTx(ctx, "read post "+id.String(), func(q *db.Queries) error {
		var err error
		f, err = readPostFile(ctx, q, id)
		return err
	})
	return f, err
}

func readPostFile(ctx context.Context, q *db.Queries, id domain.PostID) (PostFile, error) {
	row, err := q.GetPost(ctx, db.GetPostParams{Platform: string(id.Platform), Owner: id.Owner, Post: id.Post, Comment: commentOf(id)})
	if err != nil {
		return PostFile{}, err
	}
	f := PostFile{StoredAt: moment(row.StoredPost.StoredAt), Pending: row.Pending, DeletedAt: moment(row.DeletedAt)}
	if f.Post, err = toPost(row.StoredPost); err != nil {
		return f, err
	}
	verdicts, err := q.GetVerdicts(ctx, row.StoredPost.ID, row.StoredPost.StoredAt)
	if err != nil {
		return f, err
	}
	if f.Verdicts, err = convertAll(verdicts, toVerdict); err != nil {
		return f, err
	}
	versions, err := q.GetVersions(ctx, row.StoredPost.ID)
	if err != nil {
		return f, err
	}
	for _, v := range versions {
		f.Versions = append(f.Versions, PostVersion{Text: v.Text, EditedAt: moment(v.EditedAt), ReplacedAt: moment(v.ReplacedAt)})
	}
	return f, nil
}

// JudgedPost is a stored post with its current verdict and where it went.
type JudgedPost struct {
	Post     domain.Post // without Raw
	Verdict  StoredVerdict
	CaseID   int64 // 0 when it is in none; the rest is the case's
	AgencyID string
	State    domain.State
	Row      int
	Topic    string

	Restricted bool
}

// Reversed reports whether people decided otherwise than the verdict: another
// row or topic, or no problem at all.
func (p JudgedPost) Reversed() bool {
	if p.CaseID == 0 {
		return false
	}
	return p.State == domain.Rejected || p.Row != p.Verdict.Row || p.Topic != p.Verdict.Topic
}

// pageSize is how many posts EachPost reads at once.
const pageSize = 1000

// EachPost hands every judged post of a region to fn, oldest first, until fn
// returns an error, which it returns. It reads in pages, each its own
// transaction, so that a long dry run holds nothing up.
func (s *Store) EachPost(ctx context.Context, region string, fn func(JudgedPost) error) error {
	return s.EachPostSince(ctx, region, time.Unix(0, 0), fn)
}

// CountPosts counts a region's posts stored after an instant.
func (s *Store) CountPosts(ctx context.Context, region string, since time.Time) (int64, error) {
	n, err := s.queries().CountPostsSince(ctx, region, stamp(since))
	return n, named("count stored posts", err)
}

// EachPostSince is EachPost for those stored after an instant.
func (s *Store) EachPostSince(ctx context.Context, region string, since time.Time, fn func(JudgedPost) error) error {
	p := db.PagePostsParams{Region: region, AfterStored: stamp(since), Most: pageSize}
	for {
		rows, err := s.queries().PagePosts(ctx, p)
		if err != nil {
			return named("read stored posts", err)
		}
		for _, r := range rows {
			jp, err := toJudgedPost(r)
			if err != nil {
				return err
			}
			if err := fn(jp); err != nil {
				return err
			}
		}
		if len(rows) < pageSize {
			return nil
		}
		last := rows[len(rows)-1].StoredPost
		p.AfterStored, p.AfterID = last.StoredAt, last.ID
	}
}

func toJudgedPost(r db.PagePostsRow) (JudgedPost, error) {
	p, err := toPost(r.StoredPost)
	if err != nil {
		return JudgedPost{}, err
	}
	v, err := toVerdict(r.Verdict)
	return JudgedPost{Post: p, Verdict: v, CaseID: r.CaseID, AgencyID: r.AgencyID, State: domain.State(r.CaseState),
		Row: int(r.CaseRow), Topic: r.CaseTopic, Restricted: r.Restricted}, err
}

func toPost(r db.StoredPost) (domain.Post, error) {
	p := domain.Post{
		ID:     domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment},
		Region: r.Region, SourceID: r.SourceID, Kind: domain.PostKind(r.Kind),
		Author: domain.Author{ID: r.AuthorID, Name: r.AuthorName, Org: r.AuthorOrg},
		Text:   r.Text, PublishedAt: moment(r.PublishedAt), EditedAt: moment(r.EditedAt), URL: r.Url,
		Album: r.Album.String, Views: r.Views, Comments: r.Comments, Home: r.Home,
	}
	if r.Lat.Valid {
		p.Geo = &domain.Geo{Lat: r.Lat.Float64, Lon: r.Lon.Float64}
	}
	var to refs
	err := decodeAll(
		jsonColumn{"references", r.Refs, &to},
		jsonColumn{"attachments", r.Attachments, &p.Attachments},
		jsonColumn{"faults", r.Faults, &p.Faults})
	if err != nil {
		return p, fmt.Errorf("post %s: %w", p.ID, err)
	}
	p.Origin, p.Thread, p.ReplyTo = orZero(to.Origin), orZero(to.Thread), orZero(to.ReplyTo)
	return p, nil
}

func orZero(id *domain.PostID) domain.PostID {
	if id == nil {
		return domain.PostID{}
	}
	return *id
}

func toVerdict(r db.Verdict) (StoredVerdict, error) {
	v := StoredVerdict{
		At: moment(r.JudgedAt), Latest: r.Latest, Action: domain.Action(r.Action), Words: r.ActionWords, Text: r.JudgedText.String,
		Verdict: domain.Verdict{
			Kind: domain.Kind(r.Kind), Urgent: r.Urgent, Row: int(r.DecreeRow), Topic: r.Topic, Category: r.Category,
			Subcategory: r.Subcategory, Confidence: r.Confidence, Margin: r.Margin, Language: r.Language,
			PackHash: r.PackHash, Reason: r.Reason, Fingerprint: r.Fingerprint,
		},
	}
	err := decodeAll(
		jsonColumn{"evidence", r.Evidence, &v.Evidence},
		jsonColumn{"alternatives", r.Alternatives, &v.Alternatives},
		jsonColumn{"place", r.Place, &v.Place},
		jsonColumn{"models", r.Models, &v.Models},
		jsonColumn{"faults", r.Faults, &v.Faults})
	if err != nil {
		return v, fmt.Errorf("verdict %d: %w", r.ID, err)
	}
	return v, nil
}

// jsonColumn is one column to decode.
type jsonColumn struct {
	what string
	from []byte
	to   any
}

func decodeAll(columns ...jsonColumn) error {
	for _, c := range columns {
		if err := fromJSON(c.what, c.from, c.to); err != nil {
			return err
		}
	}
	return nil
}
