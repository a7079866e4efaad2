package main

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/desk/accounts"
	"github.com/otklik/otklik/desk/analytics"
	"github.com/otklik/otklik/desk/announce"
	"github.com/otklik/otklik/desk/exports"
	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/desk/people"
	"github.com/otklik/otklik/desk/sources"
	"github.com/otklik/otklik/desk/terms"
	"github.com/otklik/otklik/rules"
)

// sections are all pages of the desk but the login. A new package of pages adds
// itself here.
func (s *server) sections(intake context.Context, pl *platforms, g *group) ([]page.Section, error) {
	store := s.infra.store
	hasher, err := s.hasher()
	if err != nil {
		return nil, err
	}
	work := &packs.Work{Store: store, Clock: s.clock, Log: s.log}
	g.run("long work of the desk", func() error { return work.Run(intake) })
	files := &exports.Exports{Store: store, Clock: s.clock, Log: s.log}
	g.run("exports of the desk", func() error { return files.Run(intake) })
	seal, err := s.seal()
	if err != nil {
		return nil, err
	}
	platformAccounts := deskAccounts{cfg: s.cfg, infra: s.infra, platforms: pl, seal: seal, log: s.log}
	cases := newDeskCases(store, s.follower.Pack, s.clock, s.log)
	cases.rules = s.bodyRules
	g.run("bulk orders of the desk", func() error { return cases.run(intake) })
	caseSections, err := cases.sections()
	if err != nil {
		return nil, err
	}
	return append(caseSections,
		(&sources.Pages{Store: store, Platforms: deskPlatforms{cfg: s.cfg, infra: s.infra, platforms: pl, pack: s.follower.Pack, log: s.log}}).Section(),
		(&announce.Pages{Store: store, Rules: s.deskAnnounce}).Section(),
		(&accounts.Pages{Store: store, Platforms: platformAccounts}).Section(),
		(&packs.Pages{Rules: deskPacks{store: store, follower: s.follower, clock: s.clock}, Store: store, Clock: s.clock, Work: work, Learning: store}).Section(),
		s.inboxPages().Section(),
		(&terms.Pages{Store: store, Norms: s.norms}).Section(),
		(&analytics.Pages{Store: store, Pack: deskReport{pack: s.follower.Pack}.Pack, Exports: files}).Section(),
		files.Section(),
		(&people.Pages{Store: store, Hasher: hasher}).Section(),
		s.noticePages().Section(),
	), nil
}

// norms are what a region's numbers are measured by.
func (s *server) norms(region string) terms.Norms {
	p := s.follower.Pack(region)
	if p == nil {
		return terms.Norms{}
	}
	return terms.Norms{FirstReaction: time.Duration(p.Region.Norms.FirstReactionHours) * time.Hour,
		Answer: fmt.Sprintf("по Перечню %s, вне его %s", listDays(p), page.Days(p.Region.Norms.OrdinaryDays))}
}

// listDays are the terms of the decree's rows: «10 дней» or «8–10 дней».
func listDays(p *rules.Pack) string {
	if len(p.Categories) == 0 {
		return "срок не задан"
	}
	low, high := p.Categories[0].Days, p.Categories[0].Days
	for i := range p.Categories {
		low, high = min(low, p.Categories[i].Days), max(high, p.Categories[i].Days)
	}
	if low == high {
		return page.Days(high)
	}
	return fmt.Sprintf("%d–%s", low, page.Days(high))
}
