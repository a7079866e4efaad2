package storage_test

import (
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/storagetest"
)

// A kept demonstration is given back what visitors have written on walls, and not
// what feeds and dialogs hold.
func TestKeptHoldsWhatVisitorsWrote(t *testing.T) {
	s := storagetest.New(t)
	addSource(t, s, owner)
	fed, written, private := post(1, "Яма"), post(2, "Нет света"), post(3, "Течёт крыша")
	written.Author.ID, private.Author.ID = "210000000005", "210000000005"
	private.ID.Post, private.Kind = "dialog:210000000005:1", domain.Message
	b, judged := batchOf(lease(t, s, "w1", time.Minute)[0], `1`, judgedAs(fed, 3, "a"), judgedAs(written, 4, "b"), judgedAs(private, 5, "c"))
	commit(t, s, b, judged)
	kept, err := s.Kept(t.Context(), "210_________")
	if err != nil || len(kept.Answers) != 1 || kept.Answers[0].ID != written.ID || kept.Answers[0].Text != "Нет света" {
		t.Errorf("%+v, %v", kept.Answers, err)
	}
	if kept.Latest.IsZero() || kept.Began.IsZero() {
		t.Errorf("%+v", kept)
	}
}
