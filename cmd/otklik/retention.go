package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// oldPosts is what keeping to the term of storage asks of the store.
type oldPosts interface {
	DropOld(ctx context.Context, region string, before, now time.Time, after storage.PostCursor) (storage.DropPage, error)
	CountOld(ctx context.Context, region string, before time.Time, after storage.PostCursor) (storage.DropPage, error)
}

// retain drops, or with dry counts, a region's posts that are nobody's problem
// and older than days, page by page. What was done before an error is counted.
func retain(ctx context.Context, store oldPosts, region string, days int, now time.Time, dry bool) (sum storage.Dropped, err error) {
	before := now.AddDate(0, 0, -days)
	for page := (storage.DropPage{More: true}); page.More; {
		if dry {
			page, err = store.CountOld(ctx, region, before, page.Next)
		} else {
			page, err = store.DropOld(ctx, region, before, now, page.Next)
		}
		if err != nil {
			return sum, err
		}
		sum.Add(page.Dropped)
	}
	return sum, nil
}

// longestRetention is of all regions: a month is dropped when none needs it.
func longestRetention(packs []*rules.Pack) int {
	days := 0
	for _, p := range packs {
		days = max(days, p.Region.RetentionDays)
	}
	return days
}

type retentionCmd struct {
	Run retentionRunCmd `cmd:"" help:"Удалить сообщения, которые никому не нужны и хранятся дольше срока пакета (retention_days). serve делает это сам раз в сутки."`
}

type retentionRunCmd struct {
	Region string `help:"Только этот регион."`
	DryRun bool   `help:"Ничего не удалять, показать, что было бы удалено."`
}

// Run implements the command.
func (c retentionRunCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		packs, err := c.packs(ctx, p.cfg, in.store)
		if err != nil {
			return err
		}
		now := time.Now().UTC()
		for _, pack := range packs {
			r := pack.Region
			sum, err := retain(ctx, in.store, r.ID, r.RetentionDays, now, c.DryRun)
			if err != nil {
				return fmt.Errorf("%s: удаление прервано, удалено сообщений %d: %w", r.Name, sum.Posts, err)
			}
			fmt.Fprintln(p.stdout, c.words(r, sum, now))
		}
		if c.Region != "" {
			return nil // months hold all regions
		}
		return c.partitions(ctx, p, in.store, now.AddDate(0, 0, -longestRetention(packs)), now)
	})
}

// packs are the active ones of the regions asked for.
func (c retentionRunCmd) packs(ctx context.Context, cfg Config, store *storage.Store) ([]*rules.Pack, error) {
	var out []*rules.Pack
	for _, name := range cfg.Regions {
		files, err := packFiles(name)
		if err != nil {
			return nil, err
		}
		named, err := rules.Load(files)
		if err != nil {
			return nil, fmt.Errorf("пакет %s: %w", name, err)
		}
		if c.Region != "" && named.Region.ID != c.Region {
			continue
		}
		active, err := activePack(ctx, store, named.Region.ID)
		if errors.Is(err, domain.ErrNotFound) {
			active, err = named, nil // never served: nothing is stored
		}
		if err != nil {
			return nil, err
		}
		out = append(out, active)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("региона «%s» нет среди OTKLIK_REGIONS (%s)", c.Region, strings.Join(cfg.Regions, ", "))
	}
	return out, nil
}

func (c retentionRunCmd) words(r rules.Region, sum storage.Dropped, now time.Time) string {
	older := now.AddDate(0, 0, -r.RetentionDays).In(r.Location).Format("02.01.2006 15:04")
	if c.DryRun {
		return fmt.Sprintf("%s: срок %d дн., сохранено до %s: просмотрено %d, было бы удалено %d (с вердиктами и прежними текстами).",
			r.Name, r.RetentionDays, older, sum.Seen, sum.Posts)
	}
	return fmt.Sprintf("%s: срок %d дн., сохранено до %s: просмотрено %d, удалено сообщений %d, вердиктов %d, прежних текстов %d.",
		r.Name, r.RetentionDays, older, sum.Seen, sum.Posts, sum.Verdicts, sum.Versions)
}

func (c retentionRunCmd) partitions(ctx context.Context, p *program, store *storage.Store, before, now time.Time) error {
	names, err := store.DropEmptyPartitions(ctx, before, now, c.DryRun)
	if err != nil || len(names) == 0 {
		return err
	}
	word := "Удалены пустые разделы"
	if c.DryRun {
		word = "Были бы удалены пустые разделы"
	}
	fmt.Fprintf(p.stdout, "%s: %s.\n", word, strings.Join(names, ", "))
	return nil
}
