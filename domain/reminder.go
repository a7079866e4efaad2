package domain

import (
	"fmt"
	"time"
)

// ReminderGap is how long a body is left in peace after a reminder of a task:
// half a working day.
const ReminderGap = 4 * time.Hour

// CheckReminder refuses one that follows too soon upon the last; the zero time
// for none before.
func CheckReminder(last, now time.Time) error {
	if !last.IsZero() && now.Before(last.Add(ReminderGap)) {
		return RefuseReminded
	}
	return nil
}

// Reminder is the notice to whoever has to go on with a case: the head while an
// answer waits for approval, else the executor, the coordinator when there is none.
func Reminder(c Case, executor string, body, by, due string, at time.Time) Notice {
	role := RoleCoordinator
	switch {
	case c.State == Approval:
		role = RoleHead
	case executor != "":
		role = RoleExecutor
	}
	text := fmt.Sprintf("Напоминание куратора (%s): инцидент %s, %s, «%s»", by, c.Number, body, StateTitle(c.State))
	if executor != "" {
		text += ", исполнитель " + executor
	}
	if due != "" {
		text += ", срок " + due
	}
	return Notice{Key: fmt.Sprintf("reminder:case:%d:%d", c.ID, at.UnixMicro()), Kind: NoticeReminder, Region: c.Region, CaseID: c.ID,
		ToRole: string(role), ToAgency: c.AgencyID, Text: text + ".", At: at}
}
