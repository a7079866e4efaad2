package main

import (
	"context"
	"slices"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/desk/inbox"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/rules"
)

// inboxPages are Поручения.
func (s *server) inboxPages() *inbox.Inbox {
	return &inbox.Inbox{Store: s.infra.store, Rules: s.bodyRules}
}

// bodyRules are the values of a region's pack that the work of its bodies goes by.
func (s *server) bodyRules(region string) domain.BodyRules {
	p := s.follower.Pack(region)
	if p == nil {
		return domain.BodyRules{}
	}
	free := map[string]bool{}
	for i := range p.Agencies {
		free[p.Agencies[i].ID] = p.Agencies[i].Approval == rules.ApprovalNone
	}
	return domain.BodyRules{SendBackLimit: p.Region.Norms.SendBackLimit, ClarifyDays: p.Region.Norms.ClarifyDays,
		NoApproval: func(body string) bool { return free[body] }, CheckReply: reply.Check, Words: bots.AnswerWords(), PlanQuestion: s.planQuestion(region),
		MayCorrect: s.mayCorrect(region)}
}

// planQuestion asks the policy and the accounts as they are now where a question to an
// author may go.
func (s *server) planQuestion(region string) func(domain.QuestionToPlan) domain.DeliveryPlan {
	return func(q domain.QuestionToPlan) domain.DeliveryPlan {
		if k, ok := s.knowledge(region); ok {
			return reply.PlanQuestion(q, k)
		}
		return domain.DeliveryPlan{Reason: reply.ReasonAccount, Words: "список аккаунтов сейчас не прочитать, попробуйте через минуту"}
	}
}

// mayCorrect asks the policy and the accounts as they are now. While they cannot be
// read nothing stands against a correction: one that reaches nobody comes to a person.
func (s *server) mayCorrect(region string) func(domain.AnswerPlace) domain.Refusal {
	return func(p domain.AnswerPlace) domain.Refusal {
		if k, ok := s.knowledge(region); ok {
			return reply.MayCorrect(p, k)
		}
		return ""
	}
}

// knowledge is the policy and the accounts of a region; false when they cannot be read.
func (s *server) knowledge(region string) (reply.Knowledge, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), speakersLook)
	defer cancel()
	regions, err := s.who.Regions(ctx)
	if err != nil {
		return reply.Knowledge{}, false
	}
	i := slices.IndexFunc(regions, func(r reply.Region) bool { return r.ID == region })
	if i < 0 {
		return reply.Knowledge{}, false
	}
	return regions[i].Knowledge, true
}
