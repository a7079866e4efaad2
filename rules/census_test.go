package rules

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every municipality of the regions has a body of its own.
func TestMunicipalitiesHaveTheirOwnBodies(t *testing.T) {
	for region, want := range map[string]int{"khabarovsk": 19, "kaliningrad": 22} {
		p, err := LoadEmbedded(region)
		if err != nil {
			t.Fatal(err)
		}
		bodies := map[string]string{}
		for _, m := range p.Gazetteer.Municipalities {
			if other, taken := bodies[m.Agency]; taken || m.Agency == "" {
				t.Errorf("%s: %s has the body %q, so has %q", region, m.ID, m.Agency, other)
			}
			bodies[m.Agency] = m.ID
		}
		if len(bodies) != want {
			t.Errorf("%s: %d municipalities with a body, want %d", region, len(bodies), want)
		}
	}
}

// Every settlement of the census table is in the gazetteer, where the table lies
// beside the checkout.
func TestGazetteerHoldsTheCensus(t *testing.T) {
	for _, region := range EmbeddedRegions() {
		f, err := os.Open(filepath.Join("..", "..", "shared", "data", region+"_vpn2020.csv"))
		if err != nil {
			t.Skip("the table of the census is not here")
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close() // read
		if err != nil {
			t.Fatal(err)
		}
		p, err := LoadEmbedded(region)
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for _, s := range p.Gazetteer.Settlements {
			for _, name := range append([]string{s.Name}, s.Forms...) {
				known[folded(name)] = true
			}
		}
		found := 0
		for _, row := range rows {
			for _, name := range settlementsOf(row[0]) {
				found++
				if !known[folded(name)] {
					t.Errorf("%s: «%s» of «%s» is not in the gazetteer", region, name, row[0])
				}
			}
		}
		if found < 10 {
			t.Errorf("%s: only %d settlements are found in the table", region, found)
		}
	}
}

var censusName = regexp.MustCompile(`(?:^|- )(?:г\.|пгт|рп|поселок|село|поселок городского типа) (\p{Lu}[^,]*)$`)
var ruralName = regexp.MustCompile(`^Сельское поселение +(?:поселок|Село) +(\S[^,]*?)(?: - .*)?$`)
var ruralPlace = regexp.MustCompile(`^(\S+ сельское поселение)(?: .*)?$`)

// settlementsOf are the settlements that a line of the table names.
func settlementsOf(line string) []string {
	line = strings.TrimSpace(line)
	for _, form := range []*regexp.Regexp{ruralName, censusName, ruralPlace} {
		if m := form.FindStringSubmatch(line); m != nil {
			return []string{strings.TrimSpace(m[1])}
		}
	}
	return nil
}

func folded(name string) string {
	return strings.NewReplacer("ё", "е", "  ", " ").Replace(strings.ToLower(strings.TrimSpace(name)))
}
