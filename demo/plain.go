package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// plainSources are where records without a source of their own are written, by
// turns: the ways of reading that need no history.
func plainSources(region string) []Source {
	return []Source{
		{Key: "wall-1", Region: region, Platform: domain.VK, Kind: "vk_wall", Address: "-100000901", Title: "Стена 1"},
		{Key: "wall-2", Region: region, Platform: domain.VK, Kind: "vk_wall", Address: "-100000902", Title: "Стена 2"},
		{Key: "channel-1", Region: region, Platform: domain.Telegram, Kind: "telegram_preview", Address: "otklik_kanal_1", Title: "Канал 1"},
		{Key: "group-1", Region: region, Platform: domain.Telegram, Kind: "telegram_chat", Address: "-1001000000901", Title: "Группа 1"},
		{Key: "max-1", Region: region, Platform: domain.MAX, Kind: "max_chat", Address: "-70000000000901", Title: "Группа MAX 1"},
	}
}

// retention is how long Telegram keeps updates for a bot (86,400 s), and the fake
// MAX too.
const retention = 24 * time.Hour

// Plain makes a feed of records of somebody's own: a record with a source name
// goes to a wall of that name (to a public channel when the name begins with
// "tg:" or "@", to a group of MAX when it begins with "max:"), one without to the plain sources by turns. What is older than
// a bot's updates live does not go to a group: it could never be read there.
func Plain(records []Record, region string, now time.Time) Feed {
	f := Feed{Sources: plainSources(region), Records: records}
	named := map[string]string{}
	turn := 0
	for i := range f.Records {
		r := &f.Records[i]
		if r.Source == "" {
			r.Source = turns(turn)
			turn++
			if old := !r.At.IsZero() && now.Sub(r.At) > retention/2; old && (r.Source == "group-1" || r.Source == "max-1") {
				r.Source = "wall-1"
			}
			continue
		}
		key, ok := named[r.Source]
		if !ok {
			s := namedSource(r.Source, region, len(named)+1)
			f.Sources = append(f.Sources, s)
			key, named[r.Source] = s.Key, s.Key
		}
		r.Source = key
	}
	return f
}

// turns spreads records over the plain sources. The public channel gets every
// tenth: its pages hold twenty posts and are asked for every other second.
func turns(n int) string {
	if n%10 == 9 {
		return "channel-1"
	}
	return []string{"wall-1", "wall-2", "group-1", "max-1"}[n%4]
}

func namedSource(name, region string, n int) Source {
	s := Source{Key: fmt.Sprintf("named-%d", n), Region: region, Platform: domain.VK, Kind: "vk_wall",
		Address: fmt.Sprintf("-%d", 100001000+n), Title: name}
	if strings.HasPrefix(name, "tg:") || strings.HasPrefix(name, "@") {
		s.Platform, s.Kind, s.Address = domain.Telegram, "telegram_preview", fmt.Sprintf("otklik_kanal_n%d", n)
	}
	if strings.HasPrefix(name, "max:") {
		s.Platform, s.Kind, s.Address = domain.MAX, "max_chat", fmt.Sprintf("-%d", 70000000001000+n)
	}
	return s
}

// Oldest is the earliest time in a feed; now when no record names one.
func (f *Feed) Oldest(now time.Time) time.Time {
	oldest := now
	for _, r := range f.Records {
		if !r.At.IsZero() && r.At.Before(oldest) {
			oldest = r.At
		}
	}
	return oldest
}

// SourcesOf are the sources of a feed as the store knows them: walls, public
// channels, and one bot a region for all its groups.
func (f *Feed) SourcesOf(fakes *Fakes, days int) []domain.Source {
	var out []domain.Source
	homes, maxHomes := map[string]map[string]string{}, map[string]map[string]string{}
	for _, s := range f.Sources {
		src := domain.Source{Region: s.Region, Address: s.Address, Title: s.Title, Home: s.Home, State: domain.SourceNew}
		src.Settings = fmt.Appendf(nil, `{"first_days":%d}`, days)
		switch s.Kind {
		case "vk_wall":
			src.Kind = domain.VKWall
		case "telegram_preview":
			src.Kind = domain.TelegramPreview
		case "max_chat":
			if maxHomes[s.Region] == nil {
				maxHomes[s.Region] = map[string]string{}
			}
			maxHomes[s.Region][s.Address] = s.Home
			continue
		default:
			if homes[s.Region] == nil {
				homes[s.Region] = map[string]string{}
			}
			homes[s.Region][s.Address] = s.Home
			continue
		}
		out = append(out, src)
	}
	return slices.Concat(out, vkSources(fakes), botSources(fakes, homes), maxSources(fakes, maxHomes))
}
