package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
)

// maxKeyLocks is how many keys one commit locks singly. A bigger batch locks the
// region as a whole: PostgreSQL's lock table is shared by all sessions and small.
const maxKeyLocks = 512

// judge asks the router about every post that needs it and gathers what follows.
func (c *commit) judge(ctx context.Context, items []*item, w *writes) error {
	var ask []*item
	for _, it := range items {
		if it.toDecide() {
			ask = append(ask, it)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	keys := keysOf(ask)
	if err := c.lockKeys(ctx, keys); err != nil {
		return err
	}
	if err := c.loadKnown(ctx, ask); err != nil {
		return err
	}
	if err := c.overhear(ctx, ask); err != nil {
		return err
	}
	b, err := c.loadBoard(ctx, keys, ask)
	if err != nil {
		return err
	}
	for _, it := range ask {
		d := c.decided(it, b)
		if err := c.apply(it, d, b, w); err != nil {
			return fmt.Errorf("post %s: %w", it.id.LogName(), err)
		}
	}
	w.takeBoard(b)
	return nil
}

// decided asks the router. Of a message that the bot takes to speak of a case it only
// tells whether there is danger in it, unless it speaks of something else.
func (c *commit) decided(it *item, b *board) domain.Decision {
	if _, offered := b.byID[it.into]; it.into == 0 || !offered || it.caseID() != 0 {
		return c.decide(*it.j, it.known, b.offered(it.j.Keys, it.ours))
	}
	if it.spoken == nil {
		it.spoken = spokenOf(domain.DialogCase{}, true)
	}
	d := c.decide(*it.j, it.known, b.offered(it.j.Keys, map[int64]*domain.OurWords{it.into: it.spoken}))
	if d.Apart && d.CaseID != it.into {
		return d
	}
	said := domain.Decision{Action: domain.ActionAttach, CaseID: it.into, Reason: "dialog", Words: "автор пишет об этом инциденте боту", Urgent: d.Urgent}
	for _, n := range d.Notices {
		if n.Kind == domain.NoticeUrgent {
			said.Notices = append(said.Notices, n)
		}
	}
	return said
}

func keysOf(items []*item) []string {
	var keys []string
	for _, it := range items {
		keys = append(keys, it.j.Keys...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// lockKeys makes commits that may speak of the same problem take turns. Each
// shares the region's lock and has its keys for itself; a big one has the
// region for itself. Locks end with the transaction.
func (c *commit) lockKeys(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	region := lockNumber(c.region, "")
	if len(keys) > maxKeyLocks {
		return wrap("lock the region", c.q.LockKey(ctx, region))
	}
	if err := c.q.LockKeyShared(ctx, region); err != nil {
		return fmt.Errorf("share the region's lock: %w", err)
	}
	numbers := make([]int64, len(keys))
	for i, k := range keys {
		numbers[i] = lockNumber(c.region, k)
	}
	slices.Sort(numbers) // always the same order: no ring of waiting commits
	return wrap("lock attach keys", c.q.LockKeys(ctx, slices.Compact(numbers)))
}

// lockNumber maps a name onto PostgreSQL's 64-bit lock space. Two names on one
// number wait for each other needlessly, nothing worse.
func lockNumber(region, key string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("otklik:attach\x00" + region + "\x00" + key)) // never fails
	return int64(binary.BigEndian.Uint64(h.Sum(nil)))                   //nolint:gosec // any 64 bits will do
}

// loadKnown fills in what was thought of the posts before.
func (c *commit) loadKnown(ctx context.Context, items []*item) error {
	byID := map[int64]*item{}
	for _, it := range items {
		if it.fate != fateNew && it.known == nil {
			byID[it.postID] = it
		}
	}
	if len(byID) == 0 {
		return nil
	}
	known, err := c.knownPosts(ctx, byID)
	if err != nil {
		return err
	}
	for id, k := range known {
		byID[id].known, byID[id].verdict = &k.Known, k.verdict
	}
	return nil
}

// knownPost is Known with the verdict it comes from.
type knownPost struct {
	domain.Known
	verdict    int64
	judgedText string // when it was not the post's own
}

func (c *commit) knownPosts(ctx context.Context, items map[int64]*item) (map[int64]knownPost, error) {
	var ids []int64
	var stored []pgtype.Timestamptz
	for _, it := range items {
		ids = append(ids, it.postID)
		stored = append(stored, stamp(it.storedAt))
	}
	rows, err := c.q.KnownPosts(ctx, ids, stored)
	if err != nil {
		return nil, fmt.Errorf("read what was known of posts: %w", err)
	}
	out := make(map[int64]knownPost, len(rows))
	for _, r := range rows {
		out[r.PostID] = knownPost{verdict: r.VerdictID, judgedText: r.JudgedText.String, Known: domain.Known{
			CaseID: r.CaseID, CaseState: domain.State(r.CaseState), Row: int(r.DecreeRow),
			Kind: domain.Kind(r.Kind), Urgent: r.Urgent,
		}}
	}
	return out, nil
}

// apply turns one decision into rows. What is already in a case stays there
// whatever the decision says: a new verdict never moves a case by itself.
func (c *commit) apply(it *item, d domain.Decision, b *board, w *writes) error {
	d = buried(it, guarded(it, d))
	caseID := it.caseID()
	switch d.Action {
	case domain.ActionOpen:
		caseID = c.openCase(it, d, b, w)
	case domain.ActionAttach:
		live, ok := b.byID[d.CaseID]
		if !ok {
			return fmt.Errorf("%w: the router attached it to case %d, which was not offered", domain.ErrRefused, d.CaseID)
		}
		caseID = d.CaseID
		c.attach(it, d, b, live, w)
	case domain.ActionReview:
		w.addReview(it, d, caseID)
	case domain.ActionKeep:
		c.res.Kept++
	default:
		return fmt.Errorf("%w: unknown action %q", domain.ErrRefused, d.Action)
	}
	if it.caseID() != 0 {
		c.edited(it, d, b, w)
	}
	if live, ok := b.byID[it.caseID()]; ok && len(it.j.Parts) > 0 {
		c.addKeys(it, b, live, w) // of the parts that came after the case
	}
	it.landed, it.action, it.answers = caseID, d.Action, d.Answers
	if caseID != 0 && caseID == d.CaseID {
		it.voice, it.why, it.newRound = d.Voice, d.Reason, d.NewRound
	}
	w.addNotices(it, d, caseID, c.region, c.now)
	return w.addVerdict(it, d, c.region)
}

// openCase puts a new case on the board with the post as its first.
func (c *commit) openCase(it *item, d domain.Decision, b *board, w *writes) int64 {
	registered := stamp(orNow(d.RegisteredAt, c.now)).Time
	live := b.open(newCaseRow(it, d, registered), registered)
	c.addKeys(it, b, live, w)
	w.addCasePost(it, live.open.ID)
	w.addLikes(live.open.ID, d.Like)
	w.addEvent(live.open.ID, &it.j.Verdict)
	c.res.Opened++
	c.res.CaseIDs = append(c.res.CaseIDs, live.open.ID)
	if live.row.agency != "" {
		c.res.Assigned++
	}
	if d.Urgent {
		c.res.UrgentCaseIDs = append(c.res.UrgentCaseIDs, live.open.ID)
	}
	return live.open.ID
}

func (c *commit) attach(it *item, d domain.Decision, b *board, live *liveCase, w *writes) {
	if b.join(live, d, reach(it)) {
		c.res.UrgentCaseIDs = append(c.res.UrgentCaseIDs, live.open.ID)
	}
	c.addKeys(it, b, live, w)
	w.addCasePost(it, live.open.ID)
	c.res.Attached++
}

// addKeys lets later posts find the case by the keys of this one.
func (c *commit) addKeys(it *item, b *board, live *liveCase, w *writes) {
	for _, k := range it.j.Keys {
		var print domain.Print
		if strings.HasPrefix(k, domain.KeyLike) {
			print = it.j.Print()
		}
		if b.addKey(live, k, print) {
			w.addKey(live.open.ID, k, it.postID, print.Encode())
		}
	}
}

// edited notes in the case of a changed post that its text is another now, and
// raises the case when the new text speaks of danger.
func (c *commit) edited(it *item, d domain.Decision, b *board, w *writes) {
	w.addEdit(it)
	if d.Urgent && !it.known.Urgent {
		b.raise(it.known.CaseID, d.Words)
		c.res.UrgentCaseIDs = append(c.res.UrgentCaseIDs, it.known.CaseID)
	}
}

// guarded turns an opening or attaching of a post that has a case into a
// review item.
func guarded(it *item, d domain.Decision) domain.Decision {
	if it.known == nil || it.known.CaseID == 0 {
		return d
	}
	switch {
	case d.Action == domain.ActionAttach && d.CaseID == it.known.CaseID:
		d.Action = domain.ActionKeep
	case d.Action == domain.ActionAttach || d.Action == domain.ActionOpen:
		d.Action = domain.ActionReview
	}
	return d
}

func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
