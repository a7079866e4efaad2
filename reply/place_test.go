package reply

import (
	"slices"
	"testing"

	"github.com/otklik/otklik/domain"
)

// A place keeps its key whatever the outbox calls the chat: under another one what
// has been sent would be sent again.
func TestThePlaceOfADialogKeepsItsKey(t *testing.T) {
	know := Knowledge{Channels: func(domain.Platform, domain.Way) (bool, string) { return true, "" },
		Speakers: []domain.Speaker{{Region: "khabarovsk", Platform: domain.VK, Address: "700", Whole: true}},
		Words:    domain.AnswerWords{Short: func(_ domain.ReplyKind, _, text string) string { return text }}}
	message := func(peer, chat string) domain.PlanPost {
		return domain.PlanPost{ID: domain.NewPrivateID(domain.VK, "-700", peer, "1"), Kind: domain.Message, Source: domain.VKLongPoll, Address: "700", Chat: chat}
	}
	keys := func(posts ...domain.PlanPost) []string {
		var out []string
		for _, d := range Plan(domain.ReplyToPlan{ReplyID: 1, CaseID: 1, Text: "Вода есть", Posts: posts}, know).Deliveries {
			out = append(out, d.Key)
		}
		return out
	}
	unnamed := keys(message("5", ""), message("6", "")) // as it was before the outbox had names
	if len(unnamed) != 2 {
		t.Fatalf("keys: %q", unnamed)
	}
	for _, named := range [][]string{keys(message("5", "chat:a5"), message("6", "chat:a6")), keys(message("5", "chat:b5"), message("6", "chat:b6"))} {
		if !slices.Equal(named, unnamed) {
			t.Errorf("%q, was %q", named, unnamed)
		}
	}
	if one := keys(message("5", "chat:a5"), message("51", "chat:a5")); len(one) != 1 {
		t.Errorf("twice into one chat: %q", one)
	}
}
