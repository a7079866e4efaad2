package citizen

import (
	"strconv"

	"github.com/otklik/otklik/demo"
)

// PlacesOf are the places of a feed's fakes where a citizen can write. Channels
// have none: nobody comments in a preview.
func PlacesOf(fakes *demo.Fakes, feed *demo.Feed) []Place {
	var out []Place
	dialogs := map[string]bool{}
	for _, s := range feed.Sources {
		if !dialogs[s.Region] {
			dialogs[s.Region] = true
			out = append(out, dialogsOf(fakes, s.Region)...)
		}
		var p Place
		switch s.Kind {
		case "vk_wall":
			owner, err := strconv.ParseInt(s.Address, 10, 64)
			if err != nil {
				continue // no wall: StartFakes has refused it
			}
			p = VKWall(fakes.VK, owner)
		case "telegram_chat":
			p = TelegramGroup(fakes.Telegram[s.Key])
		case "max_chat":
			p = MAXGroup(fakes.MAXChats[s.Key])
		default:
			continue
		}
		p.Key, p.Region, p.Title = s.Key, s.Region, s.Title
		out = append(out, p)
	}
	return out
}

// dialogsOf are the ways to write to a region privately.
func dialogsOf(fakes *demo.Fakes, region string) []Place {
	named := func(p Place, key string) Place {
		p.Key, p.Region, p.Title = key+"-"+region, region, "написать в ЦУР"
		return p
	}
	var out []Place
	if group := fakes.VKGroups[region]; group != 0 {
		out = append(out, named(VKDialog(fakes.VK, group), "vk-dialog"))
	}
	if bot := fakes.MAXBots[region]; bot != nil {
		out = append(out, named(MAXDialog(bot), "max-dialog"))
	}
	if world := fakes.TelegramWorld(region); world != nil {
		out = append(out, named(TelegramDialog(world), "telegram-dialog"))
	}
	return out
}
