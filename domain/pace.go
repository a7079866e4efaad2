package domain

// HeldDaily is the reason of a delivery that waits for tomorrow: its account has
// said as much today as it should.
const HeldDaily = "daily_limit"

// SendPerDay is the most messages one account sends in a day in a way; what is
// over waits for the next one. No platform publishes such a number, they block
// who looks like an advertiser, so these are ours and a region may set others:
//   - VK: a community may publish 200 records a day unless it is verified
//     (mediaprofi.org/media-info/news/item/2201-tyr); for comments nothing is known
//     but error 223, «too many replies». To one person a bot may send 1,000 messages
//     an hour (vk.com/faq11583), so a dialog has room.
//   - Telegram: 20 messages a minute into a group, 30 a second in all (protocols.md,
//     «Send limits»), nothing about a day.
//   - MAX: 30 calls a second, nothing about a day.
func SendPerDay(p Platform, w Way) int64 {
	switch {
	case p != VK && p != Telegram && p != MAX:
		return 0
	case w == WayDialog || w == WayStaff: // each a number of its own: neither hides the other
		return 20000
	}
	return 1000
}
