package vkingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/vk"
)

// Listener is what the long-poll puller needs of the VK client beside Reader.
type Listener interface {
	GroupLongPollServer(ctx context.Context, group int64) (vk.LongPollServer, error)
	LongPoll(ctx context.Context, s vk.LongPollServer, wait time.Duration) (vk.LongPollAnswer, error)
	HasCommunity(group int64) bool
	Conversations(ctx context.Context, group int64, offset, count int) (vk.Page, error)
	History(ctx context.Context, group, peer int64, offset, count int) (vk.Page, error)
}

// LongPoll pulls the events of an own community (domain.VKLongPoll). The address
// is its id without sign. The next ts is part of the cursor and therefore used
// only after the events before it are committed.
//
// Events that VK has lost (failed 1 and 3), and what was written before the
// first poll, are made good by reading again what they told of: the community's
// wall and its comments from the last days with a service token, and its private
// conversations since the last events with its own (dialogScan). The cursor holds
// the place until that is done.
type LongPoll struct {
	Deps
	Listener Listener
}

// longPollCursor is where to listen on, and what is still to be read again.
type longPollCursor struct {
	Server  vk.LongPollServer `json:"server"`
	Rescan  *wallCursor       `json:"rescan,omitempty"`
	Dialogs *dialogScan       `json:"dialogs,omitempty"`
	Heard   int64             `json:"heard,omitempty"`    // when events were heard last, unix seconds
	RetryAt int64             `json:"retry_at,omitempty"` // a rescan that failed waits until then, unix seconds
}

// rescanPause is the wait after a rescan that failed; events go on meanwhile.
const rescanPause = time.Minute

// Codes of a_check.
const (
	failedHistory = 1
	failedKey     = 2
	failedQueue   = 3
)

// Pull implements ingest.Puller: one step of a rescan if there is one to do,
// then one wait for events.
func (p LongPoll) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	set, err := p.settings(src)
	if err != nil {
		return domain.Batch{}, err
	}
	group, err := groupOf(src)
	if err != nil {
		return domain.Batch{}, err
	}
	var cur longPollCursor
	if err := readCursor(src, &cur); err != nil {
		return domain.Batch{}, err
	}
	var none memory
	r := newRun(p.Deps, src, set, &none)
	if cur.Server.Server == "" {
		if cur.Server, err = p.Listener.GroupLongPollServer(ctx, group); err != nil {
			return domain.Batch{}, err
		}
		cur.Rescan, cur.Dialogs = p.rescan(r, set.first()), p.dialogsSince(r.now.Add(-set.first()))
	}
	busy := p.rescanStep(ctx, r, &cur, group)
	busy = p.dialogStep(ctx, r, &cur, group) || busy
	err = p.listen(ctx, r, &cur, group, busy || r.progress())
	r.batch.Posts = p.recall(ctx, src, group, r.batch.Posts)
	return r.finish(ctx, &cur, true, err)
}

func groupOf(src domain.Source) (int64, error) {
	group, err := strconv.ParseInt(src.Address, 10, 64)
	if err != nil || group <= 0 {
		return 0, ingest.BadSettings(domain.VK, fmt.Errorf("адрес «%s» — не номер сообщества без знака", src.Address))
	}
	return group, nil
}

// rescan begins to read the wall again as far back as back; nil without a token
// that may read walls.
func (p LongPoll) rescan(r *run, back time.Duration) *wallCursor {
	if !p.VK.CanRead() {
		r.log().Warn("no service token: what the long poll missed cannot be read again", "source", r.src.ID)
		return nil
	}
	return &wallCursor{Since: r.now.Add(-back).Unix()}
}

// rescanStep reads on and reports whether there is more to read at once. A
// failure keeps the rescan for later and does not stop the events.
func (p LongPoll) rescanStep(ctx context.Context, r *run, cur *longPollCursor, group int64) (busy bool) {
	if cur.Rescan == nil || r.now.Unix() < cur.RetryAt {
		return false
	}
	scan := newRun(p.Deps, r.src, r.set, &cur.Rescan.memory)
	scan.Watches = nil // posts of own communities tell their changes themselves
	more, err := p.rescanPages(ctx, scan, cur.Rescan, group)
	for _, p := range scan.batch.Posts {
		r.add(p)
	}
	for _, lost := range scan.batch.Deletions {
		r.gone(lost.ID)
	}
	r.moved = r.moved || scan.progress()
	switch {
	case err != nil:
		cur.RetryAt = r.now.Add(rescanPause).Unix()
		r.log().Warn("rescan put off", "source", r.src.ID, "err", err)
	case !more:
		cur.Rescan, cur.RetryAt = nil, 0
		r.moved = true
	}
	return err == nil && more
}

func (p LongPoll) rescanPages(ctx context.Context, scan *run, cur *wallCursor, group int64) (more bool, err error) {
	s := newSweep(scan, cur, strconv.FormatInt(-group, 10))
	if err := s.all(ctx); err != nil {
		return true, err
	}
	more, err = scan.followUp(ctx)
	return more || cur.Gap != nil, err
}

// listen waits for events and takes them. While a rescan goes on, or has brought
// something that is to be committed, it only looks.
func (p LongPoll) listen(ctx context.Context, r *run, cur *longPollCursor, group int64, busy bool) error {
	wait := r.set.wait()
	if busy {
		wait = time.Second
	}
	answer, err := p.Listener.LongPoll(ctx, cur.Server, wait)
	if err != nil {
		return p.elsewhere(ctx, r, cur, group, err)
	}
	r.moved = true // the cursor's place is news in itself
	if answer.Failed != 0 {
		return p.recover(ctx, r, cur, group, answer)
	}
	for _, raw := range answer.Updates {
		e := MapEvent(raw, r.src)
		r.count(e.Type, e.Outcome)
		if e.Outcome == Unusable {
			r.log().Warn("event left out", "source", r.src.ID, "type", e.Type, "bytes", len(raw))
		}
		r.event(e)
	}
	if answer.TS != "" {
		cur.Server.TS = answer.TS
	}
	cur.Heard = r.now.Unix()
	return nil
}

// elsewhere asks where to listen when nobody listens where we ask: VK may have
// moved the queue, whose place goes on. The same address again is a fault of the
// line.
func (p LongPoll) elsewhere(ctx context.Context, r *run, cur *longPollCursor, group int64, fault error) error {
	if ctx.Err() != nil {
		return fault
	}
	fresh, err := p.Listener.GroupLongPollServer(ctx, group)
	if err != nil || fresh.Server == cur.Server.Server {
		return fault
	}
	fresh.TS = cur.Server.TS
	cur.Server = fresh
	r.moved = true
	return nil
}

// again begins to read again whatever lost events may have told of.
func (p LongPoll) again(r *run, cur *longPollCursor) {
	cur.Rescan = p.rescan(r, r.set.recheck())
	heard := r.now.Add(-r.set.recheck())
	if cur.Heard > 0 {
		heard = time.Unix(cur.Heard, 0)
	}
	before := cur.Dialogs
	if cur.Dialogs = p.dialogsSince(heard.Add(-editable)); cur.Dialogs != nil && before != nil { // lost again before the last was made good
		cur.Dialogs.Since = min(cur.Dialogs.Since, before.Since)
	}
}

// recover answers the three ways a long poll fails
// (https://dev.vk.com/ru/api/bots-long-poll/getting-started).
func (p LongPoll) recover(ctx context.Context, r *run, cur *longPollCursor, group int64, answer vk.LongPollAnswer) error {
	r.count(fmt.Sprintf("failed_%d", answer.Failed), Ignored)
	if answer.Failed == failedHistory && answer.TS != "" {
		cur.Server.TS = answer.TS
		p.again(r, cur)
		return nil
	}
	fresh, err := p.Listener.GroupLongPollServer(ctx, group)
	if err != nil {
		return err
	}
	if answer.Failed == failedKey {
		fresh.TS = cur.Server.TS
		cur.Server = fresh
		return nil
	}
	cur.Server = fresh // failedQueue, and whatever VK may add
	p.again(r, cur)
	return nil
}

// Budget implements ingest.Puller: long polls spend no daily quota.
func (p LongPoll) Budget(context.Context, domain.Source) (domain.Budget, error) {
	return domain.Budget{Left: -1}, nil
}

// Check implements ingest.Puller: it asks where to listen and for the name.
func (p LongPoll) Check(ctx context.Context, src domain.Source) (string, error) {
	group, err := groupOf(src)
	if err != nil {
		return "", err
	}
	if _, err := p.settings(src); err != nil {
		return "", err
	}
	if !p.Listener.HasCommunity(group) {
		return "", ingest.BadSettings(domain.VK, errors.New("нет токена этого сообщества, он задаётся в OTKLIK_VK_COMMUNITIES"))
	}
	if src.Kind == domain.VKLongPoll { // who pushes may have the long poll switched off
		if _, err := p.Listener.GroupLongPollServer(ctx, group); err != nil {
			return "", err
		}
	}
	g, err := p.VK.Group(ctx, src.Address)
	if err != nil {
		return "", err
	}
	return g.Name, nil
}
