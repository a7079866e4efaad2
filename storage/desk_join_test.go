package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// redue gives ten days, as the test's row does.
func redue(_ domain.Case, registered time.Time) domain.Deadline {
	due := registered.AddDate(0, 0, 10)
	return domain.Deadline{Days: 10, Due: due, Control: due, Reason: "строка 3, заново"}
}

func opening(j domain.Judged, registered time.Time) (domain.Decision, error) {
	if registered.IsZero() {
		registered = noon().Add(time.Hour)
	}
	return domain.Decision{AgencyID: "min-roads", Words: "открыто человеком", RouteWhy: "проверка", Deadline: redue(domain.Case{}, registered),
		RegisteredAt: registered, Urgent: j.Verdict.Urgent}, nil
}

func TestJoiningKeepsTheEarliestRegistration(t *testing.T) {
	s := storagetest.New(t)
	old := moderatedAt(t, s, 1, noon().Add(-3*24*time.Hour), "old")
	young := moderatedAt(t, s, 2, noon(), "young")
	done, err := s.JoinCase(t.Context(), analyst(), domain.Join{From: domain.CaseSeen{ID: old.ID, Version: old.Version}, Into: young.ID, By: by("anna")}, redue)
	if err != nil {
		t.Fatal(err)
	}
	if done.Case.State != domain.Attached || done.Case.JoinedTo != young.ID {
		t.Errorf("joined: %+v", done.Case)
	}
	into := seenCase(t, s, young.ID)
	if !into.RegisteredAt.Equal(old.RegisteredAt) || !into.Deadline.Due.Equal(old.RegisteredAt.AddDate(0, 0, 10)) || into.Posts != 2 || into.Reach != 3 {
		t.Errorf("R9: %+v", into)
	}
	src := addSource(t, s, "-78")
	b, judged := batchOf(src, "", judgedAs(post(3, "Третья"), 3, "old"))
	commit(t, s, b, judged)
	if into = seenCase(t, s, young.ID); into.Posts != 3 {
		t.Errorf("a post that the joined case waited for went elsewhere: %+v", into)
	}

	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	first, second := seenCase(t, s, old.ID), seenCase(t, s, young.ID)
	if first.State != domain.Moderation || first.Posts != 1 || first.JoinedTo != 0 || second.Posts != 2 || !second.RegisteredAt.Equal(noon()) {
		t.Errorf("taken back: %+v\n%+v", first, second)
	}
	b, judged = batchOf(src, "", judgedAs(post(4, "Четвёртая"), 3, "old"))
	commit(t, s, b, judged)
	if first = seenCase(t, s, old.ID); first.Posts != 2 {
		t.Errorf("its key stayed with the other case: %+v", first)
	}
}

func TestUnjoinTakesThePostsBack(t *testing.T) {
	s := storagetest.New(t)
	a, b := moderated(t, s, 1), moderated(t, s, 2)
	done, err := s.JoinCase(t.Context(), analyst(), domain.Join{From: domain.CaseSeen{ID: a.ID, Version: a.Version}, Into: b.ID, By: by("anna")}, redue)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unjoin(t.Context(), analyst(), domain.CaseSeen{ID: a.ID, Version: done.Case.Version}, by("boris")); err != nil {
		t.Fatal(err)
	}
	first, second := seenCase(t, s, a.ID), seenCase(t, s, b.ID)
	if first.State != domain.Moderation || first.Posts != 1 || second.Posts != 1 || !first.ClosedAt.IsZero() {
		t.Errorf("%+v\n%+v", first, second)
	}
}

func TestJoiningIntoEachOtherAtOnce(t *testing.T) {
	s := storagetest.New(t)
	a, b := moderated(t, s, 1), moderated(t, s, 2)
	var wg sync.WaitGroup
	results := make([]error, 2)
	for i, pair := range [][2]domain.Case{{a, b}, {b, a}} {
		wg.Go(func() {
			_, results[i] = s.JoinCase(context.Background(), analyst(), domain.Join{
				From: domain.CaseSeen{ID: pair[0].ID, Version: pair[0].Version}, Into: pair[1].ID, By: by(fmt.Sprint("user", i))}, redue)
		})
	}
	wg.Wait()
	if (results[0] == nil) == (results[1] == nil) {
		t.Errorf("one of two must win: %v, %v", results[0], results[1])
	}
	for _, wrong := range []domain.Join{
		{From: domain.CaseSeen{ID: a.ID, Version: seenCase(t, s, a.ID).Version}, Into: a.ID},
		{From: domain.CaseSeen{ID: a.ID, Version: seenCase(t, s, a.ID).Version}, Into: 999},
	} {
		wrong.By = by("x")
		if _, err := s.JoinCase(t.Context(), analyst(), wrong, redue); err == nil {
			t.Errorf("joined %+v", wrong)
		}
	}
}

func TestSplitting(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	src := addSource(t, s, "-79")
	b, judged := batchOf(src, "", judgedAs(post(2, "И фонарь не горит"), 3, "m1"))
	commit(t, s, b, judged)
	w, err := s.CaseWhole(t.Context(), analyst(), c.ID)
	if err != nil || len(w.Posts) != 2 || w.Posts[1].Verdict.Category == "" {
		t.Fatalf("%+v, %v", w.Posts, err)
	}
	seen := domain.CaseSeen{ID: c.ID, Version: w.Case.Version}
	all := []int64{w.Posts[0].Number, w.Posts[1].Number}
	if _, err := s.SplitCase(t.Context(), analyst(), domain.Split{From: seen, Posts: all, By: by("anna")}, opening, keysAsStored); !errors.Is(err, domain.ErrLastPost) {
		t.Errorf("all posts split off: %v", err)
	}
	done, err := s.SplitCase(t.Context(), analyst(), domain.Split{From: seen, Posts: all[1:], By: by("anna")}, opening, keysAsStored)
	if err != nil {
		t.Fatal(err)
	}
	fresh, old := seenCase(t, s, done.Case.ID), seenCase(t, s, c.ID)
	if fresh.State != domain.Moderation || fresh.Posts != 1 || old.Posts != 1 || fresh.Number == old.Number || !fresh.RegisteredAt.Equal(noon()) {
		t.Errorf("split: %+v\n%+v", fresh, old)
	}
	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	fresh, old = seenCase(t, s, done.Case.ID), seenCase(t, s, c.ID)
	if fresh.State != domain.Attached || fresh.JoinedTo != c.ID || old.Posts != 2 || fresh.Posts != 0 {
		t.Errorf("taken back: %+v\n%+v", fresh, old)
	}
}

func TestReviewItemsAreDecided(t *testing.T) {
	s := storagetest.New(t)
	keys := func(domain.Judged) []string { return []string{"new-key"} }
	item := reviewed(t, s, 50, true)
	r, err := s.Review(t.Context(), analyst(), item)
	if err != nil || r.Post.Post.Text != "Непонятное 50" || !r.Urgent || r.Decided {
		t.Fatalf("%+v, %v", r, err)
	}
	done, err := s.OpenFromReview(t.Context(), analyst(), asSeen(t, s, item), by("anna"), opening, keys)
	if err != nil || done.Case.State != domain.Moderation || done.Case.Posts != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	var st *domain.Stale
	if _, err := s.OpenFromReview(t.Context(), analyst(), asSeen(t, s, item), by("boris"), opening, keys); !errors.As(err, &st) || st.Who != "anna" {
		t.Errorf("a second time: %v", err)
	}
	if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if c := seenCase(t, s, done.Case.ID); c.State != domain.Rejected || c.Closing != domain.Undone {
		t.Errorf("taken back: %+v", c)
	}
	if got := queue(t, s, domain.QueueFilter{}); len(got) != 1 || got[0].Ref != (domain.Ref{Object: domain.ObjectReview, ID: item}) {
		t.Errorf("the queue: %s", ids(got))
	}
	other := reviewed(t, s, 51, false)
	for name, sc := range map[string]domain.Scope{"nobody": {}, "a body": {Region: region, Agencies: []string{"min-roads"}}, "elsewhere": {Region: "kaliningrad", Whole: true}} {
		if _, err := s.Review(t.Context(), sc, other); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s reads it: %v", name, err)
		}
	}
}

func TestBulk(t *testing.T) {
	s := storagetest.New(t)
	for n := range 45 {
		moderated(t, s, n+1)
	}
	o := domain.BulkOrder{Action: domain.BulkAssign, Who: "anna", Words: "Назначено: все", At: noon(), Scope: analyst()}
	job, err := s.OrderBulk(t.Context(), o)
	if err != nil || job.Total != 45 {
		t.Fatalf("%+v, %v", job, err)
	}
	items := queue(t, s, domain.QueueFilter{})
	touched := items[3].Case
	yes := true
	if _, err := s.ChangeCase(t.Context(), analyst(), domain.CaseChange{CaseID: touched.ID, Version: touched.Version, Who: "boris", At: noon(), Urgent: &yes}); err != nil {
		t.Fatal(err)
	}
	odd := items[4].Case.ID
	decide := func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
		if c.ID == odd {
			return domain.CaseChange{}, domain.ErrNoAgency
		}
		return domain.Assign(c, kept(c), domain.By{Who: o.Who, At: o.At})
	}
	if did, err := s.RunBulk(t.Context(), noon(), decide, nil, nil); err != nil || !did {
		t.Fatalf("%v, %v", did, err)
	}
	job, err = s.Bulk(t.Context(), analyst(), job.ID, "anna")
	if err != nil || job.Done != 43 || job.Passed != 2 || job.State != "done" || job.UndoID == 0 || len(job.Left) != 2 {
		t.Fatalf("%+v, %v", job, err)
	}
	if _, err := s.Bulk(t.Context(), analyst(), job.ID, "boris"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("another's order: %v", err)
	}
	if got := queue(t, s, domain.QueueFilter{}); len(got) != 2 {
		t.Errorf("left: %s", ids(got))
	}
	moved := items[10].Case.ID
	if _, err := s.MoveCase(t.Context(), domain.CaseMove{CaseID: moved, From: domain.Coordination, To: domain.Execution, Who: "org", At: noon()}); err != nil {
		t.Fatal(err)
	}
	undone, err := s.Undo(t.Context(), analyst(), job.UndoID, "anna", noon())
	if err != nil || len(undone.Cases) != 42 {
		t.Errorf("taken back: %d cases, %v", len(undone.Cases), err)
	}
	if got := seenCase(t, s, moved); got.State != domain.Execution {
		t.Errorf("what somebody went on with: %+v", got)
	}
	if did, err := s.RunBulk(t.Context(), noon(), decide, nil, nil); err != nil || did {
		t.Errorf("a finished order was done again: %v, %v", did, err)
	}
}

func TestBulkLeavesWhatAColleagueHasInHand(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	var list []domain.Case
	for n := range 4 {
		list = append(list, moderated(t, s, n+1))
	}
	u := domain.User{Region: region, Login: "boris", Name: "Борис Лодкин", Offices: []domain.Office{{Role: domain.RoleAnalyst}}}
	if _, err := s.AddUser(t.Context(), u, "", doer("root")); err != nil {
		t.Fatal(err)
	}
	for i, who := range []string{"boris", "stranger", "anna"} {
		if _, err := s.TakeLease(t.Context(), analyst(), domain.Ref{Object: domain.ObjectCase, ID: list[i].ID}, who, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	job, err := s.OrderBulk(t.Context(), domain.BulkOrder{Action: domain.BulkReject, Who: "anna", Words: "x", At: noon(), Scope: analyst()})
	if err != nil {
		t.Fatal(err)
	}
	reject := func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
		return domain.Reject(c, domain.Advert, domain.By{Who: o.Who, At: o.At})
	}
	if _, err := s.RunBulk(t.Context(), noon(), reject, nil, nil); err != nil {
		t.Fatal(err)
	}
	job, err = s.Bulk(t.Context(), analyst(), job.ID, "anna")
	if err != nil || job.Done != 2 || job.Passed != 2 || len(job.Left) != 2 {
		t.Fatalf("%+v, %v", job, err)
	}
	for i, want := range []string{"сейчас у коллеги: Борис Лодкин", "сейчас у коллеги: stranger"} {
		if got := job.Left[i]; got.CaseID != list[i].ID || got.Words != want {
			t.Errorf("%+v, want case %d: %s", got, list[i].ID, want)
		}
		if c := seenCase(t, s, list[i].ID); c.State != domain.Moderation {
			t.Errorf("what a colleague reads was %s", c.State)
		}
	}
	if c := seenCase(t, s, list[2].ID); c.State != domain.Rejected {
		t.Errorf("one's own lease stands in the way: %s", c.State)
	}
}

func TestBulkTellsWhatItLeaves(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	moderated(t, s, 1)
	reviewed(t, s, 50, false)
	for f, want := range map[domain.QueueFilter]domain.OrderCount{
		{}:                {Cases: 1, Reviews: 1},
		{Undecided: true}: {Reviews: 1},
		{Returned: true}:  {},
	} {
		if n, err := s.CountOrdered(t.Context(), analyst(), f, noon()); err != nil || n != want {
			t.Errorf("%+v: %+v, %v", f, n, err)
		}
	}
	if n, err := s.CountOrdered(t.Context(), domain.Scope{Region: region, Agencies: []string{"min-roads"}}, domain.QueueFilter{}, noon()); err != nil || n != (domain.OrderCount{}) {
		t.Errorf("a body: %+v, %v", n, err)
	}
	exec(t, conn, `INSERT INTO cases SELECT (jsonb_populate_record(c, jsonb_build_object('id', c.id + i, 'number', c.number || '-' || i))).*
		FROM cases c, generate_series(1, 2004) i`)
	if n, err := s.CountOrdered(t.Context(), analyst(), domain.QueueFilter{}, noon()); err != nil || n != (domain.OrderCount{Cases: 2005, Reviews: 1}) {
		t.Errorf("%+v, %v", n, err)
	}
	job, err := s.OrderBulk(t.Context(), domain.BulkOrder{Action: domain.BulkReject, Who: "anna", Words: "x", At: noon(), Scope: analyst()})
	if err != nil || job.Total != domain.MaxBulk || job.Found != 2006 || job.Reviews != 0 {
		t.Errorf("ordered %d of %d, %v", job.Total, job.Found, err)
	}
	if job, err = s.Bulk(t.Context(), analyst(), job.ID, "anna"); err != nil || job.Found != 2006 {
		t.Errorf("read: %d of %d, %v", job.Total, job.Found, err)
	}
}

func TestBulkStops(t *testing.T) {
	s := storagetest.New(t)
	for n := range 50 {
		moderated(t, s, n+1)
	}
	job, err := s.OrderBulk(t.Context(), domain.BulkOrder{Action: domain.BulkReject, Who: "anna", Words: "x", At: noon(), Scope: analyst()})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err = s.RunBulk(t.Context(), noon(), func(o domain.BulkOrder, c domain.Case) (domain.CaseChange, error) {
		if n++; n == 1 {
			soon, cancel := context.WithTimeout(t.Context(), 30*time.Second) // it must not wait for the piece in hand
			defer cancel()
			if err := s.StopBulk(soon, analyst(), job.ID, doer("anna")); err != nil {
				t.Error(err)
			}
		}
		return domain.Reject(c, domain.Advert, domain.By{Who: o.Who, At: o.At})
	}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	job, err = s.Bulk(t.Context(), analyst(), job.ID, "anna")
	if err != nil || job.State != "stopped" || !job.Stopping || job.Done != 20 {
		t.Errorf("%+v, %v", job, err)
	}
}

func TestAnswerByHandNeedsAnApprovedAnswer(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	id := openCase(t, s, 1)
	for _, st := range [][2]domain.State{{domain.Coordination, domain.Execution}, {domain.Execution, domain.Approval}, {domain.Approval, domain.Publishing}} {
		if _, err := move(s, id, st[0], st[1], ""); err != nil {
			t.Fatal(err)
		}
	}
	c := seenCase(t, s, id)
	hand := domain.ByHand{Case: domain.CaseSeen{ID: id, Version: c.Version}, By: by("org"), ProofURL: "https://vk.ru/wall-1_2",
		Proof: domain.CaseFile{Name: "снимок.png", Type: "image/png", Content: []byte("png")}}
	if _, err := s.AnswerByHand(t.Context(), analyst(), hand); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("without an approved answer: %v", err)
	}
	_, err := conn.Exec(t.Context(), `INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		VALUES ($1, 1, 'final', 'approved', 'Яму засыпали', 'solved', 'petrov', 'head', now(), now(), now(), now())`, id)
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.AnswerByHand(t.Context(), analyst(), hand)
	if err != nil {
		t.Fatal(err)
	}
	if got := done.Case; got.State != domain.Satisfaction || got.Outcome != domain.Solved || got.AnsweredAt.IsZero() || got.ReactionAt.IsZero() {
		t.Errorf("answered: %+v", got)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), id)
	if err != nil || w.Replies[0].State != "by_hand" || w.Replies[0].ProofFile == 0 || len(w.Files) != 1 {
		t.Errorf("%+v %+v, %v", w.Replies, w.Files, err)
	}
	// «Не решено»: a new round, and the first result stays (R10).
	ch, err := domain.Reopen(w.Case, redue(w.Case, noon().AddDate(0, 0, 5)), domain.By{Who: "controller", Why: "автор: не решено", At: noon().AddDate(0, 0, 5)})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.ChangeCase(t.Context(), analyst(), ch)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Case; got.Round != 2 || got.Outcome != "" || !got.AnsweredAt.IsZero() || !got.RegisteredAt.Equal(noon().AddDate(0, 0, 5)) {
		t.Errorf("reopened: %+v", got)
	}
	if w, err = s.CaseWhole(t.Context(), analyst(), id); err != nil || len(w.Rounds) != 1 || w.Rounds[0].Outcome != domain.Solved || !w.Created().Equal(noon()) {
		t.Errorf("rounds %+v, %v", w.Rounds, err)
	}
}

func TestFilesNotesAndLinks(t *testing.T) {
	s := storagetest.New(t)
	a, b := moderated(t, s, 1), moderated(t, s, 2)
	f := domain.CaseFile{CaseID: a.ID, Name: "акт.pdf", Type: "application/pdf", Content: []byte("содержимое"), By: "anna", At: noon()}
	first, err := s.AddFile(t.Context(), analyst(), f)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.AddFile(t.Context(), analyst(), f); err != nil || again != first {
		t.Errorf("a second click: %d and %d, %v", first, again, err)
	}
	if got, err := s.File(t.Context(), analyst(), a.ID, first); err != nil || string(got.Content) != "содержимое" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.File(t.Context(), analyst(), b.ID, first); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("by another case: %v", err)
	}
	f.Content = make([]byte, domain.MaxFile+1)
	if _, err := s.AddFile(t.Context(), analyst(), f); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("too big: %v", err)
	}
	f.Content, f.Name = []byte("x"), "../etc/passwd"
	if _, err := s.AddFile(t.Context(), analyst(), f); !errors.Is(err, domain.ErrRefused) {
		t.Errorf("a name that is a path: %v", err)
	}
	if err := s.AddNote(t.Context(), analyst(), a.ID, domain.CaseNote{Text: "звонили", Author: "anna", At: noon()}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.LinkCases(t.Context(), analyst(), b.ID, a.ID, by("anna")); err != nil {
			t.Fatal(err)
		}
	}
	st, err := s.AddStory(t.Context(), analyst(), "Буря", doer("anna"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeCase(t.Context(), analyst(), domain.Amend(a, by("anna"), func(ch *domain.CaseChange) { ch.StoryID = &st.ID })); err != nil {
		t.Fatal(err)
	}
	w, err := s.CaseWhole(t.Context(), analyst(), a.ID)
	if err != nil || len(w.Notes) != 1 || len(w.Files) != 1 || len(w.Related) != 1 || w.Related[0].Case.ID != b.ID || w.Story.Title != "Буря" {
		t.Fatalf("%+v, %v", w, err)
	}
	said := ""
	for _, h := range w.History {
		said += h.What + " "
	}
	if said != "opened file note linked changed " {
		t.Errorf("history: %s", said)
	}
	if err := s.UnlinkCases(t.Context(), analyst(), a.ID, b.ID, by("anna")); err != nil {
		t.Fatal(err)
	}
	if w, err = s.CaseWhole(t.Context(), analyst(), a.ID); err != nil || len(w.Related) != 0 {
		t.Errorf("%+v, %v", w.Related, err)
	}
}
