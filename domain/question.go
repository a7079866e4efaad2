package domain

import "fmt"

// QuestionToPlan is a question to the author on its way, with the conversation.
type QuestionToPlan struct {
	ReplyToPlan      // ReplyID is the question's number, Approved when it was asked
	LastDay     Date // on which the author may answer
	// Refused are places that did not take our words before, and why (Russian).
	Refused map[PostID]string
}

// CannotAsk says why no question can reach the author of a case, in Russian.
type CannotAsk struct{ Why string }

// Error implements error.
func (e *CannotAsk) Error() string { return "the author cannot be asked: " + e.Why }

// Words says it to the person who tried.
func (e *CannotAsk) Words() string {
	return fmt.Sprintf("Спросить автора нельзя: %s. Решите без вопроса или свяжитесь с ним иначе.", e.Why)
}
