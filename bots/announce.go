package bots

import (
	"strings"

	"github.com/otklik/otklik/domain"
)

// Announce implements domain.Announce: the text under the names of its places, and
// a button for each that ends the subscription.
func (b *Bot) Announce(text string, places []string) domain.Word {
	var names []string
	var buttons [][]domain.Button
	for _, id := range places {
		m, ok := b.facts.place(id)
		if !ok {
			continue // gone from the pack: one can still write «отписаться»
		}
		names = append(names, m.Name)
		if len(buttons) < maxPlaces {
			label := labelUnsub
			if len(places) > 1 {
				label += ": " + m.Name
			}
			buttons = append(buttons, []domain.Button{Button(label, pressUnsubOf+id)})
		}
	}
	title := b.facts.Name
	if len(names) > 0 && len(names) <= maxPlaces {
		title = strings.Join(names, ", ")
	}
	w := say(wordsAnnounce, title, text)
	w.Buttons = buttons
	return w
}
