package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// preparePacks makes sure that every configured region has an active version:
// the one in the database, or at first start the embedded pack or folder.
// instead replaces the files of a region at its first start.
func preparePacks(ctx context.Context, cfg Config, store *storage.Store, instead map[string]rules.Files, now time.Time, log *slog.Logger) ([]string, error) {
	var regions []string
	for _, name := range cfg.Regions {
		files, err := packFiles(name)
		if err != nil {
			return nil, err
		}
		pack, err := rules.Load(files)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		region := pack.Region.ID
		if own := instead[region]; own != nil {
			files = own
		}
		regions = append(regions, region)
		if err := preparePack(ctx, store, region, files, now, log); err != nil {
			return nil, fmt.Errorf("pack of %s: %w", region, err)
		}
	}
	return regions, nil
}

func preparePack(ctx context.Context, store *storage.Store, region string, files rules.Files, now time.Time, log *slog.Logger) error {
	active, err := store.ActivePackHash(ctx, region)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		hash, err := activatePack(ctx, store, files, now, "первый запуск")
		if err != nil {
			return err
		}
		log.Info("first start: pack activated", "region", region, "hash", hash[:12])
	case err != nil:
		return fmt.Errorf("find the active version: %w", err)
	case active != files.Hash():
		log.Info("the active pack differs from the one named in OTKLIK_REGIONS; «otklik rules activate» would switch",
			"region", region, "active", active[:12], "named", files.Hash()[:12])
	}
	return nil
}

// activatePack stores a version and makes it the active one. What the day and the
// sentences tell is looked at by «rules activate»; a first start goes on without.
func activatePack(ctx context.Context, store *storage.Store, files rules.Files, now time.Time, who string) (string, error) {
	pack, err := rules.Load(files)
	if err != nil {
		return "", err
	}
	if err := rules.Sound(pack); err != nil {
		return "", err
	}
	err = store.SavePackVersion(ctx, storage.PackVersion{Region: pack.Region.ID, Code: pack.Region.Code, Zone: pack.Region.Zone,
		Hash: pack.Hash, Files: files, CreatedAt: now, CreatedBy: who})
	if err != nil {
		return "", err
	}
	return pack.Hash, store.ActivatePack(ctx, pack.Region.ID, pack.Hash, who, now)
}

// packStore shows the store's versions as the follower wants them.
type packStore struct{ *storage.Store }

// ActivePack implements worker.Packs.
func (s packStore) ActivePack(ctx context.Context, region string) (string, map[string][]byte, error) {
	v, err := s.Store.ActivePack(ctx, region)
	return v.Hash, v.Files, err
}

// activePack loads a region's active pack.
func activePack(ctx context.Context, store *storage.Store, region string) (*rules.Pack, error) {
	v, err := store.ActivePack(ctx, region)
	if err != nil {
		return nil, err
	}
	return rules.Load(rules.Files(v.Files))
}
