package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// PutExportPart keeps the nth part of the file of a task.
func (s *Store) PutExportPart(ctx context.Context, task int64, n int, content []byte) error {
	return named(fmt.Sprintf("keep part %d of export %d", n, task), s.queries().PutExportPart(ctx, task, small(n), content))
}

// ExportPart reads the nth part, from 0; domain.ErrNotFound after the last.
func (s *Store) ExportPart(ctx context.Context, task int64, n int) ([]byte, error) {
	b, err := s.queries().ExportPart(ctx, task, small(n))
	return b, named(fmt.Sprintf("read part %d of export %d", n, task), err)
}

// TasksOf lists the latest tasks of a kind that somebody ordered in a region,
// newest first.
func (s *Store) TasksOf(ctx context.Context, region, who, kind string, most int) ([]domain.Background, error) {
	rows, err := s.queries().TasksOf(ctx, db.TasksOfParams{Who: who, Region: region, Kind: kind, Most: small(most)})
	if err != nil {
		return nil, named("list tasks of "+who, err)
	}
	out := make([]domain.Background, len(rows))
	for i, r := range rows {
		out[i] = toTask(r)
	}
	return out, nil
}
