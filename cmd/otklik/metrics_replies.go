package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/otklik/otklik/storage"
)

// replyStore is what the gauges of sending read.
type replyStore interface {
	DeliveryCounts(ctx context.Context) ([]storage.DeliveryCount, error)
	HeldCounts(ctx context.Context) ([]storage.HeldCount, error)
	StaffBacklog(ctx context.Context) ([]storage.StaffCount, error)
	QuotasToday(ctx context.Context) ([]storage.QuotaUse, error)
}

// replyGauges tell at each scrape how far the words to citizens have come.
type replyGauges struct {
	store              replyStore
	log                *slog.Logger
	states, held, sent *prometheus.Desc
	staff, heard       *prometheus.Desc
}

func newReplyGauges(store replyStore, log *slog.Logger) *replyGauges {
	return &replyGauges{store: store, log: log,
		states: prometheus.NewDesc("otklik_deliveries", "Messages to citizens by state.", []string{"region", "platform", "state"}, nil),
		staff:  prometheus.NewDesc("otklik_staff_deliveries", "Messages to people of the desk by state.", []string{"region", "platform", "state"}, nil),
		heard:  prometheus.NewDesc("otklik_staff_notices", "Notices that people of the desk have still to hear, and those that had no way to them.", []string{"region", "state"}, nil),
		held:   prometheus.NewDesc("otklik_deliveries_held", "Messages that wait because of their account, by the reason.", []string{"region", "platform", "reason"}, nil),
		sent:   prometheus.NewDesc("otklik_sends_today", "Messages tried today over all accounts.", []string{"platform", "way"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (g *replyGauges) Describe(ch chan<- *prometheus.Desc) {
	ch <- g.states
	ch <- g.held
	ch <- g.sent
	ch <- g.staff
	ch <- g.heard
}

// Collect implements prometheus.Collector.
func (g *replyGauges) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	if err := g.collect(ctx, ch); err != nil {
		g.log.Warn("metrics: read deliveries", "err", err)
	}
}

func (g *replyGauges) collect(ctx context.Context, ch chan<- prometheus.Metric) error {
	states, err := g.store.DeliveryCounts(ctx)
	if err != nil {
		return err
	}
	for _, c := range states {
		desc := g.states
		if c.Staff {
			desc = g.staff
		}
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(c.N), c.Region, string(c.Platform), string(c.State))
	}
	heard, err := g.store.StaffBacklog(ctx)
	if err != nil {
		return err
	}
	for _, c := range heard {
		ch <- prometheus.MustNewConstMetric(g.heard, prometheus.GaugeValue, float64(c.N), c.Region, c.State)
	}
	held, err := g.store.HeldCounts(ctx)
	if err != nil {
		return err
	}
	for _, c := range held {
		ch <- prometheus.MustNewConstMetric(g.held, prometheus.GaugeValue, float64(c.N), c.Region, string(c.Platform), c.Reason)
	}
	used, err := g.store.QuotasToday(ctx)
	if err != nil {
		return err
	}
	for _, u := range used {
		// «send:vk:public», beside the methods of reading
		if name, ok := strings.CutPrefix(u.Method, "send:"); ok {
			platform, way, _ := strings.Cut(name, ":")
			ch <- prometheus.MustNewConstMetric(g.sent, prometheus.GaugeValue, float64(u.Used), platform, way)
		}
	}
	return nil
}
