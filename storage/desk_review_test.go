package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func review(t *testing.T, s *storage.Store, id int64) domain.ReviewWhole {
	t.Helper()
	w, err := s.Review(t.Context(), analyst(), id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// asSeen is an undecided post as it is now.
func asSeen(t *testing.T, s *storage.Store, id int64) domain.ReviewSeen {
	t.Helper()
	return domain.ReviewSeen{ID: id, Version: review(t, s, id).Version}
}

// undone takes a change back, and a second time in vain.
func undone(t *testing.T, s *storage.Store, id int64, who string) storage.Undone {
	t.Helper()
	out, err := s.Undo(t.Context(), analyst(), id, who, noon().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(t.Context(), analyst(), id, who, noon().Add(time.Hour)); !errors.Is(err, domain.ErrUndone) {
		t.Errorf("a second click: %v", err)
	}
	return out
}

func TestDecisionsAboutUndecidedPostsAreTakenBack(t *testing.T) {
	s := storagetest.New(t)
	until := noon().Add(24 * time.Hour)
	for name, decide := range map[string]func(id int64, who string) (domain.Changed, error){
		"dismissed": func(id int64, who string) (domain.Changed, error) {
			return s.ResolveReview(t.Context(), analyst(), asSeen(t, s, id), domain.ReviewChange{How: domain.ResolvedNotCase}, by(who))
		},
		"aside": func(id int64, who string) (domain.Changed, error) {
			return s.AsideReview(t.Context(), analyst(), asSeen(t, s, id), until, by(who))
		},
		"opened": func(id int64, who string) (domain.Changed, error) {
			return s.OpenFromReview(t.Context(), analyst(), asSeen(t, s, id), by(who), opening, func(domain.Judged) []string { return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := reviewed(t, s, 50+len(name), false)
			done, err := decide(id, "anna")
			if err != nil || done.UndoID == 0 {
				t.Fatalf("%+v, %v", done, err)
			}
			if got := queue(t, s, domain.QueueFilter{Undecided: true}); len(got) != 0 {
				t.Errorf("still there: %s", ids(got))
			}
			if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "boris", noon()); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("another's: %v", err)
			}
			if name != "aside" { // which leaves it undecided
				var st *domain.Stale
				if _, err := decide(id, "boris"); !errors.As(err, &st) || st.Who != "anna" {
					t.Errorf("decided twice: %v", err)
				}
			}
			got := undone(t, s, done.UndoID, "anna")
			if len(got.Reviews) != 1 || got.Refs()[0] != (domain.Ref{Object: domain.ObjectReview, ID: id}) {
				t.Errorf("taken back: %+v", got)
			}
			if got := queue(t, s, domain.QueueFilter{Undecided: true}); len(got) != 1 || got[0].ID != id {
				t.Errorf("the queue: %s", ids(got))
			}
			if _, err := s.ResolveReview(t.Context(), analyst(), asSeen(t, s, id), domain.ReviewChange{How: domain.ResolvedNotCase}, by("anna")); err != nil {
				t.Errorf("once more: %v", err)
			}
		})
	}
}

// Whoever was put aside or decided anew meanwhile stays as the colleague left it.
func TestAnUndoNeverTakesAColleaguesDecisionBack(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	id := reviewed(t, s, 50, false)
	aside, err := s.AsideReview(t.Context(), analyst(), asSeen(t, s, id), noon().Add(24*time.Hour), by("anna"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ResolveReview(t.Context(), analyst(), asSeen(t, s, id), domain.ReviewChange{How: domain.ResolvedNotCase}, by("boris")); err != nil {
		t.Fatal(err)
	}
	var st *domain.Stale
	if _, err := s.Undo(t.Context(), analyst(), aside.UndoID, "anna", noon()); !errors.As(err, &st) || st.Who != "boris" {
		t.Errorf("a colleague has decided: %v", err)
	}
	if !review(t, s, id).Decided {
		t.Error("the colleague's decision is gone")
	}
	again := reviewed(t, s, 51, false)
	done, err := s.ResolveReview(t.Context(), analyst(), asSeen(t, s, again), domain.ReviewChange{How: domain.ResolvedNotCase}, by("anna"))
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, `INSERT INTO review_items (region, post_id, stored_at, reason, words, urgent, created_at)
		SELECT region, post_id, stored_at, reason, words, urgent, now() FROM review_items WHERE id = $1`, again)
	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon()); !errors.Is(err, domain.ErrTooLate) {
		t.Errorf("its post waits anew: %v", err)
	}
}

// changed puts the post of a case before the analysts again.
func changed(t *testing.T, dsn string, caseID int64, n int) (id int64) {
	t.Helper()
	err := connect(t, dsn).QueryRow(t.Context(), `INSERT INTO review_items (region, post_id, stored_at, case_id, reason, words, urgent, created_at)
		SELECT 'khabarovsk', post_id, stored_at, case_id, 'changed_verdict' || $2::integer, 'изменено', false, now() FROM case_posts WHERE case_id = $1 LIMIT 1
		RETURNING id`, caseID, n).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestFollowingAChangedPostIsOneChange(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	c, other := moderated(t, s, 1), moderated(t, s, 2)
	id := changed(t, dsn, c.ID, 1)
	row := 7
	change := func(of domain.Case, who string) domain.CaseChange {
		return domain.CaseChange{CaseID: of.ID, Version: of.Version, Who: who, Why: "автор изменил сообщение", At: noon(), Undo: "принято", Row: &row}
	}
	old := change(c, "boris")
	old.Version--
	if _, err := s.FollowReview(t.Context(), analyst(), asSeen(t, s, id), old); !errors.Is(err, domain.ErrStale) {
		t.Errorf("a case that has moved on: %v", err)
	}
	if _, err := s.FollowReview(t.Context(), analyst(), asSeen(t, s, id), change(other, "boris")); !errors.Is(err, domain.ErrNoMove) {
		t.Errorf("another case: %v", err)
	}
	if review(t, s, id).Decided || seenCase(t, s, other.ID).Row != 3 {
		t.Error("half of it was done")
	}
	done, err := s.FollowReview(t.Context(), analyst(), asSeen(t, s, id), change(c, "anna"))
	if err != nil || done.Case.Row != row || !review(t, s, id).Decided {
		t.Fatalf("%+v, %v", done, err)
	}
	var st *domain.Stale
	if _, err := s.FollowReview(t.Context(), analyst(), asSeen(t, s, id), change(done.Case, "boris")); !errors.As(err, &st) || st.Who != "anna" {
		t.Errorf("a colleague was faster: %v", err)
	}
	if got := seenCase(t, s, c.ID); got.Version != done.Case.Version {
		t.Error("the case was changed all the same")
	}
	undone(t, s, done.UndoID, "anna")
	if review(t, s, id).Decided || seenCase(t, s, c.ID).Row != 3 {
		t.Error("not both were taken back")
	}
}

// decideReviews stands for what the desk decides.
func decideReviews(o domain.BulkOrder, item domain.ReviewWhole) (domain.ReviewChange, error) {
	switch {
	case item.Urgent:
		return domain.ReviewChange{}, errors.New("срочное")
	case o.Action == domain.BulkAside:
		return domain.ReviewChange{Until: o.Until}, nil
	}
	return domain.ReviewChange{How: domain.ResolvedNotCase}, nil
}

func rejectAll(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
	return domain.Reject(c, domain.Advert, domain.By{Who: o.Who, At: o.At})
}

func runBulk(t *testing.T, s *storage.Store, o domain.BulkOrder) domain.BulkJob {
	t.Helper()
	o.Who, o.Words, o.At, o.Scope = "anna", "отклонено", noon(), analyst()
	job, err := s.OrderBulk(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if did, err := s.RunBulk(t.Context(), noon(), rejectAll, decideReviews, nil); err != nil || !did {
		t.Fatalf("%v, %v", did, err)
	}
	if job, err = s.Bulk(t.Context(), analyst(), job.ID, "anna"); err != nil {
		t.Fatal(err)
	}
	return job
}

func TestBulkTakesUndecidedPosts(t *testing.T) {
	s := storagetest.New(t)
	var list []int64
	for n := range 30 {
		list = append(list, reviewed(t, s, 50+n, n == 29))
	}
	c := moderated(t, s, 1)
	if _, err := s.TakeLease(t.Context(), analyst(), domain.Ref{Object: domain.ObjectReview, ID: list[3]}, "boris", time.Hour); err != nil {
		t.Fatal(err)
	}
	job := runBulk(t, s, domain.BulkOrder{Action: domain.BulkReject})
	if job.Total != 31 || job.Reviews != 30 || job.Done != 29 || job.Passed != 2 || job.State != "done" || len(job.Left) != 2 {
		t.Fatalf("%+v", job)
	}
	left := map[int64]domain.BulkLeft{}
	for _, l := range job.Left {
		left[l.ReviewID] = l
	}
	if l := left[list[3]]; l.Words != "сейчас у коллеги: boris" || l.Text != "Непонятное 53" {
		t.Errorf("in hand: %+v", l)
	}
	if l := left[list[29]]; l.Words != "срочное" {
		t.Errorf("urgent: %+v", l)
	}
	if got := seenCase(t, s, c.ID); got.State != domain.Rejected {
		t.Errorf("the case: %s", got.State)
	}
	if got := undone(t, s, job.UndoID, "anna"); len(got.Reviews) != 28 || len(got.Cases) != 1 {
		t.Errorf("taken back: %d posts, %d cases", len(got.Reviews), len(got.Cases))
	}
	if n, err := s.CountOrdered(t.Context(), analyst(), domain.QueueFilter{}, noon()); err != nil || n != (domain.OrderCount{Cases: 1, Reviews: 30}) {
		t.Errorf("the queue: %+v, %v", n, err)
	}
}

func TestBulkTakesMarkedPostsAsTheyWereSeen(t *testing.T) {
	s := storagetest.New(t)
	a, b := reviewed(t, s, 50, false), reviewed(t, s, 51, false)
	seen := func(id int64) domain.ReviewSeen {
		for _, it := range queue(t, s, domain.QueueFilter{Undecided: true}) {
			if it.ID == id {
				return domain.ReviewSeen{ID: id, Version: it.Case.Version}
			}
		}
		t.Fatalf("%d is not in the queue", id)
		return domain.ReviewSeen{}
	}
	marked := []domain.ReviewSeen{seen(a), seen(b), {ID: 999, Version: 1}}
	done, err := s.AsideReview(t.Context(), analyst(), asSeen(t, s, b), noon().Add(time.Hour), by("boris"))
	if err != nil {
		t.Fatal(err)
	}
	undone(t, s, done.UndoID, "boris") // it is there again, and has been touched
	until := noon().Add(24 * time.Hour)
	job := runBulk(t, s, domain.BulkOrder{Action: domain.BulkAside, Until: until, Reviews: marked})
	if job.Total != 2 || job.Done != 1 || len(job.Left) != 1 || job.Left[0].ReviewID != b {
		t.Errorf("%+v", job)
	}
	if got := queue(t, s, domain.QueueFilter{Aside: true}); len(got) != 1 || got[0].ID != a {
		t.Errorf("put aside: %s", ids(got))
	}
	body := domain.BulkOrder{Action: domain.BulkAside, Who: "anna", Words: "x", At: noon(), Scope: domain.Scope{Region: region, Agencies: []string{"min-roads"}}, Reviews: marked}
	if _, err := s.OrderBulk(t.Context(), body); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a body orders: %v", err)
	}
	if _, err := s.OrderBulk(t.Context(), domain.BulkOrder{Action: domain.BulkAssign, Who: "anna", Words: "x", At: noon(), Scope: analyst()}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("all posts without a case assigned: %v", err)
	}
}

// What an undecided post is filtered by follows the edits of the post.
func TestUndecidedPostsFollowTheirVerdicts(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, "-9000")
	p := post(1, "Непонятное")
	commit := func(cursor string, p domain.Post, row int, place string) {
		t.Helper()
		j := judgedAs(p, row)
		j.Verdict.Place.Municipality, j.Verdict.Topic, j.Verdict.Confidence = place, "", 0.4
		b, judged := batchOf(src, cursor, j)
		_, err := s.Commit(t.Context(), noon(), b, judged, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
			return domain.Decision{Action: domain.ActionReview, Reason: "faults", Words: "нужен человек"}
		})
		if err != nil {
			t.Fatal(err)
		}
		src.Cursor = b.Cursor
	}
	has := func(f domain.QueueFilter, want int) {
		t.Helper()
		if got := queue(t, s, f); len(got) != want {
			t.Errorf("%+v: %s, want %d", f, ids(got), want)
		}
	}
	commit("1", p, 3, "khabarovsk-city")
	has(domain.QueueFilter{Municipality: "khabarovsk-city"}, 1)
	has(domain.QueueFilter{SourceID: src.ID}, 1)
	has(domain.QueueFilter{SourceID: src.ID + 1}, 0)
	has(domain.QueueFilter{Subject: &domain.Subject{Row: 3}, Doubtful: 0.5}, 1)
	p.Text, p.EditedAt = "В Комсомольске непонятное", noon()
	commit("2", p, 8, "komsomolsk")
	has(domain.QueueFilter{Municipality: "khabarovsk-city"}, 0)
	has(domain.QueueFilter{Municipality: "komsomolsk", Subject: &domain.Subject{Row: 8}}, 1)
}

func TestOpenQueuesHearOfUndecidedPosts(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	id := reviewed(t, s, 50, false)
	done, err := s.ResolveReview(t.Context(), analyst(), asSeen(t, s, id), domain.ReviewChange{How: domain.ResolvedNotCase}, by("anna"))
	if err != nil {
		t.Fatal(err)
	}
	undone(t, s, done.UndoID, "anna")
	if _, err := s.AsideReview(t.Context(), analyst(), asSeen(t, s, id), noon().Add(time.Hour), by("anna")); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, e := range awaitEvents(t, s, domain.EventPoint{}, 4) {
		got += fmt.Sprint(e.Kind, " ")
	}
	if got != "review_opened review_decided review_decided review_decided " {
		t.Errorf("heard: %s", got)
	}
	if got := eventsAfter(t, s, domain.Scope{Region: region, Agencies: []string{"min-roads"}}, domain.EventPoint{}); len(got) != 0 {
		t.Errorf("a body hears %+v", got)
	}
}
