package storage_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

var (
	peopleNow = time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC) // noon in Khabarovsk
	ofAll     = domain.Scope{Region: "khabarovsk", Whole: true}
)

func doer(login string) domain.Doer {
	return domain.Doer{Login: login, Region: "khabarovsk", Address: "192.0.2.7", At: peopleNow}
}

func addUser(t *testing.T, s *storage.Store, login string, offices ...domain.Office) domain.User {
	t.Helper()
	u, err := s.AddUser(context.Background(), domain.User{Region: "khabarovsk", Login: login, Name: "Имя " + login, Offices: offices,
		MustChange: true}, "hash of "+login, doer("root"))
	if err != nil {
		t.Fatalf("add %s: %v", login, err)
	}
	return u
}

func journalOf(t *testing.T, s *storage.Store, f domain.JournalFilter) []domain.Entry {
	t.Helper()
	list, err := s.Journal(context.Background(), ofAll, f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestUserIsStoredWithOfficesAndJournal(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	u := addUser(t, s, "anna", domain.Office{Role: domain.RoleHead, AgencyID: "city"}, domain.Office{Role: domain.RoleReader})
	got, err := s.Person(ctx, u.ID, peopleNow)
	if err != nil || got.Login != "anna" || !got.Active || !got.MustChange || len(got.Offices) != 2 || len(got.Acting) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.AddUser(ctx, domain.User{Region: "kaliningrad", Login: "anna", Name: "Другая"}, "", doer("root")); !errors.Is(err, storage.ErrExists) {
		t.Errorf("the same login again: %v", err)
	}
	if _, err := s.AddUser(ctx, domain.User{Region: "nowhere", Login: "boris", Name: "Борис"}, "", doer("root")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a region without a pack: %v", err)
	}
	if _, err := s.Person(ctx, 999, peopleNow); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	lines := journalOf(t, s, domain.JournalFilter{})
	if len(lines) != 1 || lines[0].Action != "user_added" || lines[0].Who != "root" || lines[0].ObjectID != "anna" || lines[0].Address != "192.0.2.7" {
		t.Errorf("journal %+v", lines)
	}
}

func TestPeopleAreListedByScope(t *testing.T) {
	s := storagetest.New(t)
	addUser(t, s, "anna", domain.Office{Role: domain.RoleAnalyst})
	addUser(t, s, "boris", domain.Office{Role: domain.RoleExecutor, AgencyID: "city"})
	for name, tc := range map[string]struct {
		scope domain.Scope
		want  int
	}{
		"whole region": {ofAll, 2},
		"one body":     {domain.Scope{Region: "khabarovsk", Agencies: []string{"city"}}, 1},
		"other region": {domain.Scope{Region: "kaliningrad", Whole: true}, 0},
		"zero":         {domain.Scope{}, 0},
		"no bodies":    {domain.Scope{Region: "khabarovsk"}, 0},
	} {
		list, err := s.Users(context.Background(), tc.scope)
		if err != nil || len(list) != tc.want {
			t.Errorf("%s: %d, %v", name, len(list), err)
		}
	}
}

func TestDeputyActsOnTheDaysOfTheAbsenceOnly(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	addUser(t, s, "head", domain.Office{Role: domain.RoleHead, AgencyID: "city"})
	deputy := addUser(t, s, "deputy", domain.Office{Role: domain.RoleExecutor, AgencyID: "city"})
	day := func(d int) domain.Date { return domain.Date{Year: 2026, Month: 11, Day: d} }
	a := domain.Absence{Region: "khabarovsk", Login: "head", From: day(28), To: day(29), Deputy: "deputy"}
	a, err := s.AddAbsence(ctx, a, "отпуск", doer("head"))
	if err != nil {
		t.Fatal(err)
	}
	zone, _ := time.LoadLocation("Asia/Vladivostok")
	for _, tc := range []struct {
		at   time.Time
		acts bool
	}{
		{time.Date(2026, 11, 27, 23, 59, 0, 0, zone), false},
		{time.Date(2026, 11, 28, 0, 0, 0, 0, zone), true},
		{time.Date(2026, 11, 29, 23, 59, 0, 0, zone), true},
		{time.Date(2026, 11, 30, 0, 0, 0, 0, zone), false},
	} {
		u, err := s.Person(ctx, deputy.ID, tc.at)
		if err != nil || u.HasRole(domain.RoleHead) != tc.acts {
			t.Errorf("%s: acting %+v, %v", tc.at, u.Acting, err)
		}
	}
	// A deputy who is away stands in for nobody.
	own, err := s.AddAbsence(ctx, domain.Absence{Region: "khabarovsk", Login: "deputy", From: day(29), To: day(29)}, "", doer("deputy"))
	if err != nil {
		t.Fatal(err)
	}
	if u, _ := s.Person(ctx, deputy.ID, time.Date(2026, 11, 29, 12, 0, 0, 0, zone)); len(u.Acting) != 0 {
		t.Errorf("an absent deputy acts: %+v", u.Acting)
	}
	if err := s.EndAbsence(ctx, "khabarovsk", own.ID, day(28), doer("deputy")); err != nil { // not begun: gone
		t.Fatal(err)
	}
	if err := s.EndAbsence(ctx, "khabarovsk", a.ID, day(29), doer("head")); err != nil { // back on the 29th
		t.Fatal(err)
	}
	if u, _ := s.Person(ctx, deputy.ID, time.Date(2026, 11, 29, 12, 0, 0, 0, zone)); len(u.Acting) != 0 {
		t.Errorf("the head is back, yet the deputy acts: %+v", u.Acting)
	}
	if err := s.EndAbsence(ctx, "khabarovsk", a.ID, day(29), doer("head")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("ending it again: %v", err)
	}
	roster, err := s.Roster(ctx, "khabarovsk", day(1))
	if err != nil || len(roster) != 1 || roster[0].To != day(28) {
		t.Errorf("roster %+v, %v", roster, err)
	}
	if _, err := s.AddAbsence(ctx, domain.Absence{Region: "khabarovsk", Login: "head", From: day(28), To: day(29), Deputy: "nobody"}, "", doer("head")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("an unknown deputy: %v", err)
	}
}

// The acting offices of SQL and the rules of domain.Roster must say the same.
func TestActingAgreesWithTheRoster(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	logins := []string{"a1", "b1", "c1"}
	ids := map[string]int64{}
	for _, l := range logins {
		ids[l] = addUser(t, s, l, domain.Office{Role: domain.RoleHead, AgencyID: l}).ID
	}
	day := func(d int) domain.Date { return domain.Date{Year: 2026, Month: 12, Day: d} }
	for _, a := range []domain.Absence{
		{Login: "a1", From: day(1), To: day(10), Deputy: "b1"},
		{Login: "a1", From: day(5), To: day(12), Deputy: "c1"},
		{Login: "b1", From: day(3), To: day(4), Deputy: "c1"},
		{Login: "c1", From: day(8), To: day(9)},
		{Login: "c1", From: day(11), To: day(20), Deputy: "a1"},
	} {
		a.Region = "khabarovsk"
		if _, err := s.AddAbsence(ctx, a, "", doer("root")); err != nil {
			t.Fatal(err)
		}
	}
	roster, err := s.Roster(ctx, "khabarovsk", day(1))
	if err != nil {
		t.Fatal(err)
	}
	zone, _ := time.LoadLocation("Asia/Vladivostok")
	for d := 1; d <= 21; d++ {
		for _, l := range logins {
			u, err := s.Person(ctx, ids[l], day(d).At(12, 0, zone))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range u.Acting {
				got = append(got, a.Login)
			}
			want := roster.StandsFor(l, day(d))
			if len(got) != len(want) || (len(got) > 0 && got[0] != want[0]) {
				t.Errorf("day %d: %s acts for %v, the roster says %v", d, l, got, want)
			}
		}
	}
}

func TestLastAdministratorStays(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	boss := addUser(t, s, "boss", domain.Office{Role: domain.RoleAdministrator})
	second := addUser(t, s, "second", domain.Office{Role: domain.RoleAdministrator})
	// Two end each other at once: one of them must stay.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { errs[0] = s.SetUserActive(ctx, "khabarovsk", second.ID, false, doer("boss")) })
	wg.Go(func() { errs[1] = s.SetUserActive(ctx, "khabarovsk", boss.ID, false, doer("second")) })
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("exactly one must be refused: %v, %v", errs[0], errs[1])
	}
	if err := errors.Join(errs...); !errors.Is(err, domain.ErrLastAdministrator) {
		t.Errorf("%v", err)
	}
	last := boss
	if errs[1] == nil {
		last = second
	}
	seen := last.Mark()
	last.Offices = nil
	if err := s.UpdateUser(ctx, last, seen, doer("boss")); !errors.Is(err, domain.ErrLastAdministrator) {
		t.Errorf("the last one gives up the role: %v", err)
	}
	if u, _ := s.Person(ctx, last.ID, peopleNow); len(u.Offices) != 1 {
		t.Errorf("a refused change was kept: %+v", u)
	}
}

func session(hash string, u domain.User, epoch int64) storage.SessionRow {
	return storage.SessionRow{Hash: hash, UserID: u.ID, Epoch: epoch, Data: []byte("{}"), ExpiresAt: time.Now().Add(time.Hour)}
}

func TestSessionsEndEverywhere(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	addUser(t, s, "root", domain.Office{Role: domain.RoleAdministrator})
	u := addUser(t, s, "anna", domain.Office{Role: domain.RoleAnalyst})
	there := func(hash string) bool {
		_, ok, err := s.FindSession(ctx, hash)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	save := func(row storage.SessionRow) {
		if err := s.SaveSession(ctx, row); err != nil {
			t.Fatal(err)
		}
	}
	save(session("one", u, 1))
	save(session("two", u, 1))
	if !there("one") || !there("two") {
		t.Fatal("sessions are not there")
	}
	epoch, err := s.SetPassword(ctx, "khabarovsk", u.ID, "new", false, doer("anna"))
	if err != nil {
		t.Fatal(err)
	}
	save(session("one", u, 1)) // a request that was running writes its session back
	if there("one") || there("two") {
		t.Error("a session outlives the change of the password")
	}
	save(session("three", u, epoch))
	if !there("three") {
		t.Error("a session of the new epoch is not there")
	}
	list, err := s.SessionsOf(ctx, "khabarovsk", u.ID)
	if err != nil || len(list) != 1 || list[0].ID != "three" {
		t.Errorf("sessions %+v, %v", list, err)
	}
	if list, _ := s.SessionsOf(ctx, "kaliningrad", u.ID); len(list) != 0 {
		t.Error("another region sees the sessions")
	}
	if err := s.SetUserActive(ctx, "khabarovsk", u.ID, false, doer("root")); err != nil {
		t.Fatal(err)
	}
	save(session("three", u, epoch+1))
	if there("three") {
		t.Error("somebody switched off has a session")
	}
	expired := session("four", u, epoch)
	expired.ExpiresAt = time.Now().Add(-time.Second)
	save(expired)
	if there("four") {
		t.Error("an expired session is there")
	}
	if n, err := s.PruneSessions(ctx); err != nil || n != 1 {
		t.Errorf("pruned %d, %v", n, err)
	}
}

func TestLoginAttemptsPauseAndForgive(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	keys := []domain.LoginKey{{Key: "login:anna", Free: 3}, {Key: "address:192.0.2.7", Free: 100}}
	for i := range 3 {
		if wait, err := s.TakeLogin(ctx, keys); err != nil || wait != 0 {
			t.Fatalf("attempt %d: wait %s, %v", i+1, wait, err)
		}
	}
	wait, err := s.TakeLogin(ctx, keys)
	if err != nil || wait <= 0 || wait > 6*time.Second {
		t.Errorf("the fourth attempt waits %s, %v", wait, err)
	}
	other := []domain.LoginKey{{Key: "login:boris", Free: 3}, keys[1]}
	if wait, err := s.TakeLogin(ctx, other); err != nil || wait != 0 {
		t.Errorf("somebody else at the same address waits %s, %v", wait, err)
	}
	u := addUser(t, s, "anna", domain.Office{Role: domain.RoleAnalyst})
	c := domain.Credentials{UserID: u.ID, Login: "anna", Region: "khabarovsk"}
	if err := s.LoggedIn(ctx, c, []string{"login:anna"}, "address:192.0.2.7", "вход по паролю", doer("anna")); err != nil {
		t.Fatal(err)
	}
	if wait, err := s.TakeLogin(ctx, keys); err != nil || wait != 0 {
		t.Errorf("after a right password: wait %s, %v", wait, err)
	}
}

// Many attempts at once get no more tries than one after the other.
func TestLoginAttemptsAtOnceGainNothing(t *testing.T) {
	s := storagetest.New(t)
	keys := []domain.LoginKey{{Key: "login:anna", Free: 3}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	let := 0
	for range 20 {
		wg.Go(func() {
			wait, err := s.TakeLogin(context.Background(), keys)
			if err != nil {
				t.Error(err)
			}
			if wait == 0 {
				mu.Lock()
				let++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if let != 3 {
		t.Errorf("%d attempts were let through, 3 are free", let)
	}
}

func TestOneTimeCodesWorkOnce(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	u := addUser(t, s, "boss", domain.Office{Role: domain.RoleAdministrator})
	if err := s.SetTOTP(ctx, u.ID, []byte("secret"), 100, [][]byte{[]byte("c1"), []byte("c2")}, doer("boss")); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		step int64
		want bool
	}{{100, false}, {101, true}, {101, false}, {99, false}, {103, true}} {
		if ok, err := s.UseTOTPStep(ctx, u.ID, tc.step); err != nil || ok != tc.want {
			t.Errorf("step %d: %v, %v", tc.step, ok, err)
		}
	}
	for _, want := range []bool{true, false} {
		if ok, err := s.UseRecoveryCode(ctx, u.ID, []byte("c1")); err != nil || ok != want {
			t.Errorf("recovery code: %v, want %v, %v", ok, want, err)
		}
	}
	if n, _ := s.RecoveryCodesLeft(ctx, u.ID); n != 1 {
		t.Errorf("%d codes left", n)
	}
	if err := s.ClearTOTP(ctx, "kaliningrad", u.ID, doer("x")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("another region clears it: %v", err)
	}
	if err := s.ClearTOTP(ctx, "khabarovsk", u.ID, doer("boss")); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Credentials(ctx, "boss"); err != nil || c.TOTPSecret != nil || !c.IsAdministrator() {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestAccountsOfTheProviderAreLinkedOnce(t *testing.T) {
	s := storagetest.New(t)
	ctx := context.Background()
	u := addUser(t, s, "anna", domain.Office{Role: domain.RoleAnalyst})
	seen := u.Mark()
	u.Email = "Anna@example.ru"
	if err := s.UpdateUser(ctx, u, seen, doer("root")); !errors.Is(err, domain.ErrLastAdministrator) {
		t.Fatalf("no administrator in this region: %v", err)
	}
	addUser(t, s, "root", domain.Office{Role: domain.RoleAdministrator})
	if err := s.UpdateUser(ctx, u, seen, doer("root")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CredentialsBySubject(ctx, "iss 1", "", doer("x")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("an account without a confirmed e-mail: %v", err)
	}
	if c, err := s.CredentialsBySubject(ctx, "iss 1", "anna@EXAMPLE.ru", doer("x")); err != nil || c.Login != "anna" {
		t.Errorf("linked to %+v, %v", c, err)
	}
	if _, err := s.CredentialsBySubject(ctx, "iss 2", "anna@example.ru", doer("x")); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a second account for the same person: %v", err)
	}
	if c, err := s.CredentialsBySubject(ctx, "iss 1", "", doer("x")); err != nil || c.Login != "anna" {
		t.Errorf("again: %+v, %v", c, err)
	}
}

func TestJournalOnlyGrowsAndIsFiltered(t *testing.T) {
	dsn := storagetest.DSN(t)
	s := storagetest.Open(t, dsn, storage.Options{})
	ctx := context.Background()
	for i, action := range []string{"pack_activated", "source_paused", "source_paused", "export"} {
		d := doer([]string{"anna", "boris"}[i%2])
		d.At = peopleNow.Add(time.Duration(i) * time.Hour)
		if err := s.Note(ctx, domain.EntryOf(d, action, "thing", "7", "сделано")); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		f    domain.JournalFilter
		want int
	}{
		"all":    {domain.JournalFilter{}, 4},
		"who":    {domain.JournalFilter{Who: "anna"}, 2},
		"action": {domain.JournalFilter{Action: "source_paused"}, 2},
		"object": {domain.JournalFilter{Object: "thing", ObjectID: "7"}, 4},
		"other":  {domain.JournalFilter{Object: "thing", ObjectID: "8"}, 0},
		"from":   {domain.JournalFilter{From: peopleNow.Add(time.Hour)}, 3},
		"to":     {domain.JournalFilter{To: peopleNow.Add(time.Hour)}, 1},
		"page":   {domain.JournalFilter{Limit: 3}, 3},
	} {
		if got := journalOf(t, s, tc.f); len(got) != tc.want {
			t.Errorf("%s: %d lines, want %d", name, len(got), tc.want)
		}
	}
	first := journalOf(t, s, domain.JournalFilter{Limit: 3})
	last := first[2]
	if rest := journalOf(t, s, domain.JournalFilter{Limit: 3, Before: last.At, BeforeID: last.ID}); len(rest) != 1 || rest[0].Action != "pack_activated" {
		t.Errorf("the second page: %+v", rest)
	}
	for name, scope := range map[string]domain.Scope{"zero": {}, "a body": {Region: "khabarovsk", Agencies: []string{"city"}}, "other": {Region: "kaliningrad", Whole: true}} {
		if list, err := s.Journal(ctx, scope, domain.JournalFilter{}); err != nil || len(list) != 0 {
			t.Errorf("%s sees %d lines, %v", name, len(list), err)
		}
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{"UPDATE journal SET words = 'иначе'", "DELETE FROM journal", "TRUNCATE journal"} {
		if _, err := conn.Exec(ctx, sql); err == nil {
			t.Errorf("%s is possible", sql)
		}
	}
}

// What people change in a case stands in the journal too, whoever writes it and
// by whatever way; what the system does stays in the case's history.
func TestChangesOfCasesReachTheJournal(t *testing.T) {
	s := storagetest.New(t)
	c := moderated(t, s, 1)
	if lines := journalOf(t, s, domain.JournalFilter{}); len(lines) != 0 {
		t.Fatalf("what the system did is in the journal: %+v", lines)
	}
	sed := "СЭД-17"
	ch := domain.Amend(c, domain.By{Who: "anna", Why: "номер в СЭД", At: noon().Add(time.Hour)}, func(ch *domain.CaseChange) { ch.SED = &sed })
	if _, err := s.ChangeCase(t.Context(), analyst(), ch); err != nil {
		t.Fatal(err)
	}
	if err := s.AddNote(t.Context(), analyst(), c.ID, domain.CaseNote{Text: "звонили", Author: "boris", At: noon().Add(2 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	lines := journalOf(t, s, domain.JournalFilter{})
	if len(lines) != 2 {
		t.Fatalf("journal: %+v", lines)
	}
	note, change := lines[0], lines[1]
	if change.Action != "case_changed" || change.Who != "anna" || change.Object != "case" || change.ObjectID != c.Number ||
		change.Words != "номер в СЭД" || !change.At.Equal(noon().Add(time.Hour)) || !strings.Contains(string(change.Details), sed) {
		t.Errorf("a change: %+v %s", change, change.Details)
	}
	if note.Action != "case_note" || note.Who != "boris" || note.ObjectID != c.Number {
		t.Errorf("a note: %+v", note)
	}
}
