package storage

import (
	"context"
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
	posts, err := answered(ctx, q, c.ID)
	if err != nil {
		return nil, err
	}
	return rules.CheckReply(toCheck(posts, text, kind)), nil
}

func answered(ctx context.Context, q *db.Queries, id int64) ([]db.AnsweredRow, error) {
	posts, err := q.Answered(ctx, id)
	return posts, wrap("read what is answered", err)
}

// privateOf is a message of the one author who alone reads an answer, in private; 0
// when others read it too: of several each gets it in a dialog of their own, and none
// may read of another.
func privateOf(posts []db.AnsweredRow) int64 {
	others := slices.ContainsFunc(posts, func(p db.AnsweredRow) bool {
		return domain.PostKind(p.Kind) != domain.Message || p.Platform != posts[0].Platform || p.AuthorID != posts[0].AuthorID
	})
	if len(posts) == 0 || others {
		return 0
	}
	return posts[0].PostID
}

func toCheck(posts []db.AnsweredRow, text string, kind domain.ReplyKind) domain.ReplyToCheck {
	r := domain.ReplyToCheck{Text: text, Final: kind == domain.ReplyFinal, Public: privateOf(posts) == 0}
	for _, p := range posts {
		if platform := domain.Platform(p.Platform); !slices.Contains(r.Platforms, platform) {
			r.Platforms = append(r.Platforms, platform)
		}
		if p.Stands {
			r.Authors = append(r.Authors, p.Text)
		}
		if !p.AuthorOrg && p.AuthorName != "" && !slices.Contains(r.Names, p.AuthorName) {
			r.Names = append(r.Names, p.AuthorName)
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
	found = append(slices.Clone(w.stands), found...)
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

// reader is kept with what is approved: it goes nowhere that it was not looked at for.
func (w *work) reader(ctx context.Context) (int64, error) {
	posts, err := answered(ctx, w.q, w.c.ID)
	return privateOf(posts), err
}

// submittable refuses for approval what could never be approved.
func (w *work) submittable(ctx context.Context, text string, kind domain.ReplyKind) error {
	if w.task.NoApproval {
		return nil // it is approved by that: looked at whole
	}
	return w.approvable(ctx, text, kind)
}

// approvable refuses what no confirmation helps against.
func (w *work) approvable(ctx context.Context, text string, kind domain.ReplyKind) error {
	found, err := faults(ctx, w.q, w.c, w.act.Rules, text, kind)
	if err != nil {
		return err
	}
	if hard := domain.HardFaults(found); len(hard) > 0 {
		return &domain.ReplyFaults{Faults: append(slices.Clone(w.stands), hard...)}
	}
	return nil
}

// faultTitle is a fault in the history of a case: what it was, not whose.
func faultTitle(n domain.FaultName) string {
	switch n {
	case domain.AnswerMayStand:
		return "прежний ответ не стоит"
	case domain.AnswerUnanswered:
		return "вопрос без ответа"
	case domain.AnswerSomeName, domain.AnswerFullName:
		return "имя в ответе"
	case domain.AnswerAddress:
		return "адрес в ответе"
	case domain.AnswerPhone:
		return "телефон в ответе"
	case domain.AnswerMail:
		return "адрес почты в ответе"
	case domain.AnswerSNILS, domain.AnswerPassport, domain.AnswerPolicy, domain.AnswerINN:
		return "номер документа в ответе"
	case domain.AnswerDiagnosis:
		return "сведения о здоровье"
	case domain.AnswerBenefit:
		return "сведения о льготах"
	case domain.AnswerAccount:
		return "номер карты или счёта"
	case domain.AnswerBirth:
		return "дата рождения"
	case domain.AnswerDebt:
		return "сведения о деньгах человека"
	case domain.AnswerChild:
		return "сведения о ребёнке"
	}
	return string(n)
}
