package storage_test

import (
	"errors"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// A region keeps one table a label, another label and region their own; the same again
// is not noted twice.
func TestCorrespondencesAreKept(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	ctx := t.Context()
	by := domain.Doer{Region: region, Login: "admin", At: noon()}
	if _, err := s.Correspondences(ctx, region, "row"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("before any: %v", err)
	}
	for _, c := range []domain.Correspondences{
		{Label: "row", Name: "старая.csv", Content: []byte("Тема;row\nа;1\n")},
		{Label: "row", Name: "новая.csv", Content: []byte("Тема;row\nа;2\n")},
		{Label: "row", Name: "новая.csv", Content: []byte("Тема;row\nа;2\n")},
	} {
		if err := s.KeepCorrespondences(ctx, c, by); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Correspondences(ctx, region, "row")
	if err != nil || got.Name != "новая.csv" || string(got.Content) != "Тема;row\nа;2\n" || got.Who != "admin" || !got.At.Equal(noon()) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, other := range [][2]string{{region, "kind"}, {"kaliningrad", "row"}} {
		if _, err := s.Correspondences(ctx, other[0], other[1]); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%v has it too: %v", other, err)
		}
	}
	noted := 0
	if err := s.DropCorrespondences(ctx, "row", by); err != nil {
		t.Fatal(err)
	}
	if err := s.DropCorrespondences(ctx, "row", by); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("dropped twice: %v", err)
	}
	if err := connect(t, dsn).QueryRow(ctx, "SELECT count(*) FROM journal WHERE region = $1 AND action LIKE 'correspondences%'", region).Scan(&noted); err != nil || noted != 3 {
		t.Errorf("noted %d times, %v", noted, err)
	}
}
