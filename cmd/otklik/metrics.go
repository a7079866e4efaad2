package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/otklik/otklik/desk/login"
	"github.com/otklik/otklik/domain"
	tgingest "github.com/otklik/otklik/ingest/telegram"
	vkingest "github.com/otklik/otklik/ingest/vk"
	"github.com/otklik/otklik/storage"
)

// metrics are the counters of this process, and gauges read from the store
// when they are scraped. It implements ingest.Observer and worker.Observer.
type metrics struct {
	registry *prometheus.Registry
	polls    *prometheus.CounterVec
	pollTime *prometheus.HistogramVec
	posts    *prometheus.CounterVec
	commits  prometheus.Histogram
	verdicts *prometheus.CounterVec
	pushes   *prometheus.CounterVec
	passed   *prometheus.CounterVec
	logins   *prometheus.CounterVec
	dropped  *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_polls_total",
			Help: "Polls by kind of source and outcome."}, []string{"kind", "outcome"}),
		pollTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "otklik_poll_seconds",
			Help: "Time of one poll, answer and commit together.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 14)}, []string{"kind"}),
		posts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_posts_total",
			Help: "Posts by source and what became of them."}, []string{"region", "kind", "address", "outcome"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "otklik_commit_seconds",
			Help: "Time of one commit.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_verdicts_total",
			Help: "Verdicts by region, kind and band of confidence."}, []string{"region", "kind", "band"}),
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_pushes_total",
			Help: "Pushes of platforms by kind of source and HTTP status."}, []string{"kind", "status"}),
	}
	m.passed = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_events_total",
		Help: "Events of platforms by type and what became of them before judging."}, []string{"platform", "type", "outcome"})
	m.dropped = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_retention_dropped_total",
		Help: "Posts that were nobody's problem, dropped by age, by region."}, []string{"region"})
	m.logins = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "otklik_logins_total",
		Help: "Attempts to log in at the desk by outcome."}, []string{"outcome"})
	m.registry.MustRegister(m.logins, m.passed, m.dropped, m.polls, m.pollTime, m.posts, m.commits, m.verdicts, m.pushes,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Polled implements ingest.Observer.
func (m *metrics) Polled(src domain.Source, _ int, took time.Duration, err error) {
	m.polls.WithLabelValues(string(src.Kind), pollOutcome(err)).Inc()
	m.pollTime.WithLabelValues(string(src.Kind)).Observe(took.Seconds())
}

func pollOutcome(err error) string {
	var pe *domain.PlatformError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &pe):
		return string(pe.Reaction)
	case errors.Is(err, domain.ErrLeaseLost):
		return "lease_lost"
	default:
		return "error"
	}
}

// Judged implements worker.Observer.
func (m *metrics) Judged(src domain.Source, v domain.Verdict) {
	m.verdicts.WithLabelValues(src.Region, string(v.Kind), confidenceBand(v.Confidence)).Inc()
}

// Refused implements worker.Observer.
func (m *metrics) Refused(src domain.Source, why string, n int) {
	m.passed.WithLabelValues(string(src.Kind.Platform()), "private_message", why).Add(float64(n))
}

// confidenceBand keeps the number of series small: tenths, named by their floor.
func confidenceBand(c float64) string {
	tenth := min(9, max(0, int(c*10)))
	return "0." + strconv.Itoa(tenth)
}

// Committed implements worker.Observer.
func (m *metrics) Committed(src domain.Source, r domain.CommitResult, took time.Duration) {
	m.commits.Observe(took.Seconds())
	for outcome, n := range map[string]int{"stored": r.Stored, "changed": r.Changed, "unchanged": r.Unchanged,
		"opened": r.Opened, "attached": r.Attached, "kept": r.Kept, "review": r.Review} {
		if n > 0 {
			m.posts.WithLabelValues(src.Region, string(src.Kind), src.Address, outcome).Add(float64(n))
		}
	}
}

// event counts VK events; it is handed to the pullers.
func (m *metrics) event(kind string, o vkingest.Outcome) {
	m.passed.WithLabelValues(string(domain.VK), kind, string(o)).Inc()
}

// skipped counts Telegram updates that gave no post, by the reason.
func (m *metrics) skipped(_ domain.Source, why tgingest.Skip, n int) {
	m.passed.WithLabelValues(string(domain.Telegram), "update", string(why)).Add(float64(n))
}

// login counts attempts to log in.
func (m *metrics) login(o login.Outcome) { m.logins.WithLabelValues(string(o)).Inc() }

// gaugeStore is what the scrape-time gauges read.
type gaugeStore interface {
	Sources(ctx context.Context, region string) ([]domain.Source, error)
	CaseCounts(ctx context.Context, region string) (domain.Stats, error)
	NoticeBacklog(ctx context.Context) (waiting, failed int64, err error)
	LateNotices(ctx context.Context, now time.Time) (int64, error)
	OverdueByAgency(ctx context.Context) ([]storage.OverdueCount, error)
	DefaultPartitionRows(ctx context.Context) (int64, error)
}

// gauges reads the state of sources and cases at each scrape.
type gauges struct {
	store   gaugeStore
	regions []string
	clock   domain.Clock
	quota   func(ctx context.Context) map[string]domain.Budget // by method
	log     *slog.Logger

	lag, state, quotaLeft, overdue, cases, notices, partition *prometheus.Desc
}

func newGauges(store gaugeStore, regions []string, clock domain.Clock, quota func(context.Context) map[string]domain.Budget, log *slog.Logger) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("otklik_"+name, help, labels, nil)
	}
	return &gauges{store: store, regions: regions, clock: clock, quota: quota, log: log,
		lag:       desc("source_lag_seconds", "Time since the last poll that worked.", "region", "kind", "address"),
		state:     desc("source_state", "1 for the state a source is in.", "region", "kind", "address", "state"),
		quotaLeft: desc("quota_left", "Calls left today over all tokens.", "method"),
		overdue:   desc("overdue_cases", "Open cases past due by body.", "region", "agency"),
		cases:     desc("cases", "Cases by region and mark.", "region", "mark"),
		notices:   desc("notices", "Notices to staff that wait, of them those late by a minute, and those given up.", "state"),
		partition: desc("default_partition_rows", "Rows in the default partition: more than 0 is an alert."),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.lag, g.state, g.quotaLeft, g.overdue, g.cases, g.notices, g.partition} {
		ch <- d
	}
}

const scrapeTimeout = 5 * time.Second

// Collect implements prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	for _, region := range g.regions {
		g.collectSources(ctx, ch, region)
		g.collectCases(ctx, ch, region)
	}
	g.collectOverdue(ctx, ch)
	g.collectNotices(ctx, ch)
	if n, err := g.store.DefaultPartitionRows(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(g.partition, prometheus.GaugeValue, float64(n))
	}
	for method, b := range g.quota(ctx) {
		ch <- prometheus.MustNewConstMetric(g.quotaLeft, prometheus.GaugeValue, float64(b.Left), method)
	}
}

func (g *gauges) collectSources(ctx context.Context, ch chan<- prometheus.Metric, region string) {
	sources, err := g.store.Sources(ctx, region)
	if err != nil {
		g.log.Warn("metrics: read sources", "region", region, "err", err)
		return
	}
	now := g.clock.Now()
	for _, s := range sources {
		labels := []string{region, string(s.Kind), s.Address}
		ch <- prometheus.MustNewConstMetric(g.state, prometheus.GaugeValue, 1, append(labels, string(s.State))...)
		if !s.LastOKAt.IsZero() {
			ch <- prometheus.MustNewConstMetric(g.lag, prometheus.GaugeValue, now.Sub(s.LastOKAt).Seconds(), labels...)
		}
	}
}

func (g *gauges) collectCases(ctx context.Context, ch chan<- prometheus.Metric, region string) {
	st, err := g.store.CaseCounts(ctx, region)
	if err != nil {
		g.log.Warn("metrics: read counters", "region", region, "err", err)
		return
	}
	for mark, n := range map[string]int64{"all": st.Cases, "assigned": st.Assigned, "review": st.Review, "overdue": st.Overdue} {
		ch <- prometheus.MustNewConstMetric(g.cases, prometheus.GaugeValue, float64(n), region, mark)
	}
}

func (g *gauges) collectOverdue(ctx context.Context, ch chan<- prometheus.Metric) {
	counts, err := g.store.OverdueByAgency(ctx)
	if err != nil {
		g.log.Warn("metrics: read overdue by body", "err", err)
		return
	}
	for _, c := range counts {
		ch <- prometheus.MustNewConstMetric(g.overdue, prometheus.GaugeValue, float64(c.Cases), c.Region, c.AgencyID)
	}
}

func (g *gauges) collectNotices(ctx context.Context, ch chan<- prometheus.Metric) {
	waiting, failed, err := g.store.NoticeBacklog(ctx)
	late, lateErr := g.store.LateNotices(ctx, g.clock.Now())
	if err := errors.Join(err, lateErr); err != nil {
		g.log.Warn("metrics: count notices", "err", err)
		return
	}
	for state, n := range map[string]int64{"waiting": waiting, "late": late, "failed": failed} {
		ch <- prometheus.MustNewConstMetric(g.notices, prometheus.GaugeValue, float64(n), state)
	}
}

// probes serves /metrics, /healthz (the loops of the process live) and /readyz (it
// can work).
func (m *metrics) probes(lives *domain.Lives, ready func(ctx context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if late := lives.Late(); len(late) > 0 {
			http.Error(w, strings.Join(late, "\n"), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	return mux
}
