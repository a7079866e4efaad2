package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// RemindTask sends a body the curator's reminder of a task and notes it in the
// history. The case itself stays as it is, its version too: whoever writes the
// answer meanwhile is not disturbed. domain.RefuseReminded when the last one was
// a short while ago.
func (s *Store) RemindTask(ctx context.Context, act domain.Act) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("remind of case %d", act.CaseID), func(q *db.Queries) error {
		w, err := lockWork(ctx, q, act)
		if err != nil {
			return err
		}
		if _, err := w.task.May(domain.StepRemind, act.Hand); err != nil {
			return err
		}
		out = domain.Changed{Case: w.c}
		return w.remind(ctx)
	})
	return out, err
}

func (w *work) remind(ctx context.Context) error {
	last, err := w.q.LastReminder(ctx, w.c.ID)
	if err != nil && !noRows(err) {
		return fmt.Errorf("find the last reminder: %w", err)
	}
	if err := domain.CheckReminder(moment(last), w.act.At); err != nil {
		return err
	}
	due := ""
	if d := w.c.Deadline; !d.Due.IsZero() {
		due = d.Due.Add(-time.Second).In(w.act.Rules.Almanac.Zone).Format("02.01.2006, 15:04")
	}
	n := domain.Reminder(w.c, w.facts.ExecutorName, w.act.Rules.Name(w.c.AgencyID), w.act.Hand.Login, due, w.act.At)
	var p db.PutNoticesParams
	addNotice(&p, n, w.act.At)
	if _, err := w.q.PutNotices(ctx, p); err != nil {
		return fmt.Errorf("put the reminder: %w", err)
	}
	why := map[string]string{string(domain.RoleHead): "руководителю", string(domain.RoleExecutor): "исполнителю"}[n.ToRole]
	if why == "" {
		why = "координатору"
	}
	return wrap("note the reminder", w.q.InsertReminder(ctx, db.InsertReminderParams{CaseID: w.c.ID, ByWhom: w.act.Hand.Login, At: stamp(w.act.At), Why: why}))
}
