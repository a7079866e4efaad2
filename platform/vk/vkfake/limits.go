package vkfake

import "time"

// Limits of the fake. Zero values mean VK's own figures, negative ones no limit.
type Limits struct {
	ServicePerSecond   int              // 3
	CommunityPerSecond int              // 20
	PerDay             map[string]int64 // by method, for each token
}

// NoLimits is for tests about something else.
func NoLimits() Limits {
	return Limits{ServicePerSecond: -1, CommunityPerSecond: -1, PerDay: map[string]int64{"wall.get": -1, "newsfeed.search": -1}}
}

// vkPerDay are VK's daily quotas of one token.
func vkPerDay(method string) int64 {
	switch method {
	case "wall.get":
		return 5000
	case "newsfeed.search", "wall.search":
		return 1000
	}
	return -1
}

type dayKey struct {
	token, method, day string
}

// meter counts calls. Seconds are the machine's, days are the business clock's.
type meter struct {
	limits Limits
	recent map[string][]time.Time
	spent  map[dayKey]int64
}

func newMeter(l Limits) *meter {
	return &meter{limits: l, recent: map[string][]time.Time{}, spent: map[dayKey]int64{}}
}

// take counts one call or refuses it.
func (m *meter) take(c *call, now time.Time) *apiError {
	if m.tooFast(c) {
		return &apiError{code: 6, msg: "Too many requests per second"}
	}
	limit, ok := m.limits.PerDay[c.method]
	if !ok || limit == 0 {
		limit = vkPerDay(c.method)
	}
	if limit < 0 {
		return nil
	}
	key := dayKey{token: c.token, method: c.method, day: now.In(time.FixedZone("MSK", 3*3600)).Format(time.DateOnly)}
	if m.spent[key] >= limit {
		return &apiError{code: 29, msg: "Rate limit reached"}
	}
	m.spent[key]++
	return nil
}

func (m *meter) tooFast(c *call) bool {
	limit := pick(m.limits.ServicePerSecond, 3)
	if c.group != 0 {
		limit = pick(m.limits.CommunityPerSecond, 20)
	}
	if limit < 0 {
		return false
	}
	now := time.Now()
	recent := m.recent[c.token]
	for len(recent) > 0 && now.Sub(recent[0]) >= time.Second {
		recent = recent[1:]
	}
	if len(recent) >= limit {
		m.recent[c.token] = recent
		return true
	}
	m.recent[c.token] = append(recent, now)
	return false
}

func pick(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

// SetPerDay changes a method's daily quota; negative lifts it.
func (s *Server) SetPerDay(method string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	limits := map[string]int64{method: n}
	for k, v := range s.limits.limits.PerDay {
		if k != method {
			limits[k] = v
		}
	}
	s.limits.limits.PerDay = limits
}
