// Package scene is what a visitor of a fake platform sees: threads and
// conversations as lines, whichever platform they stand on.
package scene

import (
	"slices"
	"time"
)

// Line is one post, comment or message.
type Line struct {
	ID       string // within its thread or chat
	Who      string // as the platform would show it
	From     int64  // number of the writer; negative: a community
	Official bool   // an account of ours speaks
	At       time.Time
	Text     string
	Under    string // ID of the line it answers, "" none; set where a chat holds its threads mixed
	Quote    string // of what it answers; "" when it answers nothing, or what the thread is about
	Photos   int
	Edited   bool
	Deleted  bool
	Buttons  [][]string // labels, by rows
	Answers  int        // under it, in a list of threads
}

// maxQuote is how much of a message is shown above its answer.
const maxQuote = 80

// Quote is the beginning of a text.
func Quote(text string) string {
	if r := []rune(text); len(r) > maxQuote {
		return string(r[:maxQuote]) + "…"
	}
	return text
}

// Latest keeps the last so many lines.
func Latest(lines []Line, most int) []Line { return lines[max(0, len(lines)-most):] }

// Threads are the latest lines of a chat, the oldest first, that answer nothing: the
// newest first, each with how many answers there are. What was deleted is none.
func Threads(chat []Line, most int) []Line {
	tops, answers := topsOf(chat), map[string]int{}
	var out []Line
	for _, l := range slices.Backward(chat) {
		switch {
		case l.Deleted:
		case l.Under != "":
			answers[tops[l.ID]]++
		case len(out) < most:
			l.Answers = answers[l.ID]
			out = append(out, l)
		}
	}
	return out
}

// Thread is a line of a chat and all that answers it, the oldest first; nothing when it
// is not there. What answers the thread's own beginning quotes nothing.
func Thread(chat []Line, id string) []Line {
	tops := topsOf(chat)
	var out []Line
	for _, l := range chat {
		if tops[l.ID] != id {
			continue
		}
		if l.Under == "" || l.Under == id {
			l.Quote = ""
		}
		out = append(out, l)
	}
	return out
}

// topsOf are the lines that the threads of a chat began with, by line: an answer
// stands behind what it answers.
func topsOf(chat []Line) map[string]string {
	tops := make(map[string]string, len(chat))
	for _, l := range chat {
		top, known := tops[l.Under]
		if !known {
			top = l.ID
		}
		tops[l.ID] = top
	}
	return tops
}
