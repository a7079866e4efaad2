package storage_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// judgedOther is a post that is nobody's problem.
func judgedOther(p domain.Post) domain.Judged {
	j := judgedAs(p, 0)
	j.Verdict.Kind, j.Verdict.Topic = domain.Other, ""
	return j
}

// dropAll walks to the end and sums up.
func dropAll(t *testing.T, s *storage.Store, before, now time.Time) storage.Dropped {
	t.Helper()
	var sum storage.Dropped
	for page := (storage.DropPage{More: true}); page.More; {
		var err error
		if page, err = s.DropOld(t.Context(), region, before, now, page.Next); err != nil {
			t.Fatal(err)
		}
		sum.Add(page.Dropped)
	}
	return sum
}

func exists(t *testing.T, s *storage.Store, p domain.Post) bool {
	t.Helper()
	_, err := s.Post(t.Context(), p.ID)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestOldPostsThatNobodyNeedsAreDropped(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	src := addSource(t, s, owner)
	news, thanks, problem, review := judgedOther(post(1, "Открыли парк")), judgedOther(post(2, "Спасибо")), judgedAs(post(3, "Яма"), 3, "a"), judgedOther(post(4, "Что это?"))
	thanks.Verdict.Kind = domain.Thanks
	urgent, correction, answer := judgedOther(post(5, "Газ!")), judgedOther(post(6, "Поправлено")), judgedOther(post(7, "Ответ автора"))
	urgent.Verdict.Urgent = true
	decide := func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
		d := route(j, k, o)
		if j.Post.ID == review.Post.ID {
			d.Action, d.Reason, d.Words = domain.ActionReview, "low_confidence", "неясно"
		}
		return d
	}
	b, judged := batchOf(src, "1", news, thanks, problem, review, urgent, correction, answer)
	if _, err := s.Commit(t.Context(), noon(), b, judged, decide); err != nil {
		t.Fatal(err)
	}
	edited := judgedOther(post(1, "Открыли новый парк"))
	edited.Post.EditedAt = noon()
	b, judged = batchOf(src, "2", edited)
	commit(t, s, b, judged)
	for _, sql := range []string{
		`INSERT INTO examples (region, post_id, from_kind, from_row, from_topic, from_municipality, from_agency, to_kind, to_row, to_topic, to_municipality, to_agency, who, at)
		 SELECT 'khabarovsk', post_id, 'problem', 3, '', '', '', 'other', 0, '', '', '', 'аналитик', now() FROM post_ids WHERE post = '6'`,
		`INSERT INTO questions (case_id, asked_by, asked_at, text, due_at, result, answer_post_id, answered_at, closed_by)
		 SELECT c.id, 'о', now(), 'Где?', now() + interval '1 day', 'answered', p.post_id, now(), 'о' FROM cases c, post_ids p WHERE p.post = '7'`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	kept := []domain.Post{problem.Post, review.Post, urgent.Post, correction.Post, answer.Post}
	later := noon().AddDate(0, 0, 31)

	if d := dropAll(t, s, noon(), later); d.Seen != 0 || d.Posts != 0 {
		t.Errorf("posts of the moment itself are not older than it: %+v", d)
	}
	before := noon().Add(time.Second)
	dry, err := s.CountOld(t.Context(), region, before, storage.PostCursor{})
	if err != nil || dry.Posts != 2 || dry.Seen != 7 || !exists(t, s, news.Post) {
		t.Errorf("dry: %+v, %v", dry, err)
	}
	if d := dropAll(t, s, before, later); d != (storage.Dropped{Seen: 7, Posts: 2, Verdicts: 3, Versions: 1}) {
		t.Errorf("dropped %+v", d)
	}
	if exists(t, s, news.Post) || exists(t, s, thanks.Post) {
		t.Error("what is nobody's is still there")
	}
	for _, p := range kept {
		if !exists(t, s, p) {
			t.Errorf("%s is gone: %s", p.ID, p.Text)
		}
	}
	if _, err := conn.Exec(t.Context(), "UPDATE review_items SET resolved_at = now(), resolved_by = 'аналитик'"); err != nil {
		t.Fatal(err)
	}
	if d := dropAll(t, s, before, later); d.Posts != 1 || exists(t, s, review.Post) {
		t.Errorf("after the review: %+v", d)
	}
	if d := dropAll(t, s, before, later); d.Posts != 0 {
		t.Errorf("again: %+v", d)
	}
}

func TestADroppedPostIsNoNewsUntilItsTextChanges(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, s, owner)
	pinned := judgedOther(post(1, "Правила группы"))
	b, judged := batchOf(src, "1", pinned)
	commit(t, s, b, judged)
	later := noon().AddDate(0, 0, 40)
	if d := dropAll(t, s, later.AddDate(0, 0, -30), later); d.Posts != 1 {
		t.Fatalf("dropped %+v", d)
	}
	again := func(j domain.Judged) domain.CommitResult {
		b, judged := batchOf(src, "2", j)
		res, err := s.Commit(t.Context(), later, b, judged, func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
			d := route(j, k, o)
			d.Deadline.Due, d.Deadline.Control = later.AddDate(0, 0, 10), later.AddDate(0, 0, 10)
			return d
		})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	if res := again(pinned); res.Stored != 0 || res.Unchanged != 1 || exists(t, s, pinned.Post) {
		t.Errorf("the same text again: %+v", res)
	}
	edited := judgedAs(post(1, "Во дворе яма"), 3, "a")
	edited.Post.EditedAt = later
	if res := again(edited); res.Stored != 1 || res.Opened != 1 {
		t.Errorf("another text: %+v", res)
	}
	f, err := s.Post(t.Context(), pinned.Post.ID)
	if err != nil || !f.StoredAt.Equal(later) || f.Post.Text != "Во дворе яма" || len(f.Verdicts) != 1 {
		t.Errorf("taken in again: %+v, %v", f, err)
	}
	if d := dropAll(t, s, later.AddDate(1, 0, 0), later.AddDate(1, 0, 0)); d.Posts != 0 {
		t.Errorf("of a case now, and dropped: %+v", d)
	}
}

func TestAnAlbumIsKeptOrDroppedWhole(t *testing.T) {
	s := storagetest.Open(t, storagetest.DSN(t), storage.Options{})
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "1", part(1, "Яма"), part(2, ""))
	commit(t, s, b, judged)
	before := noon().AddDate(0, 1, 0)
	if d := dropAll(t, s, before, before); d.Posts != 0 {
		t.Errorf("parts that wait for their judgement are dropped: %+v", d)
	}
	albums := settled(t, s, noon().Add(time.Minute))
	if len(albums) != 1 {
		t.Fatalf("%d albums", len(albums))
	}
	head, ids := whole(albums[0], "Яма")
	if _, err := s.CommitAlbum(t.Context(), noon().Add(time.Minute), head, ids, nil, route); err != nil {
		t.Fatal(err)
	}
	if d := dropAll(t, s, before, before); d.Posts != 0 {
		t.Errorf("a picture of a case is dropped: %+v", d)
	}
}

func TestEmptyOldPartitionsAreDropped(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, s, owner)
	old, now := noon().AddDate(-1, 0, 0), noon()
	for _, at := range []time.Time{old, now} {
		if _, err := s.EnsurePartitions(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	news := judgedOther(post(1, "Открыли парк"))
	b, judged := batchOf(src, "1", news)
	if _, err := s.Commit(t.Context(), old, b, judged, route); err != nil {
		t.Fatal(err)
	}
	full := "posts_" + old.Format("2006_01")
	drop := func(dry bool) []string {
		names, err := s.DropEmptyPartitions(context.Background(), now.AddDate(0, 0, -1), now, dry)
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	dry := drop(true)
	if len(dry) == 0 || slices.Contains(dry, full) {
		t.Fatalf("dry: %v", dry)
	}
	if gone := drop(false); !slices.Equal(gone, dry) {
		t.Errorf("dropped %v, the dry run said %v", gone, dry)
	}
	if again := drop(true); len(again) != 0 {
		t.Errorf("still there: %v", again)
	}
	if n, err := s.EnsurePartitions(t.Context(), now); err != nil || n != 0 {
		t.Errorf("%d partitions in use were dropped, %v", n, err)
	}
	dropAll(t, s, now, now)
	if gone := drop(false); !slices.Contains(gone, full) {
		t.Errorf("dropped %v, want %s among them", gone, full)
	}
}
