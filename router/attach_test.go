package router

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/otklik/otklik/domain"
)

func TestKeys(t *testing.T) {
	r := New(basePack(t))
	root := domain.NewPostID(domain.VK, "-1", "7")
	comment := domain.PostID{Platform: domain.VK, Owner: "-1", Post: "7", Comment: "70"}
	for _, c := range []struct {
		name string
		give domain.Judged
		want []string
	}{
		{"post", sure(), []string{"copy:f1/town", "origin:vk:-1_7", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"repost", with(func(j *domain.Judged) {
			j.Post.ID, j.Post.Origin = domain.NewPostID(domain.Telegram, "-100", "3"), root
		}), []string{"copy:f1/town", "origin:vk:-1_7", "thread:telegram:-100_3:1", "thread:vk:-1_7:1", "talk:telegram:-100_3", "talk:vk:-1_7"}},
		{"album", with(func(j *domain.Judged) {
			j.Post.ID = domain.NewPostID(domain.Telegram, "-100", "3")
			j.Parts = []domain.Post{j.Post, {ID: domain.NewPostID(domain.Telegram, "-100", "4")}}
		}), []string{"copy:f1/town", "origin:telegram:-100_3", "origin:telegram:-100_4", "thread:telegram:-100_3:1", "thread:telegram:-100_4:1",
			"talk:telegram:-100_3", "talk:telegram:-100_4"}},
		{"album in a talk", with(func(j *domain.Judged) {
			j.Post.ID, j.Post.Thread = domain.NewPostID(domain.Telegram, "-100", "3"), root
			j.Parts = []domain.Post{j.Post, {ID: domain.NewPostID(domain.Telegram, "-100", "4"), Thread: root}}
		}), []string{"copy:f1/town", "origin:telegram:-100_3", "origin:telegram:-100_4", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"comment", with(func(j *domain.Judged) { j.Post.ID, j.Post.Thread = comment, root }),
			[]string{"copy:f1/town", "origin:vk:-1_7_70", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"comment whose thread is not told", with(func(j *domain.Judged) { j.Post.ID = comment }),
			[]string{"copy:f1/town", "origin:vk:-1_7_70", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"ordinary order, too short to tell copies", with(func(j *domain.Judged) {
			j.Verdict.Row, j.Verdict.Topic, j.Verdict.Fingerprint = 0, "noise.night", ""
		}), []string{"origin:vk:-1_7", "thread:vk:-1_7:noise.night", "talk:vk:-1_7"}},
		{"address", with(func(j *domain.Judged) {
			j.Verdict.Place = domain.Place{Municipality: "town", Settlement: "Город", Street: "Садовая улица", House: "12/3", Source: domain.PlaceText}
		}), []string{"copy:f1/town", "origin:vk:-1_7", "thread:vk:-1_7:1", "place:1:town/город/садовая улица/12-3", "talk:vk:-1_7"}},
		{"street without house", with(func(j *domain.Judged) { j.Verdict.Place.Street = "Садовая улица" }),
			[]string{"copy:f1/town", "origin:vk:-1_7", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"address in the town of the source", with(func(j *domain.Judged) {
			j.Verdict.Place = domain.Place{Municipality: "town", Street: "Садовая улица", House: "1", Source: domain.PlaceHome}
		}), []string{"copy:f1/town", "twin:f1", "origin:vk:-1_7", "thread:vk:-1_7:1", "place:1:town//садовая улица/1", "talk:vk:-1_7"}},
		{"address in a town that is not told", with(func(j *domain.Judged) {
			j.Verdict.Place = domain.Place{Street: "Садовая улица", House: "1"}
		}), []string{"copy:f1/", "twin:f1", "origin:vk:-1_7", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"no place at all", with(func(j *domain.Judged) { j.Verdict.Place = domain.Place{} }),
			[]string{"copy:f1/", "twin:f1", "origin:vk:-1_7", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"address in one of two towns", with(func(j *domain.Judged) {
			j.Verdict.Place = domain.Place{Municipality: "town", Street: "Садовая улица", House: "1", Source: domain.PlaceText, Disputed: true}
		}), []string{"copy:f1/town", "origin:vk:-1_7", "thread:vk:-1_7:1", "talk:vk:-1_7"}},
		{"news", with(func(j *domain.Judged) { j.Verdict.Kind = domain.Other }), nil},
	} {
		if got := r.Keys(c.give); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAttach(t *testing.T) {
	r := New(basePack(t))
	j := with(func(j *domain.Judged) {
		j.Verdict.Place = domain.Place{Municipality: "town", Street: "Садовая улица", House: "1", Source: domain.PlaceText}
	})
	j.Keys = r.Keys(j)
	c := func(id int64, row int, keys ...string) domain.OpenCase {
		return domain.OpenCase{ID: id, State: domain.Execution, Row: row, Municipality: "town", Keys: keys, RegisteredAt: now}
	}
	thread, place := "thread:vk:-1_7:1", "place:1:town//садовая улица/1"
	older := c(8, 1, thread)
	older.RegisteredAt = now.Add(-time.Hour)
	closed := c(9, 1, "copy:f1/town")
	closed.State = domain.Done
	elsewhere := c(10, 1, thread)
	elsewhere.Municipality = "country"
	for _, tc := range []struct {
		name string
		open []domain.OpenCase
		want int64
		why  Reason
	}{
		{"none", nil, 0, AssignedUnseen},
		{"copy before all", []domain.OpenCase{c(1, 1, place), c(2, 1, thread), c(3, 1, "origin:vk:-1_7"), c(4, 1, "copy:f1/town")}, 4, AttachedCopy},
		{"origin before thread", []domain.OpenCase{c(1, 1, place), c(2, 1, thread), c(3, 1, "origin:vk:-1_7")}, 3, AttachedOrigin},
		{"thread before place", []domain.OpenCase{c(1, 1, place), c(2, 1, thread)}, 2, AttachedThread},
		{"place", []domain.OpenCase{c(1, 1, place)}, 1, AttachedPlace},
		{"a copy joins whatever the row", []domain.OpenCase{c(4, 2, "copy:f1/town")}, 4, AttachedCopy},
		{"a thread does not join a case corrected to another row", []domain.OpenCase{c(2, 2, thread)}, 0, AssignedUnseen},
		{"an address neither", []domain.OpenCase{c(1, 2, place)}, 0, AssignedUnseen},
		{"a closed case takes nothing", []domain.OpenCase{closed}, 0, AssignedUnseen},
		{"another municipality is another problem", []domain.OpenCase{elsewhere}, 0, AssignedUnseen},
		{"the earliest of equals", []domain.OpenCase{c(2, 1, thread), older}, 8, AttachedThread},
		{"the earliest of equals, found first", []domain.OpenCase{older, c(2, 1, thread)}, 8, AttachedThread},
		{"the lowest number of simultaneous ones, found first", []domain.OpenCase{c(2, 1, thread), c(3, 1, thread)}, 2, AttachedThread},
		{"the lowest number of simultaneous ones", []domain.OpenCase{c(3, 1, thread), c(2, 1, thread)}, 2, AttachedThread},
		{"keys of something else", []domain.OpenCase{c(2, 1, "copy:f2/town", "origin:vk:-1_8")}, 0, AssignedUnseen},
	} {
		d := r.Decide(now, j, nil, tc.open)
		if d.CaseID != tc.want || d.Reason != string(tc.why) {
			t.Errorf("%s: case %d (%s), want %d (%s)", tc.name, d.CaseID, d.Reason, tc.want, tc.why)
		}
		if d.Action == domain.ActionAttach && (!d.Deadline.Due.IsZero() || !d.RegisteredAt.IsZero()) {
			t.Errorf("%s: a later post moves the clock (R9): %+v", tc.name, d)
		}
	}
}

// «Нет воды во всём доме», copied by another town's wall, is a problem of that town.
func TestCopiesOfAnotherTown(t *testing.T) {
	r := New(basePack(t))
	on := func(wall, municipality string, source domain.PlaceSource) domain.Judged {
		j := with(func(j *domain.Judged) {
			j.Post.ID = domain.NewPostID(domain.VK, wall, "9")
			j.Verdict.Place = domain.Place{Municipality: municipality, Source: source}
		})
		j.Keys = r.Keys(j)
		return j
	}
	of := func(j domain.Judged) []domain.OpenCase {
		return []domain.OpenCase{{ID: 5, Number: "А-5", State: domain.Execution, Row: 1, Topic: "road.holes",
			Municipality: j.Verdict.Place.Municipality, Keys: j.Keys, RegisteredAt: now}}
	}
	home, named := on("-1", "town", domain.PlaceHome), on("-1", "town", domain.PlaceText)
	repost := on("-2", "country", domain.PlaceHome)
	repost.Post.Origin = home.Post.ID
	repost.Keys = r.Keys(repost)
	for _, tc := range []struct {
		name string
		j    domain.Judged
		open []domain.OpenCase
		want int64
		why  Reason
	}{
		{"of the same town", on("-2", "town", domain.PlaceHome), of(home), 5, AttachedCopy},
		{"of another town", on("-2", "country", domain.PlaceHome), of(home), 0, AssignedUnseen},
		{"of nobody knows where", on("-2", "", domain.PlaceNone), of(home), 0, PlaceUnknown},
		{"that names its place", on("-2", "town", domain.PlaceText), of(named), 5, AttachedCopy},
		{"a repost by another town's wall", repost, of(home), 5, AttachedOrigin},
	} {
		d := r.Decide(now, tc.j, nil, tc.open)
		if d.CaseID != tc.want || d.Reason != string(tc.why) {
			t.Errorf("%s: case %d (%s), want %d (%s)", tc.name, d.CaseID, d.Reason, tc.want, tc.why)
		}
		if named := strings.Contains(d.Words, "из другого места в работе (инцидент А-5)"); named != (tc.want == 0) {
			t.Errorf("%s: the twin is named: %v: %s", tc.name, named, d.Words)
		}
	}
	if d := r.Decide(now, on("-2", "country", domain.PlaceHome), nil, of(home)); d.AgencyID == "town-hall" || d.State != domain.Coordination {
		t.Errorf("the copy goes to %q (%s)", d.AgencyID, d.State)
	}
}

// A flood under one post is one case, whatever each comment alone would be;
// what is surely about something else stands alone.
func TestCommentsLeanOnTheirTalk(t *testing.T) {
	r := New(basePack(t))
	root := domain.NewPostID(domain.VK, "-1", "7")
	flood := domain.OpenCase{ID: 5, State: domain.Moderation, Row: 1, Topic: "road.holes", Municipality: "town", Keys: []string{"talk:vk:-1_7"}, RegisteredAt: now}
	comment := func(f func(*domain.Verdict)) domain.Judged {
		j := with(func(j *domain.Judged) {
			j.Post.ID, j.Post.Thread = domain.PostID{Platform: domain.VK, Owner: "-1", Post: "7", Comment: "70"}, root
			j.Verdict.Row, j.Verdict.Topic, j.Verdict.Confidence, j.Verdict.Margin = 0, "", 0.3, 0.1
			f(&j.Verdict)
		})
		j.Keys = r.Keys(j)
		return j
	}
	kindred := func(v *domain.Verdict) {
		v.Row, v.Topic, v.Confidence, v.Margin, v.Place.Source = 2, "road.ice", 0.9, 0.5, domain.PlaceHome
	}
	for name, tc := range map[string]struct {
		j    domain.Judged
		want int64
	}{
		"no topic":                      {comment(func(*domain.Verdict) {}), 5},
		"a weak other topic":            {comment(func(v *domain.Verdict) { v.Row, v.Topic, v.Confidence = 2, "road.ice", 0.5 }), 5},
		"a sure other topic":            {comment(func(v *domain.Verdict) { v.Row, v.Topic, v.Confidence, v.Margin = 2, "water.hot", 0.9, 0.5 }), 0},
		"a sure kindred topic":          {comment(kindred), 5},
		"a kindred topic with a place":  {comment(func(v *domain.Verdict) { kindred(v); v.Place.Source = domain.PlaceText }), 0},
		"a kindred topic with a street": {comment(func(v *domain.Verdict) { kindred(v); v.Place.Street = "Садовая улица" }), 0},
		"a kindred danger":              {comment(func(v *domain.Verdict) { kindred(v); v.Urgent = true }), 0},
		"danger":                        {comment(func(v *domain.Verdict) { v.Urgent = true }), 0},
		"another municipality":          {comment(func(v *domain.Verdict) { v.Place.Municipality = "country" }), 0},
		"another region":                {comment(func(v *domain.Verdict) { v.Place = domain.Place{Source: domain.PlaceElsewhere} }), 0},
		"a post of its own":             {with(func(j *domain.Judged) { j.Verdict.Row, j.Verdict.Topic = 0, ""; j.Keys = r.Keys(*j) }), 0},
	} {
		if d := r.Decide(now, tc.j, nil, []domain.OpenCase{flood}); d.CaseID != tc.want {
			t.Errorf("%s: case %d (%s), want %d", name, d.CaseID, d.Reason, tc.want)
		}
	}
}

func TestUrgentPostInACalmCase(t *testing.T) {
	r := New(basePack(t))
	j := with(func(j *domain.Judged) { j.Verdict.Urgent = true })
	j.Keys = r.Keys(j)
	calm := domain.OpenCase{ID: 4, State: domain.Execution, Row: 1, Keys: j.Keys}
	d := r.Decide(now, j, nil, []domain.OpenCase{calm})
	if d.Action != domain.ActionAttach || !d.Urgent || len(d.Notices) != 1 || d.Notices[0].Key != "urgent:case:4" {
		t.Errorf("the duty person must hear of it: %+v", d)
	}
	calm.Urgent = true
	if d := r.Decide(now, j, nil, []domain.OpenCase{calm}); len(d.Notices) != 0 {
		t.Errorf("the case was urgent already, yet there are notices: %+v", d.Notices)
	}
}

// Whatever comes, danger is told to the duty person and never goes out unseen,
// a case has a body, a deadline and a reason, and the answer is always the same.
func TestDecideProperties(t *testing.T) {
	r := New(basePack(t))
	rapid.Check(t, func(t *rapid.T) {
		j := anyPost(t)
		j.Keys = r.Keys(j)
		open := anyCases(t, j.Keys)
		d, again := r.Decide(now, j, nil, open), r.Decide(now, j, nil, open)
		if d.Words == "" || d.Reason == "" {
			t.Fatalf("no reason: %+v", d)
		}
		if d.CaseID != again.CaseID || d.Words != again.Words || d.AgencyID != again.AgencyID {
			t.Fatalf("two answers: %+v and %+v", d, again)
		}
		if d.Action == domain.ActionOpen {
			if d.AgencyID == "" || d.RouteWhy == "" || d.Deadline.Due.IsZero() || d.Deadline.Reason == "" || d.RegisteredAt.IsZero() {
				t.Fatalf("an incomplete case: %+v", d)
			}
			if err := domain.CanMove(domain.Found, d.State); err != nil {
				t.Fatal(err)
			}
		}
		if j.Verdict.Urgent && (d.Action == domain.ActionKeep || d.State == domain.Coordination && d.Action == domain.ActionOpen) {
			t.Fatalf("danger passed in silence: %+v", d)
		}
		if d.Action == domain.ActionOpen && d.State == domain.Coordination && j.Verdict.Confidence < 0.7 {
			t.Fatalf("assigned unseen below the threshold: %+v", d)
		}
	})
}

func anyPost(t *rapid.T) domain.Judged {
	j := sure()
	v := &j.Verdict
	v.Kind = rapid.SampledFrom([]domain.Kind{domain.Problem, domain.Thanks, domain.Other}).Draw(t, "kind")
	v.Urgent = rapid.Bool().Draw(t, "urgent")
	v.Row = rapid.IntRange(0, 2).Draw(t, "row")
	v.Topic = rapid.SampledFrom([]string{"", "noise.night"}).Draw(t, "topic")
	v.Confidence = rapid.Float64Range(0, 1).Draw(t, "confidence")
	v.Margin = rapid.Float64Range(0, 1).Draw(t, "margin")
	v.Place.Municipality = rapid.SampledFrom([]string{"", "town", "country", "elsewhere"}).Draw(t, "municipality")
	j.Post.PublishedAt = now.Add(-time.Duration(rapid.IntRange(-5, 200).Draw(t, "hours")) * time.Hour)
	j.Post.Kind = rapid.SampledFrom([]domain.PostKind{domain.WallPost, domain.Comment, domain.Message}).Draw(t, "post")
	return j
}

func anyCases(t *rapid.T, keys []string) []domain.OpenCase {
	var out []domain.OpenCase
	for i := range rapid.IntRange(0, 3).Draw(t, "cases") {
		c := domain.OpenCase{ID: int64(i + 1), Row: rapid.IntRange(0, 2).Draw(t, "case row"), RegisteredAt: now,
			State:  rapid.SampledFrom([]domain.State{domain.Moderation, domain.Execution, domain.Done}).Draw(t, "state"),
			Urgent: rapid.Bool().Draw(t, "case urgent")}
		if len(keys) > 0 {
			c.Keys = []string{rapid.SampledFrom(keys).Draw(t, "key")}
		}
		out = append(out, c)
	}
	return out
}
