package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// AskFromModeration puts the control centre's own question to the author of a
// case that no body has yet (R8). The author's next post answers it; silence
// rejects the case.
func (s *Store) AskFromModeration(ctx context.Context, sc domain.Scope, a domain.AnalystAsks) (domain.Changed, error) {
	return s.asked(ctx, sc, a, domain.Moderation, func(ctx context.Context, q *db.Queries, c domain.Case, ch *domain.CaseChange) error {
		ch.To, ch.Why = domain.Clarifying, "вопрос автору: "+a.Text
		asks := asking{q: q, c: c, rules: a.Rules, who: a.By.Who, at: a.By.At, looked: a.Looked}
		return asks.ask(ctx, a.Text)
	})
}

// AnswerToModeration notes what the author answered to such a question: the case
// waits in moderation again.
func (s *Store) AnswerToModeration(ctx context.Context, sc domain.Scope, a domain.AnalystAsks) (domain.Changed, error) {
	return s.asked(ctx, sc, a, domain.Clarifying, func(ctx context.Context, q *db.Queries, _ domain.Case, ch *domain.CaseChange) error {
		ch.To, ch.Why = domain.Moderation, "автор ответил: "+a.Text
		_, err := q.CloseQuestion(ctx, db.CloseQuestionParams{Result: "answered", Answer: clean(a.Text), At: stamp(a.By.At),
			ClosedBy: a.By.Who, CaseID: a.Case.ID})
		return err
	})
}

func (s *Store) asked(ctx context.Context, sc domain.Scope, a domain.AnalystAsks, in domain.State,
	fn func(context.Context, *db.Queries, domain.Case, *domain.CaseChange) error) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("question of moderation, case %d", a.Case.ID), func(q *db.Queries) error {
		if err := domain.CheckText(a.Text); err != nil {
			return err
		}
		c, err := lockCase(ctx, q, sc, a.Case)
		if err != nil {
			return err
		}
		if c.State != in || in == domain.Clarifying && c.CameFrom != domain.Moderation {
			return fmt.Errorf("%w: «%s»", domain.ErrNoMove, domain.StateTitle(c.State))
		}
		ch := domain.CaseChange{CaseID: c.ID, Version: c.Version, Who: a.By.Who, At: a.By.At}
		if err := fn(ctx, q, c, &ch); err != nil {
			return err
		}
		out, err = changeCase(ctx, q, sc, ch)
		return err
	})
	return out, err
}
