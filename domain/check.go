package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// FaultName names what may be wrong with an answer.
type FaultName string

// What an answer is looked at for before it is approved (law.md §4).
const (
	AnswerEmpty      FaultName = "empty"
	AnswerOpenField  FaultName = "open_field"
	AnswerTooLong    FaultName = "too_long"
	AnswerUnanswered FaultName = "unanswered"
	AnswerFullName   FaultName = "full_name"
	AnswerSomeName   FaultName = "name"
	AnswerAddress    FaultName = "address"
	AnswerPhone      FaultName = "phone"
	AnswerSNILS      FaultName = "snils"
	AnswerPassport   FaultName = "passport"
	AnswerDiagnosis  FaultName = "diagnosis"
	AnswerBenefit    FaultName = "benefit"
	AnswerMail       FaultName = "mail"
	AnswerPolicy     FaultName = "policy"  // полис ОМС
	AnswerINN        FaultName = "inn"     // of a person: twelve digits
	AnswerAccount    FaultName = "account" // a card or an account of a person
	AnswerBirth      FaultName = "birth"
	AnswerDebt       FaultName = "debt"  // what a person owes or is paid
	AnswerChild      FaultName = "child" // where a child goes every day
	// AnswerMayStand: what it takes the place of may have been said.
	AnswerMayStand FaultName = "may_stand"
)

// ReplyFault is one thing that is wrong with an answer, or may be.
type ReplyFault struct {
	Name  FaultName
	Hard  bool   // refuses approval; otherwise a person confirms it
	Part  string // of the text that it speaks of
	Words string // for people, Russian
}

// ID names the fault in a form: what was confirmed of one text says nothing of
// another.
func (f ReplyFault) ID() string {
	sum := sha256.Sum256([]byte(f.Part))
	return string(f.Name) + ":" + hex.EncodeToString(sum[:6])
}

// MayStandFault keeps an answer from being said otherwise, or elsewhere, before somebody
// has looked whether it stands.
func MayStandFault() ReplyFault {
	return ReplyFault{Name: AnswerMayStand, Words: "Одна из прежних попыток могла дойти. Посмотрите на площадке: если ответ там стоит, не отправляйте второй, а запишите на карточке, что он дан."}
}

// ReplyToCheck is an answer with what its check goes by.
type ReplyToCheck struct {
	Text      string
	Final     bool
	Public    bool       // it will stand where others read it
	Platforms []Platform // where it may go
	Authors   []string   // what the authors of the case have written
	Names     []string   // what they are called there
}

// CheckReply finds the faults of an answer.
type CheckReply func(ReplyToCheck) []ReplyFault

// ReplyFaults refuses an answer for what is wrong with it.
type ReplyFaults struct{ Faults []ReplyFault }

// Error implements error. It holds no words of the answer.
func (e *ReplyFaults) Error() string {
	names := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		names[i] = string(f.Name)
	}
	return "the answer has faults: " + strings.Join(names, ", ")
}

// Standing are the faults that stand in the way: hard ones, and those that
// nobody has confirmed by their ID.
func Standing(faults []ReplyFault, confirmed []string) []ReplyFault {
	return slices.DeleteFunc(slices.Clone(faults), func(f ReplyFault) bool {
		return !f.Hard && slices.Contains(confirmed, f.ID())
	})
}

// HardFaults are those that no confirmation helps against.
func HardFaults(faults []ReplyFault) []ReplyFault {
	return slices.DeleteFunc(slices.Clone(faults), func(f ReplyFault) bool { return !f.Hard })
}
