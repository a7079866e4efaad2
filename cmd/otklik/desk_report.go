package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/otklik/otklik/desk/analytics"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// deskReport is what the pages of analytics need of the packs.
type deskReport struct {
	pack func(region string) *rules.Pack
}

// Pack gives the names and the norms of a region to the pages of analytics.
func (d deskReport) Pack(region string) analytics.Pack {
	p := d.pack(region)
	if p == nil {
		return analytics.Pack{}
	}
	out := analytics.Pack{FirstReaction: time.Duration(p.Region.Norms.FirstReactionHours) * time.Hour, WorkDay: domain.DefaultWorkDay()}
	listed := map[string]bool{}
	for _, c := range p.Categories {
		name := c.Category + " / " + c.Subcategory
		out.Categories = append(out.Categories, analytics.Category{Key: fmt.Sprintf("row:%d", c.Row), Title: fmt.Sprintf("стр. %d %s", c.Row, name), Short: name,
			Group: c.Category, Name: c.Subcategory})
		if c.Restricted != "" {
			out.RestrictedRows = append(out.RestrictedRows, c.Row)
		}
		for _, t := range c.Topics {
			listed[t] = true
		}
	}
	for _, t := range p.Topics {
		if !listed[t.ID] {
			out.Categories = append(out.Categories, analytics.Category{Key: "topic:" + t.ID, Title: "обычный порядок: " + t.Title, Short: t.Title,
				Group: "Обычный порядок", Name: t.Title})
		}
	}
	for _, m := range p.Gazetteer.Municipalities {
		out.Municipalities = append(out.Municipalities, analytics.Named{Key: m.ID, Title: m.Name})
	}
	return out
}

// folder keeps the counters of the desk up to date, whichever process changes
// cases. Several processes may run it: one at a time folds a region.
type folder struct {
	store *storage.Store
	packs func() []*rules.Pack
	log   *slog.Logger
	lives *domain.Lives
}

const (
	foldLook = time.Second
	foldMost = 1000 // lines in one transaction
)

// run folds until ctx ends. While the database is away it waits.
func (f *folder) run(ctx context.Context) error {
	life := f.lives.Begin("counters of the desk", "", domain.LoopSilence)
	defer life.End()
	every(ctx, foldLook, func() {
		for _, p := range f.packs() {
			if err := f.fold(ctx, p, life); err != nil && ctx.Err() == nil {
				f.log.Warn("counters of the desk are behind", "region", p.Region.ID, "err", err)
			}
		}
	})
	return nil
}

// fold takes everything that waits.
func (f *folder) fold(ctx context.Context, p *rules.Pack, life *domain.Life) error {
	almanac := domain.Almanac{Zone: p.Region.Location, Calendar: p.Calendar}
	how := storage.FoldRules{Zone: p.Region.Location, NormTime: func(from, to time.Time, pauses []domain.Pause) (time.Duration, error) {
		return almanac.NormTime(from, to, pauses, domain.DefaultWorkDay())
	}}
	for {
		life.Beat()
		n, err := f.store.FoldReport(ctx, p.Region.ID, how, foldMost)
		if err != nil || n < foldMost {
			return err
		}
	}
}
