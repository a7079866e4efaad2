package deadline

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// Windows before the due moment in which a body is warned.
const (
	threeDays = 3 * 24 * time.Hour
	oneDay    = 24 * time.Hour
)

// watch marks what is overdue and warns of what soon will be. Keys make every
// notice happen once per case, round and due date, so the job may run as often
// as it likes; a moved due date (R6, R7) warns anew.
func (r *Runner) watch(ctx context.Context, region Region, now time.Time) (string, error) {
	overdue, err := r.Store.MarkOverdue(ctx, region.ID, now)
	if err != nil {
		return "", fmt.Errorf("mark overdue: %w", err)
	}
	var notices []domain.Notice
	for _, c := range overdue {
		notices = append(notices, overdueNotices(c, region, now)...)
	}
	// A control date may precede the due date by a long holiday (R3).
	soon, err := r.Store.CasesDue(ctx, region.ID, now, now.Add(lookAhead))
	if err != nil {
		return "", fmt.Errorf("find cases due soon: %w", err)
	}
	for _, c := range soon {
		if n, ok := soonNotice(c, region, now); ok {
			notices = append(notices, n)
		}
	}
	fresh, err := r.Store.PutNotices(ctx, notices)
	if err != nil {
		return "", fmt.Errorf("write notices: %w", err)
	}
	return fmt.Sprintf("просрочено: %d, новых уведомлений: %d", len(overdue), fresh), nil
}

// lookAhead covers the longest run of days off (New Year) plus three days.
const lookAhead = 15 * 24 * time.Hour

// soonNotice is the nearest warning a case has reached: one day, three days, or
// the control date. Only the nearest is sent; the earlier ones were sent in
// their time or came too late to help.
func soonNotice(c domain.Case, region Region, now time.Time) (domain.Notice, bool) {
	left := c.Deadline.Due.Sub(now)
	control := c.Deadline.Control.Before(c.Deadline.Due) && !c.Deadline.Control.After(now.Add(oneDay))
	switch {
	case left <= oneDay:
		return caseNotice(c, domain.NoticeDue1, "coordinator", now,
			fmt.Sprintf("Инцидент %s: срок истекает завтра или раньше, %s.", c.Number, untilWords(c, region))), true
	case control:
		return caseNotice(c, domain.NoticeControl, "coordinator", now,
			fmt.Sprintf("Инцидент %s: контрольный срок наступает до %s, потому что последний день — нерабочий; по закону срок %s.",
				c.Number, lastDay(c.Deadline.Control, region), untilWords(c, region))), true
	case left <= threeDays:
		return caseNotice(c, domain.NoticeDue3, "coordinator", now,
			fmt.Sprintf("Инцидент %s: до конца срока три дня или меньше, %s.", c.Number, untilWords(c, region))), true
	}
	return domain.Notice{}, false
}

// overdueNotices go to the body, to its curator and to the controller.
func overdueNotices(c domain.Case, region Region, now time.Time) []domain.Notice {
	text := fmt.Sprintf("Инцидент %s просрочен: срок был %s (%s).", c.Number, untilWords(c, region), c.Deadline.Reason)
	body := caseNotice(c, domain.NoticeOverdue, "coordinator", now, text)
	curator := caseNotice(c, domain.NoticeEscalation, "curator", now, text+" Прошу вмешаться.")
	controller := caseNotice(c, domain.NoticeEscalation, "controller", now, text)
	controller.ToAgency = ""
	return []domain.Notice{body, curator, controller}
}

func caseNotice(c domain.Case, kind domain.NoticeKind, role string, now time.Time, text string) domain.Notice {
	n := domain.Notice{
		Key:  fmt.Sprintf("%s:case:%d:round:%d:due:%d:%s", kind, c.ID, c.Round, c.Deadline.Due.Unix(), role),
		Kind: kind, Region: c.Region, CaseID: c.ID, ToRole: role, ToAgency: c.AgencyID, Text: text, At: now,
	}
	if c.AgencyID == "" {
		// Nobody has the case: the control centre itself is late.
		n.ToRole = "controller"
	}
	return n
}

// untilWords writes the due moment as people say it: the last local day.
func untilWords(c domain.Case, region Region) string {
	return "до " + lastDay(c.Deadline.Due, region) + ", 23:59"
}

func lastDay(exclusive time.Time, region Region) string {
	return exclusive.Add(-time.Second).In(region.Zone).Format("02.01.2006")
}

// digest is the morning list for the controller.
func (r *Runner) digest(ctx context.Context, region Region, now time.Time) (string, error) {
	st, err := r.Store.Stats(ctx, region.ID)
	if err != nil {
		return "", fmt.Errorf("count cases: %w", err)
	}
	today, err := r.Store.CasesDue(ctx, region.ID, now, endOfDay(now, region.Zone).Add(time.Second))
	if err != nil {
		return "", fmt.Errorf("find cases due today: %w", err)
	}
	soon, err := r.Store.CasesDue(ctx, region.ID, now, endOfDay(now, region.Zone).Add(threeDays+time.Second))
	if err != nil {
		return "", fmt.Errorf("find cases due in three days: %w", err)
	}
	text := fmt.Sprintf("Доброе утро. Просрочено: %d, сегодня истекает срок: %d, в ближайшие три дня: %d, ждут разбора: %d.",
		st.Overdue, len(today), len(soon), st.Review)
	n := domain.Notice{Key: "digest:" + region.ID + ":" + now.In(region.Zone).Format("2006-01-02"),
		Kind: domain.NoticeDigest, Region: region.ID, ToRole: "controller", Text: text, At: now}
	if _, err := r.Store.PutNotices(ctx, []domain.Notice{n}); err != nil {
		return "", fmt.Errorf("write digest: %w", err)
	}
	return text, nil
}

func endOfDay(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}
