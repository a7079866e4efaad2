package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// PackVersion is a version of a region's rules.
type PackVersion struct {
	ID          int64
	Region      string
	Code        string // begins case numbers; of SavePackVersion only
	Zone        string // IANA; of SavePackVersion only
	Hash        string
	Files       map[string][]byte // path → content; not filled in lists
	CreatedAt   time.Time
	CreatedBy   string
	Active      bool
	ActivatedAt time.Time
	ActivatedBy string
}

// SavePackVersion keeps a pack, and its region the first time. The same hash is
// kept once: saving it again changes nothing. It does not activate. Notes go into
// the journal with it. *CodeTakenError when another region has its code.
func (s *Store) SavePackVersion(ctx context.Context, v PackVersion, noted ...domain.Entry) error {
	return s.inTx(ctx, "save pack "+v.Region, func(q *db.Queries) error {
		if err := codeIsFree(ctx, q, v); err != nil {
			return err
		}
		if err := q.PutRegion(ctx, v.Region, v.Code, v.Zone); err != nil {
			return err
		}
		id, err := q.InsertPackVersion(ctx, db.InsertPackVersionParams{
			Region: v.Region, Hash: v.Hash, CreatedAt: stamp(orNow(v.CreatedAt, s.opts.Clock.Now())), CreatedBy: v.CreatedBy,
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // already there
		}
		if err != nil {
			return err
		}
		paths := slices.Sorted(maps.Keys(v.Files))
		contents := make([][]byte, len(paths))
		for i, p := range paths {
			contents[i] = append([]byte{}, v.Files[p]...) // never NULL
		}
		if err := q.InsertPackFiles(ctx, id, paths, contents); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// CodeTakenError refuses a region whose subject code another region has: their
// case numbers would be the same.
type CodeTakenError struct{ Code, Region, Other string }

// Error implements error.
func (e *CodeTakenError) Error() string {
	return fmt.Sprintf("subject code %s of region %s is that of region %s", e.Code, e.Region, e.Other)
}

// codeIsFree names who has the code; of two that come at once the index refuses one.
func codeIsFree(ctx context.Context, q *db.Queries, v PackVersion) error {
	other, err := q.RegionOfCode(ctx, v.Code, v.Region)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return &CodeTakenError{Code: v.Code, Region: v.Region, Other: other}
}

// ActivatePack makes the saved version with this hash the region's active one,
// in one step for all workers. Activating the active one changes nothing. Notes
// go into the journal with it.
func (s *Store) ActivatePack(ctx context.Context, region, hash, by string, now time.Time, noted ...domain.Entry) error {
	return s.ActivatePackAfter(ctx, region, hash, "", by, now, noted...)
}

// ActivatePackAfter is ActivatePack for whoever saw the version seen in force:
// domain.ErrStale when it is another one now ("": whichever).
func (s *Store) ActivatePackAfter(ctx context.Context, region, hash, seen, by string, now time.Time, noted ...domain.Entry) error {
	return s.inTx(ctx, "activate pack "+region, func(q *db.Queries) error {
		if _, err := q.LockRegion(ctx, region); err != nil {
			return err
		}
		next, err := q.GetPackByHash(ctx, region, hash)
		if err != nil {
			return err
		}
		if next.Active {
			return nil
		}
		current, err := q.GetActivePack(ctx, region)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if err := sameInForce(current, seen); err != nil {
			return err
		}
		previous := pgtype.Int8{Int64: current.ID, Valid: current.ID != 0}
		if err := switchPack(ctx, q, next, previous, by, now); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// RollbackPack goes back to the version that was active before the present one
// and returns its hash. A second rollback goes one further back.
// domain.ErrNotFound when there is none.
func (s *Store) RollbackPack(ctx context.Context, region, by string, now time.Time, noted ...domain.Entry) (hash string, err error) {
	return s.RollbackPackFrom(ctx, region, "", by, now, noted...)
}

// RollbackPackFrom goes back from the version seen alone: domain.ErrStale when
// another one is in force by now ("": whichever).
func (s *Store) RollbackPackFrom(ctx context.Context, region, seen, by string, now time.Time, noted ...domain.Entry) (hash string, err error) {
	err = s.inTx(ctx, "roll back pack "+region, func(q *db.Queries) error {
		if _, err := q.LockRegion(ctx, region); err != nil {
			return err
		}
		current, err := q.GetActivePack(ctx, region)
		if err != nil {
			return err
		}
		if err := sameInForce(current, seen); err != nil {
			return err
		}
		if !current.PreviousID.Valid {
			return fmt.Errorf("there is no version before %s: %w", current.Hash, domain.ErrNotFound)
		}
		before, err := q.GetPack(ctx, current.PreviousID.Int64)
		if err != nil {
			return err
		}
		hash = before.Hash
		if err := switchPack(ctx, q, before, before.PreviousID, by, now); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
	return hash, err
}

func sameInForce(current db.PackVersion, seen string) error {
	if seen == "" || current.Hash == seen {
		return nil
	}
	return fmt.Errorf("version %s is in force, not %s: %w", current.Hash, seen, domain.ErrStale)
}

func switchPack(ctx context.Context, q *db.Queries, to db.PackVersion, previous pgtype.Int8, by string, now time.Time) error {
	if err := q.DeactivatePacks(ctx, to.Region); err != nil {
		return err
	}
	return q.ActivatePack(ctx, db.ActivatePackParams{At: stamp(now), ByWhom: by, PreviousID: previous, ID: to.ID})
}

// ActivePackHash is cheap to ask often; domain.ErrNotFound before the first activation.
func (s *Store) ActivePackHash(ctx context.Context, region string) (string, error) {
	row, err := s.queries().GetActivePack(ctx, region)
	return row.Hash, named("find the active pack of "+region, err)
}

// ActivePack reads the active version with its files.
func (s *Store) ActivePack(ctx context.Context, region string) (PackVersion, error) {
	return s.packWithFiles(ctx, "read the active pack of "+region, func(q *db.Queries) (db.PackVersion, error) {
		return q.GetActivePack(ctx, region)
	})
}

// PackVersion reads a version with its files; domain.ErrNotFound.
func (s *Store) PackVersion(ctx context.Context, region, hash string) (PackVersion, error) {
	return s.packWithFiles(ctx, "read a pack of "+region, func(q *db.Queries) (db.PackVersion, error) {
		return q.GetPackByHash(ctx, region, hash)
	})
}

func (s *Store) packWithFiles(ctx context.Context, doing string, find func(*db.Queries) (db.PackVersion, error)) (PackVersion, error) {
	var v PackVersion
	err := s.inTx(ctx, doing, func(q *db.Queries) error {
		row, err := find(q)
		if err != nil {
			return err
		}
		files, err := q.GetPackFiles(ctx, row.ID)
		if err != nil {
			return err
		}
		v = toPackVersion(row)
		v.Files = make(map[string][]byte, len(files))
		for _, f := range files {
			v.Files[f.Path] = f.Content
		}
		return nil
	})
	return v, err
}

// PackVersions lists a region's versions, newest first, without files.
func (s *Store) PackVersions(ctx context.Context, region string) ([]PackVersion, error) {
	rows, err := s.queries().ListPacks(ctx, region)
	if err != nil {
		return nil, named("list packs", err)
	}
	out := make([]PackVersion, len(rows))
	for i, r := range rows {
		out[i] = toPackVersion(r)
	}
	return out, nil
}

func toPackVersion(r db.PackVersion) PackVersion {
	return PackVersion{ID: r.ID, Region: r.Region, Hash: r.Hash, CreatedAt: moment(r.CreatedAt), CreatedBy: r.CreatedBy,
		Active: r.Active, ActivatedAt: moment(r.ActivatedAt), ActivatedBy: r.ActivatedBy}
}
