package main

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// deskPlatforms let the page of sources ask the platforms.
type deskPlatforms struct {
	cfg       Config
	infra     *infra
	platforms *platforms
	pack      func(region string) *rules.Pack
	log       *slog.Logger
}

// Clean implements sources.Platforms.
func (d deskPlatforms) Clean(ctx context.Context, src *domain.Source) error {
	if src.Kind == domain.MAXBot || src.Kind == domain.MAXWebhook {
		n, err := strconv.ParseInt(src.Address, 10, 64)
		if err != nil {
			return errors.New("адрес бота MAX — его номер; какие боты есть, скажет проверка любого числа")
		}
		src.Address = strconv.FormatInt(n, 10)
	}
	if err := d.packReads(*src); err != nil {
		return err
	}
	if err := cleanAddress(src); err != nil {
		return err
	}
	return d.OneWay(ctx, *src)
}

// OneWay implements sources.Platforms.
func (d deskPlatforms) OneWay(ctx context.Context, src domain.Source) error {
	return oneWay(ctx, d.infra.store, src)
}

// packReads is told before the platform is asked: no «Добавить всё равно» helps.
func (d deskPlatforms) packReads(src domain.Source) error {
	if p := d.pack(src.Region); p != nil {
		if why := refusal(p, src.Kind); why != "" {
			return errors.New(why)
		}
	}
	return nil
}

// Check implements sources.Platforms.
func (d deskPlatforms) Check(ctx context.Context, src domain.Source) (string, error) {
	if err := d.packReads(src); err != nil {
		return "", err
	}
	if err := d.OneWay(ctx, src); err != nil {
		return "", err
	}
	return checkSource(ctx, d.cfg, d.infra, src, d.log)
}

// Quota implements sources.Platforms.
func (d deskPlatforms) Quota(ctx context.Context) map[string]domain.Budget {
	return d.platforms.quotaLeft(ctx)
}

// Homes implements sources.Platforms.
func (d deskPlatforms) Homes(region string) map[string]string {
	out := map[string]string{}
	if p := d.pack(region); p != nil {
		for _, m := range p.Gazetteer.Municipalities {
			out[m.ID] = m.Name
		}
	}
	return out
}

// Wake implements sources.Platforms.
func (d deskPlatforms) Wake(ctx context.Context) { d.infra.wakeAll(ctx) }
