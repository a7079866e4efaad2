package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// beside lets somebody take a step that leaves the case and its version as they are.
// fn gets the case under lock, once the rules allow the step.
func (s *Store) beside(ctx context.Context, act domain.Act, step domain.Step, fn func(ctx context.Context, w *work) error) (domain.Changed, error) {
	var out domain.Changed
	err := s.inTx(ctx, fmt.Sprintf("%s, case %d", step, act.CaseID), func(q *db.Queries) error {
		w, err := lockWork(ctx, q, act)
		if err != nil {
			return err
		}
		if w.duty, err = w.task.May(step, act.Hand); err != nil {
			return err
		}
		out = domain.Changed{Case: w.c}
		return fn(ctx, w)
	})
	return out, err
}

// ProposeCorrection proposes other words for what was answered last; a head who is not
// the proposer decides about them. Where the body needs no approval they go out by that.
func (s *Store) ProposeCorrection(ctx context.Context, act domain.Act, text, why string) (domain.Changed, error) {
	return s.beside(ctx, act, domain.StepPropose, func(ctx context.Context, w *work) error {
		if err := domain.CheckRework(why); err != nil {
			return err
		}
		reply, err := w.correctable(ctx, text)
		if err != nil {
			return err
		}
		if w.task.NoApproval {
			return w.correct(ctx, reply, correction{text: text, why: why, author: act.Hand.Login})
		}
		if err := w.submittable(ctx, act.Rules.Words.CorrectionLead+text, domain.ReplyKind(reply.Kind)); err != nil {
			return err
		}
		if err := w.stale(ctx); err != nil {
			return err
		}
		id, err := w.q.InsertProposal(ctx, db.InsertProposalParams{Region: w.c.Region, CaseID: w.c.ID, ReplyID: reply.ID, Round: round(w.c),
			AgencyID: w.c.AgencyID, Text: clean(text), Why: clean(w.inWhoseName(why)), Author: act.Hand.Login, At: stamp(act.At)})
		if err != nil {
			return fmt.Errorf("keep the proposal: %w", err)
		}
		return w.tellOfProposal(ctx, domain.NoticeApproval, string(domain.RoleHead), id,
			fmt.Sprintf("Инцидент %s: исправление ответа ждёт согласования.", w.c.Number))
	})
}

// ApproveCorrection sends a correction that waits wherever the whole answer stands: by
// an edit where the platform lets us, else in words under it. The answer that was
// approved stays in the history.
func (s *Store) ApproveCorrection(ctx context.Context, act domain.Act, id int64) (domain.Changed, error) {
	return s.beside(ctx, act, domain.StepCorrect, func(ctx context.Context, w *work) error {
		p, err := w.proposal(ctx, id)
		if err != nil {
			return err
		}
		reply, err := w.correctable(ctx, p.Text)
		if err != nil {
			return err
		}
		if err := w.decideProposal(ctx, p.ID, domain.ProposalApproved, ""); err != nil {
			return err
		}
		return w.correct(ctx, reply, correction{text: p.Text, why: p.Why, author: p.Author, approver: act.Hand.Login})
	})
}

// ReturnCorrection returns a correction to whoever proposed it, with words.
func (s *Store) ReturnCorrection(ctx context.Context, act domain.Act, id int64, words string) (domain.Changed, error) {
	return s.beside(ctx, act, domain.StepReturn, func(ctx context.Context, w *work) error {
		if err := domain.CheckRework(words); err != nil {
			return err
		}
		p, err := w.proposal(ctx, id)
		if err != nil {
			return err
		}
		if err := w.decideProposal(ctx, p.ID, domain.ProposalReturned, w.inWhoseName(words)); err != nil {
			return err
		}
		return w.tellOfProposal(ctx, domain.NoticeRework, domain.ToPerson(p.Author), p.ID,
			fmt.Sprintf("Инцидент %s: исправление ответа вернули, замечание — в поручении.", w.c.Number))
	})
}

// RecallCorrection takes a correction back that nobody has decided about yet.
func (s *Store) RecallCorrection(ctx context.Context, act domain.Act, id int64) (domain.Changed, error) {
	return s.beside(ctx, act, domain.StepRecall, func(ctx context.Context, w *work) error {
		p, err := w.proposal(ctx, id)
		if err != nil {
			return err
		}
		return w.decideProposal(ctx, p.ID, domain.ProposalRecalled, "")
	})
}

// stale ends proposals that nobody can decide any more, and tells who made them.
func (w *work) stale(ctx context.Context) error {
	gone, err := w.q.StaleProposals(ctx, w.act.Hand.Login, stamp(w.act.At), w.c.ID)
	if err != nil {
		return fmt.Errorf("end the proposals before: %w", err)
	}
	for _, p := range gone {
		if p.Author == w.act.Hand.Login { // sees it on the page
			continue
		}
		err := w.tellOfProposal(ctx, domain.NoticeRework, domain.ToPerson(p.Author), p.ID,
			staleWords(w.c.Number))
		if err != nil {
			return err
		}
	}
	return nil
}

// proposal is the one that its reader saw: another one is not decided for it.
func (w *work) proposal(ctx context.Context, id int64) (db.CorrectionsWaiting, error) {
	p, err := w.q.WaitingProposal(ctx, w.c.ID, id)
	if noRows(err) {
		return p, domain.RefuseNoProposal
	}
	return p, wrap("find the proposal", err)
}

func (w *work) decideProposal(ctx context.Context, id int64, state domain.ProposalState, remark string) error {
	err := w.q.DecideProposal(ctx, db.DecideProposalParams{State: string(state), Who: w.act.Hand.Login, At: stamp(w.act.At), Remark: clean(remark), ID: id})
	return wrap("decide the proposal", err)
}

func (w *work) tellOfProposal(ctx context.Context, kind domain.NoticeKind, role string, id int64, text string) error {
	var p db.PutNoticesParams
	addNotice(&p, domain.Notice{Key: fmt.Sprintf("%s:proposal:%d", kind, id), Kind: kind, Region: w.c.Region, CaseID: w.c.ID, ToRole: role,
		ToAgency: w.c.AgencyID, Text: text, At: w.act.At}, w.act.At)
	_, err := w.q.PutNotices(ctx, p)
	return wrap("put the notice", err)
}

// toCorrect is an answer, and the deliveries where other words would reach somebody.
type toCorrect struct {
	db.ReplyToCorrectRow
	places []int64
}

// standing are the deliveries of an answer that can be corrected, or why none can.
func standing(ctx context.Context, q *db.Queries, reply int64, body string, rules domain.BodyRules) ([]int64, domain.Refusal, error) {
	rows, err := q.WhereItStands(ctx, toInt8(reply))
	if err != nil {
		return nil, "", fmt.Errorf("find where the answer stands: %w", err)
	}
	places := make([]domain.AnswerPlace, len(rows))
	for i, r := range rows {
		places[i] = domain.AnswerPlace{Delivery: r.ID, Platform: domain.Platform(r.Platform), Way: domain.Way(r.Way), Account: r.Account, Body: body, Shut: r.Shut}
	}
	ids, why := domain.Correctable(places, rules.MayCorrect)
	return ids, why, nil
}

// correctable is the answer given last, which these words may stand for.
func (w *work) correctable(ctx context.Context, text string) (toCorrect, error) {
	row, err := w.q.ReplyToCorrect(ctx, w.c.ID)
	reply := toCorrect{ReplyToCorrectRow: row}
	if noRows(err) {
		return reply, domain.RefuseNothingToCorrect
	}
	if err != nil {
		return reply, fmt.Errorf("find the answer: %w", err)
	}
	var unreached domain.Refusal
	if reply.places, unreached, err = standing(ctx, w.q, reply.ID, w.c.AgencyID, w.act.Rules); err != nil {
		return reply, err
	}
	if unreached != "" {
		return reply, unreached
	}
	if err := (domain.Draft{Kind: domain.ReplyKind(reply.Kind), Outcome: domain.Outcome(reply.Outcome), Text: text}).Check(); err != nil {
		return reply, err
	}
	if clean(text) == reply.NowSays && !w.task.Removed {
		return reply, domain.RefuseSameText
	}
	return reply, nil
}

// correction is what goes out instead of an answer, and by whom.
type correction struct{ text, why, author, approver string }

func (w *work) correct(ctx context.Context, reply toCorrect, k correction) error {
	lead := w.act.Rules.Words.CorrectionLead
	confirmed, err := w.checked(ctx, lead+k.text, domain.ReplyKind(reply.Kind))
	if err != nil {
		return err
	}
	id, err := w.q.InsertCorrection(ctx, db.InsertCorrectionParams{ReplyID: reply.ID, Text: clean(k.text), Why: w.inWhoseName(clean(k.why) + confirmed),
		Author: k.author, Approver: k.approver, At: stamp(w.act.At)})
	if err != nil {
		return fmt.Errorf("keep the correction: %w", err)
	}
	since := stamp(w.act.At.Add(-domain.EditableInDialog))
	n, err := w.q.PutCorrections(ctx, db.PutCorrectionsParams{CorrectionID: id, Lead: lead, Text: clean(k.text), At: stamp(w.act.At),
		Places: reply.places, EditableSince: since})
	if err != nil {
		return fmt.Errorf("put it on its way: %w", err)
	}
	if n == 0 {
		return domain.RefuseNothingToCorrect
	}
	return w.correctShorts(ctx, reply, id, clean(k.text), since)
}

// errNoWords: whoever calls has not said how a short answer reads.
var errNoWords = errors.New("no words for a short answer")

// correctShorts brings the correction to the authors who got a short answer in
// private. What stands behind the cut of the short one changes nothing there.
func (w *work) correctShorts(ctx context.Context, reply toCorrect, correction int64, text string, since pgtype.Timestamptz) error {
	kind, words := domain.ReplyKind(reply.Kind), w.act.Rules.Words
	if words.Short == nil {
		return errNoWords
	}
	short := words.Short(kind, w.c.Number, text)
	if short == words.Short(kind, w.c.Number, reply.NowSays) {
		return nil
	}
	if _, err := w.q.LockShorts(ctx, toInt8(reply.ID)); err != nil {
		return fmt.Errorf("hold the short answers: %w", err)
	}
	err := w.q.PutShortCorrections(ctx, db.PutShortCorrectionsParams{At: stamp(w.act.At), ReplyID: toInt8(reply.ID), CorrectionID: correction,
		Lead: w.act.Rules.Words.CorrectionLead, Short: clean(short), EditableSince: since})
	return wrap("correct the short answers", err)
}

// readProposals puts beside each answer what was proposed to say instead.
func readProposals(ctx context.Context, q *db.Queries, caseID int64, replies []domain.CaseReply) error {
	if len(replies) == 0 {
		return nil
	}
	rows, err := q.ProposalsOf(ctx, caseID)
	if err != nil {
		return fmt.Errorf("read proposed corrections: %w", err)
	}
	for _, r := range rows {
		for i := range replies {
			if replies[i].ID == r.ReplyID {
				replies[i].Proposals = append(replies[i].Proposals, domain.CorrectionProposal{ID: r.ID, Text: r.Text, Why: r.Why, Author: r.Author,
					At: moment(r.At), State: domain.ProposalState(r.State), Waits: r.Waits, DecidedBy: r.DecidedBy, DecidedAt: moment(r.DecidedAt), Remark: r.Remark})
			}
		}
	}
	return nil
}
