package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/desk/announce"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// receiversOf says to whom the region's bot may speak of its own accord.
func receiversOf(p *rules.Pack) domain.Receivers {
	out := domain.Receivers{Consent: bots.ConsentVersion}
	for _, platform := range domain.Platforms() {
		if p.Region.Allows(platform, domain.WayDialog) {
			out.Platforms = append(out.Platforms, platform)
		}
	}
	return out
}

// deskAnnounce is what the page of announcements knows of a pack.
func (s *server) deskAnnounce(region string) announce.Rules {
	p := s.follower.Pack(region)
	if p == nil {
		return announce.Rules{}
	}
	out := announce.Rules{Receivers: receiversOf(p),
		Preview: func(text string, at []string) domain.Word { return bots.New(botFacts(p)).Announce(text, at) }}
	for i := range p.Gazetteer.Municipalities {
		out.Municipalities = append(out.Municipalities, announce.Municipality{ID: p.Gazetteer.Municipalities[i].ID, Name: p.Gazetteer.Municipalities[i].Name})
	}
	slices.SortFunc(out.Municipalities, func(a, b announce.Municipality) int { return strings.Compare(a.Name, b.Name) })
	for i := range p.Agencies {
		if p.Agencies[i].Kind == controlCenter {
			out.Center = p.Agencies[i].ID
		}
	}
	return out
}

// controlCenter is the kind of the control centre among a pack's bodies.
const controlCenter = "control_center"

// feedStore is what sending announcements needs of the store.
type feedStore interface {
	FeedAnnouncements(ctx context.Context, region string, to domain.Receivers, say domain.Announce, now time.Time) (int, error)
}

// feed puts the next messages of announcements into the outbox.
func (s *server) feed(ctx context.Context, b *botDesk, store feedStore) {
	for _, p := range s.follower.Packs() {
		if ctx.Err() != nil {
			return
		}
		if _, err := store.FeedAnnouncements(ctx, p.Region.ID, receiversOf(p), b.of(p).Announce, s.clock.Now()); err != nil && ctx.Err() == nil {
			s.log.Error("send announcements", "region", p.Region.ID, "err", err)
		}
	}
}
