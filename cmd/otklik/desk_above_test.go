package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/desk/page/pagetest"
	"github.com/otklik/otklik/domain"
)

// A comment is read together with what it stands under, where that may be shown.
func TestCommentsShowWhatTheyStandUnder(t *testing.T) {
	d := newCasesDesk(t, wire, "Спасибо, что третий год без дороги, браво!")
	items, err := d.store.Queue(t.Context(), d.sees(), domain.QueueFilter{}, pagetest.Noon(), 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	var caseID, reviewID int64
	for _, it := range items {
		if it.Object == domain.ObjectCase {
			caseID = it.ID
		} else {
			reviewID = it.ID
		}
	}
	conn, err := pgx.Connect(t.Context(), d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	const under = `UPDATE posts p SET refs = jsonb_build_object($3::text, jsonb_build_object('platform', a.platform, 'owner', a.owner, 'post', a.post, 'comment', a.comment))
		FROM posts a WHERE a.id = $2 AND p.id = $1`
	ofCase, ofReview := d.number("SELECT post_id FROM case_posts WHERE case_id = $1", caseID), d.number("SELECT post_id FROM review_items WHERE id = $1", reviewID)
	run(under, ofCase, ofReview, "thread")
	run(under, ofReview, ofCase, "reply_to")
	card := fmt.Sprintf("/case/%d", caseID)
	for _, page := range []string{fmt.Sprintf("/queue?at=case-%d", caseID), card, card + "/posts"} {
		want(t, d.Get(page), http.StatusOK, "под записью: «Спасибо, что третий год без дороги, браво!»", "запись ↗")
	}
	want(t, d.Get(fmt.Sprintf("/queue?at=review-%d", reviewID)), http.StatusOK, "в ответ на комментарий: «")
	run("UPDATE post_ids SET deleted_at = now() WHERE post_id = $1", ofReview)
	if d.Get(card).Has("под записью") {
		t.Error("what is gone from its platform is shown")
	}
	run("UPDATE cases SET restricted = true, updated_at = now(), changed_by = 'anna', changed_why = 'x' WHERE id = $1", caseID)
	if a := d.Get(fmt.Sprintf("/queue?at=review-%d", reviewID)); a.Status != http.StatusOK || a.Has("в ответ на комментарий") {
		t.Errorf("a post of a restricted case is shown: %d", a.Status)
	}
}
