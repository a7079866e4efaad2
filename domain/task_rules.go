package domain

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// CheckText refuses empty words and words that are too long.
func CheckText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return RefuseEmptyText
	case utf8.RuneCountInString(text) > WordsLimit:
		return RefuseLongText
	}
	return nil
}

// CheckQuestion is CheckText for a question to the author.
func CheckQuestion(text string) error {
	if err := CheckText(text); err != nil {
		return err
	}
	if utf8.RuneCountInString(text) > QuestionLimit {
		return RefuseLongQuestion
	}
	return nil
}

// CheckLength refuses a draft that no platform would take; it may be empty still.
// What the platforms of a case take is looked at when it is sent for approval.
func CheckLength(text string) error {
	if utf8.RuneCountInString(text) > LongestAnswer {
		return RefuseLongAnswer
	}
	return nil
}

// checkReason is CheckText for words that explain a decision.
func checkReason(text string) error {
	err := CheckText(text)
	if errors.Is(err, RefuseEmptyText) {
		return RefuseNoReason
	}
	return err
}

// CheckRework needs words for whoever has to mend the answer.
func CheckRework(words string) error { return checkReason(words) }

// IsWebAddress reports whether a text is the address of a page.
func IsWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && CheckText(text) == nil
}

// SentBack is one time a body said that a case is not its own.
type SentBack struct {
	Body     string // who said so
	Proposed string // the body they think right
	Reason   string
	Who      string
	At       time.Time
}

// CheckSendBack refuses a send-back that R5 does not allow: without a reason or
// a proposed body, after the working day that follows the assignment, or more
// often than limit. A year the calendar does not know is the pack's fault, not
// the body's: then the day counts as it would in a plain week.
func (a Almanac) CheckSendBack(s SentBack, assigned time.Time, before, limit int) error {
	if err := checkReason(s.Reason); err != nil {
		return err
	}
	switch s.Proposed {
	case "":
		return RefuseNoBody
	case s.Body:
		return RefuseSameBody
	}
	err := a.SendBack(assigned, s.At, before, limit)
	if errors.Is(err, ErrCalendarYear) {
		err = a.plainWeek(assigned, s.At).SendBack(assigned, s.At, before, limit)
	}
	switch {
	case errors.Is(err, ErrSendBackLimit):
		return RefuseSendBackLimit
	case errors.Is(err, ErrSendBackLate):
		return RefuseSendBackLate
	}
	return err
}

// plainWeek knows the years of some instants and the one after, without holidays.
func (a Almanac) plainWeek(at ...time.Time) Almanac {
	years := map[int]Year{}
	for _, t := range at {
		y := DateOf(t, a.Zone).Year
		years[y], years[y+1] = Year{}, Year{}
	}
	return Almanac{Zone: a.Zone, Calendar: NewCalendar(years)}
}

// SendBackUntil is the exclusive end of the time for sending a case back that
// was assigned at an instant (R5).
func (a Almanac) SendBackUntil(assigned time.Time) time.Time {
	next := DateOf(assigned, a.Zone).Add(1)
	last, err := a.Calendar.NextWorking(next)
	if err != nil {
		last, _ = a.plainWeek(assigned).Calendar.NextWorking(next) // knows its years
	}
	return a.endOf(last)
}

// SendBackWords is what the analyst reads of a case that came back: the reason,
// and after the last send-back allowed every reason there was, because then the
// control centre decides and no body may send it back again. name gives a
// body's short name.
func SendBackWords(all []SentBack, limit int, name func(string) string) string {
	last := all[len(all)-1]
	if len(all) < limit {
		return fmt.Sprintf("возвращено: %s; предлагает: %s. %s", name(last.Body), name(last.Proposed), last.Reason)
	}
	parts := make([]string, len(all))
	for i, s := range all {
		parts[i] = fmt.Sprintf("%d) %s: «%s», предлагает: %s", i+1, name(s.Body), s.Reason, name(s.Proposed))
	}
	return fmt.Sprintf("возвращено %d-й раз, решает ЦУР: больше вернуть нельзя. %s", len(all), strings.Join(parts, "; "))
}

// CheckHandDown refuses a body that does not stand below. The due never moves (R5).
func CheckHandDown(tree Tree, from, to string) error {
	switch {
	case to == "":
		return RefuseNoBody
	case to == from:
		return RefuseSameBody
	case !slices.Contains(tree.Under(from), to):
		return RefuseNotBelow
	}
	return nil
}

// Asked is the «отложенное решение» a body asks for.
type Asked struct {
	Who    string
	Reason string
	Until  Date   // the new last day
	Notice string // what the author will be told
	At     time.Time
}

// NamesDay is the notice with the new last day, which its author must hear of: as it is
// when it names it, else behind words that do, where nothing is cut.
func (d Asked) NamesDay(w AnswerWords) string {
	if w.NewDay == nil || strings.TrimSpace(d.Notice) == "" || strings.Contains(d.Notice, d.Until.Words()) {
		return d.Notice
	}
	return w.NewDay(d.Until) + "\n\n" + strings.TrimSpace(d.Notice)
}

// CheckDeferral refuses what R7 does not allow, when it is asked for and again
// when it is granted: reason, a later day, and a notice that reaches the author
// before the old due.
func (a Almanac) CheckDeferral(old Deadline, ordinary bool, d Asked) error {
	if err := checkReason(d.Reason); err != nil {
		return err
	}
	if err := CheckText(d.Notice); err != nil {
		if errors.Is(err, RefuseEmptyText) {
			return RefuseNoNotice
		}
		return err
	}
	if old.Days == 0 || !d.At.Before(old.Due) {
		return RefuseDeferLate
	}
	err := a.mayDefer(old, Term{Ordinary: ordinary}, Deferral{Person: d.Who, Reason: d.Reason, Until: d.Until, Notified: d.At})
	switch {
	case errors.Is(err, ErrDeferNotLater):
		return RefuseDeferNotLater
	case errors.Is(err, ErrDeferTooLong):
		return RefuseDeferTooLong
	}
	return err
}

// ClarifyUntil is the exclusive end of the local day up to which the author may
// answer a question (law.md §2: three calendar days by default).
func (a Almanac) ClarifyUntil(asked time.Time, days int) time.Time {
	return a.endOf(DateOf(asked, a.Zone).Add(days))
}

// AfterSilence is where a question leads that the author did not answer: back
// where the case came from, or rejected when no body had it yet.
func AfterSilence(came State) State {
	if came == Moderation {
		return Rejected
	}
	return came
}
