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

// inBulk orders something for many and gives the page when it is done.
func (d *casesDesk) inBulk(form url.Values) pagetest.Answer {
	d.t.Helper()
	a := d.Post("/queue/bulk", form)
	if a.Status != http.StatusSeeOther {
		d.t.Fatalf("%d: %s", a.Status, a.Body)
	}
	return d.awaitDone(a.Location)
}

// awaitDone reads the page of work on many until it is done.
func (d *casesDesk) awaitDone(page string) (a pagetest.Answer) {
	for range 1200 {
		if a = d.Get(page); a.Has("Готово") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return a
}

var undoPath = regexp.MustCompile(`/undo/\d+`)

func TestDismissAndPutAsideFromThePageAndTakeBack(t *testing.T) {
	d, items := doubted(t)
	id := items[0].ID
	seen := func() string { return fmt.Sprint(d.number("SELECT version FROM review_items WHERE id = $1", id)) }
	for what, form := range map[string]url.Values{"dismiss": {"closing": {"advert"}}, "aside": {"until": {"2h"}}} {
		form.Set("seen", seen())
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
		want(t, d.Post(undo, nil), http.StatusConflict, "Это уже отменено")
		want(t, d.Post(fmt.Sprintf("/queue/review/%d/%s", id, what), form), http.StatusConflict, "посмотрите на него ещё раз")
	}
	path := fmt.Sprintf("/queue/review/%d/dismiss", id)
	want(t, d.Post(path, url.Values{"seen": {seen()}}), http.StatusUnprocessableEntity, "Выберите причину")
	want(t, d.Post(path, url.Values{"closing": {"advert"}}), http.StatusUnprocessableEntity, "Форма устарела")
	d.Post(path, url.Values{"seen": {seen()}, "closing": {"advert"}})
	if n := d.number("SELECT count(*) FROM journal WHERE action = 'review_dismissed' AND words = 'не обращение: реклама' AND who = 'anna'"); n != 2 {
		t.Errorf("%d lines of the journal say why, want 2", n)
	}
	d.as("boris", domain.Office{Role: domain.RoleAnalyst})
	want(t, d.Post(path, url.Values{"seen": {seen()}, "closing": {"spam"}}), http.StatusConflict, "Это уже решено")
}

// The queue goes to XLSX as it is filtered, for those who may export.
func TestQueueGoesToXLSX(t *testing.T) {
	d, _ := doubted(t)
	d.run("UPDATE posts SET text = '=2+2, звоните 89141234567' WHERE text LIKE 'Спасибо за наше%'")
	if a := d.Get("/queue?kind=undecided"); !a.Has("/queue/list.xlsx?kind=undecided") {
		t.Errorf("the file is not offered: %d", a.Status)
	}
	rows := d.Get("/queue/list.xlsx?kind=undecided").Sheet(t)
	if len(rows) != 2 || rows[0][1] != "не инцидент" || rows[0][3] != "=2+2, звоните [телефон скрыт]" && rows[1][3] != "=2+2, звоните [телефон скрыт]" {
		t.Errorf("%q", rows)
	}
	if rows := d.Get("/queue/list.xlsx?kind=returned").Sheet(t); len(rows) != 0 {
		t.Errorf("the filter is not kept: %q", rows)
	}
	d.as("vera", domain.Office{Role: domain.RoleReader})
	if a := d.Get("/queue"); a.Has("list.xlsx") || d.Get("/queue/list.xlsx").Status != http.StatusForbidden {
		t.Error("a reader is given a file")
	}
}

// Several cases are joined into one by an order, and all of it is taken back.
func TestBulkJoin(t *testing.T) {
	d := newCasesDesk(t, wire, garbage, "На Пушкина 5 яма на дороге, машины объезжают по тротуару")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = d.cases.run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	d.run("UPDATE cases SET urgent = false, updated_at = now(), changed_by = 'anna', changed_why = 'x'")
	items, err := d.store.Queue(t.Context(), d.sees(), domain.QueueFilter{}, pagetest.Noon(), 10, 0)
	if err != nil || len(items) < 2 {
		t.Fatalf("%d cases, %v", len(items), err)
	}
	form := url.Values{"do": {"join"}}
	for _, it := range items {
		form.Add("case", fmt.Sprintf("%d:%d", it.ID, it.Case.Version))
	}
	want(t, d.Post("/queue/bulk", form), http.StatusUnprocessableEntity, "наберите его номер")
	into := items[0].Case
	form.Set("into_number", into.Number)
	a := d.inBulk(form)
	want(t, a, http.StatusOK, "присоединено к "+into.Number, "пропущено 1", "это он сам", "Отменить всё")
	posts := func() int64 { return d.number("SELECT posts FROM cases WHERE id = $1", into.ID) }
	if n := d.number("SELECT count(*) FROM cases WHERE joined_to = $1", into.ID); n != int64(len(items)-1) || posts() != int64(len(items)) {
		t.Errorf("%d joined, %d posts", n, posts())
	}
	want(t, d.Post(undoPath.FindString(a.Body), nil), http.StatusSeeOther)
	if n := d.number("SELECT count(*) FROM cases WHERE joined_to = $1", into.ID); n != 0 || posts() != 1 {
		t.Errorf("taken back: %d joined, %d posts", n, posts())
	}
}

// A post that is no case yet is put into the case of the same problem, and out again.
func TestUndecidedPostJoinsACase(t *testing.T) {
	d, items := doubted(t)
	id, other := items[0].ID, items[1].ID
	seen := func(id int64) string {
		return fmt.Sprint(d.number("SELECT version FROM review_items WHERE id = $1", id))
	}
	opened := d.Post(fmt.Sprintf("/queue/review/%d/open", other), url.Values{"seen": {seen(other)}})
	want(t, opened, http.StatusSeeOther)
	caseID := d.number("SELECT opened_case FROM review_items WHERE id = $1", other)
	number := func() string {
		c, err := d.store.SeenCase(t.Context(), d.sees(), caseID)
		if err != nil {
			t.Fatal(err)
		}
		return c.Number
	}()
	want(t, d.Get(fmt.Sprintf("/queue?at=review-%d", id)), http.StatusOK, "Присоединить к этому номеру", fmt.Sprintf("/queue/review/%d/join", id))
	path := fmt.Sprintf("/queue/review/%d/join", id)
	want(t, d.Post(path, url.Values{"seen": {seen(id)}, "into_number": {"27-2026-999999"}}), http.StatusUnprocessableEntity, "Номер выглядит так")
	want(t, d.Post(path, url.Values{"seen": {"7"}, "into_number": {number}}), http.StatusConflict, "посмотрите на него ещё раз")
	joined := url.Values{"seen": {seen(id)}, "into_number": {number}}
	want(t, d.Post(path, joined), http.StatusSeeOther)
	page := d.Get("/queue?kind=undecided")
	want(t, page, http.StatusOK, "Сообщение присоединено к "+number)
	if n := d.number("SELECT posts FROM cases WHERE id = $1", caseID); n != 2 {
		t.Errorf("the case has %d posts", n)
	}
	if n := d.number("SELECT count(*) FROM examples e JOIN review_items r USING (post_id) WHERE r.id = $1 AND e.case_id = $2 AND e.to_kind = 'problem'", id, caseID); n != 1 {
		t.Errorf("%d examples of the joined post", n)
	}
	want(t, d.Get(fmt.Sprintf("/case/%d", caseID)), http.StatusOK, "присоединено сообщение")
	want(t, d.Post(path, joined), http.StatusConflict, "Это уже решено")
	keys := d.number("SELECT count(*) FROM case_keys WHERE case_id = $1", caseID)
	want(t, d.Post(undoPath.FindString(page.Body), nil), http.StatusSeeOther)
	if n := d.number("SELECT posts + (SELECT count(*) FROM case_posts WHERE case_id = $1) * 10 FROM cases WHERE id = $1", caseID); n != 11 {
		t.Errorf("taken back, the case has %d posts (tens: tied)", n)
	}
	if n := d.number("SELECT count(*) FROM case_keys WHERE case_id = $1", caseID); n > keys || n == 0 {
		t.Errorf("%d keys of %d are left", n, keys)
	}
	want(t, d.Get("/queue?kind=undecided"), http.StatusOK, "<b>1</b>")
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
	want(t, d.inBulk(url.Values{"do": {"assign"}, "review": {box}}), http.StatusOK, "пропущено 1", "инцидента ещё нет", "Сообщение: Спасибо")
	a := d.inBulk(url.Values{"do": {"reject"}, "closing": {"not_a_problem"}, "review": {box}})
	want(t, a, http.StatusOK, "Готово, 1\u00a0сообщение: отклонено", "Отменить всё")
	want(t, d.Get("/queue?kind=undecided"), http.StatusOK, "<b>1</b>")
	d.Post(undoPath.FindString(a.Body), nil)
	want(t, d.Get("/queue?kind=undecided"), http.StatusOK, "<b>2</b>")
}
