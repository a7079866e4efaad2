package reply

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

// A citizen is written to from the account they wrote to, else from the region's,
// else not at all; in public a body speaks with its own account or the region's.
func TestWhoSpeaks(t *testing.T) {
	account := func(id int64, p domain.Platform, address string, whole bool, bodies ...string) domain.Speaker {
		return domain.Speaker{ID: id, Platform: p, Address: address, Whole: whole, Bodies: bodies}
	}
	broken := func(s domain.Speaker) domain.Speaker { s.Broken = "токен отозван"; return s }
	var (
		ours     = account(1, domain.VK, "100", false, "min-roads")
		theirs   = account(2, domain.VK, "200", false, "min-health")
		whole    = account(3, domain.VK, "300", true)
		env      = account(0, domain.VK, "200", true)
		tgTheirs = account(4, domain.Telegram, "700", false, "min-health")
		tgOurs   = account(5, domain.Telegram, "701", false, "min-roads")
		tgWhole  = account(6, domain.Telegram, "702", true)
		anyMAX   = account(0, domain.MAX, domain.AnyAddress, true)
	)
	dialog := func(p domain.Platform, owner string) domain.PlanPost {
		return domain.PlanPost{ID: domain.NewPrivateID(p, owner, "5", "1"), Kind: domain.Message}
	}
	wall := domain.PlanPost{ID: domain.NewPostID(domain.VK, "-200", "7"), Kind: domain.WallPost}
	group := domain.PlanPost{ID: domain.NewPostID(domain.Telegram, "-1001", "7"), Kind: domain.Comment, Source: domain.TelegramBot, Address: "700"}
	for name, c := range map[string]struct {
		post    domain.PlanPost
		know    []domain.Speaker
		account string
		id      int64
	}{
		"the account they wrote to, though another body's": {dialog(domain.VK, "-200"), []domain.Speaker{ours, whole, theirs}, "200", 2},
		"kept here before the environment":                 {dialog(domain.VK, "-200"), []domain.Speaker{env, theirs}, "200", 2},
		"that of the environment":                          {dialog(domain.VK, "-200"), []domain.Speaker{ours, whole, env}, "200", 0},
		"else the region's":                                {dialog(domain.VK, "-200"), []domain.Speaker{ours, broken(theirs), whole}, "300", 3},
		"else nobody, not even the body's own":             {dialog(domain.VK, "-200"), []domain.Speaker{ours, broken(theirs)}, "", 0},
		"a bot they wrote to":                              {dialog(domain.Telegram, "700"), []domain.Speaker{tgOurs, tgWhole, tgTheirs}, "700", 4},
		"no other bot can write first":                     {dialog(domain.Telegram, "700"), []domain.Speaker{tgOurs, tgWhole}, "", 0},
		"the bot of MAX":                                   {dialog(domain.MAX, "900"), []domain.Speaker{anyMAX}, "900", 0},
		"on a wall the body's own":                         {wall, []domain.Speaker{whole, theirs, ours}, "100", 1},
		"on a wall the region's":                           {wall, []domain.Speaker{theirs, whole}, "300", 3},
		"on a wall never another body's":                   {wall, []domain.Speaker{theirs}, "", 0},
		"in a group never another body's bot":              {group, []domain.Speaker{tgTheirs, tgOurs, tgWhole}, "", 0},
	} {
		plan := Plan(domain.ReplyToPlan{ReplyID: 1, CaseID: 1, Body: "min-roads", Text: "Сделано", Posts: []domain.PlanPost{c.post}},
			Knowledge{Channels: func(domain.Platform, domain.Way) (bool, string) { return true, "" }, Speakers: c.know})
		switch {
		case c.account == "" && (len(plan.Deliveries) != 0 || plan.Reason != ReasonAccount):
			t.Errorf("%s: %+v", name, plan)
		case c.account != "" && (len(plan.Deliveries) != 1 || plan.Deliveries[0].Account != c.account || plan.Deliveries[0].SpeakID != c.id):
			t.Errorf("%s: %+v", name, plan)
		}
	}
}
