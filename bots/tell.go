package bots

import (
	"time"

	"github.com/otklik/otklik/domain"
)

// Receipt implements domain.Talk: what an author hears of a post that was taken.
func (b *Bot) Receipt(_ time.Time, _ domain.Dialog, r domain.Receipt) []domain.Word {
	switch {
	case r.Pending: // judged when the album is whole
		return nil
	case r.Edited && r.Number != "":
		return []domain.Word{say(wordsEdited, r.Number)}
	case r.Edited:
		return []domain.Word{say(wordsEditedPlain)}
	case r.Number == "" && r.Kind == domain.Thanks:
		return []domain.Word{menu(wordsThanked)}
	case r.Number == "":
		return []domain.Word{menu(wordsKept)}
	case r.Reason == Answer:
		return []domain.Word{say(wordsAnswered, r.Number)}
	case r.Reason == Objection:
		return []domain.Word{say(wordsObjected, r.Number)}
	case r.Reason == Addition:
		return []domain.Word{say(wordsAdded, r.Number)}
	case r.Action == domain.ActionAttach:
		return []domain.Word{menu(wordsNumberJoin, r.Number)}
	}
	return []domain.Word{menu(wordsNumber, r.Number)}
}

// remindBefore is how long before its end a question is asked again.
const remindBefore = 24 * time.Hour

// Tell implements domain.Tell. It is asked whenever a case has moved, and before
// a question's time is over.
func (b *Bot) Tell(now time.Time, c domain.DialogCase, t domain.Told) ([]domain.Word, domain.Told, time.Time) {
	if c.State == domain.Clarifying {
		return b.question(now, c, t)
	}
	words, t := b.moved(c, t)
	return words, t, time.Time{}
}

// question puts a question of the body, and puts it again a day before its end.
func (b *Bot) question(now time.Time, c domain.DialogCase, t domain.Told) ([]domain.Word, domain.Told, time.Time) {
	remind := c.DueAnswer.Add(-remindBefore)
	until := b.facts.lastDay(c.DueAnswer)
	switch {
	case c.Question == "":
		return nil, t, time.Time{}
	case t.Question != c.QuestionID:
		t.Question = c.QuestionID
		return []domain.Word{say(wordsQuestion, c.Number, c.Question, until)}, t, remind
	case t.Reminded == c.QuestionID:
		return nil, t, time.Time{}
	case now.Before(remind):
		return nil, t, remind
	}
	t.Reminded = c.QuestionID
	return []domain.Word{say(wordsReminder, c.Number, until, c.Question)}, t, time.Time{}
}

func (b *Bot) moved(c domain.DialogCase, t domain.Told) ([]domain.Word, domain.Told) {
	f := &b.facts
	switch {
	case c.State == domain.Execution && t.Accepted < c.Round && !c.Due.IsZero():
		t.Accepted = c.Round
		return []domain.Word{say(wordsAccepted, c.Number, f.body(c.AgencyID), f.lastDay(c.Due))}, t
	case c.State == domain.Satisfaction && t.Surveyed < c.Round:
		t.Surveyed = c.Round
		w := say(wordsSurvey, c.Number)
		w.Buttons = row(button(labelSolved, ratePress(pressGood, c)), button(labelUnsolved, ratePress(pressBad, c)))
		return []domain.Word{w}, t
	}
	return ended(c, t)
}

// ended tells why a case is over, when the author did not end it.
func ended(c domain.DialogCase, t domain.Told) ([]domain.Word, domain.Told) {
	words := ""
	switch {
	case t.Ended >= c.Round:
	case c.State == domain.Done && c.Closing == domain.AuthorSilent:
		words = wordsSilent
	case c.State == domain.Rejected && c.Closing == domain.NoDetails:
		words = wordsNoAnswer
	case c.State == domain.Rejected:
		words = wordsRejected
	}
	if words == "" {
		return nil, t
	}
	t.Ended = c.Round
	return []domain.Word{say(words, c.Number)}, t
}
