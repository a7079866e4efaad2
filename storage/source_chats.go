package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// seats keeps where the source's bot sits.
func (c *commit) seats(ctx context.Context, b domain.Batch) error {
	told := db.PutSeatsParams{SourceID: b.Source.ID}
	var heardChats []string
	var heardAts []pgtype.Timestamptz
	for _, s := range lastSeats(b.Seats) {
		if s.Heard {
			heardChats, heardAts = append(heardChats, s.Chat), append(heardAts, stamp(s.At))
			continue
		}
		told.Chats, told.Titles = append(told.Chats, s.Chat), append(told.Titles, clean(s.Title))
		told.Aways, told.Ats = append(told.Aways, !s.In), append(told.Ats, stamp(s.At))
	}
	if len(told.Chats) > 0 {
		if err := c.q.PutSeats(ctx, told); err != nil {
			return fmt.Errorf("note the chats of source %d: %w", b.Source.ID, err)
		}
	}
	if len(heardChats) > 0 {
		if err := c.q.HeardSeats(ctx, b.Source.ID, heardChats, heardAts); err != nil {
			return fmt.Errorf("note the chats heard by source %d: %w", b.Source.ID, err)
		}
	}
	return nil
}

// lastSeats gives the last that is told and the last that is heard of each chat,
// in the order of chats: concurrent pushes lock alike.
func lastSeats(all []domain.Seat) []domain.Seat {
	type key struct {
		chat  string
		heard bool
	}
	last := map[key]domain.Seat{}
	for _, s := range all {
		k := key{s.Chat, s.Heard}
		had, ok := last[k]
		if s.Chat == "" || !stamp(s.At).Valid || ok && s.At.Before(had.At) {
			continue
		}
		s.Title = cmp.Or(s.Title, had.Title)
		last[k] = s
	}
	out := make([]domain.Seat, 0, len(last))
	for _, s := range last {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b domain.Seat) int { return strings.Compare(a.Chat, b.Chat) })
	return out
}

// LetAway forgets the chats that a source's bot was put out of: a person knows of
// them. domain.ErrNotFound when there are none. Notes go into the journal with it.
func (s *Store) LetAway(ctx context.Context, source int64, noted ...domain.Entry) error {
	return s.inTx(ctx, "forget lost chats", func(q *db.Queries) error {
		n, err := q.LetAway(ctx, source)
		if err := onlyOne("forget lost chats", n, err); err != nil {
			return err
		}
		return notes(ctx, q, noted)
	})
}

// withAway adds to sources the chats that their bots were put out of.
func withAway(ctx context.Context, q *db.Queries, sources []domain.Source) error {
	ids := make([]int64, len(sources))
	for i := range sources {
		ids[i] = sources[i].ID
	}
	rows, err := q.AwayChats(ctx, ids)
	if err != nil {
		return fmt.Errorf("read lost chats: %w", err)
	}
	for i := range sources {
		for _, r := range rows {
			if r.SourceID == sources[i].ID {
				sources[i].Away = append(sources[i].Away, domain.Away{Chat: r.Chat, Title: r.Title, Since: moment(r.At)})
			}
		}
	}
	return nil
}
