package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

func lessonsOf(t *testing.T, s *storage.Store) []string {
	t.Helper()
	var list []string
	if err := s.EachLesson(t.Context(), region, func(l domain.Lesson) error {
		list = append(list, fmt.Sprintf("%s «%s» %s %d %s %s", l.From, l.Text, l.Kind, l.Row, l.Topic, l.Agency))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// Of a post the newest correction counts; what was answered as judged and what was
// dismissed teach too; what was taken back, restricted cases and other regions do not.
func TestLessonsOfTheDesk(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	for n := range 4 {
		c := moderated(t, s, n+1)
		f := kept(c)
		f.Subject, f.AgencyID = domain.Subject{Row: 5 + n, Topic: "yards"}, "town-hall"
		done, err := assign(t, s, c, f, "anna")
		if err != nil {
			t.Fatal(err)
		}
		if n == 3 {
			if _, err := s.Undo(t.Context(), analyst(), done.UndoID, "anna", noon().Add(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	exec(t, conn, `INSERT INTO examples (region, post_id, case_id, from_kind, from_row, from_topic, from_municipality, from_agency, to_kind, to_row, to_topic, to_municipality, to_agency, who, at)
		SELECT region, post_id, case_id, 'problem', 5, '', '', '', 'problem', 9, 'trees', '', 'forest', 'boris', at + interval '1 hour' FROM examples WHERE to_row = 5`)
	exec(t, conn, `UPDATE cases SET restricted = true, changed_by = 'test', changed_why = 'проверка' WHERE decree_row = 6`)
	// Three cases come to their end: one as it was judged, one with another row, and one
	// that no person has had in hand.
	for n, row := range []int{3, 4, 3} {
		id := openCase(t, s, 10+n)
		exec(t, conn, "ALTER TABLE cases DISABLE TRIGGER USER")
		exec(t, conn, `UPDATE cases SET state = 'done', decree_row = $2, answered_at = $3, closed_at = $3, outcome = 'solved' WHERE id = $1`, id, row, noon().Add(time.Hour))
		exec(t, conn, "ALTER TABLE cases ENABLE TRIGGER USER")
		who := []string{"body", "body", "система"}[n]
		exec(t, conn, `INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details) VALUES ($1, $2, $3, 'moved', 'coordination', 'execution', 'проверка', '{}')`, id, noon(), who)
	}
	src := addSource(t, s, "-777")
	dismissed, open := judgedOther(post(20, "Продам гараж")), judgedOther(post(21, "Что это?"))
	b, judged := batchOf(src, "1", dismissed, open)
	review := func(j domain.Judged, k *domain.Known, o []domain.OpenCase) domain.Decision {
		d := route(j, k, o)
		d.Action, d.Reason, d.Words = domain.ActionReview, "low_confidence", "неясно"
		return d
	}
	if _, err := s.Commit(t.Context(), noon(), b, judged, review); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, `UPDATE review_items r SET resolved_at = now(), resolved_by = 'anna', resolution = 'not_case' FROM post_ids p WHERE p.post_id = r.post_id AND p.post = '20'`)
	want := []string{
		"correction «Яма номер 1» problem 9 trees forest",
		"correction «Яма номер 3» problem 7 yards town-hall",
		"answer «Яма 10» problem 3 roads.potholes min-roads",
		"dismissal «Продам гараж» other 0  ",
	}
	if got := lessonsOf(t, s); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// An export with more columns or fewer doubles nothing, and takes no number away.
func TestPastIncidentsAreKnownByEitherKey(t *testing.T) {
	s := storagetest.New(t)
	by := domain.Doer{Region: region, Login: "test", At: noon()}
	put := func(want storage.Imported, list ...domain.PastIncident) {
		t.Helper()
		if got, err := s.PutPastIncidents(t.Context(), region, "a.csv", list, by); err != nil || got != want {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	one, two := domain.PastIncident{ExternalID: "1", Text: "Яма", Topic: "Ямы"}, domain.PastIncident{ExternalID: "2", Text: "Снег", Topic: "Снег"}
	bare := domain.PastIncident{Text: "Вода", Topic: "Вода", CreatedAt: noon()}
	put(storage.Imported{Added: 3}, one, two, bare)
	full := []domain.PastIncident{one, two, bare}
	full[0].Number, full[1].Number, full[2].Number, full[2].ExternalID = "27-1", "27-2", "27-3", "3"
	put(storage.Imported{Changed: 3}, full...)
	put(storage.Imported{Same: 3}, full...)
	put(storage.Imported{Same: 2}, one, two)
	one.Topic = "Дороги"
	put(storage.Imported{Changed: 1, Same: 1}, one, full[1])
	put(storage.Imported{Same: 2}, full[1], two)                                                                            // one of them says more
	put(storage.Imported{Added: 1}, domain.PastIncident{Number: "27-9", ExternalID: "1", Text: "Другая яма", Topic: "Ямы"}) // another number is another incident
	var got []string
	if err := s.EachPastIncident(t.Context(), region, func(p domain.PastIncident) error {
		got = append(got, p.Number+" "+p.ExternalID+" "+p.Topic)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"27-1 1 Дороги", "27-2 2 Снег", "27-3 3 Вода", "27-9 1 Ямы"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPastIncidentsAreKeptOnce(t *testing.T) {
	s := storagetest.New(t)
	by := domain.Doer{Region: region, Login: "test", At: noon()}
	var list []domain.PastIncident
	for i := range 2500 {
		list = append(list, domain.PastIncident{Number: fmt.Sprint(i), Text: fmt.Sprint("Яма\x00 ", i), Topic: "Ямы"})
	}
	list[7].CreatedAt = noon()
	if got, err := s.PutPastIncidents(t.Context(), region, "a/b.xlsx", list, by); err != nil || got != (storage.Imported{Added: 2500}) {
		t.Fatalf("%+v, %v", got, err)
	}
	list[8].Topic = "Дороги"
	if got, err := s.PutPastIncidents(t.Context(), region, "b.xlsx", list, by); err != nil || got != (storage.Imported{Changed: 1, Same: 2499}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.PutPastIncidents(t.Context(), "kaliningrad", "b.xlsx", list[:1], by); err != nil || got.Added != 1 {
		t.Errorf("another region: %+v, %v", got, err)
	}
	n := 0
	if err := s.EachPastIncident(t.Context(), region, func(p domain.PastIncident) error {
		if n == 7 && !p.CreatedAt.Equal(noon()) || n == 8 && p.Topic != "Дороги" || p.Text != fmt.Sprint("Яма ", n) {
			t.Errorf("%d: %+v", n, p)
		}
		n++
		return nil
	}); err != nil || n != 2500 {
		t.Errorf("%d incidents, %v", n, err)
	}
}

// A model is kept whole whatever its size; switching goes by what was seen in
// force, and back to the phrases alone.
func TestVersionsOfModels(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	conn := connect(t, dsn)
	by := domain.Doer{Region: region, Login: "anna", At: noon()}
	big := bytes.Repeat([]byte("otklik"), 2<<20)
	version := func(label, hash string) domain.ModelVersion {
		return domain.ModelVersion{ModelRef: domain.ModelRef{Label: label, Hash: hash}, Region: region, Examples: 10, Report: []byte("{}"), Comparison: []byte("{}"),
			CreatedAt: noon(), CreatedBy: "anna"}
	}
	strange := version("row", "aa1")
	strange.Region = "narnia"
	if _, err := s.SaveModel(t.Context(), strange, big); !errors.Is(err, domain.ErrNotFound) {
		t.Fatalf("a region that there is none of: %v", err)
	}
	for _, v := range []domain.ModelVersion{version("row", "aa1"), version("row", "aa2"), version("kind", "aa1"), version("row", "aa1")} {
		got, err := s.SaveModel(t.Context(), v, big[:len(big)-len(v.Hash)-len(v.Label)])
		if err != nil || got.ID == 0 || got.Hash != v.Hash || got.Size == 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := s.JudgeModel(t.Context(), got.ID, []byte(`{"n": 7}`), "мало примеров"); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Models(t.Context(), region)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d versions, %v", len(list), err)
	}
	for _, v := range list {
		if v.Reason != "мало примеров" || string(v.Comparison) != `{"n": 7}` {
			t.Errorf("the judgement is not kept: %+v", v)
		}
	}
	first, second := domain.ModelRef{Label: "row", Hash: "aa1"}, domain.ModelRef{Label: "row", Hash: "aa2"}
	if file, err := s.ModelFile(t.Context(), region, second); err != nil || !bytes.Equal(file, big[:len(big)-6]) {
		t.Errorf("%d bytes, %v", len(file), err)
	}
	activate := func(ref domain.ModelRef, seen string) error {
		return s.ActivateModel(t.Context(), storage.ModelSwitch{ModelRef: ref, Seen: seen, Comparison: []byte(`{"n": 1, "unseen": {"from": 0.7, "share": 0.6, "n": 240, "answered": 230}}`), Reason: "лучше"}, by,
			domain.EntryOf(by, "model_activated", "model", ref.Hash, "введена"))
	}
	if err := activate(first, ""); err != nil {
		t.Fatal(err)
	}
	if err := activate(second, ""); !errors.Is(err, domain.ErrStale) {
		t.Errorf("activated beside what was not seen: %v", err)
	}
	if err := activate(second, "aa1"); err != nil {
		t.Fatal(err)
	}
	if refs, err := s.ModelsInForce(t.Context(), region); err != nil || !slices.Equal(refs, []domain.ModelInForce{{ModelRef: second, Unseen: domain.UnseenBound{From: 0.7, Share: 0.6, N: 240, Answered: 230}}}) {
		t.Errorf("%v, %v", refs, err)
	}
	if _, err := s.RollbackModel(t.Context(), "row", "aa1", by); !errors.Is(err, domain.ErrStale) {
		t.Errorf("went back from another: %v", err)
	}
	for _, want := range []string{"aa1", ""} {
		if to, err := s.RollbackModel(t.Context(), "row", "", by); err != nil || to.Hash != want {
			t.Errorf("back to %q, want %q: %v", to.Hash, want, err)
		}
	}
	if _, err := s.RollbackModel(t.Context(), "row", "", by); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("back from nothing: %v", err)
	}
	// Whoever comes back to a version has gone back: the way leads on to the phrases.
	for i, err := range []error{activate(first, ""), activate(second, "aa1"), activate(first, "aa2")} {
		if err != nil {
			t.Fatal(i, err)
		}
	}
	if to, err := s.RollbackModel(t.Context(), "row", "aa1", by); err != nil || to.Hash != "" {
		t.Errorf("back to %q, want the phrases: %v", to.Hash, err)
	}
	if found, err := s.FindModels(t.Context(), region, "aa"); err != nil || len(found) != 2 {
		t.Errorf("%d found, %v", len(found), err)
	}
	exec(t, conn, "DELETE FROM model_parts WHERE n = 1")
	if file, err := s.ModelFile(t.Context(), region, first); err != nil || len(file) != 4<<20 {
		t.Errorf("a part is missing: %d bytes, %v", len(file), err)
	}
	var lines int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM journal WHERE object = 'model'").Scan(&lines); err != nil || lines != 8 {
		t.Errorf("%d lines in the journal, %v", lines, err)
	}
}
