package storage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
)

func TestStaffCodesWorkOnceAndFewTimes(t *testing.T) {
	o := newOffice(t)
	o.code("coord", "111122223333")
	o.code("coord", "444455556666") // the one before is void
	o.says(domain.StaffWrongCode, "coord", domain.Private{}, "1111-2222-3333")
	o.says(domain.StaffLinked, "coord", domain.Private{}, "4444-5555-6666")
	o.says(domain.StaffWrongCode, "elsewhere", domain.Private{}, "4444 5555 6666")
	o.code("exec", "777788889999")
	o.sql("UPDATE staff_codes SET expires_at = clock_timestamp() - interval '1 second'")
	o.says(domain.StaffWrongCode, "exec", domain.Private{}, "код: 777788889999")
	for range 10 {
		o.hear("guess", domain.Private{}, "0000-0000-0001")
	}
	o.says(domain.StaffTooMany, "guess", domain.Private{}, "0000-0000-0002")
	o.code("exec", "777788889999")
	o.says(domain.StaffTooMany, "guess", domain.Private{}, "7777-8888-9999")
	o.says(domain.StaffLinked, "exec", domain.Private{}, "/start 777788889999")
	for name, p := range map[string]domain.Private{"words": {}, "a citizen's button": {Press: "status"}, "a group": {Group: true}} {
		text := "Во дворе яма"
		if p.Group {
			text = "4444-5555-6666"
		}
		if _, heard := o.hear("coord", p, text); heard {
			t.Errorf("%s are heard as the desk's", name)
		}
	}
}

func TestStaffChatIsOnePersons(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.code("exec", "111122223333")
	o.says(domain.StaffLinked, "coord", domain.Private{}, "код 111122223333") // another sits down at the same telephone
	o.code("exec", "111122223334")
	o.says(domain.StaffLinked, "new", domain.Private{}, "код 111122223334")
	if n := o.number("SELECT count(*) FROM staff_links WHERE ended_at IS NULL"); n != 1 {
		t.Errorf("%d links live", n)
	}
	chats, err := o.s.StaffChats(t.Context(), o.users["exec"].ID)
	if err != nil || len(chats) != 2 || chats[0].EndedWhy != "" || chats[1].EndedWhy == "" {
		t.Errorf("%+v, %v", chats, err)
	}
	if err := o.s.EndStaffLink(t.Context(), o.users["coord"], chats[0].ID, doer("coord")); err == nil {
		t.Error("somebody else's chat was unlinked")
	}
	o.says(domain.StaffUnlinked, "new", domain.Private{}, "отвязать")
	o.says(domain.StaffNotLinked, "new", press("accept", 1), "")
}

// Link → new assignment → accepted by a button → due soon → sent back.
func TestStaffAcceptsAndSendsBackByButton(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.link("exec")
	c := o.open()
	o.notices()
	got := o.letters("coord")
	if len(got) != 1 || !strings.Contains(got[0], "Новое поручение") || !strings.Contains(got[0], c.Number) {
		t.Fatalf("the coordinator heard %q", got)
	}
	letter := o.lastLetter("coord")
	o.says(domain.StaffOldButton, "exec", press("accept", letter), "") // forged: another's letter
	o.says(domain.StaffOldButton, "coord", domain.Private{Press: "s:accept:999999"}, "")
	o.says(domain.StaffOldButton, "coord", domain.Private{Press: "s:accept:1 OR 1"}, "")
	o.says(domain.StaffOldButton, "coord", domain.Private{Press: fmt.Sprintf("s:body:%d:town-hall", c.ID)}, "")
	if o.state(c) != domain.Coordination {
		t.Fatal("a forged button moved the case")
	}
	o.says(domain.StaffAccepted, "coord", press("accept", letter), "")
	if o.state(c) != domain.Execution {
		t.Fatalf("the case is %s", o.state(c))
	}
	o.says(domain.StaffStale, "coord", press("accept", letter), "")
	if got, heard := o.hearAs(o.written, "coord", press("accept", letter), ""); got != domain.StaffSilent || !heard {
		t.Errorf("a replay: %s", got)
	}
	o.sql("UPDATE cases SET executor_id = $2, changed_by = 'coord', changed_why = '' WHERE id = $1", c.ID, o.users["exec"].ID)
	o.notice(domain.NoticeDue1, "coordinator", "min-roads", c)
	o.notices()
	for _, who := range []string{"coord", "exec"} {
		if got := o.letters(who); !strings.Contains(got[len(got)-1], "Срок через сутки") {
			t.Errorf("%s heard %q", who, got)
		}
	}
	o.says(domain.StaffReasonAsked, "coord", press("back", letter), "")
	o.says(domain.StaffBodyAsked, "coord", domain.Private{}, "Эта дорога городская")
	o.says(domain.StaffBodyUnknown, "coord", domain.Private{}, "министерство магии")
	o.says(domain.StaffBodyMany, "coord", domain.Private{}, "дорог")
	o.says(domain.StaffOldButton, "coord", domain.Private{Press: fmt.Sprintf("s:body:%d:nowhere", c.ID)}, "")
	o.says(domain.StaffSentBack, "coord", domain.Private{Press: fmt.Sprintf("s:body:%d:town-hall", c.ID)}, "")
	if o.state(c) != domain.Returned {
		t.Fatalf("the case is %s", o.state(c))
	}
	if n := o.number("SELECT count(*) FROM send_backs WHERE case_id = $1 AND reason = 'Эта дорога городская' AND proposed_agency = 'town-hall' AND by_whom = 'coord'", c.ID); n != 1 {
		t.Errorf("%d send-backs", n)
	}
	if _, heard := o.hear("coord", domain.Private{}, "Спасибо"); heard {
		t.Error("words after the end are still taken for the desk's")
	}
	o.link("anna")
	o.notices()
	if got := o.letters("anna"); len(got) != 1 || !strings.Contains(got[0], "Поручение возвращено") {
		t.Errorf("the analyst heard %q", got)
	}
}

// The bot never allows more than the desk.
func TestStaffMayNoMoreThanAtTheDesk(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	c := o.open()
	o.notices()
	letter := o.lastLetter("coord")
	o.sql("UPDATE user_offices SET role = 'executor' WHERE user_id = $1", o.users["coord"].ID)
	o.says(domain.StaffGone, "coord", press("accept", letter), "")
	o.sql("UPDATE user_offices SET role = 'coordinator', agency_id = 'town-hall' WHERE user_id = $1", o.users["coord"].ID)
	o.says(domain.StaffGone, "coord", press("accept", letter), "")
	o.sql("UPDATE user_offices SET agency_id = 'min-roads' WHERE user_id = $1", o.users["coord"].ID)
	o.sql("UPDATE cases SET restricted = true, changed_by = 'anna', changed_why = '' WHERE id = $1", c.ID)
	o.says(domain.StaffGone, "coord", press("accept", letter), "")
	if o.state(c) != domain.Coordination {
		t.Errorf("the case is %s", o.state(c))
	}
	o.sql("UPDATE cases SET restricted = false, changed_by = 'anna', changed_why = '' WHERE id = $1", c.ID)
	o.now = o.now.Add(5 * 24 * time.Hour) // R5: too late to send back
	o.says(domain.StaffReasonAsked, "coord", press("back", letter), "")
	o.says(domain.StaffBodyAsked, "coord", domain.Private{}, "не наше")
	o.says(domain.StaffRefused, "coord", domain.Private{}, "мэрия")
	o.says(domain.StaffCancelled, "coord", domain.Private{}, "отмена")
	if n := o.number("SELECT count(*) FROM send_backs"); n != 0 || o.state(c) != domain.Coordination {
		t.Errorf("%d send-backs, %s", n, o.state(c))
	}
	other := o.open()
	o.sql("UPDATE cases SET restricted = true, changed_by = 'anna', changed_why = '' WHERE id = $1", other.ID)
	before := len(o.letters("coord"))
	o.notices()
	if len(o.letters("coord")) != before {
		t.Error("a restricted case was told to who is not named for it")
	}
}

func TestQuietHoursHoldAllButDanger(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.link("anna")
	o.now = time.Date(2026, 11, 23, 22, 30, 0, 0, o.rules.Almanac.Zone)
	c, d := o.open(), o.open()
	o.notice(domain.NoticeUrgent, "duty", "", c)
	o.notices()
	if got := o.letters("coord"); len(got) != 0 {
		t.Errorf("said at night: %q", got)
	}
	if got := o.letters("anna"); len(got) != 1 || !strings.Contains(got[0], "СРОЧНО") {
		t.Errorf("danger: %q", got)
	}
	o.now = time.Date(2026, 11, 24, 8, 29, 0, 0, o.rules.Almanac.Zone)
	o.notices()
	if got := o.letters("coord"); len(got) != 0 {
		t.Errorf("said before the digest: %q", got)
	}
	o.now = o.now.Add(time.Minute)
	o.notices()
	got := o.letters("coord")
	if len(got) != 1 || !strings.Contains(got[0], "накопилось") || !strings.Contains(got[0], c.Number) || !strings.Contains(got[0], d.Number) {
		t.Errorf("the digest: %q", got)
	}
	o.notices()
	if again := o.letters("coord"); len(again) != 1 {
		t.Errorf("said again: %q", again)
	}
	set := domain.StaffSettings{Mail: true, Digest: 600} // no quiet hours
	if err := o.s.SetStaffSettings(t.Context(), o.users["coord"], set, "seen another", doer("coord")); err == nil {
		t.Error("settings somebody else has changed were overwritten")
	}
	if err := o.s.SetStaffSettings(t.Context(), o.users["coord"], set, domain.UsualStaffSettings().Mark(), doer("coord")); err != nil {
		t.Fatal(err)
	}
	o.now = time.Date(2026, 11, 24, 23, 0, 0, 0, o.rules.Almanac.Zone)
	o.open()
	o.notices()
	if got := o.letters("coord"); len(got) != 2 {
		t.Errorf("without quiet hours: %q", got)
	}
}

func TestNoticesOfAnAbsentPersonGoToTheDeputy(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.link("other")
	today := domain.DateOf(o.now, o.rules.Almanac.Zone)
	if _, err := o.s.AddAbsence(t.Context(), domain.Absence{Region: region, Login: "coord", From: today, To: today.Add(1), Deputy: "other"}, "", doer("head")); err != nil {
		t.Fatal(err)
	}
	c := o.open()
	o.notices()
	if got := o.letters("coord"); len(got) != 0 {
		t.Errorf("the absent one heard %q", got)
	}
	got := o.letters("other")
	if len(got) != 1 || !strings.Contains(got[0], "За Кира Координатор") {
		t.Fatalf("the deputy heard %q", got)
	}
	o.says(domain.StaffAccepted, "other", press("accept", o.lastLetter("other")), "")
	if o.state(c) != domain.Execution {
		t.Errorf("the case is %s", o.state(c))
	}
	if n := o.number("SELECT count(*) FROM case_history WHERE case_id = $1 AND who = 'other' AND why LIKE '%замещает: coord%'", c.ID); n != 1 {
		t.Errorf("%d lines of the history say in whose name", n)
	}
}

func TestLeaversLinkDiesWithTheAccount(t *testing.T) {
	o := newOffice(t)
	o.mail = true
	o.sql("UPDATE users SET email = login || '@example.ru'")
	o.person("admin", "Админ", domain.Office{Role: domain.RoleAdministrator})
	o.link("coord")
	o.open()
	o.notices()
	letter := o.lastLetter("coord")
	if err := o.s.SetUserActive(t.Context(), region, o.users["coord"].ID, false, doer("admin")); err != nil {
		t.Fatal(err)
	}
	o.says(domain.StaffNotLinked, "coord", press("accept", letter), "")
	if n := o.number("SELECT count(*) FROM staff_links WHERE ended_at IS NULL OR chat <> '-'") +
		o.number("SELECT count(*) FROM deliveries d JOIN staff_letters l ON l.id = d.letter_id WHERE d.state = 'waiting'"); n != 0 {
		t.Errorf("%d links or letters outlive the account", n)
	}
	if err := o.s.SetUserActive(t.Context(), region, o.users["coord"].ID, true, doer("admin")); err != nil {
		t.Fatal(err)
	}
	o.says(domain.StaffNotLinked, "coord", press("accept", letter), "") // back, and not linked by that
	for name, mustChange := range map[string]bool{"exec": true, "head": false} {
		o.link(name)
		if _, err := o.s.SetPassword(t.Context(), region, o.users[name].ID, "hash", mustChange, doer("admin")); err != nil {
			t.Fatal(err)
		}
		live := o.number("SELECT count(*) FROM staff_links WHERE user_id = $1 AND ended_at IS NULL", o.users[name].ID)
		if (live == 0) != mustChange {
			t.Errorf("%s: %d links live after a password that somebody else gave: %v", name, live, mustChange)
		}
	}
}

// What a chat does not take goes by mail, once, and the link says why.
func TestBlockedBotGoesByMail(t *testing.T) {
	o := newOffice(t)
	o.mail = true
	o.s = reopened(t, o.house, storage.Options{Mail: true})
	o.sql("UPDATE users SET email = login || '@example.ru'")
	o.link("coord")
	o.sql("UPDATE deliveries SET state = 'cancelled', over_at = now()") // the bot's own words
	o.open()
	o.notices()
	claim := func() domain.Delivery {
		for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) { // a chat has its pace
			d, ok, err := o.s.ClaimDelivery(t.Context(), time.Minute)
			if err != nil || time.Now().After(end) {
				t.Fatalf("%v, %v", ok, err)
			}
			if ok {
				return d
			}
		}
	}
	d := claim()
	if d.Platform != domain.MAX || !d.Staff || d.Way != domain.WayStaff || !d.Repeatable {
		t.Fatalf("%+v", d)
	}
	if err := o.s.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: d.ID, Attempt: 1, State: domain.DeliveryFailed, Reason: "closed", Words: "бот заблокирован", Blocked: true}, o.now); err != nil {
		t.Fatal(err)
	}
	d = claim()
	a, err := o.s.StaffAddressOf(t.Context(), d.ID)
	if err != nil || d.Platform != domain.Mail || d.Repeatable || a.Email != "coord@example.ru" || !strings.HasPrefix(a.Subject, "Новое поручение") {
		t.Fatalf("%+v, %+v, %v", d, a, err)
	}
	if err := o.s.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: d.ID, Attempt: 1, State: domain.Delivered, Message: "m"}, o.now); err != nil {
		t.Fatal(err)
	}
	chats, err := o.s.StaffChats(t.Context(), o.users["coord"].ID)
	if err != nil || chats[0].Broken != "бот заблокирован" {
		t.Errorf("%+v, %v", chats, err)
	}
	o.open()
	o.notices()
	if d := claim(); d.Platform != domain.Mail {
		t.Errorf("a broken chat is written to again: %+v", d)
	}
	heard, err := o.s.StaffHeard(t.Context(), o.users["coord"].ID, 10)
	if err != nil || len(heard) != 2 || len(heard[1].Ways) != 2 || heard[1].State != "said" {
		t.Errorf("%+v, %v", heard, err)
	}
	o.says(domain.StaffHelped, "coord", domain.Private{}, "уведомления") // whoever writes again can be written to
	o.open()
	o.notices()
	if got := o.letters("coord"); !strings.HasPrefix(got[len(got)-1], "max ") {
		t.Errorf("heard %q", got)
	}
	if n := o.number("SELECT count(*) FROM staff_messages WHERE state = 'no_way'"); n != 0 {
		t.Errorf("%d had no way", n)
	}
}

func TestNoWayToAPersonIsKnown(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.off[domain.MAX] = true // the pack says no
	o.open()
	o.notices()
	if got := o.letters("coord"); len(got) != 0 {
		t.Errorf("written where the policy is off: %q", got)
	}
	counts, err := o.s.StaffBacklog(t.Context())
	if err != nil || !slices.ContainsFunc(counts, func(c storage.StaffCount) bool { return c.State == "no_way" && c.N == 1 }) {
		t.Errorf("%+v, %v", counts, err)
	}
}

func TestStaffFloodIsBounded(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	for range 19 {
		o.hear("coord", domain.Private{}, "уведомления")
	}
	o.says(domain.StaffHelped, "coord", domain.Private{}, "уведомления")
	o.says(domain.StaffTooFast, "coord", domain.Private{}, "уведомления")
	o.says(domain.StaffSilent, "coord", domain.Private{}, "уведомления")
	o.now = o.now.Add(time.Minute)
	o.says(domain.StaffHelped, "coord", domain.Private{}, "уведомления")
}

func TestOldNoticesOfStaffAreForgotten(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.open()
	o.notices()
	if n, err := o.s.ForgetStaff(t.Context(), region, o.now.Add(time.Hour)); err != nil || n != 2 {
		t.Errorf("forgot %d, %v", n, err)
	}
}

// Danger to life goes by mail as soon as a chat does not take it at once; the rest
// waits for the chat.
func TestDangerDoesNotWaitForAChat(t *testing.T) {
	o := newOffice(t)
	o.mail = true
	o.s = reopened(t, o.house, storage.Options{Mail: true})
	o.sql("UPDATE users SET email = login || '@example.ru'")
	o.link("anna")
	o.sql("UPDATE deliveries SET state = 'cancelled', over_at = now()")
	c := o.open()
	o.sql("DELETE FROM notices") // of the new task
	later := func(kind domain.NoticeKind) {
		o.notice(kind, "analyst", "", c)
		o.notices()
		o.waitsAnHour()
	}
	later(domain.NoticeSentBack)
	if n := o.number("SELECT count(*) FROM deliveries WHERE platform = 'mail' AND chat = 'staff:mail:' || $1::bigint", o.users["anna"].ID); n != 0 {
		t.Errorf("%d letters by mail while the chat may still take it", n)
	}
	o.sql("UPDATE deliveries SET state = 'cancelled', over_at = now() WHERE state = 'waiting'")
	later(domain.NoticeUrgent)
	if n := o.number("SELECT count(*) FROM deliveries WHERE platform = 'mail' AND text LIKE '%СРОЧНО%'"); n != 1 {
		t.Errorf("%d letters of danger by mail", n)
	}
}

// A letter that waits does not hold up the next one; the conversation keeps its
// order.
func TestLettersDoNotWaitForEachOther(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.sql("UPDATE deliveries SET state = 'cancelled', over_at = now()")
	o.open()
	o.open()
	o.notices()
	o.sql("UPDATE deliveries SET next_attempt_at = now() + interval '1 hour' WHERE id = (SELECT min(id) FROM deliveries WHERE state = 'waiting')")
	if _, ok, err := o.s.ClaimDelivery(t.Context(), time.Minute); err != nil || !ok {
		t.Errorf("%v, %v", ok, err)
	}
}

// Many at once are one message; danger stays its own.
func TestManyNoticesAtOnceAreOneMessage(t *testing.T) {
	o := newOffice(t)
	o.link("coord")
	o.link("anna")
	var cases []domain.Case
	for range 7 {
		cases = append(cases, o.open())
	}
	o.notice(domain.NoticeUrgent, "duty", "", cases[0])
	for _, c := range cases {
		o.notice(domain.NoticeSentBack, "analyst", "", c)
	}
	o.notices()
	got := o.letters("coord")
	if len(got) != 1 || !strings.Contains(got[0], "Уведомлений сразу: 7") || !strings.Contains(got[0], cases[6].Number) {
		t.Errorf("heard %q", got)
	}
	if got := o.letters("anna"); len(got) != 2 || !strings.Contains(got[0], "СРОЧНО") || !strings.Contains(got[1], "сразу: 7") {
		t.Errorf("heard %q", got)
	}
}
