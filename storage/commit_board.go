package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// board holds the open cases one wave may join, with those it opens itself, and
// what happens to them.
type board struct {
	byID   map[int64]*liveCase
	byKey  map[string][]*liveCase
	unused []int64 // ids drawn for cases to open
	opened []*liveCase
	joined map[int64]*joining // cases that were there before, by id
}

// liveCase is an open case as later posts of the wave see it.
type liveCase struct {
	open domain.OpenCase
	keys map[string]bool
	row  *caseRow // when this wave opened it
}

// joining is what one wave adds to a case.
type joining struct {
	more       int // posts
	reach      int64
	urgent     bool
	restricted bool
	why        string
}

// loadBoard reads and locks the open cases that carry any of the keys, and those
// that authors speak of in dialogs.
func (c *commit) loadBoard(ctx context.Context, keys []string, posts []*item) (*board, error) {
	b := &board{byID: map[int64]*liveCase{}, byKey: map[string][]*liveCase{}, joined: map[int64]*joining{}}
	var err error
	if b.unused, err = c.q.NextCaseIDs(ctx, small(len(posts))); err != nil {
		return nil, fmt.Errorf("draw case ids: %w", err)
	}
	var ids []int64
	for _, it := range posts {
		if it.into != 0 {
			ids = append(ids, it.into)
		}
	}
	var found []db.OpenKeysRow
	if len(keys) > 0 {
		if found, err = c.q.OpenKeys(ctx, keys, c.region); err != nil {
			return nil, fmt.Errorf("look attach keys up: %w", err)
		}
	}
	for _, f := range found {
		ids = append(ids, f.CaseID)
	}
	if len(ids) == 0 {
		return b, nil
	}
	slices.Sort(ids)
	if err := c.lockCases(ctx, b, slices.Compact(ids)); err != nil {
		return nil, err
	}
	for _, f := range found {
		if l, ok := b.byID[f.CaseID]; ok {
			b.addKey(l, f.Key)
		}
	}
	return b, nil
}

// lockCases reads the open ones of the cases and keeps them from changing until
// the commit.
func (c *commit) lockCases(ctx context.Context, b *board, ids []int64) error {
	rows, err := c.q.LockOpenCases(ctx, ids)
	if err != nil {
		return fmt.Errorf("lock open cases: %w", err)
	}
	for _, r := range rows {
		b.byID[r.ID] = &liveCase{keys: map[string]bool{}, open: domain.OpenCase{
			ID: r.ID, Number: r.Number, State: domain.State(r.State), Row: int(r.DecreeRow), Topic: r.Topic, AgencyID: r.AgencyID,
			Municipality: r.Municipality, Posts: int(r.Posts), Urgent: r.Urgent, RegisteredAt: moment(r.RegisteredAt),
		}}
	}
	return nil
}

// addKey makes a case findable by a key; false when it already was.
func (b *board) addKey(l *liveCase, key string) bool {
	if l.keys[key] {
		return false
	}
	l.keys[key] = true
	b.byKey[key] = append(b.byKey[key], l)
	return true
}

// offered gives the open cases that carry any of the keys, oldest first; Keys
// of each are those in common.
func (b *board) offered(keys []string) []domain.OpenCase {
	common := map[int64][]string{}
	for _, k := range keys {
		for _, l := range b.byKey[k] {
			common[l.open.ID] = append(common[l.open.ID], k)
		}
	}
	out := make([]domain.OpenCase, 0, len(common))
	for id, ks := range common {
		open := b.byID[id].open
		open.Keys = ks
		out = append(out, open)
	}
	slices.SortFunc(out, func(x, y domain.OpenCase) int {
		return cmp.Or(x.RegisteredAt.Compare(y.RegisteredAt), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// open puts a new case on the board and returns it.
func (b *board) open(row *caseRow, registered time.Time) *liveCase {
	row.id, b.unused = b.unused[0], b.unused[1:]
	l := &liveCase{row: row, keys: map[string]bool{}, open: domain.OpenCase{
		ID: row.id, State: row.state, Row: row.decreeRow, Topic: row.topic, AgencyID: row.agency,
		Municipality: row.place.Municipality, Posts: 1, Urgent: row.urgent, RegisteredAt: registered,
	}}
	b.byID[row.id] = l
	b.opened = append(b.opened, l)
	return l
}

// join adds a post to a case and reports whether that made the case urgent.
func (b *board) join(l *liveCase, d domain.Decision, views int64) (raised bool) {
	raised = d.Urgent && !l.open.Urgent
	l.open.Posts++
	l.open.Urgent = l.open.Urgent || d.Urgent
	if l.row != nil { // not written yet
		l.row.posts++
		l.row.reach += views
		l.row.urgent = l.row.urgent || d.Urgent
		l.row.restricted = l.row.restricted || d.Restricted
		return raised
	}
	j := b.change(l.open.ID)
	j.more++
	j.reach += views
	j.urgent = j.urgent || d.Urgent
	j.restricted = j.restricted || d.Restricted
	j.why = d.Words
	return raised
}

// raise makes the case of an edited post urgent.
func (b *board) raise(caseID int64, why string) {
	j := b.change(caseID)
	j.urgent = true
	if j.why == "" {
		j.why = why
	}
}

func (b *board) change(caseID int64) *joining {
	j, ok := b.joined[caseID]
	if !ok {
		j = &joining{}
		b.joined[caseID] = j
	}
	return j
}
