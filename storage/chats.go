package storage

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// renameChat makes the outbox follow a chat whose key has changed. dialog is 0 for a
// chat of somebody of the desk.
func renameChat(ctx context.Context, q *db.Queries, dialog int64, old, fresh []byte) error {
	if bytes.Equal(old, fresh) {
		return nil
	}
	return wrap("rename a chat in the outbox", q.RenameChat(ctx, chatName(fresh), chatName(old), dialog))
}

// ChatKey is the keyed hash of a chat by the newest secret key.
type ChatKey func(platform domain.Platform, owner, chat string) []byte

// rekeyAtOnce is how many chats one transaction looks at.
const rekeyAtOnce = 200

// knownChat is a chat that is stored under a keyed hash.
type knownChat struct {
	id       int64 // of its dialog or link
	dialog   int64 // 0 for a chat of somebody of the desk
	platform string
	owner    string
	chat     string
	key      []byte
}

// RekeyDialogs moves dialogs whose chat is known to the newest secret key, so that
// those before it can be taken away and lose nobody who has not written since. It
// looks at the next ones behind a number, and returns the last that it looked at (0:
// there are no more) and how many have moved. One that its author began anew while the
// old key was missing becomes one with the first, as when they write.
func (s *Store) RekeyDialogs(ctx context.Context, after int64, now time.Time, key ChatKey) (last int64, moved int, err error) {
	var twins []knownChat
	err = s.inTx(ctx, "move dialogs to the newest key", func(q *db.Queries) error {
		rows, err := q.DialogsByNumber(ctx, after, rekeyAtOnce)
		if err != nil {
			return fmt.Errorf("read dialogs: %w", err)
		}
		chats := make([]knownChat, len(rows))
		for i, r := range rows {
			chats[i] = knownChat{r.ID, r.ID, r.Platform, r.Owner, r.Chat, r.ChatKey}
		}
		last, moved, twins, err = rekey(ctx, q, chats, key, q.MoveDialog)
		return err
	})
	for _, c := range twins {
		if err != nil {
			break
		}
		if err = s.joinTwins(ctx, c, now, key); err == nil {
			moved++
		}
	}
	return last, moved, err
}

// RekeyStaff does so with the chats of people of the desk.
func (s *Store) RekeyStaff(ctx context.Context, after int64, key ChatKey) (last int64, moved int, err error) {
	err = s.inTx(ctx, "move linked chats to the newest key", func(q *db.Queries) error {
		rows, err := q.StaffLinksByNumber(ctx, after, rekeyAtOnce)
		if err != nil {
			return fmt.Errorf("read linked chats: %w", err)
		}
		chats := make([]knownChat, len(rows))
		for i, r := range rows {
			chats[i] = knownChat{r.ID, 0, r.Platform, r.Owner, r.Chat, r.ChatKey}
		}
		last, moved, _, err = rekey(ctx, q, chats, key, q.MoveStaffLink) // one that was linked twice is whose it became, once they write
		return err
	})
	return last, moved, err
}

// joinTwins makes one of two dialogs of a chat, whose author has not written since both
// keys are there.
func (s *Store) joinTwins(ctx context.Context, c knownChat, now time.Time, key ChatKey) error {
	platform := domain.Platform(c.platform)
	return s.inTx(ctx, "join two dialogs of a chat", func(q *db.Queries) error {
		t := &talking{commit: s.newCommit(q, now, "", nil), it: &item{id: domain.NewPrivateID(platform, c.owner, "", "0")},
			p: &domain.Private{Chat: c.chat, ChatKeys: [][]byte{key(platform, c.owner, c.chat), c.key}}}
		if err := t.lock(ctx); err != nil {
			return err
		}
		t.region = t.row.Region
		if err := t.join(ctx); err != nil {
			return err
		}
		return t.rekey(ctx)
	})
}

// rekey moves chats that the newest key calls otherwise, and what waits for them. twins
// are those under whose new name another one stands.
func rekey(ctx context.Context, q *db.Queries, chats []knownChat, key ChatKey, move func(context.Context, []byte, int64) (int64, error)) (last int64, moved int, twins []knownChat, err error) {
	for _, c := range chats {
		last = c.id
		fresh := key(domain.Platform(c.platform), c.owner, c.chat)
		if bytes.Equal(fresh, c.key) {
			continue
		}
		n, err := move(ctx, fresh, c.id)
		if err != nil {
			return 0, 0, nil, fmt.Errorf("move a chat: %w", err)
		}
		if n == 0 {
			twins = append(twins, c)
			continue
		}
		moved++
		if err := renameChat(ctx, q, c.dialog, c.key, fresh); err != nil {
			return 0, 0, nil, err
		}
	}
	return last, moved, twins, nil
}
