package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// What is measured without a database is what the store does: it offers the router all
// that decides, also of two texts at one address that have next to no word in common.
func TestPairsJoinInTheStoreAsMeasured(t *testing.T) {
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	c, err := classify.Compile(pack, classify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, r := storagetest.New(t), router.New(pack)
	src, err := s.AddSource(t.Context(), domain.Source{Region: pack.Region.ID, Kind: domain.VKWall, Address: "-5"})
	if err != nil {
		t.Fatal(err)
	}
	entrance := func(n uint32) []domain.PrintMark { return []domain.PrintMark{domain.MarkOf(8, n, false)} }
	for i, tc := range []struct {
		name        string
		first, then domain.Print
		joins       bool
	}{
		{"half of the words", words(nil, 0, 10), words(nil, 5, 10), true},
		{"a twentieth of the words", words(nil, 0, 11), words(nil, 10, 10), true},
		{"a fiftieth of the words", words(nil, 0, 26), words(nil, 25, 25), false},
		{"no word in common", words(nil, 0, 10), words(nil, 10, 10), false},
		{"another entrance, a twentieth of the words", words(entrance(1), 0, 11), words(entrance(3), 10, 10), false},
	} {
		tell := func(n int, print domain.Print) *domain.Judged {
			j := &domain.Judged{Post: domain.Post{ID: domain.NewPostID(domain.VK, "-5", fmt.Sprint(2*i+n)), Region: pack.Region.ID, SourceID: src.ID,
				Kind: domain.WallPost, Home: "khabarovsk-city", PublishedAt: start(), Text: fmt.Sprintf("На улице %s, 12 яма на дороге", streets()[i])}}
			j.Verdict = c.Judge(&j.Post)
			j.Verdict.Print, j.Verdict.Fingerprint = print, ""
			j.Keys = r.Keys(*j)
			return j
		}
		first, then := tell(0, tc.first), tell(1, tc.then)
		w := &sameWorld{byKey: map[string][]*sameCase{}}
		w.open(first, r.Decide(start(), *first, nil, nil), told{})
		measured := r.Decide(start(), *then, nil, w.offered(then)).Action == domain.ActionAttach
		if stored := keptBy(t, s, r, src, first, then); measured != tc.joins || stored != tc.joins {
			t.Errorf("%s: measured %t, stored %t, want %t", tc.name, measured, stored, tc.joins)
		}
	}
}

// words are a print of n words of one weight.
func words(marks []domain.PrintMark, from, n uint32) domain.Print {
	p := domain.Print{Marks: marks}
	for k := range n {
		p.Words = append(p.Words, domain.PrintWord{Hash: from + k + 1, Weight: 100})
	}
	return p
}

// keptBy commits both posts as the worker does and reports whether the second joined.
func keptBy(t *testing.T, s *storage.Store, r *router.Router, src domain.Source, first, then *domain.Judged) bool {
	t.Helper()
	var done domain.CommitResult
	for n, j := range []*domain.Judged{first, then} {
		at := start().Add(time.Duration(n) * time.Minute)
		var err error
		done, err = s.Commit(t.Context(), at, domain.Batch{Source: src, State: domain.SourceActive, Posts: []domain.Post{j.Post}}, []domain.Judged{*j},
			func(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
				d := r.Decide(at, j, known, open)
				d.State, d.AgencyID = domain.Moderation, "" // bodies are not stored here
				return d
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	return done.Attached == 1
}
