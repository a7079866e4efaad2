package storage_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
)

// given is a case whose answer stands under its post.
func (h *house) given() domain.Case {
	h.t.Helper()
	h.rules.Words = bots.AnswerWords()
	c := h.executed()
	c = h.must(h.s.SubmitTask(h.t.Context(), h.act("exec", c), answer("Яму засыпали")))
	c = h.must(h.s.ApproveTask(h.t.Context(), h.act("head", c)))
	h.stand(c)
	h.sql(`UPDATE replies SET state = 'published', published_at = $2, updated_at = $2 WHERE case_id = $1`, c.ID, h.now)
	h.sql(`UPDATE cases SET state = 'satisfaction', outcome = 'solved', changed_by = 'система', updated_at = $2 WHERE id = $1`, c.ID, h.now)
	return seenCase(h.t, h.s, c.ID)
}

// stand lets every answer of a case stand under its post, delivered.
func (h *house) stand(c domain.Case) {
	h.t.Helper()
	h.sql(`INSERT INTO deliveries (key, region, case_id, reply_id, platform, way, account, owner, post, comment, chat, thread, gap_ms, text, main,
			repeatable, why, state, attempts, first_tried_at, tried_at, platform_id, created_at, over_at)
		SELECT 'given:' || id, $2, case_id, id, 'vk', 'public', '1', '-1', '1', '0', 'c', 't', 0, text, true, true, '', 'delivered', 1, $3, $3, '77', $3, $3
		  FROM replies WHERE case_id = $1 ON CONFLICT DO NOTHING`, c.ID, region, h.now)
}

// waits is the proposal of a case that can be decided.
func (h *house) waits(c domain.Case) domain.CorrectionProposal {
	h.t.Helper()
	w, err := h.s.CaseWhole(h.t.Context(), wholeRegion(), c.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	_, p, _ := w.Proposal()
	return p
}

func (h *house) corrections(c domain.Case) int {
	h.t.Helper()
	return h.number("SELECT count(*) FROM deliveries WHERE case_id = $1 AND correction_id IS NOT NULL", c.ID)
}

// A correction goes out when somebody else has approved it, never before.
func TestACorrectionNeedsFourEyes(t *testing.T) {
	for _, who := range []string{"exec", "coord", "head"} {
		t.Run("proposed by "+who, func(t *testing.T) {
			h, ctx := newHouse(t), t.Context()
			h.person("second", "Глеб Второй", domain.Office{Role: domain.RoleHead, AgencyID: "min-roads"})
			c := h.given()
			h.must(h.s.ProposeCorrection(ctx, h.act(who, c), "Яму засыпали 3 декабря", "не было дня"))
			p := h.waits(c)
			if p.Author != who || h.corrections(c) != 0 {
				t.Fatalf("proposed: %+v, %d on their way", p, h.corrections(c))
			}
			if n := h.number("SELECT count(*) FROM notices WHERE kind = 'approval' AND to_role = 'head' AND to_agency = 'min-roads' AND text LIKE '%исправление ответа%'"); n != 1 {
				t.Errorf("the heads hear %d times", n)
			}
			list, err := h.s.Tasks(ctx, h.scope("second"), h.filter("second", domain.TabApprove))
			if err != nil || len(list) != 1 || !list[0].Proposed {
				t.Errorf("listed: %+v, %v", list, err)
			}
			if _, err := h.s.ProposeCorrection(ctx, h.act("head", c), "Иначе", "иначе"); !errors.Is(err, domain.RefuseProposalWaits) {
				t.Errorf("a second one: %v", err)
			}
			want := map[string]domain.Refusal{"exec": domain.RefuseRole, "coord": domain.RefuseRole, "head": domain.RefuseOwnProposal}[who]
			if _, err := h.s.ApproveCorrection(ctx, h.act(who, c), p.ID); !errors.Is(err, want) {
				t.Errorf("approved by the proposer: %v", err)
			}
			h.must(h.s.ApproveCorrection(ctx, h.act("second", c), p.ID))
			if h.corrections(c) != 1 {
				t.Errorf("%d on their way", h.corrections(c))
			}
			if _, err := h.s.ApproveCorrection(ctx, h.act("second", c), p.ID); !errors.Is(err, domain.RefuseNoProposal) {
				t.Errorf("a second click: %v", err)
			}
			w, err := h.s.CaseWhole(ctx, wholeRegion(), c.ID)
			if err != nil || w.Case.Version != c.Version || len(w.Replies[0].Corrections) != 1 || w.Replies[0].Corrections[0].Approver != "second" ||
				w.Replies[0].Corrections[0].Author != who || w.Replies[0].Says() != "Яму засыпали 3 декабря" {
				t.Errorf("%+v, %v", w.Replies, err)
			}
			if n := h.number(`SELECT count(*) FROM case_history WHERE case_id = $1 AND what = 'reply' AND
				(who = $2 AND details->>'state' = 'proposed' AND why = 'не было дня' OR who = 'second' AND details->>'state' = 'corrected')`, c.ID, who); n != 2 {
				t.Errorf("%d lines in the history", n)
			}
		})
	}
}

// A deputy approves in the head's name; as the proposer they do not.
func TestADeputyApprovesACorrection(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	deputy := func() domain.Act {
		act := h.act("other", c)
		act.Hand.Duties = append(act.Hand.Duties, h.act("head", c).Hand.Duties...)
		return act
	}
	h.must(h.s.ProposeCorrection(ctx, deputy(), "Яму засыпали 3 декабря", "не было дня"))
	if _, err := h.s.ApproveCorrection(ctx, deputy(), h.waits(c).ID); !errors.Is(err, domain.RefuseOwnProposal) {
		t.Errorf("as deputy of the head: %v", err)
	}
	h.must(h.s.RecallCorrection(ctx, deputy(), h.waits(c).ID))
	h.must(h.s.ProposeCorrection(ctx, h.act("coord", c), "Яму засыпали 3 декабря", "не было дня"))
	h.must(h.s.ApproveCorrection(ctx, deputy(), h.waits(c).ID))
	if n := h.number("SELECT count(*) FROM reply_corrections WHERE approver = 'other' AND why LIKE '%замещает: head%'"); n != 1 {
		t.Error("not said for whom")
	}
}

// One that is returned says why, to whoever proposed it; another may follow. What was
// read is what is decided.
func TestACorrectionIsReturned(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"))
	first := h.waits(c)
	if _, err := h.s.ReturnCorrection(ctx, h.act("head", c), first.ID, " "); !errors.Is(err, domain.RefuseNoReason) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := h.s.RecallCorrection(ctx, h.act("head", c), first.ID); !errors.Is(err, domain.RefuseNotYourProposal) {
		t.Errorf("recalled by another: %v", err)
	}
	h.must(h.s.ReturnCorrection(ctx, h.act("head", c), first.ID, "назовите час"))
	if n := h.number("SELECT count(*) FROM notices WHERE kind = 'rework' AND to_role = $1", domain.ToPerson("exec")); n != 1 {
		t.Errorf("the proposer hears %d times", n)
	}
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря в 10:00", "не было дня"))
	if _, err := h.s.ApproveCorrection(ctx, h.act("head", c), first.ID); !errors.Is(err, domain.RefuseNoProposal) {
		t.Errorf("the one that was returned: %v", err)
	}
	h.must(h.s.RecallCorrection(ctx, h.act("exec", c), h.waits(c).ID))
	w, err := h.s.CaseWhole(ctx, wholeRegion(), c.ID)
	if err != nil || len(w.Replies[0].Proposals) != 2 || w.Replies[0].Proposals[0].Remark != "назовите час" ||
		w.Replies[0].Proposals[1].State != domain.ProposalRecalled || h.corrections(c) != 0 {
		t.Errorf("%+v, %v", w.Replies[0].Proposals, err)
	}
}

// Clicks of the same moment decide once.
func TestOneOfManyClicksDecides(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	h.person("second", "Глеб Второй", domain.Office{Role: domain.RoleHead, AgencyID: "min-roads"})
	c := h.given()
	atOnce := func(acts []domain.Act, do func(domain.Act) error) (done int) {
		var wg sync.WaitGroup
		results := make([]error, len(acts))
		for i, act := range acts {
			wg.Go(func() { results[i] = do(act) })
		}
		wg.Wait()
		for _, err := range results {
			if err == nil {
				done++
			}
		}
		return done
	}
	propose := func(act domain.Act) error {
		return second(h.s.ProposeCorrection(ctx, act, "Яму засыпали 3 декабря", "не было дня"))
	}
	if n := atOnce([]domain.Act{h.act("exec", c), h.act("coord", c), h.act("coord", c), h.act("exec", c)}, propose); n != 1 {
		t.Errorf("%d proposals", n)
	}
	p := h.waits(c)
	decide := func(act domain.Act) error { return second(h.s.ApproveCorrection(ctx, act, p.ID)) }
	if n := atOnce([]domain.Act{h.act("head", c), h.act("second", c), h.act("head", c), h.act("second", c)}, decide); n != 1 || h.corrections(c) != 1 {
		t.Errorf("%d approvals, %d corrections", n, h.corrections(c))
	}
}

// reopened is a case whose author objected: its next round, not given to a body yet.
func (h *house) reopened(c domain.Case) domain.Changed {
	h.t.Helper()
	c = seenCase(h.t, h.s, c.ID)
	ch, err := domain.Reopen(c, c.Deadline, domain.By{Who: "watch", Why: "Яма на месте", At: h.now, Undo: "Возвращено"})
	if err != nil {
		h.t.Fatal(err)
	}
	done, err := h.s.ChangeCase(h.t.Context(), wholeRegion(), ch)
	if err != nil {
		h.t.Fatal(err)
	}
	return done
}

// at puts a case into a state, and with a body.
func (h *house) at(c domain.Case, state domain.State, body string) domain.Case {
	h.t.Helper()
	h.sql(`UPDATE cases SET state = $2, agency_id = $3, changed_by = 'watch', updated_at = $4 WHERE id = $1`, c.ID, string(state), body, h.now)
	return seenCase(h.t, h.s, c.ID)
}

// said puts an answer into a case by hand.
func (h *house) said(c domain.Case, kind, state, text string) {
	h.t.Helper()
	h.now = h.now.Add(time.Minute)
	h.sql(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at, published_at, published_by, proof_url)
		VALUES ($1, $6, $3, $4, $5, CASE WHEN $3 = 'final' THEN 'solved' ELSE '' END, 'exec', 'head', $2, $2, $2, $2, $2,
		        CASE WHEN $4 = 'by_hand' THEN 'exec' ELSE '' END, CASE WHEN $4 = 'by_hand' THEN 'https://example.org' ELSE '' END)`, c.ID, h.now, kind, state, text, max(c.Round, 1))
}

// What an author read last is put right in the round after it, too, in every state in
// which its body has the case: nothing wrong stands until the next answer. What waited
// when the author objected waits on.
func TestACorrectionOfTheRoundBefore(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"))
	first := h.waits(c)
	done := h.reopened(c)
	if h.waits(c).ID != first.ID {
		t.Error("what waited is gone with the new round")
	}
	if _, err := h.s.Undo(ctx, wholeRegion(), done.UndoID, "watch", h.now); err != nil {
		t.Fatal(err)
	}
	c = h.reopened(c).Case
	h.must(h.s.ApproveCorrection(ctx, h.act("head", c), first.ID))
	for i, to := range []domain.State{domain.Reopened, domain.Coordination, domain.Execution, domain.Approval, domain.Publishing, domain.SendFailed} {
		if to != domain.Reopened {
			c = h.at(c, to, "min-roads")
		}
		text := fmt.Sprintf("Яму засыпали %d декабря", 4+i)
		h.must(h.s.ProposeCorrection(ctx, h.act("coord", c), text, "не тот день"))
		list, err := h.s.Tasks(ctx, h.scope("head"), h.filter("head", domain.TabApprove))
		if err != nil || len(list) != 1 || !list[0].Proposed {
			t.Errorf("%s: listed %+v, %v", to, list, err)
		}
		if _, err := h.s.ApproveCorrection(ctx, h.act("coord", c), h.waits(c).ID); !errors.Is(err, domain.RefuseRole) {
			t.Errorf("%s: approved by one pair of eyes: %v", to, err)
		}
		h.must(h.s.ApproveCorrection(ctx, h.act("head", c), h.waits(c).ID))
		if got := seenCase(t, h.s, c.ID); got.State != to || got.Version != c.Version {
			t.Errorf("%s: the case moved to %s", to, got.State)
		}
	}
	if n := h.number(`SELECT count(*) FROM deliveries WHERE case_id = $1 AND correction_id IS NOT NULL AND text LIKE '%9 декабря'`, c.ID); n != 1 {
		t.Error("the last words are not on their way")
	}
}

// Whose answer it was not does not correct it: another body has the next round; nor is
// one corrected that another answer has followed, also one that was given by hand.
func TestWhatIsNotTheLastAnswerIsNotCorrected(t *testing.T) {
	for name, next := range map[string]func(h *house, c domain.Case) domain.Case{
		"another body": func(h *house, c domain.Case) domain.Case {
			return h.at(h.at(c, domain.Coordination, "town-hall"), domain.Execution, "town-hall")
		},
		"by hand": func(h *house, c domain.Case) domain.Case {
			c = h.at(h.at(c, domain.Coordination, "min-roads"), domain.Execution, "min-roads")
			h.said(c, "interim", "by_hand", "Проверяем")
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, ctx := newHouse(t), t.Context()
			c := h.given()
			h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"))
			p := h.waits(c)
			c = next(h, h.reopened(c).Case)
			for _, who := range []string{"head", "far"} {
				act := h.act(who, c)
				act.Scope = wholeRegion()
				if _, err := h.s.ProposeCorrection(ctx, act, "Иначе", "иначе"); err == nil {
					t.Errorf("proposed by %s", who)
				}
				if _, err := h.s.ApproveCorrection(ctx, act, p.ID); err == nil {
					t.Errorf("approved by %s", who)
				}
			}
			if h.waits(c).ID != 0 || h.corrections(c) != 0 {
				t.Errorf("waits %+v, %d on their way", h.waits(c), h.corrections(c))
			}
		})
	}
}

// What waits of one answer is nobody's to approve once another was given.
func TestACorrectionIsOfItsAnswer(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"))
	p := h.waits(c)
	c = h.reopened(c).Case
	c = h.at(h.at(c, domain.Coordination, "min-roads"), domain.Execution, "min-roads")
	h.said(c, "interim", "published", "Проверяем")
	h.stand(c)
	if _, err := h.s.ApproveCorrection(ctx, h.act("head", c), p.ID); !errors.Is(err, domain.RefuseNoProposal) {
		t.Errorf("approved in place of another answer: %v", err)
	}
	h.must(h.s.ProposeCorrection(ctx, h.act("coord", c), "Проверяем, ответим завтра", "без дня"))
	if n := h.number("SELECT count(*) FROM notices WHERE to_role = 'person:exec' AND text LIKE '%исправление ответа устарело%'"); n != 1 {
		t.Errorf("the proposer of the old one heard %d times", n)
	}
	if n := h.number("SELECT count(*) FROM correction_proposals WHERE id = $1 AND state = 'stale'", p.ID); n != 1 || h.waits(c).ID == p.ID {
		t.Error("the old one is not ended by the new one")
	}
}

// A correction that would reach nobody is refused when it is proposed, with the reason,
// and its page says so; one that can be said somewhere goes there.
func TestACorrectionThatReachesNobodyIsNotProposed(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	var refused domain.Refusal
	h.rules.MayCorrect = func(p domain.AnswerPlace) domain.Refusal {
		if p.Platform != domain.VK || p.Way != domain.WayPublic || p.Account != "1" || p.Body != "min-roads" {
			t.Errorf("asked about %+v", p)
		}
		return refused
	}
	for _, refused = range []domain.Refusal{domain.RefuseCorrectAccount, domain.RefuseCorrectOther, domain.RefuseCorrectChannel} {
		if _, err := h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"); !errors.Is(err, refused) {
			t.Errorf("%s: %v", refused, err)
		}
		f, err := h.s.BodyTask(ctx, h.scope("exec"), c.ID, h.rules)
		if err != nil || f.Unreached != refused || f.Given == 0 {
			t.Errorf("%s: the page reads %q, %v", refused, f.Unreached, err)
		}
	}
	refused = ""
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"))
	h.sql(`UPDATE deliveries SET way = 'dialog', post = 'erased' WHERE case_id = $1`, c.ID)
	if _, err := h.s.ApproveCorrection(ctx, h.act("head", c), h.waits(c).ID); !errors.Is(err, domain.RefuseCorrectShut) {
		t.Errorf("approved after its author had everything erased: %v", err)
	}
}

// A body that needs no approval corrects at once.
func TestACorrectionWithoutApproval(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	h.rules.NoApproval = func(string) bool { return true }
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Яму засыпали 3 декабря", "не было дня"))
	if h.waits(c).ID != 0 || h.corrections(c) != 1 {
		t.Errorf("waits %+v, %d on their way", h.waits(c), h.corrections(c))
	}
}

// What may not be said in public is not approved unseen; what never may is not proposed.
func TestACorrectionIsChecked(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := h.given()
	h.rules.CheckReply = func(r domain.ReplyToCheck) (out []domain.ReplyFault) {
		if strings.Contains(r.Text, "8-914") {
			out = append(out, domain.ReplyFault{Name: domain.AnswerPhone, Part: "8-914", Words: "Телефон", Hard: strings.Contains(r.Text, "паспорт")})
		}
		return out
	}
	var found *domain.ReplyFaults
	if _, err := h.s.ProposeCorrection(ctx, h.act("exec", c), "8-914, паспорт", "номер"); !errors.As(err, &found) {
		t.Errorf("proposed: %v", err)
	}
	h.must(h.s.ProposeCorrection(ctx, h.act("exec", c), "Звоните 8-914", "номер"))
	f, err := h.s.BodyTask(ctx, h.scope("head"), c.ID, h.rules)
	if err != nil || len(f.ProposalFaults) != 1 {
		t.Errorf("shown to the head: %+v, %v", f.ProposalFaults, err)
	}
	p := h.waits(c)
	if _, err := h.s.ApproveCorrection(ctx, h.act("head", c), p.ID); !errors.As(err, &found) || h.corrections(c) != 0 {
		t.Errorf("approved unseen: %v", err)
	}
	act := h.act("head", c)
	act.Sure = []string{domain.ReplyFault{Name: domain.AnswerPhone, Part: "8-914"}.ID()}
	h.must(h.s.ApproveCorrection(ctx, act, p.ID))
}
