package storage

import (
	"context"
	"fmt"
	"strconv"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// ReplyTemplates lists the templates of some bodies of a region.
func (s *Store) ReplyTemplates(ctx context.Context, region string, bodies []string) ([]domain.ReplyTemplate, error) {
	rows, err := s.queries().TemplatesOf(ctx, region, bodies)
	if err != nil {
		return nil, named("list templates", err)
	}
	out := make([]domain.ReplyTemplate, len(rows))
	for i, r := range rows {
		out[i] = toTemplate(r)
	}
	return out, nil
}

func toTemplate(r db.ReplyTemplate) domain.ReplyTemplate {
	return domain.ReplyTemplate{ID: r.ID, Body: r.AgencyID, Row: int(r.DecreeRow), Title: r.Title, Text: r.Text, Author: r.Author, At: moment(r.At), Version: int(r.Version)}
}

// ReplyTemplate finds a template of one of some bodies, with what it said before,
// the newest first; domain.ErrNotFound.
func (s *Store) ReplyTemplate(ctx context.Context, region string, bodies []string, id int64) (t domain.ReplyTemplate, before []domain.ReplyTemplate, err error) {
	err = s.inTx(ctx, fmt.Sprintf("find template %d", id), func(q *db.Queries) error {
		before = nil
		row, err := q.FindTemplate(ctx, id, region, bodies)
		if err != nil {
			return err
		}
		t = toTemplate(row)
		rows, err := q.TemplateVersions(ctx, id)
		if err != nil {
			return fmt.Errorf("read its versions: %w", err)
		}
		for _, v := range rows {
			before = append(before, domain.ReplyTemplate{ID: id, Body: t.Body, Row: int(v.DecreeRow), Title: v.Title, Text: v.Text, Author: v.Author, At: moment(v.At), Version: int(v.Version)})
		}
		return nil
	})
	return t, before, err
}

// ChangeReplyTemplate writes a template over the version its editor has seen, and
// keeps what it said; domain.ErrStale, domain.ErrNotFound.
func (s *Store) ChangeReplyTemplate(ctx context.Context, region string, bodies []string, t domain.ReplyTemplate, by domain.Doer) error {
	if err := t.Check(); err != nil {
		return err
	}
	return s.inTx(ctx, fmt.Sprintf("change template %d", t.ID), func(q *db.Queries) error {
		now, err := q.LockTemplate(ctx, t.ID, region, bodies)
		if err != nil {
			return err
		}
		if int(now.Version) != t.Version {
			return domain.ErrStale
		}
		if err := q.KeepTemplateVersion(ctx, t.ID); err != nil {
			return fmt.Errorf("keep what it said: %w", err)
		}
		if err := q.ChangeTemplate(ctx, db.ChangeTemplateParams{DecreeRow: small(t.Row), Title: clean(t.Title), Text: clean(t.Text), Author: by.Login, At: stamp(by.At), ID: t.ID}); err != nil {
			return err
		}
		return journal(ctx, q, domain.EntryOf(by, "template_changed", "template", strconv.FormatInt(t.ID, 10), "изменён шаблон «"+t.Title+"» ("+now.AgencyID+")"))
	})
}

// AddReplyTemplate keeps a template; its rules are asked first. It returns its id.
func (s *Store) AddReplyTemplate(ctx context.Context, region string, t domain.ReplyTemplate, by domain.Doer) (int64, error) {
	if err := t.Check(); err != nil {
		return 0, err
	}
	var id int64
	err := s.inTx(ctx, "keep a template", func(q *db.Queries) error {
		var err error
		id, err = q.InsertTemplate(ctx, db.InsertTemplateParams{Region: region, AgencyID: t.Body, DecreeRow: small(t.Row), Title: clean(t.Title),
			Text: clean(t.Text), Author: by.Login, At: stamp(by.At)})
		if err != nil {
			return err
		}
		return journal(ctx, q, domain.EntryOf(by, "template_added", "template", strconv.FormatInt(id, 10), "добавлен шаблон «"+t.Title+"» ("+t.Body+")"))
	})
	return id, err
}

// RemoveReplyTemplate takes a template of one of some bodies away;
// domain.ErrNotFound.
func (s *Store) RemoveReplyTemplate(ctx context.Context, region string, bodies []string, id int64, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("remove template %d", id), func(q *db.Queries) error {
		t, err := q.RemoveTemplate(ctx, db.RemoveTemplateParams{At: stamp(by.At), Who: by.Login, ID: id, Region: region, Agencies: bodies})
		if err != nil {
			return err
		}
		return journal(ctx, q, domain.EntryOf(by, "template_removed", "template", strconv.FormatInt(id, 10), "удалён шаблон «"+t.Title+"» ("+t.AgencyID+")"))
	})
}
