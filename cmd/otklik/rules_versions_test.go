package main

import (
	"github.com/otklik/otklik/classify"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

// Unchanged rules change nothing: neither a post that joined a case of another
// body, nor one whose case a person gave another subject or another body, nor an
// album that was judged by the captions of all its parts. Rules that name another
// body move the posts that opened a case, wherever these cases are by now.
func TestDryRunTellsOnlyWhatTheRulesChange(t *testing.T) {
	t.Parallel()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	edited, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	snap, err := worker.Build(pack, classify.Options{School: school})
	if err != nil {
		t.Fatal(err)
	}
	run := newDryRun(pack, pack, snap.Judge, now)
	post := domain.Post{ID: domain.NewPostID(domain.VK, "-5", "1"), Region: "khabarovsk", Text: pothole, PublishedAt: now}
	v := run.judge.Judge(&post)
	routed := run.active.body(now, &v)
	const other = "min-health"
	if v.Kind != domain.Problem || routed == "" || routed == other {
		t.Fatalf("%+v goes to %q", v, routed)
	}
	first := edited.Routes[0]
	first.ID, first.Rows, first.Topics, first.Municipalities, first.To = "all to one", []string{strconv.Itoa(v.Row)}, nil, nil, other
	edited.Routes = append([]rules.Route{first}, edited.Routes...)
	for name, c := range map[string]struct {
		action domain.Action
		agency string
		row    int
		album  bool
		moves  int // under the edited rules
	}{
		"opened its case":                        {domain.ActionOpen, routed, v.Row, false, 1},
		"opened it, a person gave it to another": {domain.ActionOpen, other, v.Row, false, 1},
		"joined a case of another body":          {domain.ActionAttach, other, v.Row + 1, false, 0},
		"a person gave its case another row":     {domain.ActionOpen, other, v.Row + 1, false, 0},
		"an album judged by a part's caption":    {domain.ActionOpen, routed, v.Row, true, 1},
		"kept where a person had it before":      {domain.ActionKeep, other, v.Row, false, 0},
		"in a case that has no body as of yet":   {domain.ActionOpen, "", v.Row, false, 1},
		"edited, a person looks whether it fits": {domain.ActionReview, other, v.Row, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			stored := storage.JudgedPost{Post: post, CaseID: 7, AgencyID: c.agency, Row: c.row, Topic: v.Topic,
				Verdict: storage.StoredVerdict{Verdict: v, Action: c.action}}
			if c.album {
				stored.Post.Text, stored.Verdict.Text = "", pothole
			}
			same := &dryRun{judge: run.judge, active: routesOf(pack), other: routesOf(pack), now: now}
			if ch, changes := same.compare(stored); changes || same.moved != 0 {
				t.Errorf("unchanged rules changed it: %+v", ch)
			}
			moved := &dryRun{judge: run.judge, active: routesOf(pack), other: routesOf(edited), now: now}
			ch, changes := moved.compare(stored)
			if moved.moved != c.moves || changes != (c.moves > 0) {
				t.Errorf("moved %d, want %d: %+v", moved.moved, c.moves, ch)
			}
			if changes && (ch.was != routed || ch.now != other) {
				t.Errorf("told as %s → %s, want %s → %s", ch.was, ch.now, routed, other)
			}
		})
	}
}

// What is of a restricted row is listed without its words and its address, whether
// its case is, or one of the two verdicts.
func TestDryRunKeepsRestrictedTextsToItself(t *testing.T) {
	t.Parallel()
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	const closedRow, open = 23, 3
	verdict := func(row int) domain.Verdict { return domain.Verdict{Kind: domain.Problem, Row: row} }
	for name, c := range map[string]struct {
		was, will int
		cased     bool
		hidden    bool
	}{
		"its case is":        {open, 5, true, true},
		"the row it has is":  {closedRow, open, false, true},
		"the row it gets is": {open, closedRow, false, true},
		"none is":            {open, 5, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := &dryRun{judge: fixedJudge{verdict(c.will)}, active: routesOf(pack), other: routesOf(pack), now: time.Now()}
			stored := storage.JudgedPost{Post: domain.Post{ID: domain.NewPostID(domain.VK, "-5", "77"), Text: "глава берёт взятки, мой телефон 89141234567", URL: "https://vk.ru/wall-5_77"},
				Restricted: c.cased, Verdict: storage.StoredVerdict{Verdict: verdict(c.was)}}
			ch, changes := d.compare(stored)
			if !changes {
				t.Fatal("no change")
			}
			var b strings.Builder
			ch.print(&b, stored)
			shown := showChange(stored, ch, func(s string) string { return s })
			if told := strings.Contains(b.String(), "взятки") || strings.Contains(b.String(), "77"); told == c.hidden || (shown.Text != "") == c.hidden || (shown.URL != "") == c.hidden {
				t.Errorf("hidden %v, told:\n%s\n%+v", c.hidden, b.String(), shown)
			}
			if strings.Contains(b.String()+shown.Text, "8914") {
				t.Errorf("the phone is told:\n%s\n%+v", b.String(), shown)
			}
			if !strings.Contains(b.String(), "стало: строка "+strconv.Itoa(c.will)) {
				t.Errorf("the change is not told:\n%s", b.String())
			}
		})
	}
}

// fixedJudge gives one verdict.
type fixedJudge struct{ v domain.Verdict }

func (f fixedJudge) Judge(*domain.Post) domain.Verdict { return f.v }
