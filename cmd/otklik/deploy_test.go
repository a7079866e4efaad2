package main

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"gopkg.in/yaml.v3"
)

// described are the labels of every metric of serve, by its name.
func described(t *testing.T) map[string][]string {
	t.Helper()
	m := newMetrics()
	m.registry.MustRegister(newGauges(nil, nil, nil, nil, nil), newLifeGauges(nil), newReplyGauges(nil, nil))
	descs := make(chan *prometheus.Desc)
	go func() { defer close(descs); m.registry.Describe(descs) }()
	out := map[string][]string{}
	form := regexp.MustCompile(`fqName: "(otklik_[a-z_]+)".*variableLabels: \{([^}]*)\}`)
	for d := range descs {
		if parts := form.FindStringSubmatch(d.String()); parts != nil {
			out[parts[1]] = strings.Split(parts[2], ",")
		}
	}
	if len(out) < 12 {
		t.Fatalf("only %d metrics are found: %v", len(out), out)
	}
	return out
}

// holdsOnlyOurMetrics: an expression names nothing that serve does not show.
func holdsOnlyOurMetrics(t *testing.T, known map[string][]string, used map[string]bool, where, expr string) {
	t.Helper()
	for _, found := range regexp.MustCompile(`(otklik_[a-z_]+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(expr, -1) {
		name := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(found[1], "")
		labels, ok := known[name]
		if !ok {
			t.Errorf("%s: no metric %s is shown by serve", where, found[1])
			continue
		}
		used[name] = true
		for _, matcher := range regexp.MustCompile(`([a-z]+)\s*[=!]`).FindAllStringSubmatch(found[2], -1) {
			if !slices.Contains(labels, matcher[1]) {
				t.Errorf("%s: %s has no label %s, it has %v", where, name, matcher[1], labels)
			}
		}
	}
	for _, by := range regexp.MustCompile(`(?:by|on) \(([a-z, ]+)\)`).FindAllStringSubmatch(expr, -1) {
		for _, label := range strings.Split(by[1], ", ") {
			if label != "le" && !slices.ContainsFunc(regexp.MustCompile(`otklik_[a-z_]+`).FindAllString(expr, -1), func(n string) bool {
				return slices.Contains(known[regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(n, "")], label)
			}) {
				t.Errorf("%s: nothing in %s has the label %s", where, expr, label)
			}
		}
	}
}

func deployed(t *testing.T, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(repository(append([]string{"deploy"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every metric serve shows of itself is on the dashboard or watched by an
// alert, and both name no other.
func TestAlertsAndDashboardNameRealMetrics(t *testing.T) {
	known, used := described(t), map[string]bool{}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(deployed(t, "prometheus", "otklik.rules.yaml"), &rules); err != nil {
		t.Fatal(err)
	}
	alerts := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			alerts++
			holdsOnlyOurMetrics(t, known, used, r.Alert, r.Expr)
			if !hasRussian(r.Annotations["summary"]) || !hasRussian(r.Annotations["description"]) {
				t.Errorf("%s does not say in Russian what is wrong and what to do: %v", r.Alert, r.Annotations)
			}
		}
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(deployed(t, "grafana", "otklik.json"), &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			holdsOnlyOurMetrics(t, known, used, p.Title, target.Expr)
		}
	}
	if alerts < 8 || len(board.Panels) < 8 {
		t.Errorf("%d alerts and %d panels were read", alerts, len(board.Panels))
	}
	for name := range known {
		if !used[name] {
			t.Errorf("%s is neither on the dashboard nor in an alert", name)
		}
	}
}

// Notices that nobody gets are watched whichever way they are lost.
func TestLostNoticesAreWatched(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(deployed(t, "prometheus", "otklik.rules.yaml"), &rules); err != nil {
		t.Fatal(err)
	}
	watched := map[string]string{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			for _, found := range regexp.MustCompile(`otklik_notices\{state="(\w+)"\}`).FindAllStringSubmatch(r.Expr, -1) {
				watched[found[1]] = r.Alert
			}
		}
	}
	if want := map[string]string{"late": "OtklikNoticesStuck", "failed": "OtklikNoticesGivenUp"}; !maps.Equal(watched, want) {
		t.Errorf("alerts on notices: %v, want %v", watched, want)
	}
}

// What the deployment files set is what serve reads.
func TestDeployedVariablesExist(t *testing.T) {
	names := map[string]bool{"POSTGRES_PASSWORD": true, "POSTGRES_USER": true, "POSTGRES_DB": true}
	for _, line := range (&Config{}).Lines() {
		name, _, _ := strings.Cut(line, "=")
		names[name], names[name+"_FILE"] = true, true
	}
	for _, file := range [][]string{{"otklik.env.example"}, {"compose", "compose.yaml"}, {"systemd", "otklik.service"}, {"Dockerfile"}} {
		for _, name := range regexp.MustCompile(`\b(OTKLIK|DATABASE|REDIS|POSTGRES)_[A-Z_]+\b`).FindAllString(string(deployed(t, file...)), -1) {
			if !names[name] {
				t.Errorf("%v: serve reads no variable %s", file, name)
			}
		}
	}
	if _, err := LoadConfig(assignments(string(deployed(t, "otklik.env.example")))); err != nil {
		t.Errorf("the example is not valid as it is: %v", err)
	}
}

func assignments(file string) (environ []string) {
	for line := range strings.Lines(file) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			environ = append(environ, line)
		}
	}
	return environ
}

func TestComposeServicesAreHardened(t *testing.T) {
	type service struct {
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		Environment map[string]string
		Ports       []string
	}
	var compose struct{ Services map[string]service }
	if err := yaml.Unmarshal(deployed(t, "compose", "compose.yaml"), &compose); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"otklik", "migrate"} {
		s, ok := compose.Services[name]
		if !ok || !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") {
			t.Errorf("%s: %+v", name, s)
		}
		if s.Environment["OTKLIK_DESK_LISTEN"] != ":8080" || !strings.HasPrefix(s.Environment["DATABASE_URL"], "postgres://") {
			t.Errorf("%s cannot be reached from outside its container: %v", name, s.Environment)
		}
	}
	for _, port := range compose.Services["otklik"].Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("port %s is open to the world without TLS", port)
		}
	}
}
