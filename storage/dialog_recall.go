package storage

import (
	"context"
	"fmt"
)

// recallReplies takes back answers that wait to go into the dialog of somebody who
// has withdrawn: those that decide about a case come back to a person.
func (t *talking) recallReplies(ctx context.Context) error {
	rows, err := t.q.DialogReplies(ctx, t.row.ID)
	if err != nil {
		return fmt.Errorf("find answers on their way: %w", err)
	}
	for _, r := range rows {
		c, err := t.q.LockCase(ctx, r.CaseID.Int64) // before the delivery, as whoever sends does
		if err != nil {
			return fmt.Errorf("lock case %d: %w", r.CaseID.Int64, err)
		}
		n, err := t.q.RecallReply(ctx, stamp(t.now), r.ID)
		if err != nil {
			return fmt.Errorf("cancel delivery %d: %w", r.ID, err)
		}
		if n == 1 && r.Main {
			if err := notDelivered(ctx, t.q, c, "автор отозвал согласие: в личные сообщения ответить нельзя", t.now); err != nil {
				return err
			}
		}
	}
	return nil
}
