package storage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// noon is a working day in both regions.
func noon() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }

const (
	region = "khabarovsk"
	owner  = "-100"
)

func addSource(t *testing.T, s *storage.Store, address string) domain.Source {
	t.Helper()
	src, err := s.AddSource(t.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: address, NextPollAt: noon().Add(-time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// lease takes every due wall.
func lease(t *testing.T, s *storage.Store, worker string, length time.Duration) []domain.Source {
	t.Helper()
	got, err := s.LeaseSources(t.Context(), worker, noon(), length, []domain.SourceKind{domain.VKWall}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func post(n int, text string) domain.Post {
	return domain.Post{
		ID: domain.NewPostID(domain.VK, owner, fmt.Sprint(n)), Region: region, Kind: domain.WallPost,
		Author: domain.Author{ID: "7", Name: "Житель"}, Text: text, PublishedAt: noon().Add(-time.Hour), URL: "https://vk.ru/wall-100_" + fmt.Sprint(n),
	}
}

// judgedAs gives a post a problem verdict and keys.
func judgedAs(p domain.Post, row int, keys ...string) domain.Judged {
	return domain.Judged{Post: p, Keys: keys, Verdict: domain.Verdict{
		Kind: domain.Problem, Row: row, Topic: "roads.potholes", Category: "Дороги", Subcategory: "Ямы", Confidence: 0.9, Margin: 0.4,
		Evidence:     []domain.Evidence{{Start: 0, End: 3, Text: "яма", Why: "стр. 3"}},
		Alternatives: []domain.Alternative{{Row: row, Confidence: 0.9}},
		Place:        domain.Place{Municipality: "khabarovsk-city", Street: "улица Ленина", Source: domain.PlaceText},
		PackHash:     "test", Language: "ru", Reason: "проверка",
	}}
}

// batchOf is a leased source's batch with a cursor.
func batchOf(src domain.Source, cursor string, posts ...domain.Judged) (domain.Batch, []domain.Judged) {
	b := domain.Batch{Source: src, State: domain.SourceActive, Reason: "получено", NextPoll: noon().Add(time.Minute)}
	if cursor != "" {
		b.Cursor = json.RawMessage(cursor)
	}
	for i := range posts {
		posts[i].Post.SourceID = src.ID
		b.Posts = append(b.Posts, posts[i].Post)
	}
	return b, posts
}

func deadline() domain.Deadline {
	due := noon().AddDate(0, 0, 10)
	return domain.Deadline{Days: 10, Due: due, Control: due, Reason: "строка 3"}
}

// route opens a case for a problem or joins the first offered.
func route(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
	d := domain.Decision{Action: domain.ActionKeep, Reason: "not_a_problem", Words: "не проблема", Urgent: j.Verdict.Urgent}
	switch {
	case j.Verdict.Kind != domain.Problem:
		return d
	case known != nil && known.CaseID != 0:
		d.Reason, d.Words = "already_in_case", "уже в инциденте"
		if known.Row != j.Verdict.Row {
			d.Action, d.Reason, d.Words = domain.ActionReview, "verdict_changed", "классификация изменилась"
		}
		return d
	case len(open) > 0:
		d.Action, d.CaseID, d.Reason, d.Words = domain.ActionAttach, open[0].ID, "attached_key", "присоединено"
		return d
	}
	d.Action, d.State, d.AgencyID = domain.ActionOpen, domain.Coordination, "min-roads"
	d.Reason, d.Words, d.RouteWhy, d.Deadline = "assigned_unseen", "назначено", "строка 3 — дороги", deadline()
	d.Notices = []domain.Notice{{Key: "assigned:case:0:round:1", Kind: domain.NoticeAssigned, ToRole: "coordinator", ToAgency: "min-roads", Text: "Новый инцидент"}}
	return d
}

func commit(t *testing.T, s *storage.Store, b domain.Batch, judged []domain.Judged) domain.CommitResult {
	t.Helper()
	res, err := s.Commit(t.Context(), noon(), b, judged, route)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func stats(t *testing.T, s *storage.Store) domain.Stats {
	t.Helper()
	st, err := s.Stats(context.Background(), region)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

type storagePost = storage.JudgedPost

// compare is the difference of two values as JSON, "" when there is none.
func compare(want, got any) string {
	w, _ := json.Marshal(want)
	g, _ := json.Marshal(got)
	if string(w) == string(g) {
		return ""
	}
	return fmt.Sprintf("want %s\ngot  %s", w, g)
}
