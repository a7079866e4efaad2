package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// faults are those of an answer to a case, as its rules find them.
func faults(ctx context.Context, q *db.Queries, c domain.Case, rules domain.BodyRules, text string, kind domain.ReplyKind) ([]domain.ReplyFault, error) {
	if rules.CheckReply == nil {
		return nil, nil
	}
	posts, err := casePosts(ctx, q, c.ID, domain.PostMark{}, casePostsShown)
	if err != nil {
		return nil, fmt.Errorf("read what is answered: %w", err)
	}
	return rules.CheckReply(toCheck(posts, text, kind)), nil
}

// toCheck: an answer is public unless everybody who wrote did so in private.
func toCheck(posts []domain.CasePost, text string, kind domain.ReplyKind) domain.ReplyToCheck {
	r := domain.ReplyToCheck{Text: text, Final: kind == domain.ReplyFinal, Public: len(posts) == 0}
	for _, p := range posts {
		r.Public = r.Public || p.Post.Kind != domain.Message
		if !slices.Contains(r.Platforms, p.Post.ID.Platform) {
			r.Platforms = append(r.Platforms, p.Post.ID.Platform)
		}
		if p.Deleted.IsZero() {
			r.Authors = append(r.Authors, p.Post.Text)
		}
	}
	return r
}

// checked refuses an answer that may not be approved as it is, and gives the
// words of what was confirmed.
func (w *work) checked(ctx context.Context, text string, kind domain.ReplyKind) (confirmed string, err error) {
	found, err := faults(ctx, w.q, w.c, w.act.Rules, text, kind)
	if err != nil {
		return "", err
	}
	if left := domain.Standing(found, w.act.Sure); len(left) > 0 {
		return "", &domain.ReplyFaults{Faults: found}
	}
	var names []string
	for _, f := range found {
		if words := faultTitle(f.Name); !slices.Contains(names, words) {
			names = append(names, words)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return "; просмотрено и подтверждено: " + strings.Join(names, ", "), nil
}

// submittable refuses for approval what could never be approved.
func (w *work) submittable(ctx context.Context, text string, kind domain.ReplyKind) error {
	if w.task.NoApproval {
		return nil // it is approved by that: looked at whole
	}
	found, err := faults(ctx, w.q, w.c, w.act.Rules, text, kind)
	if err != nil {
		return err
	}
	if hard := domain.HardFaults(found); len(hard) > 0 {
		return &domain.ReplyFaults{Faults: hard}
	}
	return nil
}

// faultTitle is a fault in the history of a case: what it was, not whose.
func faultTitle(n domain.FaultName) string {
	switch n {
	case domain.AnswerUnanswered:
		return "вопрос без ответа"
	case domain.AnswerSomeName, domain.AnswerFullName:
		return "имя в ответе"
	case domain.AnswerAddress:
		return "адрес в ответе"
	case domain.AnswerPhone:
		return "телефон в ответе"
	case domain.AnswerSNILS, domain.AnswerPassport:
		return "номер документа в ответе"
	case domain.AnswerDiagnosis:
		return "сведения о здоровье"
	case domain.AnswerBenefit:
		return "сведения о льготах"
	}
	return string(n)
}
