package main

import (
	"context"

	"github.com/otklik/otklik/demo"
)

// bodies lets the demonstration's bodies work beside its visitors. The channel
// is closed when they have stopped.
func (d *demonstration) bodies(ctx context.Context) <-chan struct{} {
	b := &demo.Bodies{Store: d.infra.store, Clock: d.clock, Log: d.log}
	for _, p := range d.server.follower.Packs() {
		r := pageRegion(p)
		rules := d.server.bodyRules(p.Region.ID)
		rules.Almanac, rules.Tree, rules.BodyName = r.Almanac(), r.Tree, r.Agency
		rules.CheckReply = nil // their words are ours; nobody is there to confirm
		b.Regions = append(b.Regions, demo.BodyRegion{ID: p.Region.ID, Rules: rules})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.Run(ctx); err != nil {
			d.log.Error("simulated bodies", "err", err)
		}
	}()
	return done
}
