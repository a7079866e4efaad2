package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// BodyTask reads a task with what its page shows and the rules of steps need;
// domain.ErrNotFound out of scope.
func (s *Store) BodyTask(ctx context.Context, sc domain.Scope, id int64, rules domain.BodyRules) (domain.TaskFile, error) {
	var f domain.TaskFile
	err := s.inTx(ctx, fmt.Sprintf("read task %d", id), func(q *db.Queries) error {
		f = domain.TaskFile{}
		row, err := q.GetSeen(ctx, seen(sc, id))
		if err != nil {
			return err
		}
		if f.Case, err = toCase(row); err != nil {
			return err
		}
		for _, read := range [...]func(context.Context, *db.Queries, domain.Scope, *domain.CaseWhole) error{
			readPosts, readReplies, readQuestions, readDeferrals, readSendBacks, readHistory,
		} {
			if err := read(ctx, q, sc, &f.CaseWhole); err != nil {
				return err
			}
		}
		return readTask(ctx, q, &f, rules)
	})
	return f, err
}

func readTask(ctx context.Context, q *db.Queries, f *domain.TaskFile, rules domain.BodyRules) error {
	facts, err := q.TaskFacts(ctx, f.Case.ID)
	if err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	f.Task = taskOf(f.Case, facts, rules)
	f.Executor, f.Notice = facts.ExecutorName, facts.Notice
	if n := len(facts.Above); n > 0 {
		f.HandedFrom = facts.Above[n-1]
	}
	if f.Given = facts.Given; f.Given != 0 {
		if _, f.Unreached, err = standing(ctx, q, f.Given, f.Case.AgencyID, rules); err != nil {
			return err
		}
	}
	for _, r := range f.Replies {
		if r.State == "approval" && r.Round == f.Case.Round {
			if f.Faults, err = faults(ctx, q, f.Case, rules, r.Text, replyKind(r)); err != nil {
				return err
			}
		}
	}
	if f.Notice != "" {
		if f.NoticeFaults, err = faults(ctx, q, f.Case, rules, f.Notice, domain.ReplyInterim); err != nil {
			return err
		}
	}
	if given, p, waits := f.Proposal(); waits {
		if f.ProposalFaults, err = faults(ctx, q, f.Case, rules, rules.Words.CorrectionLead+p.Text, replyKind(given)); err != nil {
			return err
		}
	}
	return nil
}

func replyKind(r domain.CaseReply) domain.ReplyKind {
	if r.Final {
		return domain.ReplyFinal
	}
	return domain.ReplyInterim
}

// UndoTask takes a step back within its moment and says what it was, Russian.
// Errors are those of Undo.
func (s *Store) UndoTask(ctx context.Context, sc domain.Scope, id int64, who string, at time.Time) (string, error) {
	done, err := s.Undo(ctx, sc, id, who, at)
	return done.Words, err
}
