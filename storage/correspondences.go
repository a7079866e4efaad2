package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// KeepCorrespondences keeps a region's table of correspondences for a label in place of
// the one before, and notes it; the same again changes nothing.
func (s *Store) KeepCorrespondences(ctx context.Context, c domain.Correspondences, by domain.Doer) error {
	return s.inTx(ctx, "keep correspondences of "+by.Region, func(q *db.Queries) error {
		had, err := q.GetCorrespondences(ctx, by.Region, c.Label)
		switch {
		case err == nil && had.Name == c.Name && bytes.Equal(had.Content, c.Content):
			return nil
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if err := q.KeepCorrespondences(ctx, db.KeepCorrespondencesParams{Region: by.Region, Label: c.Label, Name: clean(c.Name), Content: c.Content, At: stamp(by.At), Who: by.Login}); err != nil {
			return err
		}
		return journal(ctx, q, domain.EntryOf(by, "correspondences_kept", "model", c.Label,
			fmt.Sprintf("таблица соответствий модели «%s»: %s", c.Label, clean(c.Name))))
	})
}

// DropCorrespondences forgets it; domain.ErrNotFound when there is none.
func (s *Store) DropCorrespondences(ctx context.Context, label string, by domain.Doer) error {
	return s.inTx(ctx, "drop correspondences of "+by.Region, func(q *db.Queries) error {
		n, err := q.DropCorrespondences(ctx, by.Region, label)
		if err := onlyOne("drop correspondences", n, err); err != nil {
			return err
		}
		return journal(ctx, q, domain.EntryOf(by, "correspondences_dropped", "model", label, "таблица соответствий модели «"+label+"» убрана"))
	})
}

// Correspondences is the table kept for a label; domain.ErrNotFound when there is none.
func (s *Store) Correspondences(ctx context.Context, region, label string) (domain.Correspondences, error) {
	r, err := s.queries().GetCorrespondences(ctx, region, label)
	if err != nil {
		return domain.Correspondences{}, named("read correspondences", err)
	}
	return domain.Correspondences{Label: r.Label, Name: r.Name, Content: r.Content, At: moment(r.KeptAt), Who: r.KeptBy}, nil
}
