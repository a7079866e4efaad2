package storage

import (
	"bytes"
	"context"
	"fmt"

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
// there are no more) and how many have moved.
func (s *Store) RekeyDialogs(ctx context.Context, after int64, key ChatKey) (last int64, moved int, err error) {
	err = s.inTx(ctx, "move dialogs to the newest key", func(q *db.Queries) error {
		rows, err := q.DialogsByNumber(ctx, after, rekeyAtOnce)
		if err != nil {
			return fmt.Errorf("read dialogs: %w", err)
		}
		chats := make([]knownChat, len(rows))
		for i, r := range rows {
			chats[i] = knownChat{r.ID, r.ID, r.Platform, r.Owner, r.Chat, r.ChatKey}
		}
		last, moved, err = rekey(ctx, q, chats, key, q.MoveDialog)
		return err
	})
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
		last, moved, err = rekey(ctx, q, chats, key, q.MoveStaffLink)
		return err
	})
	return last, moved, err
}

// rekey moves chats that the newest key calls otherwise, and what waits for them.
func rekey(ctx context.Context, q *db.Queries, chats []knownChat, key ChatKey, move func(context.Context, []byte, int64) (int64, error)) (last int64, moved int, err error) {
	for _, c := range chats {
		last = c.id
		fresh := key(domain.Platform(c.platform), c.owner, c.chat)
		if bytes.Equal(fresh, c.key) {
			continue
		}
		n, err := move(ctx, fresh, c.id)
		if err != nil {
			return 0, 0, fmt.Errorf("move a chat: %w", err)
		}
		if n == 0 {
			continue
		}
		moved++
		if err := renameChat(ctx, q, c.dialog, c.key, fresh); err != nil {
			return 0, 0, err
		}
	}
	return last, moved, nil
}
