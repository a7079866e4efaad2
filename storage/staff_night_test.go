package storage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

// night is an hour of a quiet evening, or of the morning after.
func (o *office) night(day, hour, minute int) {
	o.now = time.Date(2026, 11, day, hour, minute, 0, 0, o.rules.Almanac.Zone)
}

// Danger wakes the body too: that it has the case, that it came back, that its time
// is over. What can wait waits.
func TestDangerBreaksTheQuietHoursOfTheBody(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.link("anna")
	o.night(23, 23, 0)
	plain, c := o.open(), o.open()
	o.sql("UPDATE cases SET urgent = true, changed_by = 'anna', changed_why = '' WHERE id = $1", c.ID)
	o.notices()
	got := o.letters("coord")
	if len(got) != 1 || !strings.Contains(got[0], "Новое поручение") || !strings.Contains(got[0], c.Number) {
		t.Fatalf("at night the coordinator heard %q", got)
	}
	o.notice(domain.NoticeOverdue, "coordinator", "min-roads", c)
	o.notice(domain.NoticeOverdue, "coordinator", "min-roads", plain)
	o.notice(domain.NoticeDue1, "coordinator", "min-roads", c)
	o.notice(domain.NoticeSentBack, "analyst", "", c)
	o.notice(domain.NoticeSentBack, "analyst", "", plain)
	o.notices()
	if got := o.letters("coord"); len(got) != 2 || !strings.Contains(got[1], "Просрочено") {
		t.Errorf("at night the coordinator heard %q", got)
	}
	if got := o.letters("anna"); len(got) != 1 || !strings.Contains(got[0], "Поручение возвращено") {
		t.Errorf("at night the analyst heard %q", got)
	}
	o.night(24, 8, 30)
	o.notices()
	if got := o.letters("coord"); len(got) != 3 || !strings.Contains(got[2], "накопилось") || !strings.Contains(got[2], plain.Number) {
		t.Errorf("in the morning the coordinator heard %q", got)
	}
}

// A new task of danger goes by mail too as soon as the chat does not take it.
func TestATaskOfDangerDoesNotWaitForAChat(t *testing.T) {
	o := newOffice(t)
	o.mail = true
	o.s = reopened(t, o.house, storage.Options{Mail: true})
	o.sql("UPDATE users SET email = login || '@example.ru'")
	o.link("coord")
	byMail := func(urgent bool) int {
		o.sql("UPDATE deliveries SET state = 'cancelled', over_at = now() WHERE state = 'waiting'")
		c := o.open()
		o.sql("UPDATE cases SET urgent = $2, changed_by = 'anna', changed_why = '' WHERE id = $1", c.ID, urgent)
		o.notices()
		o.waitsAnHour()
		return o.number("SELECT count(*) FROM deliveries WHERE platform = 'mail' AND text LIKE '%' || $1::text || '%'", c.Number)
	}
	if n := byMail(false); n != 0 {
		t.Errorf("a usual task: %d letters by mail", n)
	}
	if n := byMail(true); n != 1 {
		t.Errorf("a task of danger: %d letters by mail", n)
	}
}

// What quiet hours hold goes to whoever hears it in the morning: the deputy of somebody
// who is away from midnight on.
func TestWhatIsHeldGoesToTheDeputyOfTheMorning(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.link("other")
	o.night(23, 22, 0)
	c := o.open()
	o.notices()
	tomorrow := domain.DateOf(o.now, o.rules.Almanac.Zone).Add(1)
	if _, err := o.s.AddAbsence(t.Context(), domain.Absence{Region: region, Login: "coord", From: tomorrow, To: tomorrow, Deputy: "other"}, "", doer("head")); err != nil {
		t.Fatal(err)
	}
	o.night(24, 8, 30)
	o.notices()
	o.notices() // the deputy's, whoever was written to first
	if got := o.letters("coord"); len(got) != 0 {
		t.Errorf("the absent one heard %q", got)
	}
	if got := o.letters("other"); len(got) != 1 || !strings.Contains(got[0], "За Кира Координатор") || !strings.Contains(got[0], c.Number) {
		t.Errorf("the deputy heard %q", got)
	}
	if n := o.number("SELECT count(*) FROM staff_messages m JOIN notices n ON n.id = m.notice_id WHERE n.case_id = $1 AND m.state = 'waiting'", c.ID); n != 0 {
		t.Errorf("%d messages still wait", n)
	}
}

// waitsAnHour: a letter that is due meets a platform that is away.
func (o *office) waitsAnHour() {
	o.t.Helper()
	o.sql("UPDATE deliveries SET next_attempt_at = now(), gap_ms = 0 WHERE state = 'waiting'")
	d, ok, err := o.s.ClaimDelivery(o.t.Context(), time.Minute)
	if err != nil || !ok {
		o.t.Fatalf("%v, %v", ok, err)
	}
	if err := o.s.FinishDelivery(o.t.Context(), domain.DeliveryEnd{ID: d.ID, Attempt: 1, State: domain.DeliveryWaiting, Wait: time.Hour, Reason: "retry_later"}, o.now); err != nil {
		o.t.Fatal(err)
	}
}
