package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// doubted are posts that the pack cannot decide about: they wait without a case.
func doubted(t *testing.T) (*casesDesk, []domain.QueueItem) {
	t.Helper()
	d := newCasesDesk(t, "Спасибо за наше счастливое купание в лужах!", "Спасибо, что третий год без дороги, браво!")
	items, err := d.store.Queue(t.Context(), d.sees(), domain.QueueFilter{Undecided: true}, pagetest.Noon(), 10, 0)
	if err != nil || len(items) != 2 {
		t.Fatalf("%d undecided posts, %v", len(items), err)
	}
	return d, items
}

var undoPath = regexp.MustCompile(`/undo/\d+`)

func TestDismissAndPutAsideFromThePageAndTakeBack(t *testing.T) {
	d, items := doubted(t)
	id := items[0].ID
	for what, form := range map[string]url.Values{"dismiss": nil, "aside": {"until": {"2h"}}} {
		if a := d.Post(fmt.Sprintf("/queue/review/%d/%s", id, what), form); a.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", what, a.Status, a.Body)
		}
		a := d.Get("/queue?kind=undecided")
		want(t, a, http.StatusOK, "Сообщение ", `data-key="KeyZ"`, "<b>1</b>")
		undo := undoPath.FindString(a.Body)
		r := httptest.NewRequest(http.MethodPost, undo, nil)
		r.Header.Set("Referer", "http://example.com/queue")
		if a = d.Do(r); a.Status != http.StatusSeeOther || a.Location != fmt.Sprintf("/queue?at=review-%d", id) {
			t.Errorf("%s taken back: %d to %s", what, a.Status, a.Location)
		}
		want(t, d.Get("/queue?kind=undecided"), http.StatusOK, "Отменено", "<b>2</b>")
		want(t, d.Post(undo, nil), http.StatusConflict, "Отменить уже нельзя")
	}
	d.Post(fmt.Sprintf("/queue/review/%d/dismiss", id), nil)
	d.as("boris", domain.Office{Role: domain.RoleAnalyst})
	want(t, d.Post(fmt.Sprintf("/queue/review/%d/dismiss", id), nil), http.StatusConflict, "Это уже решено")
}

func TestBulkOfUndecidedPostsFromThePage(t *testing.T) {
	d, items := doubted(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = d.cases.run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	box := fmt.Sprintf("%d:%d", items[1].ID, items[1].Case.Version)
	want(t, d.Get("/queue"), http.StatusOK, `name="review" value="`+box+`"`, "со всем по фильтру: 2, из них сообщений без инцидента: 2")
	want(t, d.Post("/queue/bulk", url.Values{"do": {"aside"}, "until": {"week"}, "review": {"x"}}), http.StatusUnprocessableEntity, "Форма устарела")
	want(t, d.Post("/queue/bulk", url.Values{"do": {"assign"}, "all": {"1"}}), http.StatusUnprocessableEntity, "ничего такого нет")
	finished := func(form url.Values) pagetest.Answer {
		a := d.Post("/queue/bulk", form)
		if a.Status != http.StatusSeeOther {
			t.Fatalf("%d: %s", a.Status, a.Body)
		}
		page := a.Location
		for range 1200 {
			if a = d.Get(page); a.Has("Готово") {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		return a
	}
	want(t, finished(url.Values{"do": {"assign"}, "review": {box}}), http.StatusOK, "пропущено 1", "инцидента ещё нет", "Сообщение: Спасибо")
	a := finished(url.Values{"do": {"reject"}, "closing": {"not_a_problem"}, "review": {box}})
	want(t, a, http.StatusOK, "Готово, 1\u00a0сообщение: отклонено", "Отменить всё")
	want(t, d.Get("/queue?kind=undecided"), http.StatusOK, "<b>1</b>")
	d.Post(undoPath.FindString(a.Body), nil)
	want(t, d.Get("/queue?kind=undecided"), http.StatusOK, "<b>2</b>")
}
