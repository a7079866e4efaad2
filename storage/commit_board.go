package storage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	var ids, heard []int64
	for _, it := range posts {
		if it.into != 0 { // be it done
			heard = append(heard, it.into)
		}
		heard = slices.AppendSeq(heard, maps.Keys(it.ours))
	}
	ids = append(ids, heard...)
	var found []db.OpenKeysRow
	if len(keys) > 0 {
		if found, err = c.q.OpenKeys(ctx, keys, c.region); err != nil {
			return nil, fmt.Errorf("look attach keys up: %w", err)
		}
	}
	keep := likeness(posts).worth(found)
	for _, k := range keep {
		ids = append(ids, k.caseID)
	}
	if len(ids) == 0 {
		return b, nil
	}
	slices.Sort(ids)
	if err := c.lockCases(ctx, b, slices.Compact(ids), heard); err != nil {
		return nil, err
	}
	for _, k := range keep {
		if l, ok := b.byID[k.caseID]; ok {
			b.addKey(l, k.key, k.print)
		}
	}
	return b, nil
}

// asked are the prints of a wave by the keys of likeness they look under.
type asked map[string][]domain.Print

func likeness(posts []*item) asked {
	out := asked{}
	for _, it := range posts {
		for _, k := range it.j.Keys {
			if strings.HasPrefix(k, domain.KeyLike) {
				out[k] = append(out[k], it.j.Print())
			}
		}
	}
	return out
}

// worth are the keys that say something. Beside a key of another kind, an address, a
// print says something however unlike it is: that two are not the same.
func (a asked) worth(found []db.OpenKeysRow) []foundKey {
	certain := map[int64]bool{}
	for _, f := range found {
		if !strings.HasPrefix(f.Key, domain.KeyLike) {
			certain[f.CaseID] = true
		}
	}
	var keep []foundKey
	for _, f := range found {
		if k := (foundKey{f.CaseID, f.Key, printOf(f)}); certain[f.CaseID] || a.likes(&k) {
			keep = append(keep, k)
		}
	}
	return keep
}

// likes: what is unlike every post that asks is not even locked: many cases may lie
// in one street.
func (a asked) likes(k *foundKey) bool {
	if !strings.HasPrefix(k.key, domain.KeyLike) {
		return true
	}
	return slices.ContainsFunc(a[k.key], func(o domain.Print) bool {
		return k.print.Likeness(&o) >= domain.LikeLeast || k.print.Within(&o) >= domain.LikeLeast
	})
}

// foundKey is a key of an open case, with the print beside it.
type foundKey struct {
	caseID int64
	key    string
	print  domain.Print
}

// printOf is the print beside a key; a print of another version says nothing.
func printOf(f db.OpenKeysRow) domain.Print {
	p, err := domain.DecodePrint(f.Print)
	if err != nil {
		return domain.Print{}
	}
	return p
}

// lockCases reads the open ones of the cases, and those that are done of which an
// author may say more, and keeps them from changing until the commit.
func (c *commit) lockCases(ctx context.Context, b *board, ids, heard []int64) error {
	rows, err := c.q.LockOpenCases(ctx, ids, heard)
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
func (b *board) addKey(l *liveCase, key string, print domain.Print) bool {
	if l.keys[key] {
		return false
	}
	l.keys[key] = true
	if !print.IsZero() {
		if l.open.Prints == nil {
			l.open.Prints = map[string]domain.Print{}
		}
		l.open.Prints[key] = print
	}
	b.byKey[key] = append(b.byKey[key], l)
	return true
}

// offered gives the open cases that carry any of the keys, and those under whose
// words the post stands, oldest first; Keys of each are those in common.
func (b *board) offered(keys []string, ours map[int64]*domain.OurWords) []domain.OpenCase {
	common := map[int64][]string{}
	for id := range ours {
		if b.byID[id] != nil {
			common[id] = nil
		}
	}
	for _, k := range keys {
		for _, l := range b.byKey[k] {
			common[l.open.ID] = append(common[l.open.ID], k)
		}
	}
	out := make([]domain.OpenCase, 0, len(common))
	for id, ks := range common {
		open := b.byID[id].open
		open.Keys, open.Ours = ks, ours[id]
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
