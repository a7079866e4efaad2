package demo

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// botSources is one getUpdates source for each region that has groups, knowing
// the home of every group.
func botSources(fakes *Fakes, homes map[string]map[string]string) []domain.Source {
	var out []domain.Source
	for _, region := range slices.Sorted(maps.Keys(homes)) {
		settings, err := json.Marshal(map[string]any{"homes": homes[region]})
		if err != nil {
			panic(err) // strings always marshal
		}
		id, _, _ := strings.Cut(fakes.BotToken[region], ":")
		out = append(out, domain.Source{Region: region, Kind: domain.TelegramBot, Address: id,
			Title: "бот региона", State: domain.SourceNew, Settings: settings})
	}
	return out
}

// vkSources is the long poll of each region's own community: what people write to
// it privately.
func vkSources(fakes *Fakes) []domain.Source {
	var out []domain.Source
	for _, region := range slices.Sorted(maps.Keys(fakes.VKGroups)) {
		out = append(out, domain.Source{Region: region, Kind: domain.VKLongPoll, Address: strconv.FormatInt(fakes.VKGroups[region], 10),
			Title: "сообщество региона", State: domain.SourceNew, Settings: json.RawMessage(`{}`)})
	}
	return out
}

// maxSources is one polled bot of MAX for each region that has groups there.
func maxSources(fakes *Fakes, homes map[string]map[string]string) []domain.Source {
	var out []domain.Source
	for _, region := range slices.Sorted(maps.Keys(homes)) {
		settings, err := json.Marshal(map[string]any{"homes": homes[region]})
		if err != nil {
			panic(err) // strings always marshal
		}
		out = append(out, domain.Source{Region: region, Kind: domain.MAXBot, Address: fakes.MAXBots[region].ID(),
			Title: "бот региона в MAX", State: domain.SourceNew, Settings: settings})
	}
	return out
}
