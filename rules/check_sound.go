package rules

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Sound finds what a pack may not be activated with, whatever the day. Load lets
// it pass: a version that is in force already must load again after an update of
// the program.
func Sound(p *Pack) error {
	c := &checker{p: p}
	c.sound()
	return c.faults.sorted().Err()
}

func (c *checker) sound() {
	c.folder()
	c.numbers()
	c.calendarWords()
	c.bodies()
	c.leads()
	c.praise()
	c.beyond()
	c.places()
	c.settled()
	c.names()
	c.scope()
}

// scope: an act that holds for nothing is not what anybody meant.
func (c *checker) scope() {
	if len(c.p.Region.Decree.Scope) == 0 {
		c.fault(c.key("decree.scope"), CodeEmpty, "не сказано, на что распространяется перечень: decree.scope пуст",
			"впишите open_sources, epgu или оба")
	}
}

// folder: people name a region by its folder and the program by its id.
func (c *checker) folder() {
	if r := &c.p.Region; c.p.folder != r.ID && c.p.folder != unnamedFolder {
		c.fault(c.key("id"), CodeBadValue, fmt.Sprintf("имя региона «%s», а папка пакета называется «%s»", r.ID, c.p.folder),
			"назовите их одинаково: исправьте id или имя папки")
	}
	if c.p.Region.Zone == "Local" { // the library takes it for the zone of whatever machine it runs on
		c.fault(c.key("zone"), CodeBadZone, "часовой пояс «Local» на каждой машине свой",
			"впишите имя из базы IANA, например Asia/Vladivostok")
	}
}

// Bounds of numbers: what is beyond them is a slip.
const (
	mostHours   = 1000
	mostKept    = 3650 // days that posts are kept
	mostReturns = 100
	mostScore   = 100
)

func (c *checker) numbers() {
	r := &c.p.Region
	for _, n := range []struct {
		key         string
		value, most int
	}{
		{"norms.ordinary_days", r.Norms.OrdinaryDays, mostDays},
		{"norms.first_reaction_hours", r.Norms.FirstReactionHours, mostHours},
		{"norms.clarify_days", r.Norms.ClarifyDays, mostDays},
		{"norms.satisfaction_days", r.Norms.SatisfactionDays, mostDays},
		{"norms.send_back_limit", r.Norms.SendBackLimit, mostReturns},
		{"retention_days", r.RetentionDays, mostKept},
		{"recheck_days", r.RecheckDays, mostDays},
	} {
		if n.value > n.most {
			c.fault(c.key(n.key), CodeBadValue, fmt.Sprintf("%s: %d — слишком много", n.key, n.value),
				fmt.Sprintf("впишите число от 1 до %d", n.most))
		}
	}
	if r.RetentionDays < r.RecheckDays {
		c.fault(c.key("retention_days"), CodeBadValue,
			fmt.Sprintf("сообщения хранятся %d дн., а перепроверяются %d дн.", r.RetentionDays, r.RecheckDays),
			"впишите retention_days не меньше recheck_days: иначе удалённое пришло бы снова")
	}
	if score := r.Thresholds.ProblemScore; score <= 0 || score > mostScore {
		c.fault(c.key("thresholds.problem_score"), CodeBadValue, fmt.Sprintf("thresholds.problem_score: недопустимое значение %g", score),
			fmt.Sprintf("впишите число больше 0 и не больше %d", mostScore))
	}
}

// Statuses of a calendar's year.
const (
	yearConfirmed   = "confirmed"
	yearPreliminary = "preliminary"
)

func (c *checker) calendarWords() {
	for _, y := range slices.Sorted(maps.Keys(c.p.years)) {
		year := c.p.years[y]
		at := Pos{c.p.at["calendar"].File, year.Line}
		if year.Status != yearConfirmed && year.Status != yearPreliminary {
			c.fault(at, CodeBadValue, fmt.Sprintf("статус %d года: «%s»", y, year.Status),
				"допустимы confirmed (календарь утверждён) и preliminary (предварительный)")
		}
		if len(year.DaysOff) == 0 {
			c.fault(at, CodeCalendarDay, fmt.Sprintf("в %d году ни одного нерабочего дня", y),
				"впишите в days_off праздники и перенесённые выходные: сроки считались бы через них")
		}
	}
}

// farAhead is how long before its first day an act may be in a pack.
const farAhead = 1 // years

// dated finds what is wrong on a day: bodies whose time is past and that still
// have routes, an act that is far from being in force.
func (c *checker) dated(now time.Time) {
	d := &c.p.Region.Decree
	if ahead := now.In(c.p.Region.Location).AddDate(farAhead, 0, 0).Format(time.DateOnly); d.ValidFrom > ahead {
		c.fault(c.key("decree.valid_from"), CodeDateOrder, fmt.Sprintf("%s вступит в силу только %s", d.Number, d.ValidFrom),
			"исправьте valid_from: пакет вводится не раньше чем за год до начала действия акта")
	}
	today := now.In(c.p.Region.Location).Format(time.DateOnly)
	led := c.ledTo()
	for i := range c.p.Agencies {
		a := &c.p.Agencies[i]
		if route := led[a.ID]; route != "" && a.ValidTo != "" && a.ValidTo < today {
			c.fault(Pos{a.File, a.Line}, CodeAgencyExpired,
				fmt.Sprintf("орган «%s» действовал до %s, а ему поручает маршрут «%s»", a.ID, a.ValidTo, route),
				"направьте маршрут (и agency муниципального образования) преемнику или исправьте valid_to")
		}
	}
}

// ledTo is a route that leads to each body: by name, or as the administration of
// a place.
func (c *checker) ledTo() map[string]string {
	led := map[string]string{}
	for i := range c.p.Routes {
		r := &c.p.Routes[i]
		bodies := []string{r.To, r.Otherwise}
		if r.To == ToMunicipality {
			for _, m := range c.p.Gazetteer.Municipalities {
				if len(r.Municipalities) == 0 || slices.Contains(r.Municipalities, m.ID) {
					bodies = append(bodies, m.Agency)
				}
			}
		}
		for _, id := range bodies {
			if led[id] == "" {
				led[id] = r.ID
			}
		}
	}
	return led
}
