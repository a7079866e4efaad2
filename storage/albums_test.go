package storage_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

const album = "-100:777"

func part(n int, text string) domain.Judged {
	p := post(n, text)
	p.Album = album
	p.Attachments = []domain.Attachment{{Type: "photo", URL: fmt.Sprint("https://example.org/", n)}}
	return domain.Judged{Post: p, Pending: true}
}

// whole is the album as a worker would put it together.
func whole(parts []domain.Post, text string) (head domain.Judged, ids []domain.PostID) {
	head = judgedAs(parts[0], 3, "a")
	head.Post.Text = text
	head.Post.Attachments = nil
	for _, p := range parts {
		ids = append(ids, p.ID)
		head.Post.Attachments = append(head.Post.Attachments, p.Attachments...)
	}
	return head, ids
}

func settled(t *testing.T, s *storage.Store, at time.Time) [][]domain.Post {
	t.Helper()
	albums, err := s.SettledAlbums(t.Context(), at, 10)
	if err != nil {
		t.Fatal(err)
	}
	return albums
}

func TestAnAlbumIsJudgedOnceWhenItHasSettled(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", part(1, ""), part(2, "Яма на Ленина"), part(3, ""))
	if res := commit(t, s, b, judged); res.Stored != 3 || res.Pending != 3 || res.Opened != 0 {
		t.Fatalf("parts = %+v", res)
	}
	if early := settled(t, s, noon().Add(time.Second)); len(early) != 0 {
		t.Errorf("settled at once: %d", len(early))
	}
	later := noon().Add(time.Minute)
	albums := settled(t, s, later)
	if len(albums) != 1 || len(albums[0]) != 3 || albums[0][1].Text != "Яма на Ленина" {
		t.Fatalf("albums = %+v", albums)
	}
	head, ids := whole(albums[0], "Яма на Ленина")
	var wg sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for range 4 { // several workers saw it
		wg.Go(func() {
			res, err := s.CommitAlbum(t.Context(), later, head, ids, nil, route)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			opened += res.Opened
			mu.Unlock()
		})
	}
	wg.Wait()
	if opened != 1 {
		t.Errorf("opened %d cases", opened)
	}
	if again := settled(t, s, later.Add(time.Hour)); len(again) != 0 {
		t.Errorf("still waiting: %+v", again)
	}
	file, err := s.Post(t.Context(), head.Post.ID)
	if err != nil || file.Pending || file.Post.Text != "" || file.Verdicts[0].Text != "Яма на Ленина" {
		t.Errorf("head = %+v, %v", file, err)
	}
	if res := commit(t, s, b, judged); res.Unchanged != 3 {
		t.Errorf("replay of the parts: %+v", res)
	}
}

func TestALatePartReopensTheAlbum(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", part(1, "Яма на Ленина"))
	commit(t, s, b, judged)
	later := noon().Add(time.Minute)
	head, ids := whole(settled(t, s, later)[0], "Яма на Ленина")
	if res, err := s.CommitAlbum(t.Context(), later, head, ids, nil, route); err != nil || res.Opened != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	b, judged = batchOf(src, "", part(2, ""))
	commit(t, s, b, judged)
	parts := settled(t, s, later)
	if len(parts) != 1 || len(parts[0]) != 2 {
		t.Fatalf("parts = %+v", parts)
	}
	head, ids = whole(parts[0], "Яма на Ленина")
	res, err := s.CommitAlbum(t.Context(), later, head, ids, nil, func(domain.Judged, *domain.Known, []domain.OpenCase) domain.Decision {
		t.Error("a picture more was judged anew")
		return domain.Decision{Action: domain.ActionKeep}
	})
	if err != nil || res.Opened != 0 {
		t.Errorf("%+v, %v", res, err)
	}
	if rest := settled(t, s, later.Add(time.Hour)); len(rest) != 0 {
		t.Errorf("still waiting: %+v", rest)
	}
}

func TestAPartDuringTheJudgementIsNotForgotten(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", part(1, "Яма"))
	commit(t, s, b, judged)
	later := noon().Add(time.Minute)
	head, ids := whole(settled(t, s, later)[0], "Яма")
	// A part comes between reading the album and committing it.
	b, judged = batchOf(src, "", part(2, "и рядом открытый люк"))
	if _, err := s.Commit(t.Context(), later, b, judged, route); err != nil {
		t.Fatal(err)
	}
	if res, err := s.CommitAlbum(t.Context(), later, head, ids, nil, route); err != nil || res.Opened != 0 {
		t.Errorf("%+v, %v", res, err)
	}
	parts := settled(t, s, later.Add(time.Minute))
	if len(parts) != 1 || len(parts[0]) != 2 {
		t.Errorf("parts = %+v", parts)
	}
}

func TestAnEditedCaptionIsJudgedAnew(t *testing.T) {
	s := storagetest.New(t)
	src := addSource(t, s, owner)
	b, judged := batchOf(src, "", part(1, "Яма"))
	commit(t, s, b, judged)
	later := noon().Add(time.Minute)
	head, ids := whole(settled(t, s, later)[0], "Яма")
	if _, err := s.CommitAlbum(t.Context(), later, head, ids, nil, route); err != nil {
		t.Fatal(err)
	}
	edit := part(1, "Не яма, а мусор")
	edit.Post.EditedAt = later
	b, judged = batchOf(src, "", edit)
	if res := commit(t, s, b, judged); res.Changed != 1 || res.Pending != 1 {
		t.Fatalf("edit = %+v", res)
	}
	head, ids = whole(settled(t, s, later)[0], "Не яма, а мусор")
	head.Verdict.Row = 9
	res, err := s.CommitAlbum(t.Context(), later, head, ids, nil, route)
	if err != nil || res.Review != 1 || res.Opened != 0 {
		t.Errorf("%+v, %v", res, err)
	}
}
