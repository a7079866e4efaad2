package main

import (
	"context"
	"fmt"
	"github.com/otklik/otklik/classify"
	"log/slog"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/localpg"
	"github.com/otklik/otklik/worker"
)

// lab is a private PostgreSQL with the settings it has in service (fsync and
// synchronous commits on), a migrated database, an active pack and its snapshot.
type lab struct {
	server *localpg.Server
	store  *storage.Store
	pack   *rules.Pack
	snap   worker.Snapshot
}

func openLab(ctx context.Context) (*lab, error) {
	server, err := localpg.Start(ctx, localpg.Options{Ephemeral: true})
	if err != nil {
		return nil, err
	}
	l := &lab{server: server}
	if err := l.prepare(ctx); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) prepare(ctx context.Context) error {
	if err := storage.Migrate(ctx, l.server.DSN()); err != nil {
		return err
	}
	var err error
	if l.store, err = storage.Open(ctx, l.server.DSN(), storage.Options{}); err != nil {
		return err
	}
	now := time.Now()
	if _, err := l.store.EnsurePartitions(ctx, now); err != nil {
		return err
	}
	if l.pack, err = rules.LoadEmbedded(region); err != nil {
		return err
	}
	if l.snap, err = worker.Build(l.pack, classify.Options{}); err != nil {
		return err
	}
	files, err := rules.Embedded(region)
	if err != nil {
		return err
	}
	v := storage.PackVersion{Region: region, Code: l.pack.Region.Code, Zone: l.pack.Region.Zone,
		Hash: l.pack.Hash, Files: files, CreatedAt: now, CreatedBy: "bench"}
	if err := l.store.SavePackVersion(ctx, v); err != nil {
		return err
	}
	return l.store.ActivatePack(ctx, region, l.pack.Hash, "bench", now)
}

func (l *lab) close() {
	if l.store != nil {
		l.store.Close()
	}
	_ = l.server.Stop() // an ephemeral server: nothing of it is kept
}

// leaseFor is longer than any measurement takes.
const leaseFor = time.Hour

// sources adds the walls of the mix and leases them, as the poll loop would.
func (l *lab) sources(ctx context.Context, walls int) ([]domain.Source, error) {
	for i := range walls {
		_, err := l.store.AddSource(ctx, domain.Source{Region: region, Kind: domain.VKWall,
			Address: fmt.Sprint(wallOwner(i)), Home: "khabarovsk-city"})
		if err != nil {
			return nil, err
		}
	}
	leased, err := l.store.LeaseSources(ctx, "bench", time.Now(), leaseFor, []domain.SourceKind{domain.VKWall}, walls)
	if err == nil && len(leased) != walls {
		err = fmt.Errorf("leased %d of %d sources", len(leased), walls)
	}
	return leased, err
}

// worker takes batches as serve does, with a store of ours in between.
func (l *lab) worker(store worker.Store, observer worker.Observer) *worker.Worker {
	return &worker.Worker{Store: store, Rules: fixed{l.snap}, Clock: domain.SystemClock{},
		Log: slog.New(slog.DiscardHandler), Observer: observer}
}

// fixed is a snapshot that never switches.
type fixed struct{ snap worker.Snapshot }

// Snapshot implements worker.Rules.
func (f fixed) Snapshot(string) (worker.Snapshot, error) { return f.snap, nil }
