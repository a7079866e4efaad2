package vkingest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

// editable is how long the author of a private message may change it. What is
// read again reaches so far back behind what was heard last, because an edit
// moves no conversation.
const editable = 24 * time.Hour

// dialogScan reads an own community's conversations again, after events were
// lost: first the list down to what was heard last, then each conversation. It
// costs a call for 200 conversations and one for each that has a message in that
// time and a day before (more for one with over 200); a community's token may
// call 20 times a second and has no daily quota for them. What is written
// meanwhile comes as events.
type dialogScan struct {
	Since   int64   `json:"since"`            // unix seconds; older messages are not asked for
	Listed  bool    `json:"listed,omitempty"` // Todo is complete
	List    pager   `json:"list"`
	Todo    []int64 `json:"todo,omitempty"` // conversations still to be read
	Page    pager   `json:"page"`           // in the first of them
	RetryAt int64   `json:"retry_at,omitempty"`
}

// dialogsSince begins to read again the conversations with a message since then.
func dialogsSince(since time.Time) *dialogScan { return &dialogScan{Since: since.Unix()} }

// dialogStep reads on and reports whether there is more to read at once. A
// failure keeps the scan for later and does not stop the events.
func (p LongPoll) dialogStep(ctx context.Context, r *run, cur *longPollCursor, group int64) (busy bool) {
	scan := cur.Dialogs
	if scan == nil || r.now.Unix() < scan.RetryAt {
		return false
	}
	err := p.readDialogs(ctx, r, scan, group)
	r.moved = true // the place in the scan
	switch {
	case unreadable(err):
		r.count("dialogs_unreadable", Ignored)
		r.log().Warn("private messages cannot be read again: does the community's token have the right «messages»?", "source", r.src.ID, "err", err)
		cur.Dialogs = nil
	case err != nil:
		scan.RetryAt = r.now.Add(rescanPause).Unix()
		r.log().Warn("reading private messages again put off", "source", r.src.ID, "err", err)
	case scan.Listed && len(scan.Todo) == 0:
		cur.Dialogs = nil
	default:
		return true
	}
	return false
}

// unreadable reports errors that asking again will not mend.
func unreadable(err error) bool {
	var pe *domain.PlatformError
	return errors.As(err, &pe) && (pe.Code == codeNoRight ||
		slices.Contains([]domain.Reaction{domain.CloseSource, domain.ReportBug, domain.NeverRepeat}, pe.Reaction))
}

// codeNoRight: the token lacks a right (https://dev.vk.com/ru/reference/errors).
const codeNoRight = 7

func (p LongPoll) readDialogs(ctx context.Context, r *run, scan *dialogScan, group int64) error {
	for r.calls > 0 {
		var err error
		switch {
		case !scan.Listed:
			err = p.listDialogs(ctx, r, scan, group)
		case len(scan.Todo) > 0:
			err = p.readDialog(ctx, r, scan, group)
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// conversationShape is an item of messages.getConversations.
type conversationShape struct {
	Conversation struct {
		Peer struct {
			ID int64 `json:"id"`
		} `json:"peer"`
	} `json:"conversation"`
	Last messageShape `json:"last_message"`
}

// listDialogs takes a page of the list of conversations.
func (p LongPoll) listDialogs(ctx context.Context, r *run, scan *dialogScan, group int64) error {
	r.calls--
	page, err := p.Listener.Conversations(ctx, group, scan.List.Offset, vk.MaxMessagesCount)
	if err != nil {
		return err
	}
	places := make([]position, 0, len(page.Items))
	for _, raw := range page.Items {
		var c conversationShape
		_ = json.Unmarshal(raw, &c) // an odd field leaves the others
		if peer := firstID(c.Conversation.Peer.ID, c.Last.Peer); peer != 0 {
			places = append(places, position{Date: c.Last.Date, ID: peer})
		}
	}
	if !scan.List.joins(places) {
		scan.List.back(places)
		return nil
	}
	for _, at := range places {
		if at.Date >= scan.Since && !slices.Contains(scan.Todo, at.ID) {
			scan.Todo = append(scan.Todo, at.ID)
		}
	}
	if scan.List.ended(places, vk.MaxMessagesCount, page.Count) || settled(places, scan.Since) {
		scan.Listed, scan.List = true, pager{}
		return nil
	}
	scan.List.next(places, vk.MaxMessagesCount)
	return nil
}

// readDialog takes a page of the first conversation on the list.
func (p LongPoll) readDialog(ctx context.Context, r *run, scan *dialogScan, group int64) error {
	r.calls--
	peer := scan.Todo[0]
	page, err := p.Listener.History(ctx, group, peer, scan.Page.Offset, vk.MaxMessagesCount)
	if unreadable(err) { // this one: the list could be read
		r.count("dialog_unreadable", Ignored)
		r.log().Warn("conversation left out", "source", r.src.ID, "err", err)
		scan.Todo, scan.Page = scan.Todo[1:], pager{}
		return nil
	}
	if err != nil {
		return err
	}
	places := make([]position, 0, len(page.Items))
	for _, raw := range page.Items {
		var s messageShape
		_ = decode(raw, &s) // an odd field leaves the others
		places = append(places, position{Date: s.Date, ID: firstID(s.Number, s.ID)})
	}
	if !scan.Page.joins(places) {
		scan.Page.back(places)
		return nil
	}
	f := Frame{Source: r.src, Owner: -group, Names: page.Names}
	for i, raw := range page.Items {
		if places[i].Date >= scan.Since || places[i].Date == 0 {
			r.message(raw, f)
		}
	}
	if scan.Page.ended(places, vk.MaxMessagesCount, page.Count) || settled(places, scan.Since) {
		scan.Todo, scan.Page = scan.Todo[1:], pager{}
		return nil
	}
	scan.Page.next(places, vk.MaxMessagesCount)
	return nil
}

// message takes one message of a history: as it reads now, not as it was born.
func (r *run) message(raw json.RawMessage, f Frame) {
	post, own, err := MapMessage(raw, f)
	switch {
	case err != nil:
		r.count("history_message", Unusable)
	case own:
		r.count("history_message", Ignored)
	default:
		r.count("history_message", Taken)
		r.add(post)
	}
}
