package main

import (
	"context"

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
		ctx, cancel := context.WithTimeout(context.Background(), speakersLook)
		defer cancel()
		regions, err := s.who.Regions(ctx)
		for _, r := range regions {
			if r.ID == region && err == nil {
				return reply.PlanQuestion(q, r.Knowledge)
			}
		}
		return domain.DeliveryPlan{Reason: reply.ReasonAccount, Words: "список аккаунтов сейчас не прочитать, попробуйте через минуту"}
	}
}

// mayCorrect asks the policy and the accounts as they are now. While they cannot be
// read nothing stands against a correction: one that reaches nobody comes to a person.
func (s *server) mayCorrect(region string) func(domain.AnswerPlace) domain.Refusal {
	return func(p domain.AnswerPlace) domain.Refusal {
		ctx, cancel := context.WithTimeout(context.Background(), speakersLook)
		defer cancel()
		regions, err := s.who.Regions(ctx)
		for _, r := range regions {
			if r.ID == region && err == nil {
				return reply.MayCorrect(p, r.Knowledge)
			}
		}
		return ""
	}
}
