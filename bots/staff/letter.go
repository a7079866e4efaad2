package staff

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

// A digest must fit into one message where least fits (MAX: 4,000 characters).
const (
	maxLine   = 300
	maxDigest = 3500
	maxLetter = 3500
)

// Letter implements domain.StaffCourier.
func (d *Desk) Letter(list []domain.StaffNotice, letter int64, steps []domain.Step) domain.StaffLetter {
	l := d.digest(list)
	if len(list) == 1 {
		l = d.single(list[0], letter, steps)
	}
	l.Mail = mailText(l.Word)
	return l
}

func (d *Desk) single(n domain.StaffNotice, letter int64, steps []domain.Step) domain.StaffLetter {
	l := domain.StaffLetter{Subject: subject(n), Word: domain.Word{Text: cut(line(n), maxLetter)}}
	var row []domain.Button
	for _, s := range steps {
		switch s {
		case domain.StepAccept:
			row = append(row, bots.Button(labelAccept, pressAccept+strconv.FormatInt(letter, 10)))
		case domain.StepSendBack:
			row = append(row, bots.Button(labelBack, pressBack+strconv.FormatInt(letter, 10)))
		}
	}
	if len(row) > 0 {
		l.Word.Buttons = append(l.Word.Buttons, row)
	}
	switch {
	case n.Notice.CaseID == 0:
	case n.Notice.ToAgency != "" || n.Notice.ToRole != string(domain.RoleController) && n.Notice.ToRole != string(domain.RoleAnalyst) && n.Notice.ToRole != domain.RoleDuty:
		d.open(&l.Word, taskPath(n.Notice.CaseID))
	default:
		d.open(&l.Word, casePath(n.Notice.CaseID))
	}
	return l
}

func subject(n domain.StaffNotice) string {
	s := KindTitle(n.Notice.Kind)
	if n.Number != "" {
		s += ": " + n.Number
	}
	return s
}

// line is a notice in one breath: for whom, what kind, of which case.
func line(n domain.StaffNotice) string {
	text := KindTitle(n.Notice.Kind) + ". "
	if strings.HasPrefix(n.Notice.Text, KindTitle(n.Notice.Kind)) {
		text = ""
	}
	if n.Number != "" && !strings.Contains(n.Notice.Text, n.Number) {
		text += "Инцидент " + n.Number + ". "
	}
	text += n.Notice.Text
	if n.Instead != "" {
		text = fmt.Sprintf(wordsInstead, n.Instead) + text
	}
	return text
}

func (d *Desk) digest(list []domain.StaffNotice) domain.StaffLetter {
	var b strings.Builder
	if list[0].Held {
		b.WriteString(wordsHeld)
	} else {
		fmt.Fprintf(&b, wordsMany, len(list))
	}
	for i, n := range list {
		item := "\n• " + cut(line(n), maxLine)
		if length(b.String())+length(item) > maxDigest {
			fmt.Fprintf(&b, "\n"+wordsMore, len(list)-i)
			break
		}
		b.WriteString(item)
	}
	l := domain.StaffLetter{Subject: fmt.Sprintf(wordsSummary, len(list)), Word: domain.Word{Text: b.String()}}
	d.open(&l.Word, "/")
	return l
}

func length(s string) int { return len([]rune(s)) }

func cut(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit-1]) + "…"
}

// mailText is a letter as plain mail: its buttons are for chats, only addresses
// go along.
func mailText(w domain.Word) string {
	text := w.Text
	for _, row := range w.Buttons {
		for _, b := range row {
			if b.URL != "" {
				text += "\n\n" + wordsOpen + b.URL
			}
		}
	}
	return text + "\n\n-- \n" + wordsMailEnd
}
