package storage

import (
	"context"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// ReadVoice is a person's word on what an author wrote unclearly under the answer:
// content counts as «решено», else it says nothing and the satisfaction step goes on.
// «Не решено» is a new round like any other. domain.ErrNoMove when nothing waits.
func (s *Store) ReadVoice(ctx context.Context, sc domain.Scope, seen domain.CaseSeen, content bool, by domain.By) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("read what the author of case %d wrote", seen.ID), func(q *db.Queries) error {
		k, err := lockCase(ctx, q, sc, seen)
		if err != nil {
			return err
		}
		if k.State != domain.Satisfaction {
			return fmt.Errorf("%w: «%s»", domain.ErrNoMove, domain.StateTitle(k.State))
		}
		says := domain.VoiceUnclear
		if content {
			says = domain.VoiceSolved
		}
		n, err := q.ReadVoices(ctx, db.ReadVoicesParams{At: stamp(by.At), Who: by.Who, Says: string(says), CaseID: k.ID, Round: round(k)})
		if err != nil {
			return fmt.Errorf("note that it was read: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("%w: nothing waits to be read", domain.ErrNoMove)
		}
		if content {
			out, err = solved(ctx, q, k, by)
			return err
		}
		left := domain.WithoutUnread(k.ForControl)
		out, err = changeCase(ctx, q, sc, domain.CaseChange{CaseID: k.ID, Version: k.Version, Who: by.Who, At: by.At, ForControl: &left,
			Why: "комментарий автора прочитан: о результате он ничего не говорит"})
		return err
	})
	return out, err
}

// ClosePressed ends a case whose author pressed «Не решено» and did not write what is
// wrong, or leaves it closed, as the controller decides. domain.ErrNoMove when nothing of it waits.
func (s *Store) ClosePressed(ctx context.Context, sc domain.Scope, seen domain.CaseSeen, by domain.By) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("close case %d of an author who gave no words", seen.ID), func(q *db.Queries) error {
		k, err := lockCase(ctx, q, sc, seen)
		if err != nil {
			return err
		}
		if k.State != domain.Satisfaction && k.State != domain.Done || !domain.PressedUnsolved(k.ForControl) {
			return fmt.Errorf("%w: «%s»", domain.ErrNoMove, domain.StateTitle(k.State))
		}
		if k.State == domain.Done {
			left := domain.WithoutUnsolved(k.ForControl)
			out, err = changeCase(ctx, q, sc, domain.CaseChange{CaseID: k.ID, Version: k.Version, Who: by.Who, At: by.At, ForControl: &left,
				Why: "оставлен закрытым: автор нажал «Не решено» и ничего не написал"})
			return err
		}
		by.Why = domain.HeardWords(domain.HeardPressed)
		ch, err := domain.Close(k, domain.DialoguePointless, by)
		if err != nil {
			return err
		}
		ch.ForControl = new(string)
		out, err = changeCase(ctx, q, sc, ch)
		return err
	})
	return out, err
}

// readVoices are what posts of the case say to our words.
func readVoices(ctx context.Context, q *db.Queries, _ domain.Scope, w *domain.CaseWhole) error {
	rows, err := q.VoicesOf(ctx, w.Case.ID)
	if len(rows) > 0 {
		w.Voices = map[int64]domain.Voice{}
	}
	for _, r := range rows {
		w.Voices[r.PostID] = domain.Voice(r.Says)
	}
	return wrap("read what is said under our words", err)
}
