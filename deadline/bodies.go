package deadline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
)

// BodyStore is what the jobs about the work of bodies need of storage. Each of
// the changes answers false when somebody was quicker.
type BodyStore interface {
	// AnsweredQuestions are open questions whose author has written again since.
	AnsweredQuestions(ctx context.Context, region string) ([]int64, error)
	CloseAnswered(ctx context.Context, caseID int64, now time.Time) (bool, error)
	// SilentQuestions are open questions whose time is over.
	SilentQuestions(ctx context.Context, region string, now time.Time) ([]int64, error)
	CloseSilence(ctx context.Context, caseID int64, now time.Time) (bool, error)
	// TellSoonSilent tells whoever asked in the open of a silence that ends within a time.
	TellSoonSilent(ctx context.Context, region string, within time.Duration, now time.Time) (int, error)
	// UnsentQuestions are cases whose question, asked before then, reaches nobody.
	UnsentQuestions(ctx context.Context, region string, before, now time.Time) ([]int64, error)
	ReturnUnsent(ctx context.Context, caseID int64, now time.Time) (bool, error)
	// Unrated are cases whose author has not said since before then whether the
	// answer helped.
	Unrated(ctx context.Context, region string, before time.Time) ([]int64, error)
	CloseUnrated(ctx context.Context, caseID int64, before, now time.Time) (bool, error)
	// LateDeferrals are those not decided before the due (R7).
	LateDeferrals(ctx context.Context, region string, now time.Time) ([]int64, error)
	LapseDeferral(ctx context.Context, caseID int64, now time.Time) (bool, error)
	// RemindProposals tells heads and proposers of corrections that have waited since
	// before then, and ends those that nobody can decide any more.
	RemindProposals(ctx context.Context, region string, before, now time.Time, zone *time.Location) (waiting, ended int, err error)
	// BeginAbsences lists what was on a person to the coordinator and the deputy;
	// EndAbsences tells the person what happened meanwhile. today is local.
	BeginAbsences(ctx context.Context, region string, today domain.Date, now time.Time) (int, error)
	EndAbsences(ctx context.Context, region string, today domain.Date, now time.Time) (int, error)
}

// unsentAfter is how long a question may be neither delivered nor on its way: the bot
// puts one within seconds.
const unsentAfter = time.Hour

// questions ends the waits for authors (R8): an answer first, so that one that
// came in the last minute counts.
func (r *Runner) questions(ctx context.Context, region Region, _, now time.Time) (string, error) {
	ids, err := r.Store.AnsweredQuestions(ctx, region.ID)
	if err != nil {
		return "", fmt.Errorf("find answered questions: %w", err)
	}
	answered, err := each(ctx, ids, now, r.Store.CloseAnswered)
	if err != nil {
		return "", fmt.Errorf("close answered questions: %w", err)
	}
	if ids, err = r.Store.SilentQuestions(ctx, region.ID, now); err != nil {
		return "", fmt.Errorf("find unanswered questions: %w", err)
	}
	silent, err := each(ctx, ids, now, r.Store.CloseSilence)
	if err != nil {
		return "", fmt.Errorf("close unanswered questions: %w", err)
	}
	if ids, err = r.Store.UnsentQuestions(ctx, region.ID, now.Add(-unsentAfter), now); err != nil {
		return "", fmt.Errorf("find questions that reached nobody: %w", err)
	}
	unsent, err := each(ctx, ids, now, r.Store.ReturnUnsent)
	if err != nil {
		return "", fmt.Errorf("return questions that reached nobody: %w", err)
	}
	soon, err := r.Store.TellSoonSilent(ctx, region.ID, oneDay, now)
	if err != nil {
		return "", fmt.Errorf("tell of questions whose time is nearly over: %w", err)
	}
	return fmt.Sprintf("авторы ответили: %d, не ответили: %d, не дошло вопросов: %d, скоро истекут: %d", answered, silent, unsent, soon), nil
}

// proposalWait is how long a correction waits for a head before they hear of it again.
const proposalWait = 24 * time.Hour

// corrections reminds of corrections of answers that wait for approval: what is wrong
// stands before everybody meanwhile.
func (r *Runner) corrections(ctx context.Context, region Region, _, now time.Time) (string, error) {
	waiting, ended, err := r.Store.RemindProposals(ctx, region.ID, now.Add(-proposalWait), now, region.Zone)
	if err != nil {
		return "", fmt.Errorf("remind of corrections: %w", err)
	}
	return fmt.Sprintf("ждут согласования исправлений: %d, устарело: %d", waiting, ended), nil
}

// silence closes cases whose author said nothing for the pack's days after the
// answer: whole local days, that of the answer aside.
func (r *Runner) silence(ctx context.Context, region Region, _, now time.Time) (string, error) {
	if region.SatisfactionDays <= 0 {
		return "срок оценки не задан", nil
	}
	before := domain.DateOf(now, region.Zone).Add(-region.SatisfactionDays).Start(region.Zone)
	ids, err := r.Store.Unrated(ctx, region.ID, before)
	if err != nil {
		return "", fmt.Errorf("find cases nobody rated: %w", err)
	}
	n, err := each(ctx, ids, now, func(ctx context.Context, id int64, now time.Time) (bool, error) {
		return r.Store.CloseUnrated(ctx, id, before, now)
	})
	if err != nil {
		return "", fmt.Errorf("close cases nobody rated: %w", err)
	}
	return fmt.Sprintf("закрыто без оценки: %d", n), nil
}

// deferrals refuses by lapse what the controller has not decided in time (R7).
func (r *Runner) deferrals(ctx context.Context, region Region, _, now time.Time) (string, error) {
	ids, err := r.Store.LateDeferrals(ctx, region.ID, now)
	if err != nil {
		return "", fmt.Errorf("find undecided deferrals: %w", err)
	}
	n, err := each(ctx, ids, now, r.Store.LapseDeferral)
	if err != nil {
		return "", fmt.Errorf("lapse deferrals: %w", err)
	}
	return fmt.Sprintf("не рассмотрено в срок просьб: %d", n), nil
}

// absences begins and ends absences with the local day.
func (r *Runner) absences(ctx context.Context, region Region, _, now time.Time) (string, error) {
	today := domain.DateOf(now, region.Zone)
	ended, err := r.Store.EndAbsences(ctx, region.ID, today, now)
	if err != nil {
		return "", fmt.Errorf("end absences: %w", err)
	}
	begun, err := r.Store.BeginAbsences(ctx, region.ID, today, now)
	if err != nil {
		return "", fmt.Errorf("begin absences: %w", err)
	}
	return fmt.Sprintf("вышли на работу: %d, начали отсутствовать: %d", ended, begun), nil
}

// each changes the cases one by one; one that fails does not keep the others
// from their turn.
func each(ctx context.Context, ids []int64, now time.Time, change func(context.Context, int64, time.Time) (bool, error)) (int, error) {
	n := 0
	var errs []error
	for _, id := range ids {
		done, err := change(ctx, id, now)
		if err != nil {
			errs = append(errs, err)
		}
		if done {
			n++
		}
	}
	return n, errors.Join(errs...)
}
