package main

import (
	"testing"
	"time"

	"github.com/otklik/otklik/bots"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// People name municipalities by their towns, in any case and without hyphens.
func TestSubscriptionKnowsTheTowns(t *testing.T) {
	for region, said := range map[string]map[string]string{
		"khabarovsk": {"г. Хабаровск": "khabarovsk-city", "Хабаровск": "khabarovsk-city", "В Хабаровске": "khabarovsk-city", "Советская Гавань": "sovetskaya-gavan", "Совгавань": "sovetskaya-gavan",
			"Ванино": "vanino", "Николаевск-на-Амуре": "nikolaevsk", "николаевск на амуре": "nikolaevsk", "Чегдомын": "verkhnebureinskiy", "Переяславка": "lazo", "р-н Лазо": "lazo", "Хабаровский район": "khabarovskiy"},
		"kaliningrad": {"Мамоново": "mamonovo", "Светлый": "svetlyy", "г. Калининград": "kaliningrad-city"},
	} {
		p, err := rules.LoadEmbedded(region)
		if err != nil {
			t.Fatal(err)
		}
		bot := bots.New(botFacts(p))
		for text, want := range said {
			d := domain.Dialog{ID: 1, Consent: bots.ConsentVersion}
			d = bot.Hear(time.Now(), d, &domain.Post{Private: &domain.Private{Press: "sub"}}).Dialog
			got := bot.Hear(time.Now(), d, &domain.Post{Text: text, Private: &domain.Private{}})
			if len(got.Deeds) != 1 || got.Deeds[0].Place != want {
				t.Errorf("%s, %s: %+v", region, text, got)
			}
		}
	}
}
