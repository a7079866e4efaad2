package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// told are the lines of the journal about an object, oldest first: «who action words».
func told(t *testing.T, s *storage.Store, object string) []string {
	t.Helper()
	lines, err := s.Journal(t.Context(), analyst(), domain.JournalFilter{Object: object})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range lines {
		out = append(out, e.Who+" "+e.Action+" "+e.Words)
	}
	slices.Reverse(out)
	return out
}

func TestJournalTellsOfTemplates(t *testing.T) {
	s := storagetest.New(t)
	id, err := s.AddReplyTemplate(t.Context(), region, domain.ReplyTemplate{Body: "city", Title: "Яма", Text: "Сделаем"}, doer("anna"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddReplyTemplate(t.Context(), region, domain.ReplyTemplate{Body: "city", Title: "Пустой"}, doer("anna")); err == nil {
		t.Error("a template without a text is kept")
	}
	if err := s.RemoveReplyTemplate(t.Context(), region, []string{"school"}, id, doer("boris")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a template of another body: %v", err)
	}
	if err := s.RemoveReplyTemplate(t.Context(), region, []string{"city"}, id, doer("boris")); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveReplyTemplate(t.Context(), region, []string{"city"}, id, doer("boris")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	want := []string{"anna template_added добавлен шаблон «Яма» (city)", "boris template_removed удалён шаблон «Яма» (city)"}
	if got := told(t, s, "template"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestJournalTellsOfStories(t *testing.T) {
	s := storagetest.New(t)
	a := moderated(t, s, 1)
	st, err := s.AddStory(t.Context(), analyst(), "Буря", doer("anna"))
	if err != nil {
		t.Fatal(err)
	}
	none := int64(0)
	for _, step := range []struct {
		story *int64
		why   string
	}{{&st.ID, "в сюжет «Буря»"}, {&none, "вынут из сюжета «Буря»"}} {
		ch := domain.Amend(seenCase(t, s, a.ID), domain.By{Who: "anna", Why: step.why, At: noon()}, func(ch *domain.CaseChange) { ch.StoryID = step.story })
		if _, err := s.ChangeCase(t.Context(), analyst(), ch); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := told(t, s, "story"), []string{"anna story_added открыт сюжет «Буря»"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got, want := told(t, s, "case"), []string{"anna case_changed в сюжет «Буря»", "anna case_changed вынут из сюжета «Буря»"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestJournalTellsOfBulkOrders(t *testing.T) {
	s := storagetest.New(t)
	for n := range 3 {
		moderated(t, s, n+1)
	}
	anna := domain.Doer{Login: "anna", Region: region, At: noon()}
	reject := func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
		return domain.Reject(c, domain.Advert, domain.By{Who: o.Who, At: o.At})
	}
	order := domain.BulkOrder{Action: domain.BulkReject, Who: "anna", Address: "192.0.2.7", Words: "отклонено: реклама", At: noon(), Scope: analyst()}
	job, err := s.OrderBulk(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second press says nothing new
		if err := s.StopBulk(t.Context(), analyst(), job.ID, anna); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.RunBulk(t.Context(), noon(), reject, nil, nil); err != nil {
		t.Fatal(err)
	}
	if job, err = s.OrderBulk(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunBulk(t.Context(), noon(), reject, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.StopBulk(t.Context(), analyst(), job.ID, anna); err != nil { // nothing is left to stop
		t.Fatal(err)
	}
	if job, err = s.Bulk(t.Context(), analyst(), job.ID, "anna"); err != nil || job.Done != 3 {
		t.Fatalf("%+v, %v", job, err)
	}
	if _, err := s.Undo(t.Context(), analyst(), job.UndoID, "anna", noon()); err != nil {
		t.Fatal(err)
	}
	want := []string{"anna bulk_begun отклонено: реклама; инцидентов: 3", "anna bulk_stopped отклонено: реклама",
		"anna bulk_begun отклонено: реклама; инцидентов: 3", "anna bulk_undone отклонено: реклама"}
	if got := told(t, s, "bulk"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	lines, err := s.Journal(t.Context(), analyst(), domain.JournalFilter{Object: "bulk", ObjectID: fmt.Sprint(job.ID)})
	if err != nil || len(lines) != 2 || lines[1].Address != "192.0.2.7" {
		t.Errorf("of one order: %+v, %v", lines, err)
	}
}
