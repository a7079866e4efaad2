package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// alike is a post of a key of likeness whose words have these hashes.
func alike(p domain.Post, key string, hashes ...uint32) domain.Judged {
	j := judgedAs(p, 3, domain.KeyLike+key)
	for _, h := range hashes {
		j.Verdict.Print.Words = append(j.Verdict.Print.Words, domain.PrintWord{Hash: h, Weight: 100})
	}
	return j
}

// closest joins what shares half of its words with a case; what shares less is a case
// of its own that is like the other.
func closest(j domain.Judged, _ *domain.Known, open []domain.OpenCase) domain.Decision {
	mine := j.Print()
	d := route(j, nil, nil)
	for _, c := range open {
		for k, p := range c.Prints {
			if !slices.Contains(j.Keys, k) {
				continue
			}
			if mine.Likeness(&p) >= 0.5 {
				return domain.Decision{Action: domain.ActionAttach, CaseID: c.ID, Reason: "attached_paraphrase", Words: "о том же"}
			}
			d.Like = append(d.Like, domain.Likely{CaseID: c.ID, Likeness: mine.Likeness(&p)})
		}
	}
	d.State, d.AgencyID = domain.Moderation, ""
	return d
}

func take(t *testing.T, s *storage.Store, posts ...domain.Judged) domain.CommitResult {
	t.Helper()
	b, judged := batchOf(addSource(t, s, fmt.Sprint("-8", posts[0].Post.ID.Post)), "", posts...)
	res, err := s.Commit(t.Context(), noon(), b, judged, closest)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// Prints outlive the commit: a later one finds the case by them, of the same wave too.
// A case that is only like another is offered beside it, until a person sets them apart.
func TestTheLikeIsFoundAgain(t *testing.T) {
	s := storagetest.New(t)
	res := take(t, s, alike(post(1, "нет света"), "street", 1, 2, 3), alike(post(2, "света нет совсем"), "street", 1, 2, 3, 4))
	if res.Opened != 1 || res.Attached != 1 {
		t.Fatalf("of one wave: %+v", res)
	}
	first := res.CaseIDs[0]
	if res = take(t, s, alike(post(3, "сидим без света"), "street", 2, 3, 4)); res.Attached != 1 {
		t.Errorf("of another commit: %+v", res)
	}
	if res = take(t, s, alike(post(4, "другая улица"), "other", 1, 2, 3)); res.Opened != 1 {
		t.Errorf("of another street: %+v", res)
	}
	if res = take(t, s, alike(post(5, "ничего общего"), "street", 7, 8, 9)); res.Opened != 1 {
		t.Errorf("no word in common: %+v", res)
	}
	res = take(t, s, alike(post(6, "похоже, но не то"), "street", 3, 5, 6))
	if res.Opened != 1 {
		t.Fatalf("a little like it: %+v", res)
	}
	second := seenCase(t, s, res.CaseIDs[0])
	near, err := s.NearCases(t.Context(), analyst(), second)
	if err != nil || len(near) == 0 || near[0].ID != first || near[0].Likeness < 0.19 || near[0].Likeness > 0.21 {
		t.Fatalf("offered: %+v, %v", near, err)
	}
	if w, err := s.CaseWhole(t.Context(), analyst(), first); err != nil || !related(w, second.ID, "like") {
		t.Errorf("the other card does not tell: %+v, %v", w.Related, err)
	}
	done, err := s.JoinCase(t.Context(), analyst(), domain.Join{From: domain.CaseSeen{ID: second.ID, Version: second.Version}, Into: first, By: by("anna")}, redue)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unjoin(t.Context(), analyst(), domain.CaseSeen{ID: second.ID, Version: done.Case.Version}, by("anna")); err != nil {
		t.Fatal(err)
	}
	near, err = s.NearCases(t.Context(), analyst(), seenCase(t, s, second.ID))
	if err != nil || slices.ContainsFunc(near, func(n domain.NearCase) bool { return n.ID == first }) {
		t.Errorf("what a person has set apart is offered: %+v, %v", near, err)
	}
	if w, err := s.CaseWhole(t.Context(), analyst(), first); err != nil || related(w, second.ID, "like") {
		t.Errorf("the card still tells: %+v, %v", w.Related, err)
	}
	if res = take(t, s, alike(post(7, "как второе"), "street", 3, 5, 6)); res.Attached != 1 || seenCase(t, s, second.ID).Posts != 2 {
		t.Errorf("a post like the one that was taken out joins the other: %+v", res)
	}
}

func related(w domain.CaseWhole, id int64, how string) bool {
	return slices.ContainsFunc(w.Related, func(r domain.RelatedCase) bool { return r.Case.ID == id && r.How == how })
}

// keysAsStored are the keys the router would give: here a post's text is its copy key.
func keysAsStored(j domain.Judged) []string {
	return []string{"copy:" + j.Post.Text, "thread:1"}
}

// A copy of what a person has split off joins the case it was split into, and never
// again the one it came from; taken back, all is as it was.
func TestWhatWasSplitIsNotJoinedAgain(t *testing.T) {
	s := storagetest.New(t)
	talk := func(n int, text string) domain.Judged { return judgedAs(post(n, text), 3, "copy:"+text, "thread:1") }
	src := addSource(t, s, "-77")
	b, judged := batchOf(src, "", talk(1, "яма"), talk(2, "фонарь"), talk(3, "ещё яма"))
	first := commit(t, s, b, judged).CaseIDs[0]
	w, err := s.CaseWhole(t.Context(), analyst(), first)
	if err != nil || len(w.Posts) != 3 {
		t.Fatalf("%+v, %v", w.Posts, err)
	}
	lamp := w.Posts[slices.IndexFunc(w.Posts, func(p domain.CasePost) bool { return p.Post.Text == "фонарь" })].Number
	done, err := s.SplitCase(t.Context(), analyst(), domain.Split{From: domain.CaseSeen{ID: first, Version: w.Case.Version}, Posts: []int64{lamp}, By: by("anna")}, opening, keysAsStored)
	if err != nil {
		t.Fatal(err)
	}
	again := func(n int, text string) {
		b, judged := batchOf(src, "", judgedAs(post(n, text), 3, "copy:"+text))
		if res := commit(t, s, b, judged); res.Attached != 1 {
			t.Errorf("a copy of %q: %+v", text, res)
		}
	}
	again(4, "фонарь")
	again(5, "яма")
	if mine, other := seenCase(t, s, done.Case.ID).Posts, seenCase(t, s, first).Posts; mine != 2 || other != 3 {
		t.Errorf("split off: %d posts, the other: %d", mine, other)
	}
	b, judged = batchOf(src, "", judgedAs(post(6, "в том же разговоре"), 3, "thread:1"))
	commit(t, s, b, judged)
	if other := seenCase(t, s, first).Posts; other != 4 {
		t.Errorf("the talk goes on elsewhere: %d", other)
	}
	same := talk(2, "фонарь исправлен")
	same.Post.EditedAt = noon()
	b, judged = batchOf(src, "", same) // edited by its author
	commit(t, s, b, judged)
	if mine := seenCase(t, s, done.Case.ID).Posts; mine != 2 {
		t.Errorf("an edit moved the post: %d", mine)
	}
}

func TestASplitTakenBackBringsTheKeysBack(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, "-77")
	b, judged := batchOf(src, "", judgedAs(post(1, "яма"), 3, "copy:яма", "thread:1"), judgedAs(post(2, "фонарь"), 3, "copy:фонарь", "thread:1"))
	first := commit(t, s, b, judged).CaseIDs[0]
	w, err := s.CaseWhole(t.Context(), analyst(), first)
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.SplitCase(t.Context(), analyst(), domain.Split{From: domain.CaseSeen{ID: first, Version: w.Case.Version}, Posts: []int64{w.Posts[1].Number}, By: by("anna")}, opening, keysAsStored)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b, judged = batchOf(src, "", judgedAs(post(3, "фонарь"), 3, "copy:фонарь"))
	if res := commit(t, s, b, judged); res.Attached != 1 || seenCase(t, s, first).Posts != 3 {
		t.Errorf("%+v, %d posts", res, seenCase(t, s, first).Posts)
	}
}

// Two workers who find the same told in two ways at once open one case.
func TestTheLikeAtOnceIsOneCase(t *testing.T) {
	s := storagetest.New(t)
	const workers = 8
	var wg sync.WaitGroup
	for n := range workers {
		src := addSource(t, s, fmt.Sprint("-6", n))
		wg.Go(func() {
			b, judged := batchOf(src, "", alike(post(100+n, strings.Repeat("тёмно ", n+1)), "street", 1, 2, 3, uint32(10+n)))
			if _, err := s.Commit(context.Background(), noon(), b, judged, closest); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := s.RecentCases(t.Context(), region, 10)
	if err != nil || len(list) != 1 || list[0].Posts != workers {
		t.Errorf("%d cases, %v", len(list), err)
	}
}

// A flood is one case with all its posts, and one assignment.
func TestAFloodIsOneAssignment(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, "-77")
	const comments = 500
	for n := 0; n < comments; n += 100 {
		var posts []domain.Judged
		for i := range 100 {
			posts = append(posts, judgedAs(post(n+i+1, fmt.Sprint("у нас тоже, дом ", n+i)), 3, "thread:9"))
		}
		b, judged := batchOf(src, "", posts...)
		commit(t, s, b, judged)
	}
	list, err := s.RecentCases(t.Context(), region, 10)
	if err != nil || len(list) != 1 || list[0].Posts != comments {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	if w, err := s.CaseWhole(t.Context(), analyst(), list[0].ID); err != nil || len(w.Holders) != 1 {
		t.Errorf("assignments: %+v, %v", w.Holders, err)
	}
}

// At one address the print of a case is shown however unlike it is: that nothing is in
// common is what sets two apart there. In the street alone it is not.
func TestThePrintAtAnAddressIsShownHoweverUnlike(t *testing.T) {
	s := storagetest.New(t)
	at := func(n int, address string, hashes ...uint32) domain.Judged {
		j := alike(post(n, fmt.Sprint("пост ", n)), "street", hashes...)
		j.Keys = append(j.Keys, address)
		return j
	}
	take(t, s, at(1, "place:3:Ленина/5", 1, 2, 3))
	for n, c := range map[int]struct {
		address string
		shown   int
	}{2: {"place:3:Ленина/5", 1}, 3: {"place:3:Ленина/7", 0}} {
		shown := 0
		b, judged := batchOf(addSource(t, s, fmt.Sprint("-9", n)), "", at(n, c.address, uint32(10*n), uint32(10*n+1)))
		if _, err := s.Commit(t.Context(), noon(), b, judged, func(j domain.Judged, k *domain.Known, open []domain.OpenCase) domain.Decision {
			for _, o := range open {
				shown += len(o.Prints)
			}
			return closest(j, k, nil)
		}); err != nil {
			t.Fatal(err)
		}
		if shown != c.shown {
			t.Errorf("%s: %d prints shown, want %d", c.address, shown, c.shown)
		}
	}
}
