package storage

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// AddNote keeps a note with a case; it is never visible outside the desk.
func (s *Store) AddNote(ctx context.Context, sc domain.Scope, caseID int64, n domain.CaseNote) error {
	return s.inTx(ctx, fmt.Sprintf("add a note to case %d", caseID), func(q *db.Queries) error {
		if _, err := q.GetSeen(ctx, seen(sc, caseID)); err != nil {
			return err
		}
		_, err := q.AddNote(ctx, db.AddNoteParams{CaseID: caseID, Text: clean(n.Text), Author: n.Author, At: stamp(n.At)})
		return err
	})
}

// AddFile keeps a file with a case. The same content a second time is the file
// that is there. domain.ErrRefused above domain.MaxFile, or when the case's files
// would come above domain.MaxCaseFiles.
func (s *Store) AddFile(ctx context.Context, sc domain.Scope, f domain.CaseFile) (int64, error) {
	var id int64
	err := s.inTx(ctx, fmt.Sprintf("keep a file with case %d", f.CaseID), func(q *db.Queries) error {
		if _, err := q.LockSeen(ctx, lockSeen(sc, f.CaseID)); err != nil {
			return err
		}
		var err error
		id, err = addFile(ctx, q, f)
		return err
	})
	return id, err
}

func addFile(ctx context.Context, q *db.Queries, f domain.CaseFile) (int64, error) {
	kept, err := q.FilesSize(ctx, f.CaseID)
	if err != nil {
		return 0, fmt.Errorf("measure the files: %w", err)
	}
	size := int64(len(f.Content))
	if size > domain.MaxFile || kept+size > domain.MaxCaseFiles {
		return 0, fmt.Errorf("%w: %d bytes beside %d", domain.ErrRefused, size, kept)
	}
	sum := sha256.Sum256(f.Content)
	return q.AddFile(ctx, db.AddFileParams{CaseID: f.CaseID, Name: clean(f.Name), Type: clean(f.Type), Size: size, Content: f.Content,
		Sha256: sum[:], UploadedBy: f.By, UploadedAt: stamp(f.At)})
}

// File reads a file of a case with its content.
func (s *Store) File(ctx context.Context, sc domain.Scope, caseID, fileID int64) (domain.CaseFile, error) {
	var out domain.CaseFile
	err := s.inTx(ctx, fmt.Sprintf("read file %d of case %d", fileID, caseID), func(q *db.Queries) error {
		if _, err := q.GetSeen(ctx, seen(sc, caseID)); err != nil {
			return err
		}
		f, err := q.GetFile(ctx, fileID, caseID)
		out = domain.CaseFile{ID: f.ID, CaseID: f.CaseID, Name: f.Name, Type: f.Type, Size: f.Size, Content: f.Content}
		return err
	})
	return out, err
}

// LinkCases says that two cases belong together.
func (s *Store) LinkCases(ctx context.Context, sc domain.Scope, a, b int64, by domain.By) error {
	return s.inTx(ctx, fmt.Sprintf("link cases %d and %d", a, b), func(q *db.Queries) error {
		if err := seesBoth(ctx, q, sc, a, b); err != nil {
			return err
		}
		_, err := q.LinkCases(ctx, db.LinkCasesParams{CaseID: min(a, b), OtherID: max(a, b), ByWhom: by.Who, At: stamp(by.At), Why: clean(by.Why)})
		return err
	})
}

// UnlinkCases takes a link back; that it was there stays in the history.
func (s *Store) UnlinkCases(ctx context.Context, sc domain.Scope, a, b int64, by domain.By) error {
	return s.inTx(ctx, fmt.Sprintf("unlink cases %d and %d", a, b), func(q *db.Queries) error {
		if err := seesBoth(ctx, q, sc, a, b); err != nil {
			return err
		}
		n, err := q.UnlinkCases(ctx, min(a, b), max(a, b))
		if err != nil || n == 0 {
			return err
		}
		return q.NoteCase(ctx, db.NoteCaseParams{CaseID: min(a, b), At: stamp(by.At), Who: by.Who, What: "unlinked", Details: []byte("{}")})
	})
}

func seesBoth(ctx context.Context, q *db.Queries, sc domain.Scope, a, b int64) error {
	if a == b {
		return domain.ErrSameCase
	}
	for _, id := range []int64{a, b} {
		if _, err := q.GetSeen(ctx, seen(sc, id)); err != nil {
			return err
		}
	}
	return nil
}

// Stories lists the open stories of a region, newest first.
func (s *Store) Stories(ctx context.Context, sc domain.Scope) ([]domain.Story, error) {
	rows, err := s.queries().OpenStories(ctx, sc.Region)
	if err != nil {
		return nil, named("list stories", err)
	}
	out := make([]domain.Story, len(rows))
	for i, r := range rows {
		out[i] = toStory(r)
	}
	return out, nil
}

// AddStory opens a story.
func (s *Store) AddStory(ctx context.Context, sc domain.Scope, title string, by domain.Doer) (domain.Story, error) {
	var row db.Story
	err := s.inTx(ctx, "open a story", func(q *db.Queries) error {
		var err error
		if row, err = q.AddStory(ctx, db.AddStoryParams{Region: sc.Region, Title: clean(title), Who: by.Login, At: stamp(by.At)}); err != nil {
			return err
		}
		by.Region = sc.Region
		return journal(ctx, q, domain.EntryOf(by, "story_added", "story", strconv.FormatInt(row.ID, 10), "открыт сюжет «"+row.Title+"»"))
	})
	return toStory(row), err
}

func toStory(r db.Story) domain.Story {
	return domain.Story{ID: r.ID, Title: r.Title, By: r.OpenedBy, At: moment(r.OpenedAt), Closed: moment(r.ClosedAt)}
}

// AnswerByHand records that the approved final answer of a case was given by
// hand. From publishing the case goes on to satisfaction, from send_failed it is
// done. domain.ErrNoMove in another state, domain.ErrNotFound when no approved
// answer waits.
func (s *Store) AnswerByHand(ctx context.Context, sc domain.Scope, a domain.ByHand) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("record the answer to case %d", a.Case.ID), func(q *db.Queries) error {
		row, err := lockVersion(ctx, q, sc, a.Case.ID, a.Case.Version)
		if err != nil {
			return err
		}
		out, err = answerByHand(ctx, q, sc, row, a)
		return err
	})
	return out, err
}

func answerByHand(ctx context.Context, q *db.Queries, sc domain.Scope, row db.Case, a domain.ByHand) (domain.Changed, error) {
	c, err := toCase(row)
	if err != nil {
		return domain.Changed{}, err
	}
	reply, err := q.LockFinal(ctx, row.ID, row.Round)
	if err != nil {
		return domain.Changed{}, fmt.Errorf("find the approved answer: %w", err)
	}
	ch, err := domain.Answered(c, domain.Outcome(reply.Outcome), a.By)
	if err != nil {
		return domain.Changed{}, err
	}
	file := int64(0)
	if len(a.Proof.Content) > 0 {
		a.Proof.CaseID, a.Proof.By, a.Proof.At = row.ID, a.By.Who, a.By.At
		if file, err = addFile(ctx, q, a.Proof); err != nil {
			return domain.Changed{}, err
		}
	}
	err = q.ReplyByHand(ctx, db.ReplyByHandParams{ID: reply.ID, At: stamp(a.By.At), Who: a.By.Who, ProofUrl: clean(a.ProofURL), ProofFile: toInt8(file)})
	if err != nil {
		return domain.Changed{}, fmt.Errorf("record the answer: %w", err)
	}
	after, err := writeChange(ctx, q, row, ch)
	if err != nil {
		return domain.Changed{}, err
	}
	out, err := toCase(after)
	return domain.Changed{Case: out}, err
}

// Examples counts what people have corrected since an instant, for learning.
func (s *Store) Examples(ctx context.Context, region string, since time.Time) (int64, error) {
	n, err := s.queries().CountExamples(ctx, region, stamp(since))
	return n, named("count examples", err)
}
