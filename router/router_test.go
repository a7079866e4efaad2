package router

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// The region of these tests is rules/testdata/packs/base: row 1 holes (municipal),
// row 2 queues (the town's clinic, else the ministry), ordinary topic noise.night.

var now = time.Date(2026, 11, 23, 6, 42, 0, 0, time.UTC) // 16:42 local

func basePack(t *testing.T) *rules.Pack {
	t.Helper()
	files, err := rules.Collect(os.DirFS("../rules/testdata/packs/base"), "base", os.DirFS("absent"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := rules.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sure is a problem post of row 1 in the town that nothing keeps back.
func sure() domain.Judged {
	id := domain.NewPostID(domain.VK, "-1", "7")
	return domain.Judged{
		Post: domain.Post{ID: id, Kind: domain.WallPost, PublishedAt: now.Add(-time.Hour), URL: "https://vk.com/wall-1_7"},
		Verdict: domain.Verdict{Kind: domain.Problem, Row: 1, Topic: "road.holes", Confidence: 0.9, Margin: 0.5, Fingerprint: "f1",
			Place: domain.Place{Municipality: "town", Source: domain.PlaceText}},
	}
}

func with(f func(*domain.Judged)) domain.Judged { j := sure(); f(&j); return j }

func TestOpenDecisions(t *testing.T) {
	pack := basePack(t)
	pack.Categories[1].Restricted = "коррупция"
	r := New(pack)
	for _, c := range []struct {
		name   string
		give   domain.Judged
		action domain.Action
		reason Reason
		state  domain.State
		agency string
		role   string // of the only notice
	}{
		{"sure", sure(), domain.ActionOpen, AssignedUnseen, domain.Coordination, "town-hall", "coordinator"},
		{"urgent", with(func(j *domain.Judged) { j.Verdict.Urgent = true }),
			domain.ActionOpen, UrgentToPerson, domain.Moderation, "town-hall", "duty"},
		{"fault", with(func(j *domain.Judged) { j.Verdict.Faults = []domain.Fault{{Code: domain.FaultNUL}} }),
			domain.ActionOpen, Faults, domain.Moderation, "town-hall", ""},
		{"restricted", with(func(j *domain.Judged) { j.Verdict.Row = 2 }),
			domain.ActionOpen, RestrictedRow, domain.Moderation, "clinic", ""},
		{"no topic", with(func(j *domain.Judged) { j.Verdict.Row, j.Verdict.Topic = 0, "" }),
			domain.ActionOpen, NoTopic, domain.Moderation, "town-hall", ""},
		{"ordinary", with(func(j *domain.Judged) { j.Verdict.Row, j.Verdict.Topic = 0, "noise.night" }),
			domain.ActionOpen, AssignedUnseen, domain.Coordination, "town-hall", "coordinator"},
		{"perhaps no complaint", with(func(j *domain.Judged) { j.Verdict.Doubt = "оформлено как публикация" }),
			domain.ActionOpen, DoubtfulKind, domain.Moderation, "town-hall", ""},
		{"unsure", with(func(j *domain.Judged) { j.Verdict.Confidence = 0.69 }),
			domain.ActionOpen, LowConfidence, domain.Moderation, "town-hall", ""},
		{"close second", with(func(j *domain.Judged) { j.Verdict.Margin = 0.19 }),
			domain.ActionOpen, LowMargin, domain.Moderation, "town-hall", ""},
		{"no place", with(func(j *domain.Judged) { j.Verdict.Place = domain.Place{} }),
			domain.ActionOpen, PlaceUnknown, domain.Moderation, "roads-ministry", ""},
		{"one of two places", with(func(j *domain.Judged) {
			j.Verdict.Place.Candidates, j.Verdict.Place.Disputed = []string{"town", "country"}, true
		}), domain.ActionOpen, PlaceDisputed, domain.Moderation, "town-hall", ""},
		{"two places named, one meant", with(func(j *domain.Judged) { j.Verdict.Place.Candidates = []string{"town", "country"} }),
			domain.ActionOpen, AssignedUnseen, domain.Coordination, "town-hall", "coordinator"},
		{"a name of two places", with(func(j *domain.Judged) {
			j.Verdict.Place.Municipality, j.Verdict.Place.Candidates = "", []string{"town", "country"}
		}), domain.ActionOpen, PlaceUnknown, domain.Moderation, "roads-ministry", ""},
		{"another region", with(func(j *domain.Judged) {
			j.Verdict.Place = domain.Place{Source: domain.PlaceElsewhere, Elsewhere: "Новосибирск"}
		}), domain.ActionOpen, PlaceElsewhere, domain.Moderation, "", ""},
		{"another region, urgent", with(func(j *domain.Judged) {
			j.Verdict.Urgent, j.Verdict.Place = true, domain.Place{Source: domain.PlaceElsewhere, Elsewhere: "Чита"}
		}), domain.ActionOpen, UrgentToPerson, domain.Moderation, "", "duty"},
		{"thanks", with(func(j *domain.Judged) { j.Verdict.Kind = domain.Thanks }), domain.ActionKeep, ThanksKept, "", "", ""},
		{"thanks, perhaps in scorn", with(func(j *domain.Judged) {
			j.Verdict.Kind, j.Verdict.Doubt = domain.Thanks, "благодарность похожа на насмешку: «ну спасибо»"
		}), domain.ActionReview, ThanksDoubtful, "", "", ""},
		{"no problem, yet the model knows it for one", with(func(j *domain.Judged) {
			j.Verdict.Kind, j.Verdict.Doubt = domain.Other, "модель узнаёт другое: жалобы"
		}), domain.ActionReview, OtherDoubtful, "", "", ""},
		{"news", with(func(j *domain.Judged) { j.Verdict.Kind = domain.Other }), domain.ActionKeep, NotAProblem, "", "", ""},
		{"urgent, but no problem", with(func(j *domain.Judged) { j.Verdict.Kind, j.Verdict.Urgent = domain.Other, true }),
			domain.ActionReview, UrgentUnclear, "", "", "duty"},
		{"panic", with(func(j *domain.Judged) {
			j.Verdict = domain.Verdict{Kind: domain.Other, Faults: []domain.Fault{{Code: domain.FaultPanic}}}
		}), domain.ActionReview, Faults, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := r.Decide(now, c.give, nil, nil)
			if d.Action != c.action || d.Reason != string(c.reason) || d.State != c.state || d.AgencyID != c.agency {
				t.Errorf("got %s %s %s %s (%s), want %s %s %s %s", d.Action, d.Reason, d.State, d.AgencyID, d.RouteWhy,
					c.action, c.reason, c.state, c.agency)
			}
			if !strings.HasPrefix(d.Words, c.reason.Words()) || d.Words == "" {
				t.Errorf("words %q", d.Words)
			}
			if roles := noticeRoles(d); roles != c.role {
				t.Errorf("notices to %q, want %q", roles, c.role)
			}
		})
	}
}

func noticeRoles(d domain.Decision) string {
	var roles []string
	for _, n := range d.Notices {
		roles = append(roles, n.ToRole)
	}
	return strings.Join(roles, ",")
}

func TestDeadlineOfNewCase(t *testing.T) {
	r := New(basePack(t))
	d := r.Decide(now, sure(), nil, nil)
	if want := time.Date(2026, 12, 3, 14, 0, 0, 0, time.UTC); !d.Deadline.Due.Equal(want) || !d.RegisteredAt.Equal(now) {
		t.Errorf("registered %s, due %s; want %s, %s", d.RegisteredAt, d.Deadline.Due, now, want)
	}
	if want := "строка 1 Перечня для проверок: 10 календарных дней"; d.Deadline.Reason != want {
		t.Errorf("reason %q, want %q", d.Deadline.Reason, want)
	}
	d = r.Decide(now, with(func(j *domain.Judged) { j.Verdict.Row, j.Verdict.Topic = 0, "noise.night" }), nil, nil)
	if want := "вне перечня, общий порядок региона: 30 календарных дней"; d.Deadline.Reason != want || d.Deadline.Days != 30 {
		t.Errorf("ordinary order: %+v, want the reason %q", d.Deadline, want)
	}
	sent := now.Add(-26 * time.Hour)
	d = r.Decide(now, with(func(j *domain.Judged) { j.Post.Kind, j.Post.PublishedAt = domain.Message, sent }), nil, nil)
	if !d.RegisteredAt.Equal(sent) {
		t.Errorf("a message to a bot counts from %s, want the moment of sending %s", d.RegisteredAt, sent)
	}
	d = r.Decide(now, with(func(j *domain.Judged) { j.Post.PublishedAt = now.Add(-73 * time.Hour) }), nil, nil)
	if !d.RegisteredAt.Equal(now) || !strings.HasSuffix(d.Words, wordsLate) {
		t.Errorf("found late: registered %s, words %q", d.RegisteredAt, d.Words)
	}
}

func TestMissingCalendarYear(t *testing.T) {
	r := New(basePack(t))
	at := time.Date(2027, 12, 25, 0, 0, 0, 0, time.UTC)
	d := r.Decide(at, with(func(j *domain.Judged) { j.Post.PublishedAt = at }), nil, nil)
	if d.State != domain.Coordination || !d.Deadline.Control.Equal(d.Deadline.Due) || d.Deadline.Due.IsZero() {
		t.Errorf("the case must go on with the control date on the due: %+v", d)
	}
	if !strings.Contains(d.Words, "нет 2028 года") || noticeRoles(d) != "coordinator,administrator" {
		t.Errorf("words %q, notices to %q", d.Words, noticeRoles(d))
	}
	if d.Notices[1].Kind != domain.NoticePartition || !strings.Contains(d.Notices[1].Key, "calendar:base:2028") {
		t.Errorf("notice %+v", d.Notices[1])
	}
}

func TestNoticesNameTheCaseBeingOpened(t *testing.T) {
	r := New(basePack(t))
	d := r.Decide(now, with(func(j *domain.Judged) { j.Verdict.Urgent = true }), nil, nil)
	if n := d.Notices[0]; n.Key != "urgent:case:0" || n.Kind != domain.NoticeUrgent || n.CaseID != 0 || !n.At.Equal(now) ||
		!strings.Contains(n.Text, "ямы") || !strings.Contains(n.Text, "город Город") {
		t.Errorf("urgent notice %+v", n)
	}
	d = r.Decide(now, sure(), nil, nil)
	if n := d.Notices[0]; n.Key != "assigned:case:0:town-hall" || n.ToAgency != "town-hall" || !strings.Contains(n.Text, "03.12.2026") {
		t.Errorf("notice of assignment %+v", n)
	}
}

func TestPraiseRowOpensACase(t *testing.T) {
	pack := basePack(t)
	pack.Categories[0].Praise = true
	r := New(pack)
	j := with(func(j *domain.Judged) { j.Verdict.Kind = domain.Thanks })
	if d := r.Decide(now, j, nil, nil); d.Action != domain.ActionOpen {
		t.Errorf("praise of a praise row: %s (%s)", d.Action, d.Reason)
	}
	if len(r.Keys(j)) == 0 {
		t.Error("praise of a praise row has no keys")
	}
	j.Verdict.Row = 2
	if d := r.Decide(now, j, nil, nil); d.Action != domain.ActionKeep {
		t.Errorf("thanks in another row: %s", d.Action)
	}
}

func TestEdited(t *testing.T) {
	r := New(basePack(t))
	known := &domain.Known{CaseID: 5, CaseState: domain.Execution, Row: 1, Kind: domain.Problem}
	for _, c := range []struct {
		name   string
		give   domain.Judged
		known  *domain.Known
		action domain.Action
		reason Reason
	}{
		{"same row", sure(), known, domain.ActionKeep, EditedSame},
		{"other row", with(func(j *domain.Judged) { j.Verdict.Row = 2 }), known, domain.ActionReview, EditedChanged},
		{"no longer a problem", with(func(j *domain.Judged) { j.Verdict.Kind = domain.Other }), known, domain.ActionReview, EditedChanged},
		{"now urgent", with(func(j *domain.Judged) { j.Verdict.Urgent = true }), known, domain.ActionReview, EditedNowUrgent},
		{"fault", with(func(j *domain.Judged) { j.Verdict.Faults = []domain.Fault{{Code: domain.FaultPanic}} }), known, domain.ActionReview, Faults},
		{"had no case, now a problem", sure(), &domain.Known{Kind: domain.Other}, domain.ActionOpen, AssignedUnseen},
	} {
		d := r.Decide(now, c.give, c.known, []domain.OpenCase{{ID: 9, State: domain.Execution, Row: 1, Keys: r.Keys(sure())}})
		if c.known.CaseID == 0 {
			d = r.Decide(now, c.give, c.known, nil)
		}
		if d.Action != c.action || d.Reason != string(c.reason) || d.CaseID != c.known.CaseID {
			t.Errorf("%s: %s %s case %d, want %s %s case %d", c.name, d.Action, d.Reason, d.CaseID, c.action, c.reason, c.known.CaseID)
		}
	}
	d := r.Decide(now, with(func(j *domain.Judged) { j.Verdict.Urgent = true }), known, nil)
	if len(d.Notices) != 1 || d.Notices[0].Key != "urgent:case:5" || d.Notices[0].CaseID != 5 {
		t.Errorf("the duty person must hear of case 5: %+v", d.Notices)
	}
}

func TestReasonsHaveWords(t *testing.T) {
	seen := map[string]Reason{}
	for _, r := range Reasons() {
		if r.Words() == "" || seen[r.Words()] != "" {
			t.Errorf("%s: words %q, also of %q", r, r.Words(), seen[r.Words()])
		}
		seen[r.Words()] = r
	}
	if !slices.Contains(Reasons(), AssignedUnseen) {
		t.Error("the list of reasons is not whole")
	}
}

// What our own account wrote is kept, whatever it says and whatever was wrong with it.
func TestOwnAnswerIsNobodysProblem(t *testing.T) {
	r := New(basePack(t))
	j := with(func(j *domain.Judged) {
		j.Verdict.Kind, j.Verdict.Row = domain.Own, 0
		j.Verdict.Faults = []domain.Fault{{Code: domain.FaultPanic}}
	})
	if d := r.Decide(j.Post.PublishedAt.Add(time.Minute), j, nil, nil); d.Action != domain.ActionKeep || d.Reason != string(OwnAnswer) {
		t.Errorf("%+v", d)
	}
}

// Whoever was promised a number gets a case, decided by a person, whatever the
// machine thinks of their words; thanks need none.
func TestPromisedNumber(t *testing.T) {
	r := New(basePack(t))
	for name, c := range map[string]struct {
		kind     domain.Kind
		numbered bool
		action   domain.Action
	}{
		"other, promised":   {domain.Other, true, domain.ActionOpen},
		"other":             {domain.Other, false, domain.ActionKeep},
		"thanks, promised":  {domain.Thanks, true, domain.ActionKeep},
		"problem, promised": {domain.Problem, true, domain.ActionOpen},
	} {
		t.Run(name, func(t *testing.T) {
			j := with(func(j *domain.Judged) {
				j.Verdict.Kind, j.Post.Kind = c.kind, domain.Message
				j.Post.Private = &domain.Private{Chat: "5", Numbered: c.numbered}
			})
			d := r.Decide(j.Post.PublishedAt.Add(time.Minute), j, nil, nil)
			if d.Action != c.action {
				t.Fatalf("%+v", d)
			}
			if c.kind == domain.Other && c.numbered && (d.State != domain.Moderation || d.Reason != string(Promised) || d.Deadline.Days == 0) {
				t.Errorf("%+v", d)
			}
		})
	}
}

// Thanks that may be scorn are an answer's worth to whoever was promised one.
func TestPromisedNumberOfDoubtfulThanks(t *testing.T) {
	r := New(basePack(t))
	j := with(func(j *domain.Judged) {
		j.Verdict.Kind, j.Verdict.Doubt = domain.Thanks, "благодарность похожа на насмешку: «ну спасибо»"
		j.Post.Kind, j.Post.Private = domain.Message, &domain.Private{Chat: "5", Numbered: true}
	})
	d := r.Decide(j.Post.PublishedAt.Add(time.Minute), j, nil, nil)
	if d.Action != domain.ActionOpen || d.State != domain.Moderation || d.Reason != string(ThanksDoubtful) {
		t.Errorf("%+v", d)
	}
}

// A region's own examples choose from where on a verdict may go unseen; what holds
// it back whatever its confidence stays.
func TestBoundOfTheRegionsOwn(t *testing.T) {
	own := New(basePack(t))
	few, chosen, none := domain.UnseenBound{From: 0.4, Share: 0.9, N: 400, Answered: 12}, domain.UnseenBound{From: 0.6, Share: 0.5, N: 400, Answered: 300}, domain.UnseenBound{N: 400, Answered: 300}
	doubtful := with(func(j *domain.Judged) { j.Verdict.Doubt = "оформлено как публикация" })
	for _, c := range []struct {
		name       string
		bound      domain.UnseenBound
		confidence float64
		want       Reason
	}{
		{"few examples: the pack's", few, 0.69, LowConfidence},
		{"few examples: the pack's", few, 0.71, AssignedUnseen},
		{"chosen", chosen, 0.59, LowConfidence},
		{"chosen", chosen, 0.6, AssignedUnseen},
		{"never right often enough", none, 1, LowConfidence},
	} {
		d := own.Unseen(c.bound).Decide(now, with(func(j *domain.Judged) { j.Verdict.Confidence = c.confidence }), nil, nil)
		if d.Reason != string(c.want) {
			t.Errorf("%s, confidence %v: %s, want %s", c.name, c.confidence, d.Reason, c.want)
		}
	}
	if d := own.Unseen(chosen).Decide(now, doubtful, nil, nil); d.Reason != string(DoubtfulKind) {
		t.Errorf("a doubt goes by: %s", d.Reason)
	}
	unsure := with(func(j *domain.Judged) { j.Verdict.Confidence = 0.1 })
	if !own.MayGoUnseen(&unsure.Verdict) || own.MayGoUnseen(&doubtful.Verdict) {
		t.Error("what is unsure alone chooses the bound, what is in doubt does not")
	}
}
