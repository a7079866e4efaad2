package proof

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
	"github.com/otklik/otklik/reply"
)

// A body that answers under posts from a community of its own, whose token dies in the
// middle of the run: what is left of its answers goes out from the region's community.
const (
	secondCommunity = 701
	secondToken     = "token-of-the-body"
	secondBody      = "min-zhkh"
)

// ofSecondBody: every third answer under a post.
func ofSecondBody(n int) bool { return n%3 == 0 }

// addSecond keeps the account of the body as an administrator would.
func (s *stand) addSecond() {
	s.t.Helper()
	s.vk.AddCommunity(vkfake.Community{ID: secondCommunity, Token: secondToken})
	cmd := s.command("account", "add", "--region", region, "--body", secondBody, "vk", strconv.Itoa(secondCommunity))
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(secondToken+"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("add the account of the body: %v\n%s", err, out)
	}
}

// Of the deliveries that a body's own account has carried.
const (
	saidBySecond  = `SELECT count(*) FROM deliveries WHERE account = '701' AND state = 'delivered'`
	savedByRegion = `SELECT count(*) FROM deliveries d JOIN cases c ON c.id = d.case_id
		WHERE c.agency_id = 'min-zhkh' AND d.account = '700' AND d.state = 'delivered'`
	leftToPeople = `SELECT count(*) FROM deliveries WHERE state = 'failed' AND reason = $1`
)

// letSecondDie waits until the body has said some of its answers, and lets VK refuse
// its token from then on.
func (s *stand) letSecondDie(answers int) {
	s.t.Helper()
	waitFor(s.t, patience, "answers of the body's own community", func() bool { return s.query(saidBySecond) >= int64(min(20, max(1, answers/5))) })
	s.vk.AddFault(vkfake.Fault{Token: secondToken, Code: 5, Times: 1 << 30})
}

// checkSecond: the body spoke itself, then the region's account did, and a try that may
// have said the words is left to a person, never to another account.
func (s *stand) checkSecond() {
	s.t.Helper()
	said, saved, left := s.query(saidBySecond), s.query(savedByRegion), s.query(leftToPeople, domain.ReasonPerhaps)
	s.t.Logf("figure replies_second_community %d", said)
	s.t.Logf("figure replies_after_dead_token %d", saved)
	s.t.Logf("figure replies_perhaps_to_person %d", left)
	if said == 0 || saved == 0 {
		s.t.Errorf("%d answers from the body's own community, %d from the region's after its token died", said, saved)
	}
	if n := s.query(`SELECT count(*) FROM accounts WHERE address = '701' AND broken <> ''`); n != 1 {
		s.t.Error("the dead token is not known as such")
	}
	if n := s.query(`SELECT count(*) FROM deliveries WHERE state = 'failed' AND reason = $1 AND (account <> '701' AND NOT perhaps)`, domain.ReasonPerhaps); n != 0 {
		s.t.Errorf("%d answers are left to people though nobody may have said them", n)
	}
}

// approvedAnswer is where an answer of the ledger goes, and in which talk.
type approvedAnswer struct {
	to     domain.PostID
	talk   string
	second bool // of the body with a community of its own
}

// over reports whether an answer ended as it may: delivered once; of Telegram unclear;
// of a dead token, when a try may have said it, with a person and said at most once.
func (a approvedAnswer) over(state, reason string, times int) bool {
	switch state {
	case "delivered":
		return times == 1
	case "unclear":
		return a.to.Platform == domain.Telegram && times <= 1
	}
	return a.second && state == "failed" && reason == domain.ReasonPerhaps && times <= 1
}

// inOrder: in one talk the answers stand in the order of their approval.
func (s *stand) inOrder(approved map[int]approvedAnswer, written map[string][]entryAt) {
	s.t.Helper()
	var all []entryAt
	for _, list := range written {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b entryAt) int { return a.line - b.line })
	last, several := map[string]int{}, map[domain.Platform]int{}
	for _, e := range all {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(e.Text, "Ответ "), ": яму засыпали."))
		if err != nil {
			s.t.Fatalf("%q stands in the ledger", e.Text)
		}
		a := approved[n]
		before, ok := last[a.talk]
		if ok {
			several[a.to.Platform]++
		}
		if ok && n < before {
			s.t.Errorf("in %s answer %d stands after answer %d", a.talk, n, before)
		}
		last[a.talk] = n
	}
	for _, p := range []domain.Platform{domain.VK, domain.MAX, domain.Telegram} {
		if several[p] == 0 {
			s.t.Errorf("no talk of %s has several answers: nothing is said of order there", reply.PlatformName(p))
		}
	}
}

func TestAnswersEndAsTheyMay(t *testing.T) {
	vk, tg := approvedAnswer{to: domain.PostID{Platform: domain.VK}}, approvedAnswer{to: domain.PostID{Platform: domain.Telegram}}
	second := approvedAnswer{to: domain.PostID{Platform: domain.VK}, second: true}
	for _, c := range []struct {
		a             approvedAnswer
		state, reason string
		times         int
		want          bool
	}{
		{vk, "delivered", "sent", 1, true}, {vk, "delivered", "sent", 0, false}, {vk, "delivered", "sent", 2, false}, {vk, "unclear", "", 1, false},
		{tg, "unclear", "", 0, true}, {tg, "unclear", "", 2, false}, {tg, "failed", "", 0, false},
		{second, "failed", domain.ReasonPerhaps, 1, true}, {second, "failed", "ask_person", 0, false}, {vk, "failed", domain.ReasonPerhaps, 0, false},
	} {
		if got := c.a.over(c.state, c.reason, c.times); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
