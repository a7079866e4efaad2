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
		return beside([]domain.Word{menu(wordsNumberJoin, r.Number)}, r)
	}
	return beside([]domain.Word{menu(wordsNumber, r.Number)}, r)
}

// beside adds what the case still waits for that the author was taken to speak of.
func beside(words []domain.Word, r domain.Receipt) []domain.Word {
	c := r.Beside
	switch {
	case c.ID == 0:
	case c.State == domain.Clarifying && r.Heard:
		words = append(words, say(wordsBesideHeard, c.Number))
	case c.State == domain.Clarifying:
		words = append(words, askAgainOf(c))
	case c.State == domain.Satisfaction || c.State == domain.Done:
		w := say(wordsBeside, c.Number)
		w.Buttons = row(Button(labelUnsolved, ratePress(pressBad, c)))
		words = append(words, w)
	}
	return words
}

// answerWait is how soon it is looked again whether the answer has arrived.
const answerWait = time.Minute

// remindBefore is how long before its end a question is asked again.
const remindBefore = 24 * time.Hour

// Tell implements domain.Tell. It is asked whenever a case has moved, and before
// a question's time is over.
func (b *Bot) Tell(now time.Time, c domain.DialogCase, t domain.Told) ([]domain.Word, domain.Told, time.Time) {
	due, t, waits := b.due(c, t)
	if waits && c.State == domain.Deferred {
		return nil, t, now.Add(answerWait)
	}
	if c.State == domain.Clarifying {
		words, t, next := b.question(now, c, t)
		return append(due, words...), t, next
	}
	if c.State == domain.Satisfaction && t.Surveyed < c.Round {
		switch c.Answer {
		case domain.DeliveryWaiting: // first the answer, then the question about it
			return due, t, now.Add(answerWait)
		case domain.DeliveryFailed: // nothing is asked where nothing has arrived
			return due, t, time.Time{}
		}
	}
	words, t := b.moved(c, t)
	return append(due, words...), t, time.Time{}
}

// due tells of another day of the answer whoever heard of one in this round: a
// deferral or a correction has moved it. The words of a deferral that came into the
// dialog have told it; while they are on their way nothing is said.
func (b *Bot) due(c domain.DialogCase, t domain.Told) (words []domain.Word, told domain.Told, waits bool) {
	if t.Accepted != c.Round || t.Due.IsZero() || c.Due.IsZero() || !c.Accepted() || !c.State.ClockRuns() ||
		b.facts.lastDay(t.Due) == b.facts.lastDay(c.Due) {
		return nil, t, false
	}
	if c.NoticeUntil.Words() == b.facts.lastDay(c.Due) {
		switch c.Notice {
		case domain.DeliveryWaiting:
			return nil, t, true
		case domain.Delivered:
			t.Due = c.Due
			return nil, t, false
		}
	}
	t.Due = c.Due
	t.Moved++
	return []domain.Word{say(wordsDueMoved, c.Number, b.facts.lastDay(c.Due))}, t, false
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
		t.Accepted, t.Due = c.Round, c.Due
		return []domain.Word{say(wordsAccepted, c.Number, f.body(c.AgencyID), f.lastDay(c.Due))}, t
	case c.State == domain.Satisfaction && t.Surveyed < c.Round:
		t.Surveyed = c.Round
		w := say(wordsSurvey, c.Number)
		w.Buttons = row(Button(labelSolved, ratePress(pressGood, c)), Button(labelUnsolved, ratePress(pressBad, c)))
		return []domain.Word{w}, t
	}
	return ended(c, t)
}

// ended tells why a case is over, when the author did not end it.
func ended(c domain.DialogCase, t domain.Told) ([]domain.Word, domain.Told) {
	words := ""
	switch {
	case t.Ended >= c.Round:
	case c.State == domain.Done && c.Unsolved && (c.Closing == domain.AuthorSilent || c.Closing == domain.DialoguePointless):
		words = wordsNoWords
	case c.State == domain.Done && c.Closing == domain.AuthorSilent:
		words = wordsSilent
	case c.State == domain.Done && c.Closing == domain.AuthorSatisfied:
		words = wordsAllSolved
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
