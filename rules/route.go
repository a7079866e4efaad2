package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Values of Route with a meaning of their own.
const (
	ToMunicipality   = "municipality" // Route.To: the administration of the place
	OutcomeExplained = "explained"    // Route.Outcome: beyond the region's power, answered «разъяснено»
)

// OrdinaryRow in Route.Rows is ordinary order: every problem outside the decree.
const OrdinaryRow = 0

// Matcher is a route made ready to be asked.
type Matcher struct {
	rows           []rowRange
	topics         []string
	municipalities []string
}

type rowRange struct{ from, to int }

// Matcher makes the route ready; the error names the row it cannot read.
func (r *Route) Matcher() (Matcher, error) {
	m := Matcher{topics: r.Topics, municipalities: r.Municipalities}
	for _, s := range r.Rows {
		span, err := parseRows(s)
		if err != nil {
			return Matcher{}, err
		}
		m.rows = append(m.rows, span)
	}
	return m, nil
}

// rowsError is Russian: it is shown as the fault it is.
type rowsError string

// Error implements error.
func (e rowsError) Error() string {
	return fmt.Sprintf("«%s» — не номер строки и не промежуток", string(e))
}

func parseRows(s string) (rowRange, error) {
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, err1 := strconv.Atoi(strings.TrimSpace(first))
	to, err2 := strconv.Atoi(strings.TrimSpace(last))
	if err1 != nil || err2 != nil || to < from {
		return rowRange{}, rowsError(s)
	}
	return rowRange{from, to}, nil
}

// Takes reports whether the route takes a problem. A decree row is taken by
// Rows; row 0 is taken by "0" in Rows or by its topic in Topics, where
// "roads.*" takes every topic of the field. A route without Rows and Topics
// takes everything, and one without Municipalities takes every place, the
// unknown one ("") too.
func (m Matcher) Takes(row int, topic, municipality string) bool {
	if len(m.municipalities) > 0 && !slices.Contains(m.municipalities, municipality) {
		return false
	}
	if m.Default() {
		return true
	}
	return m.takesRow(row) || row == OrdinaryRow && m.takesTopic(topic)
}

// Default reports whether the route takes every row and topic.
func (m Matcher) Default() bool { return len(m.rows) == 0 && len(m.topics) == 0 }

func (m Matcher) takesRow(row int) bool {
	return slices.ContainsFunc(m.rows, func(r rowRange) bool { return r.from <= row && row <= r.to })
}

func (m Matcher) takesTopic(topic string) bool {
	return topic != "" && slices.ContainsFunc(m.topics, func(p string) bool { return topicFits(p, topic) })
}

func topicFits(pattern, topic string) bool {
	if field, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(topic, field)
	}
	return pattern == topic
}
