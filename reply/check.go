package reply

import (
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Check looks at an answer before it is approved: empty, too long for where it
// may go, a question of the author's left without an answer, and in a public one
// personal data (law.md §4). What has a form of its own or says outright that it
// is about the author is hard; what a person must look at is not. Pure.
func Check(r domain.ReplyToCheck) []domain.ReplyFault {
	if strings.TrimSpace(r.Text) == "" {
		return []domain.ReplyFault{{Name: domain.AnswerEmpty, Hard: true, Words: "Ответ пуст."}}
	}
	out := tooLong(r)
	for _, f := range domain.OpenFields(r.Text) {
		out = append(out, hard(domain.AnswerOpenField, f, "Не заполнено поле шаблона %s: впишите, что там должно быть."))
	}
	if r.Public {
		out = append(out, documents(r.Text)...)
		out = append(out, accounts(r.Text)...)
		out = append(out, births(r.Text)...)
		out = append(out, phones(r)...)
		out = append(out, addresses(r.Text)...)
		out = append(out, mails(r)...)
		out = append(out, names(r)...)
		out = append(out, aboutPerson(r.Text)...)
	}
	if r.Final {
		out = append(out, unanswered(r)...)
	}
	return out
}

// tooLong: each platform has its own limit and its own way to count.
func tooLong(r domain.ReplyToCheck) (out []domain.ReplyFault) {
	for _, p := range r.Platforms {
		if n, limit := domain.AnswerLength(p, r.Text), domain.AnswerLimit(p); limit > 0 && n > limit {
			out = append(out, domain.ReplyFault{Name: domain.AnswerTooLong, Hard: true, Part: string(p),
				Words: fmt.Sprintf("Ответ длиннее, чем берёт %s: %d знаков из %d.", PlatformName(p), n, limit)})
		}
	}
	return out
}

// soft is a fault that a person looks at and confirms.
func soft(name domain.FaultName, part, words string) domain.ReplyFault {
	return domain.ReplyFault{Name: name, Part: part, Words: quoted(words, part)}
}

// hard is a fault that keeps an answer from being approved.
func hard(name domain.FaultName, part, words string) domain.ReplyFault {
	f := soft(name, part, words)
	f.Hard = true
	return f
}

func quoted(words, part string) string {
	return fmt.Sprintf(words, "«"+domain.Shortened(part, 80)+"»")
}
