package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// countedStore is a store whose counters are known.
type countedStore struct{ asked time.Time }

func (c countedStore) Sources(_ context.Context, region string) ([]domain.Source, error) {
	if region != "khabarovsk" {
		return nil, errors.New("no such region")
	}
	return []domain.Source{{Kind: domain.VKWall, Address: "-1", State: domain.SourceFailing, LastOKAt: c.asked.Add(-time.Hour)}}, nil
}

func (countedStore) CaseCounts(context.Context, string) (domain.Stats, error) {
	return domain.Stats{Cases: 7, Assigned: 5, Review: 2, Overdue: 1}, nil
}

func (countedStore) OverdueByAgency(context.Context) ([]storage.OverdueCount, error) {
	return []storage.OverdueCount{{Region: "khabarovsk", AgencyID: "clinic", Cases: 3}}, nil
}

func (countedStore) DefaultPartitionRows(context.Context) (int64, error) { return 4, nil }

func (countedStore) NoticeBacklog(context.Context) (waiting, failed int64, err error) {
	return 6, 8, nil
}

func (countedStore) LateNotices(context.Context, time.Time) (int64, error) { return 5, nil }

// Every metric that the duty looks at is shown, and moves with what happened.
func TestMetricsMove(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m := newMetrics()
	m.registry.MustRegister(newGauges(countedStore{now}, []string{"khabarovsk"}, fixedClock(now),
		func(context.Context) map[string]domain.Budget {
			return map[string]domain.Budget{"wall.get": {Left: 4321}}
		}, slog.New(slog.DiscardHandler)))
	src := domain.Source{Region: "khabarovsk", Kind: domain.VKWall, Address: "-1"}
	other := domain.Source{Region: "khabarovsk", Kind: domain.VKWall, Address: "-2"}
	m.Committed(src, domain.CommitResult{Stored: 3, Opened: 2}, 20*time.Millisecond)
	m.Committed(other, domain.CommitResult{Stored: 1}, 20*time.Millisecond)
	m.Judged(src, domain.Verdict{Kind: domain.Problem, Confidence: 0.83})
	m.Polled(src, 3, time.Second, nil)
	m.Polled(src, 0, time.Second, &domain.PlatformError{Platform: domain.VK, Reaction: domain.ParkToday})

	page := httptest.NewRecorder()
	m.probes(nil, nil).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`otklik_posts_total{address="-1",kind="vk_wall",outcome="stored",region="khabarovsk"} 3`,
		`otklik_posts_total{address="-2",kind="vk_wall",outcome="stored",region="khabarovsk"} 1`,
		`otklik_posts_total{address="-1",kind="vk_wall",outcome="opened",region="khabarovsk"} 2`,
		`otklik_source_lag_seconds{address="-1",kind="vk_wall",region="khabarovsk"} 3600`,
		`otklik_source_state{address="-1",kind="vk_wall",region="khabarovsk",state="failing"} 1`,
		`otklik_quota_left{method="wall.get"} 4321`,
		`otklik_commit_seconds_count 2`,
		`otklik_verdicts_total{band="0.8",kind="problem",region="khabarovsk"} 1`,
		`otklik_overdue_cases{agency="clinic",region="khabarovsk"} 3`,
		`otklik_cases{mark="review",region="khabarovsk"} 2`,
		`otklik_notices{state="waiting"} 6`,
		`otklik_notices{state="late"} 5`,
		`otklik_notices{state="failed"} 8`,
		`otklik_default_partition_rows 4`,
		`otklik_polls_total{kind="vk_wall",outcome="ok"} 1`,
		`otklik_polls_total{kind="vk_wall",outcome="` + string(domain.ParkToday) + `"} 1`,
	} {
		if !strings.Contains(page.Body.String(), line+"\n") {
			t.Errorf("not shown: %s", line)
		}
	}
	if t.Failed() {
		t.Logf("%s", page.Body)
	}
}

// fixedClock stands still.
type fixedClock time.Time

func (c fixedClock) Now() time.Time { return time.Time(c) }
