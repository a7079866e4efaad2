package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// modelPart is how much of a file is written and read at once.
const modelPart = 4 << 20

// SaveModel keeps a version of a model with its file; the same file is kept once:
// then the version that is there is returned. It does not activate.
func (s *Store) SaveModel(ctx context.Context, v domain.ModelVersion, file []byte, noted ...domain.Entry) (kept domain.ModelVersion, err error) {
	v.Size = int64(len(file))
	err = s.inTx(ctx, "save a model of "+v.Region, func(q *db.Queries) error {
		if _, err := q.LockRegion(ctx, v.Region); err != nil {
			return err
		}
		id, err := q.InsertModel(ctx, db.InsertModelParams{Region: v.Region, Label: v.Label, Hash: v.Hash, Size: v.Size, Examples: small(v.Examples),
			Report: v.Report, Comparison: v.Comparison, Reason: clean(v.Reason), CreatedAt: stamp(v.CreatedAt), CreatedBy: v.CreatedBy})
		if errors.Is(err, pgx.ErrNoRows) {
			row, err := q.GetModelByHash(ctx, v.Region, v.Label, v.Hash)
			kept = toModelVersion(row)
			return err
		}
		if err != nil {
			return err
		}
		for n := 0; n*modelPart < len(file); n++ {
			if err := q.InsertModelPart(ctx, id, small(n), file[n*modelPart:min((n+1)*modelPart, len(file))]); err != nil {
				return err
			}
		}
		v.ID = id
		kept = v
		return notes(ctx, q, noted)
	})
	return kept, err
}

// ModelSwitch puts a version into force.
type ModelSwitch struct {
	domain.ModelRef
	Seen       string // hash of the one in force that the version was compared with, "" for none
	Forced     bool   // against the comparison
	Comparison []byte
	Reason     string
}

// ActivateModel puts a version into force, in one step for all workers; of the one
// in force already only the judgement is written. domain.ErrStale when another one
// is in force by now than the one it was compared with.
func (s *Store) ActivateModel(ctx context.Context, to ModelSwitch, by domain.Doer, noted ...domain.Entry) error {
	return s.inTx(ctx, "activate a model of "+by.Region, func(q *db.Queries) error {
		if _, err := q.LockRegion(ctx, by.Region); err != nil {
			return err
		}
		next, err := q.GetModelByHash(ctx, by.Region, to.Label, to.Hash)
		if err != nil {
			return err
		}
		current, err := modelInForce(ctx, q, by.Region, to.Label)
		if err != nil {
			return err
		}
		if current.Hash != to.Seen {
			return fmt.Errorf("model %q is in force, not %q: %w", current.Hash, to.Seen, domain.ErrStale)
		}
		if err := q.JudgeModel(ctx, to.Comparison, clean(to.Reason), next.ID); err != nil {
			return err
		}
		if next.Active {
			return nil
		}
		previous, err := previousOf(ctx, q, next, current)
		if err != nil {
			return err
		}
		if err := switchModel(ctx, q, next, previous, to.Forced, by); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// JudgeModel writes what a comparison said of a version that stays aside.
func (s *Store) JudgeModel(ctx context.Context, id int64, comparison []byte, reason string) error {
	return named("keep a comparison", s.queries().JudgeModel(ctx, comparison, clean(reason), id))
}

// RollbackModel goes back to the version in force before the present one, or to
// none: then the phrases judge alone, and the ref has no hash. seen is the version
// to go back from ("": whichever); domain.ErrStale when it is another by now,
// domain.ErrNotFound when none is in force.
func (s *Store) RollbackModel(ctx context.Context, label, seen string, by domain.Doer) (to domain.ModelRef, err error) {
	err = s.inTx(ctx, "roll back a model of "+by.Region, func(q *db.Queries) error {
		if _, err := q.LockRegion(ctx, by.Region); err != nil {
			return err
		}
		current, err := modelInForce(ctx, q, by.Region, label)
		switch {
		case err != nil:
			return err
		case current.ID == 0:
			return domain.ErrNotFound
		case seen != "" && current.Hash != seen:
			return fmt.Errorf("model %s is in force, not %s: %w", current.Hash, seen, domain.ErrStale)
		}
		to = domain.ModelRef{Label: label}
		words := "модель «" + label + "» снята: судят одни фразы"
		if !current.PreviousID.Valid {
			err = q.DeactivateModels(ctx, by.Region, label)
		} else {
			var before db.ModelVersion
			if before, err = q.GetModel(ctx, current.PreviousID.Int64); err != nil {
				return err
			}
			to.Hash = before.Hash
			words = "возвращена прежняя модель «" + label + "»"
			err = switchModel(ctx, q, before, before.PreviousID, before.Forced, by)
		}
		if err != nil {
			return err
		}
		return journal(ctx, q, domain.EntryOf(by, "model_rolled_back", "model", shortHash(current.Hash), words))
	})
	return to, err
}

func shortHash(hash string) string { return hash[:min(12, len(hash))] }

// modelInForce is the zero row where none is.
func modelInForce(ctx context.Context, q *db.Queries, region, label string) (db.ModelVersion, error) {
	v, err := q.GetModelInForce(ctx, region, label)
	if errors.Is(err, pgx.ErrNoRows) {
		return db.ModelVersion{}, nil
	}
	return v, err
}

// previousOf is where the next version leads back to: the one in force, unless that
// itself leads back to it. Then it is a way back, and keeps its own.
func previousOf(ctx context.Context, q *db.Queries, next, current db.ModelVersion) (pgtype.Int8, error) {
	for before := current.PreviousID; before.Valid; {
		if before.Int64 == next.ID {
			return next.PreviousID, nil
		}
		version, err := q.GetModel(ctx, before.Int64)
		if err != nil {
			return pgtype.Int8{}, err
		}
		before = version.PreviousID
	}
	return pgtype.Int8{Int64: current.ID, Valid: current.ID != 0}, nil
}

func switchModel(ctx context.Context, q *db.Queries, to db.ModelVersion, previous pgtype.Int8, forced bool, by domain.Doer) error {
	if err := q.DeactivateModels(ctx, to.Region, to.Label); err != nil {
		return err
	}
	return q.ActivateModel(ctx, db.ActivateModelParams{At: stamp(by.At), ByWhom: by.Login, Forced: forced, PreviousID: previous, ID: to.ID})
}

// ModelsInForce is cheap to ask often.
func (s *Store) ModelsInForce(ctx context.Context, region string) ([]domain.ModelInForce, error) {
	rows, err := s.queries().ModelsInForce(ctx, region)
	if err != nil {
		return nil, named("find the models in force", err)
	}
	out := make([]domain.ModelInForce, len(rows))
	for i, r := range rows {
		out[i] = domain.ModelInForce{ModelRef: domain.ModelRef{Label: r.Label, Hash: r.Hash},
			Unseen: domain.UnseenBound{From: r.UnseenFrom, Share: r.UnseenShare, N: int(r.UnseenN), Answered: int(r.UnseenAnswered)}}
	}
	return out, nil
}

// ModelFile reads the file of a version; domain.ErrNotFound.
func (s *Store) ModelFile(ctx context.Context, region string, ref domain.ModelRef) ([]byte, error) {
	v, err := s.queries().GetModelByHash(ctx, region, ref.Label, ref.Hash)
	if err != nil {
		return nil, named("find a model", err)
	}
	file := make([]byte, 0, v.Size)
	for n := 0; int64(len(file)) < v.Size; n++ {
		part, err := s.queries().ModelPart(ctx, db.ModelPartParams{Region: region, Label: ref.Label, Hash: ref.Hash, N: small(n)})
		if errors.Is(err, pgx.ErrNoRows) || err == nil && len(part) == 0 {
			break // cut short: whoever reads the model will see
		}
		if err != nil {
			return nil, named("read a model", err)
		}
		file = append(file, part...)
	}
	return file, nil
}

// Models lists a region's versions by label, newest first.
func (s *Store) Models(ctx context.Context, region string) ([]domain.ModelVersion, error) {
	rows, err := s.queries().ListModels(ctx, region)
	if err != nil {
		return nil, named("list models", err)
	}
	return toModelVersions(rows), nil
}

// FindModels gives the versions whose hash begins so: two at most.
func (s *Store) FindModels(ctx context.Context, region, beginning string) ([]domain.ModelVersion, error) {
	rows, err := s.queries().FindModels(ctx, region, beginning)
	if err != nil {
		return nil, named("find models", err)
	}
	return toModelVersions(rows), nil
}

func toModelVersions(rows []db.ModelVersion) []domain.ModelVersion {
	out := make([]domain.ModelVersion, len(rows))
	for i, r := range rows {
		out[i] = toModelVersion(r)
	}
	return out
}

func toModelVersion(r db.ModelVersion) domain.ModelVersion {
	return domain.ModelVersion{ModelRef: domain.ModelRef{Label: r.Label, Hash: r.Hash}, ID: r.ID, Region: r.Region, Size: r.Size,
		Examples: int(r.Examples), Report: r.Report, Comparison: r.Comparison, Reason: r.Reason, CreatedAt: moment(r.CreatedAt), CreatedBy: r.CreatedBy,
		Active: r.Active, ActivatedAt: moment(r.ActivatedAt), ActivatedBy: r.ActivatedBy, Forced: r.Forced}
}
