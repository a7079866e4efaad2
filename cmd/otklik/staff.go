package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/bots/staff"
	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/notices"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/mail"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
)

// staffDesk is the part of the bots that people of the desk talk to, and who
// hears the notices.
type staffDesk struct {
	store *storage.Store
	clock domain.Clock
	keys  *bots.Keys // nil without OTKLIK_SECRET_KEY: no chat can be linked
	pack  func(region string) *rules.Pack
	packs func() []*rules.Pack
	rules func(region string) domain.BodyRules
	url   func() string // of the desk
	mail  bool          // there is a mail server
	// factor: administrators need a second factor before they may do anything.
	factor bool
	log    *slog.Logger
	lives  *domain.Lives

	mu   sync.Mutex
	made map[string]madeDesk // by region
}

type madeDesk struct {
	hash string
	desk *staff.Desk
}

// newStaffDesk makes the part of the bots for staff in this process.
func (s *server) newStaffDesk(talks *botDesk, letters *mail.Client) *staffDesk {
	d := &staffDesk{store: s.infra.store, clock: s.clock, pack: s.follower.Pack, packs: s.follower.Packs, rules: s.bodyRules,
		url: s.deskAddress, mail: letters != nil, factor: !s.deskOpts.demo, log: s.log, lives: s.lives, made: map[string]madeDesk{}}
	if talks != nil {
		d.keys = talks.keys
	}
	return d
}

// deskAddress is where people open the desk: as configured; in the demonstration
// where it listens.
func (s *server) deskAddress() string {
	if s.cfg.DeskURL == "" && s.deskOpts.demo && s.addresses.desk != "" {
		return "http://" + s.addresses.desk
	}
	return s.cfg.DeskURL
}

// of is the desk's part of a region's bot, by the pack in force.
func (d *staffDesk) of(p *rules.Pack) *staff.Desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	if m, ok := d.made[p.Region.ID]; ok && m.hash == p.Hash {
		return m.desk
	}
	region := pageRegion(p)
	tree, keys := region.Tree, d.keys
	body := d.rules(p.Region.ID)
	body.Almanac, body.Tree, body.BodyName = region.Almanac(), tree, region.Agency
	desk := staff.New(staff.Facts{Zone: p.Region.Location, Bodies: region.Agencies, DeskURL: d.url(),
		Act: func(u domain.User, step domain.Step, caseID, seen int64, now time.Time) (domain.Act, string) {
			return d.act(u, step, tree, domain.Act{Hand: u.Hand(tree), UserID: u.ID, CaseID: caseID, Seen: seen, At: now, Rules: body})
		},
		Sees: func(u domain.User, c domain.Case) bool {
			ok, _ := access.Can(u, access.SeeCase, access.OfCase(c), tree)
			return ok
		},
		Allows: func(platform domain.Platform) bool {
			return platform == domain.Mail && d.mail || p.Region.Allows(platform, domain.WayStaff)
		},
		CodeKeys: func(code string) [][]byte { return keys.Code(p.Region.ID, code) },
	})
	d.made[p.Region.ID] = madeDesk{hash: p.Hash, desk: desk}
	return desk
}

// act gives a step the scope that the desk's table of access gives it, and none to
// whom the desk would not let in.
func (d *staffDesk) act(u domain.User, step domain.Step, tree domain.Tree, act domain.Act) (domain.Act, string) {
	action := access.Distribute
	if step == domain.StepSendBack {
		action = access.SendBack
	}
	if u.MustChange || d.factor && !u.SecondFactor && u.HasOwn(domain.RoleAdministrator) {
		return act, staff.WordsLogin
	}
	if ok, why := access.Can(u, action, access.Object{}, tree); !ok {
		return act, access.Words(action, why)
	}
	act.Scope = access.ScopeOf(u, action, tree)
	return act, ""
}

// Hears implements worker.Staff.
func (d *staffDesk) Hears(src domain.Source) bool {
	p, platform := d.pack(src.Region), platformOf(src.Kind)
	return d.keys != nil && p != nil && platform != "" && p.Region.Allows(platform, domain.WayStaff)
}

// Hear implements worker.Staff.
func (d *staffDesk) Hear(ctx context.Context, src domain.Source, p *domain.Post) (bool, error) {
	pack := d.pack(src.Region)
	if pack == nil {
		return false, nil
	}
	outcome, heard, err := d.store.HearStaff(ctx, src.Region, p, d.clock.Now(), d.of(pack))
	if heard {
		d.log.Info("heard somebody of the desk", "source", src.ID, "outcome", outcome)
	}
	return heard, err
}

// Deliver implements reply.Sink: a notice is told to whoever it concerns.
func (d *staffDesk) Deliver(ctx context.Context, n domain.Notice) error {
	p := d.pack(n.Region)
	if p == nil {
		return fmt.Errorf("region %s is not served here", n.Region)
	}
	heard, err := d.store.SpreadNotice(ctx, n, d.region(p), d.clock.Now())
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if n.Kind == domain.NoticeUrgent {
		level = slog.LevelWarn
	}
	d.log.Log(ctx, level, "notice", "kind", n.Kind, "region", n.Region, "case", n.CaseID, "role", roleForLog(n.ToRole), "agency", n.ToAgency, "heard_by", heard)
	return nil
}

// region is what addressing needs of a pack.
func (d *staffDesk) region(p *rules.Pack) storage.StaffRegion {
	return storage.StaffRegion{Zone: p.Region.Location, Tree: pageRegion(p).Tree, Sees: d.of(p).Sees}
}

// roleForLog leaves out who a notice names.
func roleForLog(role string) string {
	name, _, _ := strings.Cut(role, ":")
	return name
}

const (
	letterLook    = time.Second
	lettersAtOnce = 100
)

// write puts what people are to hear into the outbox, until ctx ends.
func (d *staffDesk) write(ctx context.Context) error {
	life := d.lives.Begin("letters to staff", "", domain.LoopSilence)
	defer life.End()
	every(ctx, letterLook, func() {
		life.Beat()
		if err := d.writeAll(ctx, life); err != nil && ctx.Err() == nil {
			d.log.Error("write to staff", "err", err)
		}
	})
	return nil
}

func (d *staffDesk) writeAll(ctx context.Context, life *domain.Life) error {
	var faults []error
	for _, p := range d.packs() {
		for ctx.Err() == nil {
			life.Beat()
			n, err := d.store.WriteLetters(ctx, p.Region.ID, d.region(p), d.clock.Now(), d.of(p), lettersAtOnce)
			if err != nil {
				faults = append(faults, fmt.Errorf("region %s: %w", p.Region.ID, err))
			}
			if err != nil || n < lettersAtOnce {
				break
			}
		}
	}
	return errors.Join(faults...)
}

// noticePages are «Мои уведомления».
func (s *server) noticePages() *notices.Pages {
	p := &notices.Pages{Store: s.infra.store, Places: s.staffPlaces, Mail: s.cfg.SMTPURL != "", PlatformName: reply.PlatformName, KindTitle: staff.KindTitle}
	if s.staff != nil && s.staff.keys != nil {
		p.Hash = func(region, code string) []byte { return s.staff.keys.Code(region, code)[0] }
	}
	return p
}

// staffPlaces are the bots of a region that people of the desk may write to.
func (s *server) staffPlaces(ctx context.Context, region string) ([]notices.Place, error) {
	p := s.follower.Pack(region)
	if p == nil {
		return nil, nil
	}
	sources, err := s.infra.store.Sources(ctx, region)
	if err != nil {
		return nil, err
	}
	var out []notices.Place
	for _, src := range sources {
		platform := platformOf(src.Kind)
		if platform == "" || src.State == domain.SourcePaused || !p.Region.Allows(platform, domain.WayStaff) {
			continue
		}
		place := notices.Place{Words: reply.PlatformName(platform) + ": " + cmp.Or(src.Title, src.Address)}
		if platform == domain.VK {
			place.URL = "https://vk.me/club" + src.Address
		}
		out = append(out, place)
	}
	return out, nil
}

// mailClient sends letters to staff; nil without a mail server.
func (s *server) mailClient() (*mail.Client, error) {
	if s.cfg.SMTPURL == "" {
		return nil, nil
	}
	pool, err := certificates(s.cfg.CAFile)
	if err != nil {
		return nil, err
	}
	c, err := mail.New(s.cfg.mail(pool))
	if err != nil {
		return nil, fmt.Errorf("OTKLIK_SMTP_URL: %w", err)
	}
	return c, nil
}

// withMail adds mail to the couriers, where there is a server.
func withMail(couriers map[domain.Platform]reply.Courier, letters *mail.Client) map[domain.Platform]reply.Courier {
	if letters != nil {
		couriers[domain.Mail] = reply.MailCourier{Client: letters}
	}
	return couriers
}
