package vkfake

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// searchDepth is how deep newsfeed.search looks.
const searchDepth = 1000

// nearKm is the fake's idea of «near a point»; VK's own is not documented.
const nearKm = 50

// newsfeedSearch shows posts of all open walls that hold every word, newest
// first, at most the first thousand, without those the index does not know.
func (s *Server) newsfeedSearch(c *call) (any, *apiError) {
	count := int(c.num("count", 30))
	if count < 0 || count > 200 {
		return nil, badParam("count")
	}
	found := s.find(c)
	total := len(found)
	found = found[:min(total, searchDepth)]
	offset := 0
	if from := c.form.Get("start_from"); from != "" {
		n, _, _ := strings.Cut(from, "/")
		offset, _ = strconv.Atoi(n)
	}
	page := window(found, offset, count)
	items := make([]any, 0, len(page))
	for _, p := range page {
		items = append(items, overlay(s.renderPost(p), p.Extra))
		c.served = append(c.served, postID(p))
	}
	answer := map[string]any{"items": items, "count": len(found), "total_count": total}
	if end := offset + len(page); end < len(found) && len(page) > 0 {
		last := page[len(page)-1]
		answer["next_from"] = fmt.Sprintf("%d/%d_%d", end, last.Owner, last.ID)
	}
	if c.flag("extended") {
		s.addNames(answer, page)
	}
	return answer, nil
}

func (s *Server) find(c *call) []*post {
	now := s.clock.Now()
	from := c.num("start_time", now.Add(-24*time.Hour).Unix())
	to := c.num("end_time", math.MaxInt64)
	words := strings.Fields(strings.ToLower(c.form.Get("q")))
	var found []*post
	for _, w := range s.walls {
		if w.closed != 0 {
			continue
		}
		for _, p := range w.visible(now) {
			if at := p.Date.Unix(); at < from || at > to || s.hidden(p.Owner, p.ID) {
				continue
			}
			if holds(p.Text, words) && near(c, p) {
				found = append(found, p)
			}
		}
	}
	slices.SortFunc(found, func(a, b *post) int {
		return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(a.Owner, b.Owner), cmp.Compare(b.ID, a.ID))
	})
	return found
}

func holds(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// near is true without a place in the query; with one, only posts with a point
// close to it are near.
func near(c *call, p *post) bool {
	lat, err1 := strconv.ParseFloat(c.form.Get("latitude"), 64)
	lon, err2 := strconv.ParseFloat(c.form.Get("longitude"), 64)
	if err1 != nil || err2 != nil {
		return true
	}
	if p.Geo == nil {
		return false
	}
	const kmPerDegree = 111.2
	dy := (p.Geo.Lat - lat) * kmPerDegree
	dx := (p.Geo.Lon - lon) * kmPerDegree * math.Cos(lat*math.Pi/180)
	return math.Hypot(dx, dy) <= nearKm
}
