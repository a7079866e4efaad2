package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// join makes one of two dialogs of the same chat: an author who wrote while the key of
// the first was missing began a second, and both are found once the key is back. The
// later decision about consent counts; whoever erased what they knew of erases the rest.
func (t *talking) join(ctx context.Context) error {
	if len(t.p.ChatKeys) < 2 {
		return nil
	}
	twin, err := t.q.TwinDialog(ctx, t.p.ChatKeys, t.row.ID)
	if noRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a second dialog of the chat: %w", err)
	}
	id, from, before := t.row.ID, twin.Dialog.ID, t.row.ChatKey
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"consents", func() error { return t.q.MoveConsents(ctx, id, from) }},
		{"updates", func() error { return t.q.MoveUpdates(ctx, id, from) }},
		{"posts", func() error { return t.q.MoveDialogPosts(ctx, id, from) }},
		{"cases", func() error { return t.q.MoveDialogCases(ctx, id, from) }},
		{"subscriptions", func() error { return t.q.MoveSubscriptions(ctx, id, from) }},
		{"words", func() error { return t.q.MoveWords(ctx, id, from) }},
		{"decision", func() error { return t.takeOver(ctx, twin) }},
		{"row", func() error { return t.q.DropDialog(ctx, from) }},
		{"chat", func() error { return renameChat(ctx, t.q, id, twin.Dialog.ChatKey, before) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("join the %s of two dialogs of a chat: %w", step.what, err)
		}
	}
	return t.lock(ctx)
}

// takeOver makes the later dialog's state that of both. What was withdrawn there is
// withdrawn of the earlier one too, while its chat is known still.
func (t *talking) takeOver(ctx context.Context, twin db.TwinDialogRow) error {
	if !twin.Newer {
		return nil
	}
	kinds := map[string]domain.DeedKind{"refused": domain.DeedWithdraw, "withdrawn": domain.DeedWithdraw, "erased": domain.DeedErase}
	if kind, ended := kinds[twin.Decided]; ended {
		if err := t.withdrawn(ctx, kind); err != nil {
			return err
		}
	}
	return wrap("take its state over", t.q.TakeOver(ctx, t.row.ID, twin.Dialog.ID))
}
