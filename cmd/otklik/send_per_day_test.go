package main

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestSendPerDayIsTheOperatorsOrTheUsualOne(t *testing.T) {
	c := Config{SendPerDay: []string{"vk_public:300", " telegram_dialog:0"}}
	for _, want := range []struct {
		p domain.Platform
		w domain.Way
		n int64
	}{
		{domain.VK, domain.WayPublic, 300}, {domain.VK, domain.WayDialog, 20000},
		{domain.Telegram, domain.WayDialog, 0}, {domain.MAX, domain.WayPublic, 1000},
	} {
		if got := c.sendPerDay(want.p, want.w); got != want.n {
			t.Errorf("%s %s: %d, want %d", want.p, want.w, got, want.n)
		}
	}
	for _, p := range []domain.Platform{domain.VK, domain.Telegram, domain.MAX} {
		for _, w := range []domain.Way{domain.WayPublic, domain.WayDialog} {
			if n := (&Config{SendPerDay: withoutSendLimits()}).sendPerDay(p, w); n != 0 {
				t.Errorf("%s %s without limits: %d", p, w, n)
			}
		}
	}
}
