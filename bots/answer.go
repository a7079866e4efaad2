package bots

import "github.com/otklik/otklik/domain"

// shortRunes is how much of an answer goes into the short one to an author who
// wrote in private.
const shortRunes = 700

// AnswerWords is what stands around a body's words when they go out.
func AnswerWords() domain.AnswerWords {
	return domain.AnswerWords{CorrectionLead: wordsCorrection, Short: func(kind domain.ReplyKind, number, text string) string {
		words := wordsAnswer
		if kind == domain.ReplyInterim {
			words = wordsInterim
		}
		return say(words, number, domain.Shortened(text, shortRunes)).Text
	}, NewDay: func(last domain.Date) string { return say(wordsNewDay, last.Words()).Text }, Question: func(text string, lastDay domain.Date) string { return say(wordsAsk, text, lastDay.Words()).Text }}
}
