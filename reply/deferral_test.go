package reply_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
)

// deferring takes a case to where a body asks for a deferral, and gives both steps.
func (o *office) deferring(free bool, posts ...domain.Post) (id int64, ask func(notice string) error, grant func(sure ...string) error) {
	o.t.Helper()
	id = o.take("Ленина 1", posts...)
	if _, err := o.store.MoveCase(o.t.Context(), domain.CaseMove{CaseID: id, From: domain.Coordination, To: domain.Execution, Who: "head", Why: "проверка", At: o.clock.Now()}); err != nil {
		o.t.Fatal(err)
	}
	act := func() domain.Act {
		a := o.checkedAct(id, "head")
		a.Rules.NoApproval = func(string) bool { return free }
		a.Rules.Almanac = domain.Almanac{Zone: time.UTC, Calendar: domain.NewCalendar(map[int]domain.Year{2026: {}, 2027: {}})}
		return a
	}
	ask = func(notice string) error {
		_, err := o.store.AskDeferral(o.t.Context(), act(), domain.Asked{Reason: "ждём трубы", Until: domain.DateOf(o.clock.Now().AddDate(0, 0, 20), time.UTC), Notice: notice})
		return err
	}
	grant = func(sure ...string) error {
		a := act()
		a.Sure, a.Hand = sure, domain.Hand{Login: "ctl", Duties: []domain.Duty{{Login: "ctl", Roles: []domain.Role{domain.RoleController}}}}
		_, err := o.store.GrantDeferral(o.t.Context(), a, "")
		return err
	}
	return id, ask, grant
}

func faultsIn(err error) []domain.ReplyFault {
	var f *domain.ReplyFaults
	if errors.As(err, &f) {
		return f.Faults
	}
	return nil
}

// What the author is told of a deferral is looked at in every body, also in one whose
// answers need no approval.
func TestTheNoticeOfADeferralIsLookedAt(t *testing.T) {
	for name, free := range map[string]bool{"approval": false, "no approval": true} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			p := o.wallPost()
			id, ask, grant := o.deferring(free, p)
			if err := ask("Иванова Анна Петровна, кв. 12: ждём трубы."); len(domain.HardFaults(faultsIn(err))) == 0 {
				t.Fatalf("asked with a name and a flat: %v", err)
			}
			if err := ask("Ждём трубы, звоните мастеру +7 914 555-11-22."); err != nil {
				t.Fatal(err)
			}
			found := faultsIn(grant())
			if len(found) != 1 || found[0].Name != domain.AnswerPhone || found[0].Hard {
				t.Fatalf("granted with nobody looking: %+v", found)
			}
			if w, err := o.store.BodyTask(t.Context(), whole(), id, domain.BodyRules{CheckReply: reply.Check}); err != nil || len(w.NoticeFaults) != 1 {
				t.Errorf("the controller is shown %+v, %v", w.NoticeFaults, err)
			}
			if err := grant(found[0].ID()); err != nil {
				t.Fatal(err)
			}
			o.rounds()
			if got := o.wrote(p.ID); len(got) != 1 || !strings.Contains(got[0], "Ждём трубы") {
				t.Errorf("said %q", got)
			}
			if n := o.number(`SELECT count(*) FROM case_history WHERE case_id = $1 AND why LIKE '%подтверждено: телефон в ответе%'`, id); n == 0 {
				t.Error("the history does not say what was confirmed")
			}
		})
	}
}

// A case that others joined after the asking is another one when it is granted.
func TestADeferralGrantedInPublicIsLookedAtAgain(t *testing.T) {
	o := newOffice(t)
	id, ask, grant := o.deferring(true, o.dialog(55))
	if err := ask("Иванова Анна Петровна, кв. 12: ждём трубы."); err != nil {
		t.Fatal(err)
	}
	wall := o.wallPost()
	o.take("Ленина 1", wall)
	if err := grant(); len(domain.HardFaults(faultsIn(err))) == 0 {
		t.Fatalf("granted for everybody to read: %v", err)
	}
	if c := o.caseOf(id); c.State != domain.Execution || len(o.wrote(wall.ID)) > 0 {
		t.Errorf("%s, said %q", c.State, o.wrote(wall.ID))
	}
}
