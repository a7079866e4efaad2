package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// asking is a question to the author of a case under lock.
type asking struct {
	q     *db.Queries
	c     domain.Case
	rules domain.BodyRules
	who   string
	at    time.Time
	sure  []string // faults that were confirmed, see domain.Act
	// looked confirms all that may be confirmed.
	looked bool
}

// ask puts a question on its way: under the author's post as an answer goes, in a
// dialog by the bot. A *domain.CannotAsk when no way is left; *domain.ReplyFaults
// when others than the author must not read it.
func (a *asking) ask(ctx context.Context, text string) error {
	if err := domain.CheckQuestion(text); err != nil {
		return err
	}
	until := a.rules.Almanac.ClarifyUntil(a.at, a.rules.ClarifyDays)
	id, err := a.q.InsertQuestion(ctx, db.InsertQuestionParams{CaseID: a.c.ID, AskedBy: a.who, AskedAt: stamp(a.at), Text: clean(text),
		DueAt: stamp(until), WaitDays: small(a.rules.ClarifyDays), Zone: zoneName(a.rules.Almanac.Zone)})
	if err != nil {
		return fmt.Errorf("keep the question: %w", err)
	}
	if a.rules.PlanQuestion == nil {
		return wrap("start the author's time", a.q.QuestionDelivered(ctx, stamp(a.at), stamp(until), id))
	}
	plan, err := a.plan(ctx, id, text, until)
	if err != nil {
		return err
	}
	if len(plan.Deliveries) == 0 {
		return &domain.CannotAsk{Why: plan.Words}
	}
	if err := a.checked(ctx, text); err != nil {
		return err
	}
	return a.send(ctx, id, text, plan)
}

func zoneName(z *time.Location) string {
	if z == nil {
		return ""
	}
	return z.String()
}

func (a *asking) plan(ctx context.Context, id int64, text string, until time.Time) (domain.DeliveryPlan, error) {
	posts, err := conversation(ctx, a.q, a.c.ID)
	if err != nil {
		return domain.DeliveryPlan{}, fmt.Errorf("read the conversation: %w", err)
	}
	refused, err := a.q.RefusedPlaces(ctx, toInt8(a.c.ID))
	if err != nil {
		return domain.DeliveryPlan{}, fmt.Errorf("read where nothing gets through: %w", err)
	}
	in := domain.QuestionToPlan{LastDay: domain.DateOf(until.Add(-time.Second), a.rules.Almanac.Zone), Refused: map[domain.PostID]string{},
		ReplyToPlan: domain.ReplyToPlan{ReplyID: id, CaseID: a.c.ID, Number: a.c.Number, Region: a.c.Region, Body: a.c.AgencyID, Text: text, Approved: a.at}}
	for _, r := range refused {
		in.Refused[domain.PostID{Platform: domain.Platform(r.Platform), Owner: r.Owner, Post: r.Post, Comment: r.Comment}] = r.Words
	}
	in.Posts = posts
	return a.rules.PlanQuestion(in), nil
}

// checked refuses a question that others than its one author would read, in public or
// each in a dialog of their own, for personal data in it.
func (a *asking) checked(ctx context.Context, text string) error {
	posts, err := answered(ctx, a.q, a.c.ID)
	if err != nil || privateOf(posts) != 0 {
		return err
	}
	found, err := faults(ctx, a.q, a.c, a.rules, text, domain.ReplyInterim)
	if err != nil {
		return err
	}
	left := domain.Standing(found, a.sure)
	if a.looked {
		left = domain.HardFaults(found)
	}
	if len(left) > 0 {
		return &domain.ReplyFaults{Faults: found}
	}
	return nil
}

// send writes the public deliveries; the bot looks for itself what it has to ask.
func (a *asking) send(ctx context.Context, id int64, text string, plan domain.DeliveryPlan) error {
	for _, d := range plan.Deliveries {
		if d.Way != domain.WayPublic {
			continue
		}
		if err := a.q.PutQuestion(ctx, db.PutQuestionParams{Key: d.Key, Region: a.c.Region, CaseID: toInt8(a.c.ID), QuestionID: toInt8(id),
			Platform: string(d.Platform), Account: d.Account, AccountID: toInt8(d.SpeakID), Owner: d.To.Owner, Post: d.To.Post, Comment: commentOf(d.To),
			Chat: d.Chat, Thread: d.Thread, GapMs: small(int(d.Gap.Milliseconds())), Text: clean(d.Text), Repeatable: d.Repeatable,
			Why: clean(d.Words), At: stamp(a.at)}); err != nil {
			return fmt.Errorf("put the question on its way to %s: %w", d.To, err)
		}
	}
	return nil
}
