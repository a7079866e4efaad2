package storage_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/otklik/otklik/bots/staff"
	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// office is a house whose people have chats with the bot.
type office struct {
	*house
	desk    *staff.Desk
	written int
	mail    bool
	off     map[domain.Platform]bool
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{house: newHouse(t), off: map[domain.Platform]bool{}}
	o.person("anna", "Анна Аналитик", domain.Office{Role: domain.RoleAnalyst})
	rules := o.rules
	o.desk = staff.New(staff.Facts{Zone: rules.Almanac.Zone, DeskURL: "https://desk.example.ru",
		Bodies: []domain.Agency{{ID: "min-roads", Name: "Министерство дорог", Short: "миндор"}, {ID: "town-hall", Name: "Мэрия города", Short: "мэрия"},
			{ID: "roads-service", Name: "Служба дорог", Short: "служба дорог"}},
		Act: func(u domain.User, step domain.Step, caseID, seen int64, now time.Time) (domain.Act, string) {
			action := map[domain.Step]access.Action{domain.StepAccept: access.Distribute, domain.StepSendBack: access.SendBack}[step]
			act := domain.Act{Hand: u.Hand(rules.Tree), UserID: u.ID, CaseID: caseID, Seen: seen, At: now, Rules: rules}
			if ok, why := access.Can(u, action, access.Object{}, rules.Tree); !ok {
				return act, access.Words(action, why)
			}
			act.Scope = access.ScopeOf(u, action, rules.Tree)
			return act, ""
		},
		Sees: func(u domain.User, c domain.Case) bool {
			ok, _ := access.Can(u, access.SeeCase, access.OfCase(c), rules.Tree)
			return ok
		},
		Allows:   func(p domain.Platform) bool { return !o.off[p] && (p != domain.Mail || o.mail) },
		CodeKeys: func(code string) [][]byte { return [][]byte{hashed("code " + code)} },
	})
	return o
}

func hashed(text string) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] }

// hear is one private message; the words are what the bot answers.
func (o *office) hear(chat string, p domain.Private, text string) (domain.StaffOutcome, bool) {
	o.t.Helper()
	o.written++
	return o.hearAs(o.written, chat, p, text)
}

func (o *office) hearAs(n int, chat string, p domain.Private, text string) (domain.StaffOutcome, bool) {
	o.t.Helper()
	p.Chat, p.ChatKeys, p.UpdateKeys = chat, [][]byte{hashed("chat " + chat)}, [][]byte{hashed(fmt.Sprint("update ", n))}
	post := domain.Post{ID: domain.NewPrivateID(domain.MAX, "77", chat, fmt.Sprint(n)), Kind: domain.Message, Text: text, Private: &p}
	outcome, heard, err := o.s.HearStaff(o.t.Context(), region, &post, o.now, o.desk)
	if err != nil {
		o.t.Fatal(err)
	}
	return outcome, heard
}

func (o *office) says(want domain.StaffOutcome, chat string, p domain.Private, text string) {
	o.t.Helper()
	if got, heard := o.hear(chat, p, text); got != want || !heard {
		o.t.Errorf("%q %q in %s: %q (heard %v), want %q", p.Press, text, chat, got, heard, want)
	}
}

func (o *office) code(login, digits string) {
	o.t.Helper()
	if err := o.s.PutStaffCode(o.t.Context(), o.users[login], hashed("code "+digits), 10*time.Minute, doer(login)); err != nil {
		o.t.Fatal(err)
	}
}

// link links a chat that is named like its owner.
func (o *office) link(login string) {
	o.t.Helper()
	digits := fmt.Sprintf("%012d", o.users[login].ID)
	o.code(login, digits)
	o.says(domain.StaffLinked, login, domain.Private{}, "код "+digits)
}

// notices spreads what waits and writes letters.
func (o *office) notices() {
	o.t.Helper()
	list, err := o.s.ClaimNotices(o.t.Context(), o.now, 100)
	if err != nil {
		o.t.Fatal(err)
	}
	r := storage.StaffRegion{Zone: o.rules.Almanac.Zone, Tree: o.rules.Tree, Sees: o.desk.Sees}
	for _, n := range list {
		for range 2 { // as after a crash
			if _, err := o.s.SpreadNotice(o.t.Context(), n.Notice, r, o.now); err != nil {
				o.t.Fatal(err)
			}
		}
		if err := o.s.FinishNotice(o.t.Context(), n.ID, o.now, nil); err != nil {
			o.t.Fatal(err)
		}
	}
	if _, err := o.s.WriteLetters(o.t.Context(), region, r, o.now, o.desk, 100); err != nil {
		o.t.Fatal(err)
	}
}

// letters are what was written to a person, the oldest first.
func (o *office) letters(login string) []string {
	o.t.Helper()
	rows, err := o.conn.Query(o.t.Context(), `SELECT d.platform || ' ' || d.text FROM deliveries d JOIN staff_letters l ON l.id = d.letter_id
		WHERE l.user_id = $1 ORDER BY d.id`, o.users[login].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			o.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func (o *office) lastLetter(login string) int {
	o.t.Helper()
	return o.number("SELECT max(id) FROM staff_letters WHERE user_id = $1", o.users[login].ID)
}

func press(what string, letter int) domain.Private {
	return domain.Private{Press: fmt.Sprintf("s:%s:%d", what, letter)}
}

func (o *office) state(c domain.Case) domain.State {
	o.t.Helper()
	var state string
	if err := o.conn.QueryRow(o.t.Context(), "SELECT state FROM cases WHERE id = $1", c.ID).Scan(&state); err != nil {
		o.t.Fatal(err)
	}
	return domain.State(state)
}

func (o *office) notice(kind domain.NoticeKind, role, body string, c domain.Case) {
	o.t.Helper()
	_, err := o.s.PutNotices(o.t.Context(), []domain.Notice{{Key: fmt.Sprintf("%s %s %d %d", kind, role, c.ID, o.now.UnixNano()), Kind: kind, Region: region,
		CaseID: c.ID, ToRole: role, ToAgency: body, Text: "Слова " + string(kind), At: o.now}})
	if err != nil {
		o.t.Fatal(err)
	}
}

// reopened is the store of a house with other options.
func reopened(t *testing.T, h *house, opts storage.Options) *storage.Store {
	t.Helper()
	return storagetest.Open(t, h.conn.Config().ConnString(), opts)
}
