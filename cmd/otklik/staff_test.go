package main

import (
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/bots/staff"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

func staffOf(t *testing.T, change func(*rules.Channels)) *staffDesk {
	t.Helper()
	p, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	change(&p.Region.Channels)
	return &staffDesk{keys: &bots.Keys{}, made: map[string]madeDesk{}, factor: true, pack: func(string) *rules.Pack { return p },
		rules: func(string) domain.BodyRules { return domain.BodyRules{} }, url: func() string { return "" }}
}

// Where a region's people may write to the bot.
func TestWhereStaffIsHeard(t *testing.T) {
	decided := rules.Channel{Read: true, Staff: true, Decision: "1", Signer: "А"}
	for name, tc := range map[string]struct {
		channels func(*rules.Channels)
		kind     domain.SourceKind
		hears    bool
	}{
		"the pack as it is, MAX":      {func(*rules.Channels) {}, domain.MAXBot, true},
		"the pack as it is, Telegram": {func(*rules.Channels) {}, domain.TelegramBot, false},
		"a decision for staff alone":  {func(c *rules.Channels) { c.Telegram = decided }, domain.TelegramWebhook, true},
		"staff without a decision":    {func(c *rules.Channels) { c.Telegram.Staff = true }, domain.TelegramBot, false},
		"MAX for staff alone":         {func(c *rules.Channels) { c.MAX.Dialog = false }, domain.MAXWebhook, true},
		"VK without dialogs":          {func(c *rules.Channels) { c.VK.Dialog = false }, domain.VKLongPoll, true},
		"VK without staff":            {func(c *rules.Channels) { c.VK.Staff = false }, domain.VKCallback, false},
		"a wall":                      {func(*rules.Channels) {}, domain.VKWall, false},
	} {
		if hears := staffOf(t, tc.channels).Hears(domain.Source{Kind: tc.kind}); hears != tc.hears {
			t.Errorf("%s: hears %v", name, hears)
		}
	}
	d := staffOf(t, func(*rules.Channels) {})
	d.keys = nil
	if d.Hears(domain.Source{Kind: domain.MAXBot}) {
		t.Error("somebody is heard without a key")
	}
}

// A step from a chat needs what the desk needs: the role, and an account that the
// desk would let in.
func TestStaffStepsNeedWhatTheDeskNeeds(t *testing.T) {
	d := staffOf(t, func(*rules.Channels) {})
	coordinator := domain.User{ID: 1, Region: "khabarovsk", Login: "kira", Active: true,
		Offices: []domain.Office{{Role: domain.RoleCoordinator, AgencyID: "khab-housing"}}}
	with := func(change func(*domain.User)) domain.User { u := coordinator; change(&u); return u }
	for name, tc := range map[string]struct {
		user    domain.User
		step    domain.Step
		refused bool
	}{
		"a coordinator":    {coordinator, domain.StepAccept, false},
		"sends back":       {coordinator, domain.StepSendBack, false},
		"a first password": {with(func(u *domain.User) { u.MustChange = true }), domain.StepAccept, true},
		"switched off":     {with(func(u *domain.User) { u.Active = false }), domain.StepAccept, true},
		"an executor": {with(func(u *domain.User) {
			u.Offices = []domain.Office{{Role: domain.RoleExecutor, AgencyID: "khab-housing"}}
		}), domain.StepAccept, true},
		"an administrator, one factor": {with(func(u *domain.User) { u.Offices = append(u.Offices, domain.Office{Role: domain.RoleAdministrator}) }), domain.StepAccept, true},
		"an administrator, two": {with(func(u *domain.User) {
			u.Offices, u.SecondFactor = append(u.Offices, domain.Office{Role: domain.RoleAdministrator}), true
		}), domain.StepAccept, false},
	} {
		act, refused := d.of(d.pack("")).Act(tc.user, tc.step, 5, 1, time.Now())
		if (refused != "") != tc.refused || (len(act.Scope.Agencies) == 0) != tc.refused || act.Scope.Whole {
			t.Errorf("%s: %q, %+v", name, refused, act.Scope)
		}
		if refused == staff.WordsLogin && name == "an executor" {
			t.Errorf("%s: %q", name, refused)
		}
	}
}
