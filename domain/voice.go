package domain

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// Voice is what a comment says to words of ours that it stands under.
type Voice string

// The voices. Only authors of the case decide anything.
const (
	VoiceAnswers   Voice = "answers"   // to a question that waits
	VoiceObjects   Voice = "objects"   // «не решено»: a new round
	VoiceSolved    Voice = "solved"    // plain thanks for the result
	VoiceUnclear   Voice = "unclear"   // an author's, and a person reads it
	VoiceStranger  Voice = "stranger"  // somebody else's: seen, decides nothing
	VoiceNeighbour Voice = "neighbour" // somebody else tells of the same: decides nothing in this round
)

// Words is what a voice means, for people.
func (v Voice) Words() string {
	return map[Voice]string{VoiceAnswers: "ответ на вопрос", VoiceObjects: "под ответом: не решено", VoiceSolved: "под ответом: решено",
		VoiceUnclear: "под ответом: доволен ли автор, неясно", VoiceStranger: "под нашими словами пишет не автор",
		VoiceNeighbour: "о том же пишут уже после ответа"}[v]
}

// OurWords are what of ours a comment stands under.
type OurWords struct {
	Question bool      // that waits for its answer
	Direct   bool      // the comment replies to them, and does not merely stand in the same talk
	Author   bool      // one of the case's authors wrote it
	At       time.Time // when they were delivered
	ClosedAt time.Time // of a case that is done
	Group    bool      // the comment replies to nobody, in a group where they stand

	// Dialog: it is no comment but a message to the bot, which takes it to speak of the
	// case; Direct says that the author was asked for it, or named the case.
	Dialog bool
}

// WordsUnread is why the controller must decide of an author's comment (R10).
const WordsUnread = "автор написал под ответом, доволен ли он — неясно"

// WithUnread adds to what the controller must decide that an author's comment waits.
func WithUnread(reasons string) string { return withReason(reasons, WordsUnread) }

// withReason adds to what the controller must decide, once.
func withReason(reasons, one string) string {
	switch {
	case reasons == "":
		return one
	case strings.Contains(reasons, one):
		return reasons
	}
	return reasons + "; " + one
}

// Unread reports whether such a comment waits.
func Unread(reasons string) bool { return strings.Contains(reasons, WordsUnread) }

// WithoutUnread is what else the controller has to decide.
func WithoutUnread(reasons string) string {
	return strings.Trim(strings.ReplaceAll(reasons, WordsUnread, ""), "; ")
}

// WordsUnsolved is why the controller must decide of an author who pressed «Не решено»
// and wrote nothing (R10).
const WordsUnsolved = "автор нажал «Не решено», но не написал, что не так"

// PressedUnsolved reports whether such an author waits.
func PressedUnsolved(reasons string) bool { return strings.Contains(reasons, WordsUnsolved) }

// WordsDeferral is how a deferral that was asked for begins among what the
// controller has to decide (R7).
const WordsDeferral = "просит отложенное решение до "

// AsksDeferral reports whether one waits.
func AsksDeferral(reasons string) bool { return strings.Contains(reasons, WordsDeferral) }

// WithoutUnsolved is what else the controller has to decide.
func WithoutUnsolved(reasons string) string {
	return strings.Trim(strings.ReplaceAll(reasons, WordsUnsolved, ""), "; ")
}

// WithUnsolved adds to what the controller must decide that such an author waits.
func WithUnsolved(reasons string) string { return withReason(reasons, WordsUnsolved) }

// Plain is a text as it is compared: lower case, ё as е, single blanks, without
// marks at its ends.
func Plain(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "ё", "е")
	return strings.Trim(strings.Join(strings.Fields(s), " "), " .,!?/\\«»\"'()")
}

// SaysUnsolved reports words that are an objection wherever somebody who was answered
// says them.
func SaysUnsolved(text string) bool {
	return holds(Plain(text), "не решен", "не решил", "нерешен", "так и не ", "ничего не сдел", "ничего не измен", "не устран", "проблема остал")
}

// SaysStillBad reports words that are an objection in reply to the answer. Elsewhere
// first complaints say them too: «до сих пор не вывезли».
func SaysStillBad(text string) bool {
	plain := Plain(text)
	return SaysUnsolved(text) || !holds(" "+plain, " спасибо", " благодар") && holds(plain, "не исправ", "не отремонт", "не починил", "не убрал", "не вывезл",
		"проблема не ", "все еще нет", "до сих пор", "по-прежнему", "по прежнему")
}

// SaysSolved reports words that plainly thank for the result, with nothing beside
// them that takes it back or asks for more.
func SaysSolved(text string) bool {
	plain := Plain(text)
	if strings.Contains(text, "?") || SaysStillBad(text) || holds(" "+plain+" ", " не ", " нет ", " но ", " только ", " жд", " посмотрим ", " надеюсь ", " когда ", " если ",
		" будет ", " пока ", " обещ", " ага ", " конечно ", " опять ", " снова ") {
		return false
	}
	return holds(" "+plain, " спасибо", " благодар", " проблема решена", " вопрос решен", " все решили", " все сделали", " все исправили", " решено")
}

// SaysNothing reports a message that is no more than a greeting, thanks or a sign that
// it was read, or has no words at all: it neither answers nor objects.
func SaysNothing(text string) bool {
	words := strings.FieldsFunc(Plain(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		switch {
		case strings.Contains(courtesies, " "+w+" "), w == "есть" && i+1 < len(words) && words[i+1] == "кто":
		case strings.Contains(wished, " "+w+" ") && i > 0 && strings.HasPrefix(words[i-1], "добр"):
		default:
			return false
		}
	}
	return true
}

// courtesies are words that tell nothing of anything; wished is what is called good.
const (
	courtesies = " привет приветствую здравствуйте здравствуй здрасьте здрасте добрый доброго доброе доброй всем вам вас большое огромное " +
		"уважаемые уважаемый спасибо спс благодарю ау алло кто нибудь тест ок окей ok хорошо понятно понял поняла ясно ладно пожалуйста "
	wished = " день дня вечер вечера утро утра ночь ночи время времени сутки суток "
)

// SaysMistaken reports words that take «Не решено» back.
func SaysMistaken(text string) bool {
	return !SaysStillBad(text) && holds(Plain(text), "ошибся", "ошиблась", "по ошибке", "ошибочно", "случайно наж", "не ту кнопку", "не туда наж")
}

func holds(text string, any ...string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return strings.Contains(text, s) })
}

// Heard is what the authors of an answered case have said in its round.
type Heard struct {
	Asked  int // were asked in the bot, may still speak and have not said that it is solved
	Solved int // said that it is
	Unread int // comments of theirs that nobody has read

	// Unsolved pressed «Не решено» in the bot; words of theirs would be a new round.
	Unsolved int

	Dialogs int  // authors who hear of the case in the bot
	Reached int  // those of them whom the question has reached
	Public  bool // others wrote in the open, where the answer stands: they can speak under it
}

// Reasons of the end of the satisfaction step.
const (
	HeardUnread  = "unread"       // a person reads first
	HeardOthers  = "others_speak" // others who were asked have not spoken yet
	HeardSolved  = "solved"       // all who spoke are content, nobody else was asked
	HeardPartly  = "partly"       // the time is over: some are content, the others said nothing
	HeardSilence = "silence"      // the time is over and nobody said anything
	HeardPressed = "pressed"      // the time is over and somebody pressed «Не решено» without words
	HeardNobody  = "nobody_asked" // the time is over and nobody who was to be asked could be
)

// AfterSolved is what follows when one of the authors is content: the case closes
// when nobody else who was asked may still speak.
func (h Heard) AfterSolved() (closes bool, reason string) {
	switch {
	case h.Unread > 0:
		return false, HeardUnread
	case h.Asked > 0:
		return false, HeardOthers
	}
	return true, HeardSolved
}

// AfterSilence is what follows when the days for it are over.
func (h Heard) AfterSilence() (closing ClosingReason, reason string) {
	switch {
	case h.Unread > 0:
		return "", HeardUnread
	case h.Unsolved > 0: // not silent
		return "", HeardPressed
	case h.Solved > 0:
		return AuthorSatisfied, HeardPartly
	case h.Dialogs > 0 && h.Reached == 0 && !h.Public: // who was not asked is not silent
		return AuthorUnreachable, HeardNobody
	}
	return AuthorSilent, HeardSilence
}

// HeardWords is a reason of these in Russian.
func HeardWords(reason string) string {
	return map[string]string{
		HeardUnread:  "автор доволен ответом; другой комментарий под ответом ещё никто не прочитал",
		HeardOthers:  "автор доволен ответом; ждём других, кого спросили",
		HeardSolved:  "автор доволен ответом",
		HeardPartly:  "срок оценки истёк: одни авторы довольны, другие не ответили",
		HeardSilence: "автор не оценил ответ в срок",
		HeardPressed: "срок оценки истёк: " + WordsUnsolved,
		HeardNobody:  "автора не удалось спросить, решена ли проблема: личные сообщения до него не дошли",
	}[reason]
}
