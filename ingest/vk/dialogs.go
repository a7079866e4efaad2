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
// lost: down the list to what was heard last, each conversation in turn. It costs a
// call for a page of 200 conversations and one for each that has a message in that
// time and a day before (more for one with over 200); a community's token may call
// 20 times a second and has no daily quota for them. What is written meanwhile comes
// as events.
//
// Whose conversations these are is personal, and their authors may not have
// consented: the cursor knows them by a keyed hash (Deps.Hide) only.
type dialogScan struct {
	Since int64   `json:"since"` // unix seconds; older messages are not asked for
	List  pager   `json:"list"`
	Lists int     `json:"lists,omitempty"` // calls for the list since its top
	News  bool    `json:"news,omitempty"`  // a conversation was read since its top
	Done  []int64 `json:"done,omitempty"`  // conversations that are read
	Open  int64   `json:"open,omitempty"`  // one that is read in part
	Page  pager   `json:"page"`            // in it
	Ended bool    `json:"ended,omitempty"`

	RetryAt int64 `json:"retry_at,omitempty"`
}

// dialogsSince begins to read again the conversations with a message since then; nil
// where nobody could be asked for consent, and nothing of them is kept.
func (d Deps) dialogsSince(since time.Time) *dialogScan {
	if d.Hide == nil {
		return nil
	}
	return &dialogScan{Since: since.Unix()}
}

// dialogStep reads on and reports whether there is more to read at once. A
// failure keeps the scan for later and does not stop the events.
func (p LongPoll) dialogStep(ctx context.Context, r *run, cur *longPollCursor, group int64) (busy bool) {
	scan := cur.Dialogs
	if scan == nil || r.now.Unix() < scan.RetryAt {
		return false
	}
	if p.Hide == nil { // the key was taken away meanwhile
		cur.Dialogs, r.moved = nil, true
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
	case scan.Ended:
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
	for r.calls > 0 && !scan.Ended {
		page, err := p.listDialogs(ctx, r, scan, group)
		if err != nil {
			return err
		}
		if page == nil { // it did not join the one before
			continue
		}
		for _, c := range page.news(scan) {
			for !slices.Contains(scan.Done, c.at.ID) {
				if r.calls <= 0 {
					return nil
				}
				if err := p.readDialog(ctx, r, scan, group, c); err != nil {
					return err
				}
			}
		}
		scan.turn(page)
	}
	return nil
}

// turn goes on behind a page of the list whose conversations are read, or to its end.
// A conversation that rises while the list is read over several calls may be passed
// over: the list is then read again, until nothing of it is new.
func (s *dialogScan) turn(page *dialogPage) {
	switch {
	case !page.last:
		s.List.next(page.places, vk.MaxMessagesCount)
	case s.News && s.Lists > 1:
		s.List, s.Lists, s.News = pager{}, 0, false
	default:
		s.Ended = true
	}
}

// dialogPage is a page of the list of conversations.
type dialogPage struct {
	places []position // by their hashes
	peers  []int64
	last   bool
}

// placed is a conversation and its place in the list.
type placed struct {
	peer int64
	at   position
}

// news are those still to be read, one read in part first.
func (d *dialogPage) news(scan *dialogScan) []placed {
	var out []placed
	for i, at := range d.places {
		if at.Date < scan.Since || slices.Contains(scan.Done, at.ID) {
			continue
		}
		if c := (placed{d.peers[i], at}); at.ID == scan.Open {
			out = slices.Insert(out, 0, c)
		} else {
			out = append(out, c)
		}
	}
	return out
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

// listDialogs takes a page of the list of conversations; nil when it does not join
// the one before.
func (p LongPoll) listDialogs(ctx context.Context, r *run, scan *dialogScan, group int64) (*dialogPage, error) {
	r.calls--
	page, err := p.Listener.Conversations(ctx, group, scan.List.Offset, vk.MaxMessagesCount)
	if err != nil {
		return nil, err
	}
	scan.Lists++
	d := &dialogPage{}
	for _, raw := range page.Items {
		var c conversationShape
		_ = json.Unmarshal(raw, &c) // an odd field leaves the others
		if peer := firstID(c.Conversation.Peer.ID, c.Last.Peer); peer != 0 {
			d.peers, d.places = append(d.peers, peer), append(d.places, position{Date: c.Last.Date, ID: p.Hide(peer)})
		}
	}
	if !scan.List.joins(d.places) {
		scan.List.back(d.places)
		return nil, nil
	}
	d.last = scan.List.ended(d.places, vk.MaxMessagesCount, page.Count) || settled(d.places, scan.Since)
	return d, nil
}

// readDialog takes a page of a conversation.
func (p LongPoll) readDialog(ctx context.Context, r *run, scan *dialogScan, group int64, c placed) error {
	r.calls--
	if scan.Open != c.at.ID {
		scan.Open, scan.Page = c.at.ID, pager{}
	}
	page, err := p.Listener.History(ctx, group, c.peer, scan.Page.Offset, vk.MaxMessagesCount)
	if unreadable(err) { // this one: the list could be read
		r.count("dialog_unreadable", Ignored)
		r.log().Warn("conversation left out", "source", r.src.ID, "err", err)
		scan.close()
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
		scan.close()
		return nil
	}
	scan.Page.next(places, vk.MaxMessagesCount)
	return nil
}

// close notes that the open conversation is read.
func (s *dialogScan) close() {
	s.Done, s.News = append(s.Done, s.Open), true
	s.Open, s.Page = 0, pager{}
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
