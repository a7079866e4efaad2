package storage_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// benchPosts makes n posts of about 500 bytes; one in four is a problem, and
// four of those speak of the same case.
func benchPosts(from, n int) []domain.Judged {
	out := make([]domain.Judged, n)
	for i := range out {
		id := from + i
		text := fmt.Sprintf("Сообщение %d. На улице Ленина, %d уже третью неделю огромная яма, машины бьют колёса, "+
			"дети обходят её по проезжей части, а управляющая компания номер %d не отвечает на звонки жителей. "+
			"Просим разобраться и отремонтировать дорогу до начала зимы.", id, id%300, id%97)
		j := judgedAs(post(id, text), 3)
		if i%4 == 0 {
			j.Keys = []string{fmt.Sprint("copy:", id), fmt.Sprint("origin:", id), fmt.Sprint("thread:", id, ":3"), fmt.Sprint("place:3:", id/16)}
		} else {
			j.Verdict.Kind, j.Verdict.Row, j.Verdict.Evidence, j.Verdict.Alternatives = domain.Other, 0, nil, nil
		}
		out[i] = j
	}
	return out
}

// BenchmarkCommit measures whole commits of fresh posts.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := storagetest.New(b)
			src, err := s.AddSource(b.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: owner})
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				batch, judged := batchOf(src, `1`, benchPosts(n, size)...)
				n += size
				if _, err := s.Commit(b.Context(), noon(), batch, judged, route); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkReplay measures commits of posts that are all stored already.
func BenchmarkReplay(b *testing.B) {
	s := storagetest.New(b)
	src, err := s.AddSource(b.Context(), domain.Source{Region: region, Kind: domain.VKWall, Address: owner})
	if err != nil {
		b.Fatal(err)
	}
	batch, judged := batchOf(src, `1`, benchPosts(0, 100)...)
	n := 0
	for b.Loop() {
		if _, err := s.Commit(b.Context(), noon(), batch, judged, route); err != nil {
			b.Fatal(err)
		}
		n += 100
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCopy is the yardstick: plain COPY of the same posts into the same
// table with its indexes, nothing else.
func BenchmarkCopy(b *testing.B) {
	for _, size := range []int{100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			dsn := storagetest.DSN(b)
			storagetest.Open(b, dsn, storage.Options{})
			conn, err := pgx.Connect(b.Context(), dsn)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close(b.Context())
			n := 0
			for b.Loop() {
				judged := benchPosts(n, size)
				copyPosts(b, conn, judged, n)
				n += size
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func copyPosts(b *testing.B, conn *pgx.Conn, judged []domain.Judged, from int) {
	columns := []string{"id", "stored_at", "platform", "owner", "post", "comment", "region", "source_id", "kind",
		"author_id", "author_name", "author_org", "text", "published_at", "url", "views", "comments", "home"}
	rows := pgx.CopyFromSlice(len(judged), func(i int) ([]any, error) {
		p := judged[i].Post
		return []any{int64(from + i), noon(), string(p.ID.Platform), p.ID.Owner, p.ID.Post, p.ID.Comment, p.Region, p.SourceID, string(p.Kind),
			p.Author.ID, p.Author.Name, p.Author.Org, p.Text, p.PublishedAt, p.URL, p.Views, p.Comments, p.Home}, nil
	})
	if _, err := conn.CopyFrom(b.Context(), pgx.Identifier{"posts"}, columns, rows); err != nil {
		b.Fatal(err)
	}
}
