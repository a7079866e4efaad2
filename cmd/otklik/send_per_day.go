package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// sendPerDay is the most messages an account sends in a day: the operator's
// number, or the usual one.
func (c *Config) sendPerDay(p domain.Platform, w domain.Way) int64 {
	for _, v := range c.SendPerDay {
		if platform, way, n, err := sendLimit(v); err == nil && platform == p && way == w {
			return n
		}
	}
	return domain.SendPerDay(p, w)
}

// sendLimit reads «vk_public:300».
func sendLimit(value string) (domain.Platform, domain.Way, int64, error) {
	name, number, _ := strings.Cut(strings.TrimSpace(value), ":")
	platform, way, _ := strings.Cut(name, "_")
	n, err := strconv.ParseInt(number, 10, 64)
	p, w := domain.Platform(platform), domain.Way(way)
	known := slices.Contains([]domain.Platform{domain.VK, domain.Telegram, domain.MAX}, p) && slices.Contains([]domain.Way{domain.WayPublic, domain.WayDialog, domain.WayStaff}, w)
	if err != nil || n < 0 || !known {
		return "", "", 0, fmt.Errorf("OTKLIK_SEND_PER_DAY: «%s» — не вид vk_public:300 (площадки vk, telegram, max; public, dialog или staff; целое число)", value)
	}
	return p, w, n, nil
}

// sendFaults look at the limits of sending.
func (c *Config) sendFaults() (faults []error) {
	for _, v := range c.SendPerDay {
		if _, _, _, err := sendLimit(v); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// withoutSendLimits lets every account send what it has.
func withoutSendLimits() []string {
	return []string{"vk_public:0", "vk_dialog:0", "vk_staff:0", "telegram_public:0", "telegram_dialog:0", "telegram_staff:0",
		"max_public:0", "max_dialog:0", "max_staff:0"}
}
