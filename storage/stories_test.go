package storage_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/storagetest"
)

// What befalls a place is noted with the case; a story of it is opened once, whoever
// asks, and what a person has taken out is not put back.
func TestEventStories(t *testing.T) {
	s := storagetest.New(t)
	var ids []int64
	for n := range 4 {
		j := judgedAs(post(n+1, fmt.Sprint("ветром повалило, номер ", n)), n+1, fmt.Sprint("e", n))
		if n < 3 {
			j.Verdict.Event = "wind"
		}
		b, judged := batchOf(addSource(t, s, fmt.Sprint("-4", n)), "", j)
		ids = append(ids, commit(t, s, b, judged).CaseIDs...)
	}
	cases, err := s.EventCases(t.Context(), region, noon().Add(-time.Hour))
	if err != nil || len(cases) != 3 || cases[0].CaseID != ids[0] || cases[0].Event != "wind" || cases[0].Municipality != "khabarovsk-city" || cases[0].Row != 1 || cases[0].Touched {
		t.Fatalf("%+v, %v", cases, err)
	}
	if later, err := s.EventCases(t.Context(), region, noon().Add(time.Hour)); err != nil || len(later) != 0 {
		t.Errorf("too old: %+v, %v", later, err)
	}
	story := domain.EventStory{Key: "wind/khabarovsk-city/1", Title: "Ветер, Хабаровск, 23.11.2026", Cases: ids[:3]}
	var all sync.WaitGroup
	added := make([]int, 4)
	for i := range added {
		all.Go(func() {
			var err error
			if added[i], err = s.PutEventStory(context.Background(), region, story, noon()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := added[0] + added[1] + added[2] + added[3]; n != 3 {
		t.Errorf("added %v", added)
	}
	list, err := s.Stories(t.Context(), analyst())
	if err != nil || len(list) != 1 || list[0].Title != story.Title {
		t.Fatalf("%+v, %v", list, err)
	}
	c := seenCase(t, s, ids[1])
	none := int64(0)
	if _, err := s.ChangeCase(t.Context(), analyst(), domain.Amend(c, by("anna"), func(ch *domain.CaseChange) { ch.StoryID = &none })); err != nil {
		t.Fatal(err)
	}
	cases, err = s.EventCases(t.Context(), region, noon().Add(-time.Hour))
	if err != nil || len(cases) != 3 || !cases[1].Touched || cases[1].StoryID != 0 || cases[0].Touched || cases[0].StoryKey != story.Key {
		t.Errorf("after a person: %+v, %v", cases, err)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), ids[0])
	if err != nil || w.Story.Title != story.Title || len(w.Related) != 1 {
		t.Errorf("on the card: %+v %+v, %v", w.Story, w.Related, err)
	}
}
