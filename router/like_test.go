package router

import (
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// printOf gives words of one weight and marks.
func printOf(marks []domain.PrintMark, hashes ...uint32) domain.Print {
	p := domain.Print{Marks: marks}
	for _, h := range hashes {
		p.Words = append(p.Words, domain.PrintWord{Hash: h, Weight: 100})
	}
	return p
}

// The same in other words joins by itself only where nothing speaks against it; what is
// less certain is a case of its own that a person sees first.
func TestTheSameInOtherWords(t *testing.T) {
	r := New(basePack(t))
	said := func(f func(*domain.Judged)) domain.Judged {
		j := with(func(j *domain.Judged) {
			j.Verdict.Fingerprint = "other"
			j.Post.ID = domain.NewPostID(domain.VK, "-9", "1")
			j.Post.PublishedAt = now.Add(-time.Hour)
			j.Verdict.Place.Street = "Садовая улица"
			j.Verdict.Print = printOf(nil, 1, 2, 3, 4)
		})
		if f != nil {
			f(&j)
		}
		j.Keys = r.Keys(j)
		return j
	}
	house := []domain.PrintMark{domain.MarkOf(8, 5, false)}
	school := func(n uint32) []domain.PrintMark { return []domain.PrintMark{domain.MarkOf(10, n, true)} }
	atSchool := func(n uint32) func(*domain.Judged) {
		return func(j *domain.Judged) {
			j.Verdict.Place.Street, j.Verdict.Print.Marks = "", school(n)
		}
	}
	for _, tc := range []struct {
		name  string
		first func(*domain.Judged) // the post of the open case
		then  func(*domain.Judged)
		state domain.State
		why   Reason
	}{
		{name: "half of the words", then: func(j *domain.Judged) { j.Verdict.Print = printOf(nil, 3, 4, 5, 6) }, why: AttachedParaphrase},
		{name: "no word in common", then: func(j *domain.Judged) { j.Verdict.Print = printOf(nil, 5, 6, 7, 8) }, why: AssignedUnseen},
		{name: "one word in many", then: func(j *domain.Judged) { j.Verdict.Print = printOf(nil, 4, 5, 6, 7) }, why: LikelySame},
		{name: "another street", then: func(j *domain.Judged) { j.Verdict.Place.Street = "Лесная улица" }, why: AssignedUnseen},
		{name: "another row", then: func(j *domain.Judged) { j.Verdict.Row, j.Verdict.Topic = 0, "noise.night" }, why: AssignedUnseen},
		{name: "another municipality", then: func(j *domain.Judged) { j.Verdict.Place.Municipality = "country" }, why: AssignedUnseen},
		{name: "three days later", then: func(j *domain.Judged) { j.Post.PublishedAt = j.Post.PublishedAt.Add(72 * time.Hour) }, why: LikelySame},
		{name: "a month later", then: func(j *domain.Judged) { j.Post.PublishedAt = j.Post.PublishedAt.AddDate(0, 1, 0) }, why: AssignedUnseen},
		{name: "nobody knows when", then: func(j *domain.Judged) { j.Post.PublishedAt = time.Time{} }, why: AssignedUnseen},
		{name: "one tells the house", then: func(j *domain.Judged) { j.Verdict.Print.Marks = house }, why: LikelySame},
		{name: "both tell it", first: func(j *domain.Judged) { j.Verdict.Print.Marks = house }, then: func(j *domain.Judged) { j.Verdict.Print.Marks = house }, why: AttachedParaphrase},
		{name: "another house", first: func(j *domain.Judged) { j.Verdict.Print.Marks = house },
			then: func(j *domain.Judged) { j.Verdict.Print.Marks = []domain.PrintMark{domain.MarkOf(8, 7, false)} }, why: AssignedUnseen},
		{name: "the same school", first: atSchool(5), then: atSchool(5), why: AttachedParaphrase},
		{name: "another school", first: atSchool(5), then: atSchool(6), why: AssignedUnseen},
		{name: "answered: it may have come again", state: domain.Satisfaction, why: LikelySame},
		{name: "done", state: domain.Done, why: AssignedUnseen},
		{name: "the author's second thoughts are told of no print", then: func(j *domain.Judged) { j.Verdict.Print = domain.Print{} }, why: AssignedUnseen},
	} {
		first, then := said(tc.first), said(tc.then)
		state := domain.Execution
		if tc.state != "" {
			state = tc.state
		}
		c := domain.OpenCase{ID: 5, Number: "А-5", State: state, Row: first.Verdict.Row, Topic: first.Verdict.Topic, Municipality: first.Verdict.Place.Municipality,
			Keys: first.Keys[len(first.Keys)-1:], RegisteredAt: now, Prints: map[string]domain.Print{}}
		for _, k := range first.Keys {
			if strings.HasPrefix(k, domain.KeyLike) {
				c.Prints[k] = first.Print()
			}
		}
		d := r.Decide(now, then, nil, []domain.OpenCase{c})
		if d.Reason != string(tc.why) {
			t.Errorf("%s: %s, want %s", tc.name, d.Reason, tc.why)
		}
		if offered := len(d.Like) == 1 && d.Like[0].CaseID == 5 && d.State == domain.Moderation && strings.Contains(d.Words, "А-5"); offered != (tc.why == LikelySame) {
			t.Errorf("%s: offered %v: %+v, %s", tc.name, offered, d.Like, d.Words)
		}
	}
}

// What was answered takes no new post by its address: nobody works on it any more.
func TestAnAnsweredAddressIsOffered(t *testing.T) {
	r := New(basePack(t))
	j := with(func(j *domain.Judged) {
		j.Verdict.Place.Street, j.Verdict.Place.House = "Садовая улица", "1"
	})
	j.Keys = r.Keys(j)
	c := domain.OpenCase{ID: 5, Number: "А-5", State: domain.Satisfaction, Row: 1, Topic: "road.holes", Municipality: "town", Keys: []string{placeKey(&j.Verdict)}, RegisteredAt: now}
	if d := r.Decide(now, j, nil, []domain.OpenCase{c}); d.Reason != string(LikelySame) || len(d.Like) != 1 {
		t.Errorf("%s %+v", d.Reason, d.Like)
	}
	c.State = domain.Approval
	if d := r.Decide(now, j, nil, []domain.OpenCase{c}); d.Reason != string(AttachedPlace) {
		t.Errorf("in work: %s", d.Reason)
	}
}
