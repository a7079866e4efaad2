package storage_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// Pushes overtake each other: the deletion of a comment may come before its
// birth, in a commit of its own or in the same.
func TestDeletionThatOvertakesTheBirthIsRemembered(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	born := func(n int, first bool) domain.Judged {
		p := post(n, "Яма")
		p.First = first
		return judgedAs(p, 3, fmt.Sprint("key", n))
	}
	told := noon().Add(-time.Minute)
	gone := func(n int) []domain.Deletion { return []domain.Deletion{{ID: post(n, "").ID, At: told}} }
	commit(t, s, domain.Batch{Source: src, Deletions: gone(1)}, nil)
	b, judged := batchOf(src, "", born(1, true))
	if res := commit(t, s, b, judged); res.Stored != 1 || res.Opened != 0 || res.Review != 1 || res.Deleted != 1 {
		t.Errorf("birth after its deletion = %+v", res)
	}
	b, judged = batchOf(src, "", born(2, true))
	b.Deletions = gone(2)
	if res := commit(t, s, b, judged); res.Stored != 1 || res.Opened != 0 || res.Review != 1 || res.Deleted != 1 {
		t.Errorf("birth and deletion at once = %+v", res)
	}
	for n := 1; n <= 2; n++ {
		p, err := s.Post(t.Context(), post(n, "").ID)
		if err != nil || !p.DeletedAt.Equal(told) || !strings.Contains(p.Verdicts[0].Words, "удалено на площадке раньше") {
			t.Errorf("post %d = %+v, %v", n, p, err)
		}
	}
	// What was just read from the wall is there, whatever was told before.
	commit(t, s, domain.Batch{Source: src, Deletions: gone(3)}, nil)
	b, judged = batchOf(src, "", born(3, false))
	if res := commit(t, s, b, judged); res.Opened != 1 || res.Deleted != 0 {
		t.Errorf("post that is read = %+v", res)
	}
	// The birth, repeated, does not bring it back; restored, it is back.
	b, judged = batchOf(src, "", born(1, true))
	commit(t, s, b, judged)
	if p, err := s.Post(t.Context(), post(1, "").ID); err != nil || p.DeletedAt.IsZero() {
		t.Errorf("a repeated birth undid the deletion: %v", err)
	}
	b, judged = batchOf(src, "", born(1, false))
	commit(t, s, b, judged)
	if p, err := s.Post(t.Context(), post(1, "").ID); err != nil || !p.DeletedAt.IsZero() {
		t.Errorf("restored = %+v, %v", p, err)
	}
}

func TestBirthAndDeletionAtOnceLoseNeither(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	for n := range 40 {
		var wg sync.WaitGroup
		p := post(n, "Яма")
		p.First = true
		birth, judged := batchOf(src, "", judgedAs(p, 3, fmt.Sprint("key", n)))
		wg.Go(func() { commit(t, s, birth, judged) })
		wg.Go(func() {
			commit(t, s, domain.Batch{Source: src, Deletions: []domain.Deletion{{ID: p.ID, At: noon()}}}, nil)
		})
		wg.Wait()
		if got, err := s.Post(t.Context(), p.ID); err != nil || got.DeletedAt.IsZero() {
			t.Fatalf("post %d: the deletion is lost (%v)", n, err)
		}
	}
}

func TestDeletionsOfWhatNeverCameAreForgotten(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	src := addSource(t, s, owner)
	for _, days := range []int{-8, -1} {
		commit(t, s, domain.Batch{Source: src, Deletions: []domain.Deletion{{ID: post(-days, "").ID, At: noon().AddDate(0, 0, days)}}}, nil)
	}
	if err := s.Prune(t.Context(), noon()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := connect(t, dsn).QueryRow(t.Context(), "SELECT count(*) FROM tombstones").Scan(&left); err != nil || left != 1 {
		t.Errorf("%d left, want yesterday's (%v)", left, err)
	}
}

// What our own accounts wrote comes back with polling and is stored, but is not
// among what people wrote.
func TestOwnAnswersDoNotCount(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	src := lease(t, s, "w1", time.Minute)[0]
	own := judgedAs(post(2, "Ответ: яму засыпали"), 0)
	own.Verdict.Kind = domain.Own
	b, judged := batchOf(src, "", judgedAs(post(1, "Яма на Ленина"), 3, "copy:1"), own)
	if res := commit(t, s, b, judged); res.Stored != 2 || res.Kept != 1 {
		t.Fatalf("%+v", res)
	}
	if st := stats(t, s); st.Posts != 1 || st.Problems != 1 {
		t.Errorf("%+v", st)
	}
}
