package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// axeSource is axe-core 4.14.1, MPL-2.0 (testdata/axe/LICENSE).
//
//go:embed testdata/axe/axe.min.js
var axeSource string

// Finding is a fault of accessibility.
type Finding struct {
	Rule   string   `json:"id"`
	Impact string   `json:"impact"` // minor, moderate, serious, critical
	Help   string   `json:"help"`
	Where  []string `json:"where"` // the elements and what is wrong with each
}

// String implements fmt.Stringer.
func (f Finding) String() string {
	return fmt.Sprintf("%s, %s: %s\n    %s", f.Impact, f.Rule, f.Help, strings.Join(f.Where, "\n    "))
}

const axeRun = `axe.run(document, Object.assign({resultTypes: ['violations']}, %s)).then(r => r.violations.map(v => ({
	id: v.id, impact: v.impact || '', help: v.help,
	where: v.nodes.slice(0, 6).map(n => n.html.slice(0, 200) + ' — ' + n.failureSummary.replace(/\s+/g, ' ').slice(0, 300)),
})))`

// Axe looks the page over for faults of accessibility; rules narrows it to some
// of its rules.
func (t *Tab) Axe(rules ...string) ([]Finding, error) {
	options := "{}"
	if len(rules) > 0 {
		b, _ := json.Marshal(rules) // strings always can
		options = `{runOnly: {type: 'rule', values: ` + string(b) + `}}`
	}
	if _, err := Evaluate[bool](t, "window.axe ? true : (() => {"+axeSource+"\n; return true })()"); err != nil {
		return nil, fmt.Errorf("load axe: %w", err)
	}
	found, err := Evaluate[[]Finding](t, fmt.Sprintf(axeRun, options))
	if err != nil {
		return nil, fmt.Errorf("run axe: %w", err)
	}
	return found, nil
}

// Grave are the findings that must not be.
func Grave(all []Finding) []Finding {
	var out []Finding
	for _, f := range all {
		if f.Impact == "serious" || f.Impact == "critical" {
			out = append(out, f)
		}
	}
	return out
}
