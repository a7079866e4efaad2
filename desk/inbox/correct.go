package inbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// correctView is the answer given last, to be put right.
type correctView struct {
	Text, How string
	Earlier   bool   // it is of an earlier round
	Unreached string // why nobody would read the correction, "" when somebody would
	Returned  string // why the correction proposed last came back
}

// proposalView is the correction that waits for a decision.
type proposalView struct {
	ID             int64
	Who, When      string
	Text, Now, Why string
	Checks         []faultView
}

// proposal finds it.
func proposal(r *page.Request, f domain.TaskFile, name func(string) string) *proposalView {
	given, p, waits := f.Proposal()
	if !waits {
		return nil
	}
	return &proposalView{ID: p.ID, Who: name(p.Author), When: r.When(p.At), Text: p.Text, Now: given.Says(), Why: p.Why, Checks: faultViews(f.ProposalFaults, nil)}
}

// decideCorrection is a decision about the proposal that the form has seen.
func (in *Inbox) decideCorrection(ctx context.Context, r *page.Request, step domain.Step, act domain.Act) (domain.Changed, error) {
	id, err := strconv.ParseInt(r.Text("proposal"), 10, 64)
	if err != nil {
		return domain.Changed{}, domain.RefuseNoProposal
	}
	switch step {
	case domain.StepCorrect:
		return in.Store.ApproveCorrection(ctx, act, id)
	case domain.StepReturn:
		return in.Store.ReturnCorrection(ctx, act, id, r.Text("why"))
	}
	return in.Store.RecallCorrection(ctx, act, id)
}

// toCorrect finds it; nil when none was delivered.
func toCorrect(r *page.Request, f domain.TaskFile) *correctView {
	i := slices.IndexFunc(f.Replies, func(a domain.CaseReply) bool { return a.ID == f.Given })
	if i < 0 {
		return nil
	}
	last := f.Replies[i]
	v := &correctView{Text: last.Says(), Earlier: last.Round != f.Case.Round, How: "В MAX и Telegram исправленный текст встанет на место прежнего; ВКонтакте такой правки сообществу не даёт, там исправление появится под ответом. Короткие ответы авторам в личных сообщениях исправятся так же. Прежний текст останется в истории."}
	if f.Unreached != "" {
		v.Unreached = f.Unreached.Words()
	}
	if fate, at := last.Fate(); fate == domain.FateRemoved && f.Task.Removed {
		v.How = fmt.Sprintf("Ответ удалён на площадке %s: отправленный отсюда появится там заново.", r.When(at))
	}
	if n := len(last.Proposals); n > 0 && last.Proposals[n-1].State == domain.ProposalReturned {
		v.Text, v.Returned = last.Proposals[n-1].Text, last.Proposals[n-1].Remark
	}
	return v
}

// since is what happened to an answer after it was given.
func since(r *page.Request, a domain.CaseReply, name func(string) string) string {
	words := ""
	if fate, at := a.Fate(); fate != "" {
		words = fate.Words() + " на площадке " + r.When(at)
	}
	for i := range a.Corrections {
		if words != "" {
			words += " · "
		}
		words += casework.CorrectionLine(r, a, i, name)
	}
	for _, line := range casework.ProposalLines(r, a, name) {
		words = strings.Join(nonEmpty(words, line), " · ")
	}
	return words
}
