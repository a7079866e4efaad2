package router

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// TestHeardUnderOurWords: what a comment says to an answer or a question of ours, by
// who wrote it, where it stands and how the case is.
func TestHeardUnderOurWords(t *testing.T) {
	r := New(basePack(t))
	answered := now.Add(-2 * time.Hour)
	comment := func(text string, kind domain.Kind) domain.Judged {
		j := domain.Judged{Post: domain.Post{ID: domain.PostID{Platform: domain.VK, Owner: "-1", Post: "7", Comment: "9"}, Kind: domain.Comment,
			Thread: domain.NewPostID(domain.VK, "-1", "7"), Text: text, PublishedAt: now}, Verdict: domain.Verdict{Kind: kind}}
		if kind == domain.Problem {
			j.Verdict.Row, j.Verdict.Topic, j.Verdict.Confidence, j.Verdict.Margin = 1, "road.holes", 0.9, 0.5
		}
		return j
	}
	of := func(state domain.State, o domain.OurWords) domain.OpenCase {
		if o.At.IsZero() {
			o.At = answered
		}
		return domain.OpenCase{ID: 5, State: state, Row: 1, Topic: "road.holes", AgencyID: "town-hall", Ours: &o}
	}
	author, direct := domain.OurWords{Author: true}, domain.OurWords{Author: true, Direct: true}
	elsewhere := comment("На Мира 3 очередь в поликлинике, не решено", domain.Problem)
	elsewhere.Verdict.Row, elsewhere.Verdict.Topic = 2, "clinic.queue"
	danger := comment("Не решено, а на Мира 3 упал провод, искрит", domain.Problem)
	danger.Verdict.Row, danger.Verdict.Topic, danger.Verdict.Urgent, danger.Verdict.Confidence = 2, "clinic.queue", true, 0.2
	sameDanger := comment("Яма как была, там дети падают", domain.Problem)
	sameDanger.Verdict.Urgent = true
	otherPlace := elsewhere
	otherPlace.Verdict.Confidence, otherPlace.Verdict.Place = 0.2, domain.Place{Source: domain.PlaceText, Municipality: "b"}
	placed := of(domain.Satisfaction, direct)
	placed.Municipality = "a"
	unsure := elsewhere
	unsure.Verdict.Confidence = 0.2
	noThreads := comment("Ничего не сделано, не решено", domain.Problem) // of a group of MAX
	noThreads.Post.ID, noThreads.Post.Thread = domain.NewPostID(domain.MAX, "-7", "mid.9"), domain.PostID{}
	noThreads.Verdict.Row, noThreads.Verdict.Topic, noThreads.Verdict.Confidence = 0, "", 0.2
	thanksThere := comment("Спасибо, всё сделали", domain.Thanks)
	thanksThere.Post.ID, thanksThere.Post.Thread = noThreads.Post.ID, domain.PostID{}
	thanksThere.Post.ReplyTo = domain.NewPostID(domain.MAX, "-7", "mid.1") // where the talk began
	sameSecond := comment("Не решено", domain.Other)
	sameSecond.Post.PublishedAt = answered.Add(300 * time.Millisecond).Truncate(time.Second)
	early := comment("Так и не решено", domain.Other)
	early.Post.PublishedAt = answered.Add(-time.Minute)
	toNeighbour := func(text string, kind domain.Kind) domain.Judged {
		j := comment(text, kind)
		j.Post.ReplyTo = domain.PostID{Platform: domain.VK, Owner: "-1", Post: "7", Comment: "8"}
		return j
	}
	mocking := comment("Спасибо большое, все сделали", domain.Thanks)
	mocking.Verdict.Doubt = "похоже на насмешку"
	for name, c := range map[string]struct {
		give domain.Judged
		of   domain.OpenCase
		want domain.Voice
		why  Reason
	}{
		"objects in reply":           {comment("Ничего не сделали!", domain.Other), of(domain.Satisfaction, direct), domain.VoiceObjects, AuthorObjects},
		"objects in the talk":        {comment("Не решено", domain.Other), of(domain.Satisfaction, author), domain.VoiceObjects, AuthorObjects},
		"tells it again in reply":    {comment("Яма как была, так и есть", domain.Problem), of(domain.Satisfaction, direct), domain.VoiceObjects, AuthorSaysAgain},
		"tells it again in the talk": {comment("Яма как была, так и есть", domain.Problem), of(domain.Satisfaction, author), domain.VoiceUnclear, AuthorUnclear},
		"thanks":                     {comment("Спасибо, всё сделали", domain.Thanks), of(domain.Satisfaction, direct), domain.VoiceSolved, AuthorThanks},
		"thanks that ask":            {comment("Спасибо, а когда доделают?", domain.Thanks), of(domain.Satisfaction, direct), domain.VoiceUnclear, AuthorUnclear},
		"thanks that wait":           {comment("Спасибо, ждём", domain.Thanks), of(domain.Satisfaction, direct), domain.VoiceUnclear, AuthorUnclear},
		"thanks with a but":          {comment("Спасибо, но яма осталась", domain.Other), of(domain.Satisfaction, direct), domain.VoiceUnclear, AuthorUnclear},
		"thanks to a neighbour":      {toNeighbour("Спасибо, Мария!", domain.Thanks), of(domain.Satisfaction, author), domain.VoiceUnclear, AuthorUnclear},
		"asks a neighbour":           {toNeighbour("У вас тоже не решили?", domain.Other), of(domain.Satisfaction, author), domain.VoiceUnclear, AuthorUnclear},
		"objects to a neighbour":     {toNeighbour("У меня так и не сделано", domain.Other), of(domain.Satisfaction, author), domain.VoiceObjects, AuthorObjects},
		"still bad in reply":         {comment("До сих пор нет", domain.Other), of(domain.Satisfaction, direct), domain.VoiceObjects, AuthorObjects},
		"still bad in the talk":      {comment("До сих пор нет", domain.Other), of(domain.Satisfaction, author), domain.VoiceUnclear, AuthorUnclear},
		"thanks without threads":     {thanksThere, of(domain.Satisfaction, author), domain.VoiceSolved, AuthorThanks},
		"scorn":                      {mocking, of(domain.Satisfaction, direct), domain.VoiceUnclear, AuthorUnclear},
		"unclear":                    {comment("Посмотрим", domain.Other), of(domain.Satisfaction, author), domain.VoiceUnclear, AuthorUnclear},
		"without threads":            {noThreads, of(domain.Satisfaction, author), domain.VoiceObjects, AuthorObjects},
		"in the same second":         {sameSecond, of(domain.Satisfaction, domain.OurWords{Author: true, At: answered.Add(300 * time.Millisecond)}), domain.VoiceObjects, AuthorObjects},
		"before the answer":          {early, of(domain.Satisfaction, author), "", ""},
		"a stranger in reply":        {comment("Ничего не сделали!", domain.Other), of(domain.Satisfaction, domain.OurWords{Direct: true}), domain.VoiceStranger, StrangerUnderOurs},
		"a stranger in the talk":     {comment("Ничего не сделали!", domain.Other), of(domain.Satisfaction, domain.OurWords{}), "", ""},
		"a stranger's own problem":   {elsewhere, of(domain.Satisfaction, domain.OurWords{Direct: true}), "", ""},
		"another problem":            {elsewhere, of(domain.Satisfaction, author), "", ""},
		"another problem in reply":   {elsewhere, of(domain.Satisfaction, direct), "", ""},
		"a danger in reply":          {danger, of(domain.Satisfaction, direct), "", ""},
		"a danger to a question":     {danger, of(domain.Clarifying, domain.OurWords{Author: true, Direct: true, Question: true}), "", ""},
		"the same danger in reply":   {sameDanger, of(domain.Satisfaction, direct), domain.VoiceObjects, AuthorSaysAgain},
		"another place in reply":     {otherPlace, placed, "", ""},
		"perhaps another in reply":   {unsure, of(domain.Satisfaction, direct), domain.VoiceObjects, AuthorObjects},
		"answers with another":       {elsewhere, of(domain.Clarifying, domain.OurWords{Author: true, Direct: true, Question: true}), domain.VoiceAnswers, AuthorAnswered},
		"answers a question":         {comment("Второй подъезд", domain.Other), of(domain.Clarifying, domain.OurWords{Author: true, Question: true}), domain.VoiceAnswers, AuthorAnswered},
		"answers with the number":    {comment("12", domain.Other), of(domain.Clarifying, domain.OurWords{Author: true, Question: true}), domain.VoiceAnswers, AuthorAnswered},
		"a chat with a neighbour":    {toNeighbour("Мария, и не говорите, ужас", domain.Other), of(domain.Clarifying, domain.OurWords{Author: true, Question: true}), "", ""},
		"agrees with somebody":       {comment("+1", domain.Other), of(domain.Clarifying, domain.OurWords{Author: true, Question: true}), "", ""},
		"asks others":                {comment("А у вас как?", domain.Other), of(domain.Clarifying, domain.OurWords{Author: true, Question: true}), "", ""},
		"answers us with a question": {comment("А у вас как?", domain.Other), of(domain.Clarifying, domain.OurWords{Author: true, Direct: true, Question: true}), domain.VoiceAnswers, AuthorAnswered},
		"objects in a group":         {comment("Не решено", domain.Other), of(domain.Satisfaction, domain.OurWords{Author: true, Group: true}), domain.VoiceObjects, AuthorObjects},
		"speaks in a group":          {comment("Посмотрим", domain.Other), of(domain.Satisfaction, domain.OurWords{Author: true, Group: true}), domain.VoiceUnclear, AuthorUnclear},
		"greets a group":             {comment("Всем привет!", domain.Other), of(domain.Satisfaction, domain.OurWords{Author: true, Group: true}), "", ""},
		"chats in a group later":     {comment("Кто был на ярмарке, понравилось", domain.Other), of(domain.Satisfaction, domain.OurWords{Author: true, Group: true, At: now.Add(-30 * time.Hour)}), "", ""},
		"objects in a group later":   {comment("Так и не решено", domain.Other), of(domain.Satisfaction, domain.OurWords{Author: true, Group: true, At: now.Add(-30 * time.Hour)}), domain.VoiceObjects, AuthorObjects},
		"another problem in a group": {elsewhere, of(domain.Satisfaction, domain.OurWords{Author: true, Group: true}), "", ""},
		"a stranger answers":         {comment("Второй подъезд", domain.Other), of(domain.Clarifying, domain.OurWords{Direct: true, Question: true}), domain.VoiceStranger, StrangerUnderOurs},
		"objects after the end":      {comment("Так и не решено", domain.Other), of(domain.Done, domain.OurWords{Author: true, ClosedAt: now.Add(-time.Hour)}), domain.VoiceObjects, AuthorObjects},
		"thanks after the end":       {comment("Спасибо", domain.Thanks), of(domain.Done, domain.OurWords{Author: true, ClosedAt: now.Add(-time.Hour)}), "", ""},
		"too late":                   {comment("Так и не решено", domain.Other), of(domain.Done, domain.OurWords{Author: true, ClosedAt: now.AddDate(0, 0, -60)}), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := r.Decide(now, c.give, nil, []domain.OpenCase{c.of})
			if d.Voice != c.want || c.want != "" && (d.Reason != string(c.why) || d.Action != domain.ActionAttach || d.CaseID != 5) {
				t.Errorf("%q %s %s, want %q %s", d.Voice, d.Action, d.Reason, c.want, c.why)
			}
			if (d.Voice == domain.VoiceObjects) != !d.NewRound.Due.IsZero() {
				t.Errorf("a new round until %s", d.NewRound.Due)
			}
		})
	}
	// The same problem of somebody else joins an answered case, and is not lost there.
	same := of(domain.Satisfaction, domain.OurWords{Direct: true})
	same.Keys = []string{"thread:vk:-1_7:1"}
	neighbour := comment("И у нас яма", domain.Problem)
	neighbour.Keys = same.Keys
	if d := r.Decide(now, neighbour, nil, []domain.OpenCase{same}); d.Voice != domain.VoiceNeighbour || d.Reason != string(AttachedThread) || d.CaseID != 5 {
		t.Errorf("a neighbour: %+v", d)
	}
	// Another problem in reply to us is a case of its own, and the controller reads it.
	answeredCase := of(domain.Satisfaction, direct)
	answeredCase.Number = "27-2026-000005"
	for _, j := range []domain.Judged{elsewhere, danger} {
		d := r.Decide(now, j, nil, []domain.OpenCase{answeredCase})
		told := slices.ContainsFunc(d.Notices, func(n domain.Notice) bool {
			return n.Kind == domain.NoticeWrote && n.CaseID == 5 && n.ToRole == "controller"
		})
		if d.Action != domain.ActionOpen || !told || !strings.Contains(d.Words, "27-2026-000005") || d.Urgent != j.Verdict.Urgent {
			t.Errorf("%q: %+v", j.Post.Text, d)
		}
	}
	// A danger in reply to our question too: whoever asked reads it, wherever it belongs.
	q := of(domain.Clarifying, domain.OurWords{Author: true, Direct: true, Question: true})
	q.Number = "27-2026-000005"
	wires := domain.OpenCase{ID: 6, State: domain.Execution, Row: 2, Topic: "clinic.queue", AgencyID: "town-hall", Keys: []string{"place:wires"}}
	copied := danger
	copied.Keys = []string{"place:wires"}
	for name, c := range map[string]struct {
		give domain.Judged
		open []domain.OpenCase
		want domain.Action
	}{"a case of its own": {danger, []domain.OpenCase{q}, domain.ActionOpen}, "a known one": {copied, []domain.OpenCase{q, wires}, domain.ActionAttach}} {
		d := r.Decide(now, c.give, nil, c.open)
		if d.Action != c.want || d.Answers != 5 || d.CaseID == 5 || !d.Urgent || !strings.Contains(d.Words, "27-2026-000005") {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for name, j := range map[string]domain.Judged{"an answer": comment("Второй подъезд", domain.Other), "the same in danger": sameDanger} {
		if d := r.Decide(now, j, nil, []domain.OpenCase{q}); d.Answers != 0 || d.Voice != domain.VoiceAnswers {
			t.Errorf("%s: %+v", name, d)
		}
	}
	// Edited words may say something else; a comment that is of another case stays there.
	edited := comment("Не решено", domain.Other)
	if d := r.Decide(now, edited, &domain.Known{CaseID: 5, Kind: domain.Other}, []domain.OpenCase{of(domain.Satisfaction, author)}); d.Voice != domain.VoiceObjects {
		t.Errorf("an edit: %+v", d)
	}
	if d := r.Decide(now, edited, &domain.Known{CaseID: 6, Kind: domain.Other}, []domain.OpenCase{of(domain.Satisfaction, author)}); d.Voice != "" || d.CaseID != 6 {
		t.Errorf("of another case: %+v", d)
	}
}
