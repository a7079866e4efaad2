package domain

import (
	"unicode/utf16"
	"unicode/utf8"
)

// WordsLimit is the most characters a reason, an instruction or a note of what
// somebody said may have.
const WordsLimit = 4096

// QuestionLimit is the most characters a question to an author may have: the bot
// puts a few words of its own around it, and the whole must fit where least fits.
const QuestionLimit = maxText - 500

// LongestAnswer is the most characters a draft may have: more than this no
// platform takes.
const LongestAnswer = vkText

// The longest text of one message, by platform.
const (
	// messages.send, «message»: 9,000 characters (VK's schema; error 914 above). For
	// wall.createComment VK names no limit: the one of messages holds for both.
	vkText = 9000
	// sendMessage, «text»: 1–4096 characters, counted in UTF-16 units as entities are
	// (core.telegram.org/bots/api#sendmessage).
	telegramText = 4096
	// NewMessageBody, «text»: maxLength 4000 (OpenAPI file of MAX).
	maxText = 4000
)

// AnswerLimit is the longest answer a platform takes, in its own measure; 0 for
// one that takes none.
func AnswerLimit(p Platform) int {
	switch p {
	case VK:
		return vkText
	case Telegram:
		return telegramText
	case MAX:
		return maxText
	}
	return 0
}

// AnswerLength measures a text as a platform does.
func AnswerLength(p Platform, text string) int {
	if p == Telegram {
		return len(utf16.Encode([]rune(text)))
	}
	return utf8.RuneCountInString(text)
}

// LeastLimit is the platform that takes the shortest answers among some, and how
// long they may be; LongestAnswer of none when none of them takes any.
func LeastLimit(platforms []Platform) (Platform, int) {
	least, limit := Platform(""), LongestAnswer
	for _, p := range platforms {
		if n := AnswerLimit(p); n > 0 && (least == "" || n < limit) {
			least, limit = p, n
		}
	}
	return least, limit
}
