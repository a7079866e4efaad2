package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/demo/citizen"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// openCitizen serves the page where one writes as a citizen.
func (d *demonstration) openCitizen(ctx context.Context, cfg Config) (closePage func(), err error) {
	addr := d.cmd.Citizen
	if !portFree(ctx, addr) {
		addr = "127.0.0.1:0"
	}
	o := citizen.Options{Places: citizen.PlacesOf(d.fakes, &d.feed), Desk: func() string { return "http://" + d.server.addresses.desk }, Wrote: func(p *citizen.Place) { d.hurry(ctx, p) }}
	for _, p := range d.server.follower.Packs() {
		o.Regions = append(o.Regions, citizen.Region{ID: p.Region.ID, Name: p.Region.Name, Zone: p.Region.Location})
	}
	d.citizen, closePage, err = servePage(ctx, addr, o)
	return closePage, err
}

// hurryAgain is when a wall is made due a second time: a poll that was under way
// when a visitor wrote has not seen it.
const hurryAgain = 4 * time.Second

// hurry lets a wall be read soon, until ctx ends: a visitor waits for what they
// wrote. Groups tell of themselves.
func (d *demonstration) hurry(ctx context.Context, p *citizen.Place) {
	if p.Platform != domain.VK {
		return
	}
	look := func() {
		if err := d.infra.store.HurrySource(ctx, p.Region, domain.VKWall, p.Address, d.clock.Now()); err != nil && ctx.Err() == nil {
			d.log.Warn("a wall is read at its own pace", "err", err)
		}
		d.infra.wakeAll(ctx)
	}
	look()
	time.AfterFunc(hurryAgain, func() {
		if ctx.Err() == nil {
			look()
		}
	})
}

// servePage serves the citizen's page until it is closed.
func servePage(ctx context.Context, addr string, o citizen.Options) (at string, closePage func(), err error) {
	handler, err := citizen.New(o)
	if err != nil {
		return "", nil, fmt.Errorf("page of a citizen: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("страница жителя на %s: %w", addr, err)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = srv.Serve(l) // until Close
	}()
	return l.Addr().String(), func() {
		_ = srv.Close() // its visitors are gone or about to be
		<-ended
	}, nil
}

// page serves the same page for the fakes alone: no workplace is known to it.
func (c fakesCmd) page(p *program, feed *demo.Feed, fakes *demo.Fakes) (at string, closePage func(), err error) {
	pack, err := rules.LoadEmbedded(c.Region)
	if err != nil {
		return "", nil, err
	}
	return servePage(p.ctx, c.Citizen, citizen.Options{Places: citizen.PlacesOf(fakes, feed),
		Regions: []citizen.Region{{ID: c.Region, Name: pack.Region.Name, Zone: pack.Region.Location}}})
}
