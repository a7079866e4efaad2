package deadline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Windows before the due moment in which a body is warned.
const (
	threeDays = 3 * 24 * time.Hour
	oneDay    = 24 * time.Hour
)

// watch warns of what soon will be overdue and marks what is. Keys make every
// notice happen once per case, round and due date, so the job may run as often
// as it likes; a moved due date (R6, R7) warns anew.
//
// The mark comes after the notices: should we die between them, the next run
// finds the case unmarked and says the same once more, which the keys make
// harmless. The other way round the escalation would be lost.
func (r *Runner) watch(ctx context.Context, region Region, _, now time.Time) (string, error) {
	late, err := r.Store.CasesLate(ctx, region.ID, now)
	if err != nil {
		return "", fmt.Errorf("find cases past due: %w", err)
	}
	// A control date may precede the due date by a long holiday (R3).
	soon, err := r.Store.CasesDue(ctx, region.ID, after(now), now.Add(lookAhead))
	if err != nil {
		return "", fmt.Errorf("find cases due soon: %w", err)
	}
	fresh, err := r.Store.PutNotices(ctx, append(overdueNotices(late, region, now), soonNotices(soon, region, now)...))
	if err != nil {
		return "", fmt.Errorf("write notices: %w", err)
	}
	marked, err := r.Store.MarkOverdue(ctx, region.ID, now)
	if err != nil {
		return "", fmt.Errorf("mark overdue: %w", err)
	}
	// Almost always said above already: not of a due moved into the past just now.
	more, err := r.Store.PutNotices(ctx, overdueNotices(marked, region, now))
	if err != nil {
		return "", fmt.Errorf("write notices: %w", err)
	}
	return fmt.Sprintf("просрочено: %d, новых уведомлений: %d", len(marked), fresh+more), nil
}

// after is the next instant the store can tell from now: a due is an exclusive
// end, so a case due at this very moment is late.
func after(now time.Time) time.Time { return now.Add(time.Microsecond) }

// lookAhead covers the longest run of days off (New Year) plus three days.
const lookAhead = 15 * 24 * time.Hour

func soonNotices(cases []domain.Case, region Region, now time.Time) []domain.Notice {
	var out []domain.Notice
	for _, c := range cases {
		out = append(out, withHead(c, soonOf(c, region, now))...)
	}
	return out
}

// withHead tells the head, too, of a date of a case that waits for their approval.
func withHead(c domain.Case, notices []domain.Notice) []domain.Notice {
	if c.State != domain.Approval || c.AgencyID == "" {
		return notices
	}
	out := notices
	for _, n := range notices {
		if n.ToRole == roleCoordinator {
			h := n
			h.ToRole, h.Key = roleHead, strings.TrimSuffix(n.Key, roleCoordinator)+roleHead
			h.Text += " Ответ ждёт вашего согласования."
			out = append(out, h)
		}
	}
	return out
}

// soonOf is every warning a case has reached: the control date, three days, one
// day. Each is asked for by itself and its key spends it: were only the nearest
// said, a control date far ahead of the due date would silence the three days.
func soonOf(c domain.Case, region Region, now time.Time) []domain.Notice {
	var out []domain.Notice
	left := c.Deadline.Due.Sub(now)
	if c.Deadline.Control.Before(c.Deadline.Due) && !c.Deadline.Control.After(now.Add(oneDay)) {
		out = append(out, caseNotice(c, domain.NoticeControl, roleCoordinator, now,
			fmt.Sprintf("Инцидент %s: контрольный срок — %s, потому что последний день срока нерабочий; по закону срок %s.",
				c.Number, lastDay(c.Deadline.Control, region), untilWords(c, region))))
	}
	if left <= threeDays {
		out = append(out, caseNotice(c, domain.NoticeDue3, roleCoordinator, now,
			fmt.Sprintf("Инцидент %s: остались трое суток или меньше, срок %s.", c.Number, untilWords(c, region))))
	}
	if left <= oneDay {
		out = append(out, caseNotice(c, domain.NoticeDue1, roleCoordinator, now,
			fmt.Sprintf("Инцидент %s: остались сутки или меньше, срок %s.", c.Number, untilWords(c, region))))
		if domain.AsksDeferral(c.ForControl) { // undecided, it lapses with the due (R7)
			n := caseNotice(c, domain.NoticeDeferral, roleController, now,
				fmt.Sprintf("Инцидент %s: просьба об отложенном решении не рассмотрена, остались сутки или меньше, срок %s. После него она отклоняется сама.",
					c.Number, untilWords(c, region)))
			n.ToAgency = ""
			out = append(out, n)
		}
	}
	return out
}

// Roles a notice goes to.
const (
	roleCoordinator = "coordinator" // of the body
	roleHead        = "head"        // of it
	roleCurator     = "curator"     // over the body
	roleController  = "controller"  // of timeliness, at the control centre
)

// overdueNotices go to the body, to its curator and to the controller; of a
// case that nobody has, to the controller alone: the control centre is late.
func overdueNotices(cases []domain.Case, region Region, now time.Time) []domain.Notice {
	var out []domain.Notice
	for _, c := range cases {
		text := fmt.Sprintf("Инцидент %s просрочен: срок был %s (%s).", c.Number, untilWords(c, region), c.Deadline.Reason)
		controller := caseNotice(c, domain.NoticeEscalation, roleController, now, text)
		controller.ToAgency = ""
		out = append(out, controller)
		if c.AgencyID == "" {
			continue
		}
		out = append(out, withHead(c, []domain.Notice{caseNotice(c, domain.NoticeOverdue, roleCoordinator, now, text)})...)
		out = append(out, caseNotice(c, domain.NoticeEscalation, roleCurator, now, text+" Прошу вмешаться."))
	}
	return out
}

// caseNotice is addressed to a role of the body that has the case, or to the
// controller when nobody has it.
func caseNotice(c domain.Case, kind domain.NoticeKind, role string, now time.Time, text string) domain.Notice {
	if c.AgencyID == "" {
		role = roleController
	}
	return domain.Notice{
		Key:  fmt.Sprintf("%s:case:%d:round:%d:due:%d:%s", kind, c.ID, c.Round, c.Deadline.Due.Unix(), role),
		Kind: kind, Region: c.Region, CaseID: c.ID, ToRole: role, ToAgency: c.AgencyID, Text: text, At: now,
	}
}

// untilWords writes the due moment as people say it: the last local day.
func untilWords(c domain.Case, region Region) string {
	return "до " + lastDay(c.Deadline.Due, region) + ", 23:59"
}

func lastDay(exclusive time.Time, region Region) string {
	return exclusive.Add(-time.Second).In(region.Zone).Format("02.01.2006")
}

// digest is the morning list for the controller. It is known by its
// tick, so that one caught up in the night does not stand in for the next morning's.
func (r *Runner) digest(ctx context.Context, region Region, tick, now time.Time) (string, error) {
	st, err := r.Store.Stats(ctx, region.ID)
	if err != nil {
		return "", fmt.Errorf("count cases: %w", err)
	}
	today, err := r.Store.CasesDue(ctx, region.ID, after(now), endOfDay(now, region.Zone).Add(time.Second))
	if err != nil {
		return "", fmt.Errorf("find cases due today: %w", err)
	}
	soon, err := r.Store.CasesDue(ctx, region.ID, after(now), endOfDay(now, region.Zone).Add(threeDays+time.Second))
	if err != nil {
		return "", fmt.Errorf("find cases due in three days: %w", err)
	}
	text := fmt.Sprintf("Сводка на %s. Просрочено: %d, сегодня истекает срок: %d, в ближайшие три дня: %d, ждут разбора: %d.",
		now.In(region.Zone).Format("02.01.2006 15:04"), st.Overdue, len(today), len(soon), st.Review)
	n := domain.Notice{Key: "digest:" + region.ID + ":" + tick.In(region.Zone).Format("2006-01-02T15:04"),
		Kind: domain.NoticeDigest, Region: region.ID, ToRole: roleController, Text: text, At: now}
	if _, err := r.Store.PutNotices(ctx, []domain.Notice{n}); err != nil {
		return "", fmt.Errorf("write digest: %w", err)
	}
	return text, nil
}

func endOfDay(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}
